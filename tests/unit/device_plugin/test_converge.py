"""Module device_plugin: what starts the plugin anew and what does not, what is refused, what is put back."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin import observe
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from helpers.breakable import Killed

from .conftest import CARD, PF, PROGRAM, machine, vf

UNIT = "gedge-sriov-device-plugin.service"
TWO = [{"resourceName": "a", "resourcePrefix": "gedge.io", "selectors": [{"rootDevices": [PF + "#0-1"]}]}]
ONE = [{"resourceName": "a", "resourcePrefix": "gedge.io", "selectors": [{"rootDevices": [PF + "#0"]}]}]


def actions(result):
    """What was done."""
    return [step["action"] for step in result["steps"]]


def test_there_and_back(node, run):
    before = node.snapshot()
    foretold = run(check=True, pools=TWO)
    assert node.snapshot() == before and node.starts == 0
    done = run(pools=TWO)
    assert done["steps"] == foretold["steps"] and done["offered"] == {"gedge.io/a": 2}
    assert actions(done) == ["write-file", "write-file", "write-file", "restart-unit"]
    assert run(pools=TWO)["steps"] == [] and node.starts == 1
    gone = run(state="absent")
    assert actions(gone)[0] == "stop-unit" and not node.runs
    left = {path: text for path, text in node.snapshot().items() if not path.startswith(("/proc", "/var/lib/kubelet"))}
    assert left == {path: text for path, text in before.items() if not path.startswith("/var/lib/kubelet")}
    assert run(state="absent")["steps"] == []


BOUND = [("dfl-pci", True), ("uio_pci_generic", True), ("vfio-pci", False), ("igb_uio", False)]


@pytest.mark.parametrize(("driver", "warned"), BOUND)
@pytest.mark.parametrize("check", [True, False])
def test_a_card_of_which_a_pod_would_get_no_device_node_is_told(node, run, check, driver, warned):
    """At the time of a plan, too. What a VF's driver is makes no difference: its pod has it as an interface."""
    node.pci = [dict(one, driver=driver) if one["address"] == CARD else one for one in node.pci]
    cards = {"resourceName": "fpga", "resourcePrefix": "gedge.io", "deviceType": "accelerator"}
    told = run(check=check, pools=[*TWO, dict(cards, selectors={"pciAddresses": [CARD]})])["warnings"]
    assert [text.partition(", and")[0] for text in told] == [f"gedge.io/fpga: {CARD} has driver {driver}"] * warned
    assert all("role cluster_accelerator offers it" in text for text in told)


@pytest.mark.parametrize(
    "what", ["a VF more", "a driver", "a pool", "a program", "a dead plugin", "a lost socket", "a kubelet that lost it"]
)
def test_what_starts_it_anew(node, run, what):
    pools = [dict(TWO[0], selectors=[{"rootDevices": [PF]}])]
    run(pools=pools)
    if what == "a VF more":
        node.pci = machine(vf(0), vf(1), vf(2, "vfio-pci"), vf(3))
    elif what == "a driver":
        node.pci = machine(vf(0), vf(1), vf(2))
    elif what == "a pool":
        pools = TWO
    elif what == "a program":
        node.write_link("/proc/42/exe", PROGRAM + " (deleted)")
    elif what == "a lost socket":
        node.close()
    elif what == "a dead plugin":
        node.runs = False
    else:
        node.put(observe.CHECKPOINT, '{"Data": {"RegisteredDevices": {}}}')
    done = run(pools=pools)
    assert actions(done)[-1] == "restart-unit" and node.starts == 2
    assert run(pools=pools)["steps"] == [] and node.starts == 2


def test_what_does_not(node, run):
    """A VF in a pod has no interface on the host; a card is nobody's."""
    run(pools=TWO)
    node.pci = machine(dict(vf(0), net=[]), vf(1), vf(2, "vfio-pci"))[:-1]
    assert run(pools=TWO)["steps"] == [] and node.starts == 1


def test_a_plan_takes_a_program_for_there_that_is_brought(node, run):
    foretold = run(check=True, pools=TWO)
    node.remove_file(PROGRAM)
    assert run(check=True, pools=TWO, brought=True)["steps"] == foretold["steps"]


@pytest.mark.parametrize("how", ["no program", "no ids", "no device"])
def test_refused_before_anything_is_touched(node, run, how):
    run(pools=ONE)
    if how == "no device":
        node.pci = machine()
    else:
        node.remove_file(PROGRAM if how == "no program" else "/usr/share/misc/pci.ids")
    before = node.snapshot()
    with pytest.raises(ProblemsError):
        run(pools=TWO)
    assert node.snapshot() == before and node.starts == 1


