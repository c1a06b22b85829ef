"""The module on a node made of files: exact check mode, nothing twice, restored exactly, faults, kills."""

import shutil

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.tuning import files, knobs
from helpers.breakable import Killed

ASKED = {
    "profile": "edge-accelerated",
    "hugepages": [{"size": "2M", "count": 32, "numa_node": 0}, {"size": "2M", "count": 48, "numa_node": 1}],
    "isolated_cpus": "2-3",
    "sysctls": {"net.ipv4.tcp_rmem": "4096 131072 33554432"},
}
PAGES = "/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/nr_hugepages"


def test_check_foretells_the_run_and_the_second_does_nothing(node, tuning):
    before = node.snapshot()
    foretold = tuning(node, check_mode=True, **ASKED)
    assert node.snapshot() == before and node.log == []
    assert tuning(node, **ASKED) == foretold
    assert [node.read(PAGES % number) for number in (0, 1)] == ["32", "48"]
    assert node.read("/proc/sys/vm/swappiness") == "10"
    node.log.clear()
    again = tuning(node, **ASKED)
    assert (again["changed"], again["steps"], node.log) == (False, [], [])


def test_irqs_leave_the_isolated_cpus_and_the_rest_is_not_touched(node, tuning):
    done = tuning(node, **ASKED)
    moved = [(step["target"], step["after"]) for step in done["steps"] if step["action"] == "set-irq-affinity"]
    assert moved == [(knobs.DEFAULT_AFFINITY, "3"), (knobs.irq_path(24), "0-1"), (knobs.irq_path(25), "0-1")]
    assert [(row["irq"], row["name"]) for row in done["refused_irqs"]] == [(0, ""), (31, "nvme0q1")]


def test_boot_files(node, tuning):
    tuning(node, **ASKED)
    assert "net.ipv4.tcp_rmem = 4096 131072 33554432\n" in node.text(files.SYSCTL)
    assert "vm.swappiness = 10\n" in node.text(files.SYSCTL)
    assert "kernel.nmi_watchdog" not in node.text(files.SYSCTL)  # this kernel has none
    assert f"w {PAGES % 1} - - - - 48\n" in node.text(files.TMPFILES)
    unit = node.text(files.UNIT)
    assert "echo 3 > /proc/irq/default_smp_affinity" in unit and "echo 0-1 2>/dev/null" in unit
    assert "scaling_governor" not in unit
    assert node.link(files.WANTS) == "../gedge-tuning.service"


def test_absent_restores_exactly_also_what_appeared_later(node, tuning):
    before = node.snapshot()
    tuning(node, **ASKED)
    node.appear(40, "ens1f0v0-rx-0")
    assert node.read(knobs.irq_path(40)) == "0,1"
    tuning(node, state="absent")
    after = node.snapshot()
    assert after.pop(knobs.irq_path(40)) == "0-3\n"
    assert {path: text for path, text in after.items() if "/irq/40/" not in path} == before
    assert tuning(node, state="absent")["steps"] == []


def test_an_irq_number_that_means_another_device_now_is_not_restored(node, tuning):
    tuning(node, **ASKED)
    shutil.rmtree(node.path("/proc/irq/25"))
    node.appear(25, "other", "1")
    tuning(node, state="absent")
    assert node.read(knobs.irq_path(25)) == "1"


def test_a_queue_that_appears_where_our_default_is_and_cannot_move_is_left(node, tuning):
    shutil.rmtree(node.path("/proc/irq/31"))
    tuning(node, **ASKED)
    node.appear(31, "nvme0q1", "0-1")
    assert tuning(node, state="absent")["changed"]
    assert node.read(knobs.irq_path(31)) == "0-1"


def test_an_irq_that_vanishes_meanwhile_is_no_failure(node, tuning):
    write = node.kernel

    def kernel(path, value):
        if path == knobs.irq_path(24) and value != "x":
            shutil.rmtree(node.path("/proc/irq/25"))
        write(path, value)

    node.kernel = kernel
    tuning(node, **ASKED)
    node.kernel = write
    assert not node.exists("/proc/irq/25") and tuning(node, **ASKED)["steps"] == []


