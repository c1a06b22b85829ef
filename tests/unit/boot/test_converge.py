"""The module on a node made of files: exact check mode, nothing twice, others' arguments kept, faults, kills."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.boot import grub
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from helpers.breakable import Killed

ASKED = {
    "iommu": "on",
    "isolated_cpus": "2-3",
    "nohz_full": True,
    "hugepages": [{"size": "1G", "count": 1, "numa_node": 0}, {"size": "1G", "count": 2, "numa_node": 1}],
    "arguments": ['dyndbg="file a.c +p"', "panic=5"],
    "modules": ["ipip", "vfio-pci"],
    "module_options": {"igb": {"max_vfs": 4}, "vfio-pci": {"disable_idle_d3": True}},
}
LINE = (
    "intel_iommu=on iommu=pt isolcpus=managed_irq,domain,2-3 nohz_full=2-3 rcu_nocbs=2-3"
    ' dyndbg="file a.c +p" panic=5 hugepagesz=1G hugepages=0:1,1:2'
)


def test_one_run_a_reboot_and_nothing_is_left_to_do(node, boot):
    foretold = boot(node, check_mode=True, **ASKED)
    assert not node.log
    done = boot(node, **ASKED)
    assert done == foretold
    assert done["disruption"] == "reboot"
    assert any("without intel_iommu=on" in reason for reason in done["reboot_reasons"])
    assert any("module igb runs with max_vfs=0, asked for is 4" in reason for reason in done["reboot_reasons"])
    assert [action for action in node.log if action.startswith("modprobe")] == ["modprobe ipip", "modprobe vfio_pci"]
    node.log.clear()
    again = boot(node, **ASKED)
    assert (again["changed"], again["steps"], again["reboot_reasons"]) == (False, [], done["reboot_reasons"])
    node.reboot()
    after = boot(node, check_mode=True, **ASKED)
    assert (after["changed"], after["steps"], after["reboot_reasons"], after["disruption"]) == (False, [], [], "none")
    assert node.log == []


def test_every_entry_has_what_is_asked_for_and_what_others_set(node, boot):
    boot(node, **ASKED)
    lines = [line.split(" ro ")[1] for line in node.text(grub.CONFIG).splitlines() if "vmlinuz" in line]
    assert len(lines) == 4
    assert all("console=ttyS0" in line and LINE in line for line in lines)
    assert ["quiet" in line for line in lines] == [True, False, True, False]
    assert node.text("/etc/default/grub").startswith('GRUB_CMDLINE_LINUX="console=ttyS0"')


def test_absent_restores_and_asks_for_the_reboot(node, boot):
    before = node.snapshot()
    boot(node, **ASKED)
    node.reboot()
    gone = boot(node, state="absent")
    assert gone["reboot_reasons"][0].startswith("the running kernel was started with intel_iommu=on")
    node.reboot()
    assert node.snapshot() == before
    node.log.clear()
    again = boot(node, state="absent")
    assert (again["steps"], again["reboot_reasons"], node.log) == ([], [], [])


def test_what_is_asked_for_no_longer_goes(node, boot):
    boot(node, arguments=["a=1", "b=2"], modules=["ipip"], module_options={"vfio-pci": {"disable_idle_d3": True}})
    node.reboot()
    done = boot(node, arguments=["b=2"])
    assert done["reboot_reasons"] == ["the running kernel was started with a=1"]
    assert ("ipip", "unload-module") in [(step["target"], step["action"]) for step in done["steps"]]
    assert "a=1" not in node.text(grub.CONFIG)
    assert boot(node, arguments=["b=2"])["steps"] == []


def test_an_option_that_can_change_now_does_and_comes_back(node, boot):
    node.load("vfio_pci")
    done = boot(node, module_options={"vfio-pci": {"disable_idle_d3": True}})
    assert done["reboot_reasons"] == []
    assert node.read("/sys/module/vfio_pci/parameters/disable_idle_d3") == "1"
    boot(node, state="absent")
    assert node.read("/sys/module/vfio_pci/parameters/disable_idle_d3") == "N"


def test_a_module_in_use_stays(node, boot):
    boot(node, modules=["ipip"])
    node.put("/sys/module/ipip/refcnt", "1\n")
    done = boot(node, state="absent")
    assert [step["action"] for step in done["steps"]] == ["remove-file", "forget-baseline"]
    assert node.exists("/sys/module/ipip")


def test_what_others_set_already_is_not_written_again(node, boot):
    node.put("/etc/default/grub.d/a.cfg", 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX panic=5"\n')
    node.update_grub()
    node.reboot()
    assert boot(node, arguments=["panic=5"])["steps"] == []


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_refusal_at_any_change_is_put_back(make_node, boot, state):
    count, put_back = changes(make_node(), boot, state), 0
    for number in range(count):
        node = make_node()
        begin(node, boot, state)
        before = node.snapshot()
        node.break_at(number, EngineError("no"))
        try:
            boot(node, **goal(state))
        except ApplyError as error:
            assert error.put_back, (number, error.text())
            put_back += 1
        except EngineError:
            pass  # before the first step, where nothing is to be put back but the baseline
        else:
            pytest.fail("the refusal at change %d went unnoticed" % number)
        without = {path: text for path, text in node.snapshot().items() if "baseline" not in path}
        assert without == {path: text for path, text in before.items() if "baseline" not in path}, number
    assert put_back >= count - 2


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_kill_at_any_change_is_made_good_by_the_next_run(make_node, boot, state):
    model = make_node()
    begin(model, boot, state)
    untouched = make_node().snapshot()
    boot(model, **goal(state))
    for number in range(changes(make_node(), boot, state)):
        node = make_node()
        begin(node, boot, state)
        node.break_at(number, Killed())
        with pytest.raises(Killed):
            boot(node, **goal(state))
        boot(node, **goal(state))
        assert node.snapshot() == model.snapshot(), number
        assert node.leftovers() == []
        boot(node, state="absent")
        assert node.snapshot() == untouched, number


def goal(state):
    """Options of the run that is broken. Without igb, whose option needs a reboot."""
    return (
        dict(ASKED, module_options={"vfio-pci": {"disable_idle_d3": True}}) if state == "present" else {"state": state}
    )


def begin(node, boot, state):
    """The state from which the run starts."""
    if state == "absent":
        boot(node, **goal("present"))


def changes(node, boot, state):
    """How many changes the run makes."""
    begin(node, boot, state)
    node.log.clear()
    boot(node, **goal(state))
    return len(node.log)


def test_an_update_grub_that_leaves_an_entry_out_is_put_back(node, boot):
    before = node.snapshot()
    node.forgets = "panic=5"
    with pytest.raises(ApplyError, match="has an entry without panic=5") as caught:
        boot(node, arguments=["panic=5"])
    assert caught.value.put_back
    assert node.snapshot() == before


def test_a_grub_cfg_written_by_hand_comes_back(node, boot):
    node.put(grub.CONFIG, "linux /boot/vmlinuz-%s root=x ro\nboot\n" % "6.1.0-50-amd64")
    before = node.snapshot()
    boot(node, arguments=["panic=5"])
    assert "10_linux" in node.text(grub.CONFIG)
    assert [step["action"] for step in boot(node, state="absent")["steps"]] == [
        "remove-file",
        "restore-grub",
        "forget-baseline",
    ]
    assert node.snapshot() == before