def test_what_another_plugin_offers_is_refused(node, run):
    run(pools=ONE)
    theirs = {"intel.com/vfs": [vf(0)["address"], vf(1)["address"]], "gedge.io/a": [vf(0)["address"]]}
    node.put(observe.CHECKPOINT, json.dumps({"Data": {"RegisteredDevices": theirs}}))
    assert run(check=True, pools=TWO)["offered"] == {"gedge.io/a": 2}  # of a plugin that is gone
    node.put(f"{observe.SOCKETS[0]}/intel.com_vfs.sock", "")
    with pytest.raises(ProblemsError, match=r"offered by another plugin already, as intel\.com/vfs"):
        run(pools=TWO)
    node.remove_file(f"{observe.SOCKETS[0]}/intel.com_vfs.sock")
    renamed = [dict(ONE[0], resourceName="b")]
    node.put(observe.CHECKPOINT, json.dumps({"Data": {"RegisteredDevices": {"gedge.io/a": [vf(0)["address"]]}}}))
    assert run(pools=renamed)["offered"] == {"gedge.io/b": 1}


def test_a_kubelet_that_takes_nothing_in_is_told_and_the_old_is_put_back(node, run):
    run(pools=ONE)
    before, node.deaf = node.snapshot(), True
    with pytest.raises(ApplyError) as caught:
        run(pools=TWO)
    assert "the kubelet does not know all devices of gedge.io/a" in caught.value.text()
    assert "no devices in device pool" in caught.value.text() and caught.value.put_back
    assert {path: text for path, text in node.snapshot().items() if not path.startswith("/proc")} == {
        path: text for path, text in before.items() if not path.startswith("/proc")
    }
    assert node.runs


@pytest.mark.parametrize("pools", [TWO, ONE], ids=["with another pool", "alone"])
def test_the_program_that_ran_is_put_back_with_its_unit(node, run, pools):
    """The role brings the new one before: the unit of before would go on with a program that was found not to work."""
    run(pools=ONE)
    node.bad = ["a bad one"]
    node.bring("a bad one")
    with pytest.raises(ApplyError) as caught:
        run(pools=pools)
    assert caught.value.put_back and "what was done before it is put back" in caught.value.text()
    assert (node.text(PROGRAM), node.mode(PROGRAM)) == ("program", 0o755)
    assert run(pools=ONE)["steps"] == [] and observe.serves(node, "gedge.io/a")


def test_a_program_that_works_stays(node, run):
    run(pools=ONE)
    node.bring("a new one")
    assert actions(run(pools=TWO))[-1] == "restart-unit" and node.text(PROGRAM) == "a new one"


def test_a_plugin_that_does_not_come_back_is_told(node, run):
    """It is waited for: a unit that was only started is not what was before."""
    run(pools=ONE)
    node.bad = ["program"]
    words = r"NOT put back: .*after 180 s the kubelet does not know all devices of gedge\.io/a;"
    with pytest.raises(ApplyError, match=words):
        run(pools=TWO)


PORT = {"resourceName": "r", "rdmaHcaMax": 2, "selectors": {"ifNames": ["ens1f0"]}}
SHARED = {"kind": "rdma-shared", "pools": [PORT]}
LAST = [({"pools": TWO}, "gedge.io/a", vf(1)["address"]), (SHARED, "rdma/r", "1")]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("offered", "name", "one"), LAST, ids=["VFs", "shared RDMA"])
def test_nothing_is_withdrawn_that_a_pod_holds(node, run, offered, name, one, check):
    """The role removes the CNI program next, and the pod could not give its VF back."""
    node.pci[0]["rdma"] = ["mlx5_0"]
    run(**offered)
    node.held = {name: {one: "default/camera"}, "cpu.other": {}}
    before, gone = node.snapshot(), {**offered, "pools": [], "state": "absent"}
    with pytest.raises(ProblemsError, match=f"{name}: is held by default/camera.*service_state=absent"):
        run(check=check, **gone)
    with pytest.raises(ProblemsError, match="is held by"):
        run(check=check, **{**gone, "state": "present"})
    assert node.snapshot() == before and node.runs
    assert run(check=True, drained=True, **gone)["steps"]
    node.held = {"others.io/a": {one: "default/camera"}}
    assert run(**gone)["steps"]


def test_a_pool_may_change_while_a_pod_holds_a_vf_of_it(node, run):
    """What gives the VF back stays."""
    run(pools=TWO)
    node.held = {"gedge.io/a": {vf(1)["address"]: "default/camera"}}
    assert run(pools=ONE)["offered"] == {"gedge.io/a": 1}


def test_a_unit_that_failed_is_forgotten_with_its_file(node, run):
    """As seen on a node: there is nothing to stop, and systemd would keep it as "failed, not found"."""
    run(pools=ONE)
    node.runs, node.failed = False, True
    assert actions(run(state="absent")) == ["remove-file"] * 3
    assert not node.failed
    node.failed = True
    assert run(state="absent")["steps"] == []


def test_without_a_kubelet_it_says_so(node, run):
    node.remove_file(observe.KUBELET_SOCKET)
    node.deaf = True
    with pytest.raises(EngineError, match="No kubelet runs here"):
        run(pools=ONE)


@pytest.mark.parametrize("number", range(7))
def test_a_killed_run_is_made_good_by_the_next(node, run, number):
    run(pools=ONE)
    node.break_at(number, Killed())
    try:
        run(pools=TWO)
    except Killed:
        pass
    node.breaking = None
    run(pools=TWO)
    assert run(pools=TWO)["steps"] == []
    assert observe.registered(node) == {"gedge.io/a": [vf(0)["address"], vf(1)["address"]]}