def test_what_is_asked_for_no_longer_returns(node, tuning):
    tuning(node, **ASKED)
    done = tuning(node, sysctls={"vm.swappiness": 10})
    assert node.read("/proc/sys/vm/swappiness") == "10"
    assert [node.read(PAGES % number) for number in (0, 1)] == ["0", "0"]
    assert node.read(knobs.irq_path(24)) == "0-3" and node.read(knobs.DEFAULT_AFFINITY) == "f"
    assert not node.exists(files.UNIT) and not node.exists(files.TMPFILES)
    assert done["changed"] and tuning(node, sysctls={"vm.swappiness": 10})["steps"] == []
    tuning(node, state="absent")
    assert node.read("/proc/sys/vm/swappiness") == "60"


def test_pages_without_a_node_are_spread_and_1g_is_left_to_the_boot(node, tuning):
    pages = [{"size": "2M", "count": 33}, {"size": "1G", "count": 0}]
    done = tuning(node, hugepages=pages)
    assert [node.read(PAGES % number) for number in (0, 1)] == ["17", "16"]
    assert {step["action"] for step in done["steps"]} == {"write-file", "set-hugepages"}


def test_memory_in_pieces_is_joined(node, tuning):
    node.room, node.compacted = {0: 20, 1: 400}, 100
    tuning(node, **ASKED)
    assert node.read(PAGES % 0) == "32"
    assert f"kernel {knobs.COMPACT} 1" in node.log


def test_too_few_pages_are_told_and_put_back(node, tuning):
    before = node.snapshot()
    node.room = {0: 400, 1: 40}
    with pytest.raises(ApplyError, match="40 of 48 pages of 2048 KiB on NUMA node 1 could be had") as caught:
        tuning(node, **ASKED)
    assert caught.value.put_back
    assert node.snapshot() == before


def test_the_governor_where_there_is_one(make_node, tuning):
    node = make_node(governors=True)
    before = node.snapshot()
    done = tuning(node, profile="edge-accelerated")
    assert done["governor"] == "performance"
    governors = [node.read(f"/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor") for cpu in range(4)]
    assert governors == ["performance"] * 4
    assert "echo performance" in node.text(files.UNIT)
    tuning(node, state="absent")
    assert node.snapshot() == before


def test_irqbalance_is_told_and_not_fought(node, tuning):
    node.irqbalance = True
    node.put("/proc/77/environ", "PATH=/bin\0")
    before = node.snapshot()
    tuning(node, isolated_cpus="2-3")
    assert "IRQBALANCE_BANNED_CPULIST=2-3\0" in node.text("/proc/77/environ")
    assert tuning(node, isolated_cpus="2-3")["steps"] == []
    # a run that was killed between the file and the restart
    node.put("/proc/77/environ", "PATH=/bin\0")
    assert [step["action"] for step in tuning(node, isolated_cpus="2-3")["steps"]] == ["restart-unit"]
    tuning(node, state="absent")
    assert node.snapshot() == before


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_refusal_at_any_change_is_put_back(make_node, tuning, state):
    count = changes(make_node(), tuning, state)
    put_back = 0
    for number in range(count):
        node = make_node()
        begin(node, tuning, state)
        before = settled(node)
        node.break_at(number, EngineError("no"))
        try:
            tuning(node, **goal(state))
        except ApplyError as error:
            assert error.put_back, (number, error.text())
            put_back += 1
        except EngineError:
            pass  # before the first step
        assert settled(node) == before, number
    assert put_back >= count - 4  # the baseline, and 'systemctl stop', whose failure is none


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_kill_at_any_change_is_made_good_by_the_next_run(make_node, tuning, state):
    model = make_node()
    begin(model, tuning, state)
    tuning(model, **goal(state))
    untouched = make_node().snapshot()
    for number in range(changes(make_node(), tuning, state)):
        node = make_node()
        begin(node, tuning, state)
        node.break_at(number, Killed())
        with pytest.raises(Killed):
            tuning(node, **goal(state))
        tuning(node, **goal(state))
        assert settled(node) == settled(model), number
        assert node.leftovers() == []
        tuning(node, state="absent")
        assert node.snapshot() == untouched, number


def goal(state):
    """Options of the run that is broken."""
    return ASKED if state == "present" else {"state": state}


def begin(node, tuning, state):
    """The state from which the run starts."""
    if state == "absent":
        tuning(node, **ASKED)


def changes(node, tuning, state):
    """How many changes the run makes."""
    begin(node, tuning, state)
    node.log.clear()
    tuning(node, **goal(state))
    return len(node.log)


def settled(node):
    """A node without its baseline."""
    return {path: text for path, text in node.snapshot().items() if "/gedge" not in path or "/etc/" in path}
