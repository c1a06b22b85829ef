"""Whatever a node is and whatever is asked of it: one run is enough, a failure is put back, a death is completed."""

import pathlib
import tempfile

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from helpers.fake_node import FakeNode, FakePf, Killed, changed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ADDRESS = "0000:21:00.0"
FEW = settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ADMIN = {
    "vlan": st.integers(0, 4094),
    "spoofchk": st.booleans(),
    "trust": st.booleans(),
    "max_tx_rate": st.sampled_from([0, 100, 200]),
}


@st.composite
def starts(draw):
    """(FakePf, admin of each VF, drivers) as an operator may leave a node."""
    pf = FakePf(ADDRESS, "ens1f0", up=draw(st.booleans()), autoprobe=draw(st.sampled_from([1, 1, 0])))
    count = draw(st.integers(0, 4))
    held = [draw(st.fixed_dictionaries({}, optional=ADMIN)) for dummy in range(count)]
    if not pf.up:  # igb takes a rate only with a link, so none could be restored
        held = [{key: value for key, value in one.items() if key != "max_tx_rate"} for one in held]
    drivers = {index: draw(st.sampled_from(["keep", "keep", "vfio-pci", None])) for index in range(count)}
    return pf, held, drivers


@st.composite
def goals(draw, present):
    """Option pfs, valid on a node with so many VFs."""
    count = draw(st.sampled_from([None, 0, 1, 2, 3, 4]))
    item = {"select": {"address": ADDRESS}, "count": count, "up": draw(st.sampled_from([None, True, False]))}
    item["mtu"] = draw(st.sampled_from([None, 1500, 4000]))
    item["vfs"] = []
    for index in range(present if count is None else count):
        if draw(st.booleans()):
            item["vfs"].append(dict(draw(vf_keys(index)), range=str(index)))
    if item["up"] is not True:  # an igb without a link refuses every rate
        for vf in item["vfs"]:
            vf.pop("max_tx_rate", None)
    return [item]


@st.composite
def vf_keys(draw, index):
    """Valid keys of one VF."""
    device = {"driver": st.sampled_from(["netdevice", "vfio-pci"]), "mtu": st.integers(68, 9000)}
    keys = draw(st.fixed_dictionaries({}, optional=dict(ADMIN, mac=st.just("02:00:00:00:00:0%d" % index), **device)))
    if keys.get("vlan"):
        keys["qos"] = draw(st.integers(0, 7))
    if keys.get("driver") == "vfio-pci":
        keys.pop("mtu", None)
    return keys


@st.composite
def cases(draw):
    """(start, goal)."""
    start = draw(starts())
    return start, draw(goals(len(start[1])))


@pytest.fixture
def make(folder):
    """A function: a node from a start; each call another one."""

    def build(start):
        pf, held, drivers = start
        fresh = FakePf(ADDRESS, "ens1f0", up=True, autoprobe=pf.autoprobe)  # VFs get a MAC while their PF is up
        node = FakeNode(pathlib.Path(tempfile.mkdtemp(dir=folder)), [fresh])
        node.made(ADDRESS, len(held), {index: driver for index, driver in drivers.items() if driver != "keep"})
        for vf, admin in zip(fresh.vfs, held):
            vf.admin.update(admin)
        node.run(["ip", "link", "set", "dev", "ens1f0", "up" if pf.up else "down"])
        return node

    return build


def holds(node, goal):
    """Each asked key as the simulated kernel has it, read without the module's own code."""
    pf = node.pfs[ADDRESS]
    assert goal["count"] in (None, len(pf.vfs))
    assert goal["up"] in (None, pf.up)
    assert goal["mtu"] in (None, pf.mtu)
    for asked in goal["vfs"]:
        vf = pf.vfs[int(asked["range"])]
        for key in set(asked) - {"range", "driver", "mtu"}:
            assert vf.admin[key] == asked[key], key
        if "driver" in asked:
            assert vf.driver == {"netdevice": "igbvf"}.get(asked["driver"], asked["driver"])
        if vf.driver == "igbvf":
            assert asked.get("mtu") in (None, vf.mtu)
            assert asked.get("mac") in (None, vf.own_mac)


@FEW
@given(case=cases())
def test_one_run_is_enough_and_touches_only_what_is_asked(case, make, sriov):
    start, goal = case
    node = make(start)
    before, count = [repr(vf) for vf in node.pfs[ADDRESS].vfs], len(start[1])
    foretold = sriov(node, goal, check_mode=True, allow_vf_loss=[ADDRESS])
    assert sriov(node, goal, allow_vf_loss=[ADDRESS]) == foretold
    holds(node, goal[0])
    assert node.leftovers() == []
    assert node.pfs[ADDRESS].autoprobe == start[0].autoprobe
    assert sriov(node, goal)["steps"] == []
    if goal[0]["count"] in (None, count):
        asked = {int(vf["range"]) for vf in goal[0]["vfs"]}
        now = [repr(vf) for vf in node.pfs[ADDRESS].vfs]
        assert [now[i] for i in range(count) if i not in asked] == [before[i] for i in range(count) if i not in asked]


@FEW
@given(case=cases(), number=st.integers(2, 60))
def test_what_fails_is_put_back(case, number, make, sriov):
    start, goal = case
    node = make(start)
    before = node.snapshot()
    node.break_at(number, EngineError("no"))
    try:
        sriov(node, goal, allow_vf_loss=[ADDRESS])
    except ApplyError as error:
        assert error.put_back, error.text()
        assert changed(before, node) == {}


@FEW
@given(start=starts(), data=st.data())
def test_any_deaths_are_completed_and_absent_restores(start, data, make, sriov):
    node = make(start)
    before = node.snapshot()
    for dummy in range(data.draw(st.integers(1, 3))):
        node.break_at(data.draw(st.integers(0, 60)), Killed)
        try:
            sriov(node, data.draw(goals(len(node.pfs[ADDRESS].vfs))), allow_vf_loss=[ADDRESS])
        except Killed:
            pass
    node.breaking = None
    goal = data.draw(goals(len(node.pfs[ADDRESS].vfs)))
    sriov(node, goal, allow_vf_loss=[ADDRESS])
    holds(node, goal[0])
    assert sriov(node, goal)["steps"] == []
    sriov(node, state="absent", allow_vf_loss=[ADDRESS])
    assert {key for key in changed(before, node) if not key.endswith(".gedge-tmp")} == set()
