"""A run that fails or dies at any change: put back whole, or completed by the next run."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from helpers.fake_node import FakeNode, FakePf, Killed, changed

A, B = "0000:21:00.0", "0000:81:00.0"
MAC = "02:00:00:00:01:0%d"
ALLOWED = {"allow_vf_loss": [A]}


def asked(*vfs, count=3, **more):
    """What is asked of the first PF, and one VF of the second."""
    first = dict({"select": {"address": A}, "count": count, "vfs": list(vfs)}, **more)
    return [first, {"select": {"address": B}, "count": 1, "vfs": [{"range": "0", "vlan": 40}]}]


GOAL = asked(
    {"range": "0", "mac": MAC % 0, "vlan": 30, "mtu": 2000},
    {"range": "1", "vlan": 40, "qos": 5, "trust": True, "max_tx_rate": 200},
    {"range": "2", "driver": "vfio-pci"},
    mtu=4000,
)
OTHER = asked(
    {"range": "0", "vlan": 31, "mac": MAC % 5}, {"range": "1", "driver": "vfio-pci"}, {"range": "2", "mtu": 99}
)
HAND = {0: "vfio-pci"}  # VFs of an operator, before the module's first run


def fresh(node, sriov):
    """No VFs."""


def by_hand(node, sriov):
    """Two VFs that an operator made."""
    node.made(A, 2, HAND).vfs[1].admin.update(vlan=7, qos=2, spoofchk=False)


def as_before(node, sriov):
    """What an earlier run of the module set, with as many VFs."""
    sriov(node, OTHER)


def down(node, sriov):
    """VFs of a PF that was put down."""
    node.pfs[A].up = True
    node.made(A, 2).up = False
    node._show_pf(node.pfs[A])


BASELINE = "/var/lib/gedge/baseline/sriov.json"
# The next run that records a baseline, and the next start of the node, remove these.
DRAFTS = {BASELINE + ".gedge-tmp"} | {"/run/gedge/sriov-%s.pending.gedge-tmp" % a for a in (A, B)}
STARTS = [fresh, by_hand, as_before, down]


def nodes(folder):
    """An endless row of nodes with two PFs each."""
    number = 0
    while True:
        number += 1
        yield FakeNode(folder / str(number), [FakePf(A, "ens1f0"), FakePf(B, "ens2f0", numa_node=1)])


def changes(row, start, sriov, pfs, **options):
    """How many changes a run makes from that start."""
    node = next(row)
    start(node, sriov)
    node.log.clear()
    sriov(node, pfs, **options)
    return len(node.log)


@pytest.mark.parametrize("start", [pytest.param(one, id=one.__name__) for one in STARTS])
def test_a_refusal_at_any_change_is_put_back(folder, sriov, start):
    row = nodes(folder)
    put_back = 0
    for number in range(changes(row, start, sriov, GOAL, **ALLOWED)):
        node = next(row)
        start(node, sriov)
        before = node.snapshot()
        node.break_at(number, EngineError("no"))
        try:
            sriov(node, GOAL, **ALLOWED)
        except ApplyError as error:
            assert error.put_back, error.text()
            assert error.step.as_dict()["action"] in error.text() and "put back" in error.text()
            put_back += 1
        except EngineError:
            pass  # the baseline could not be written: nothing was changed yet
        else:
            continue  # a command whose refusal does not matter, such as waiting for udev
        assert changed(before, node) == {}, (number, node.log)
        assert node.leftovers() == []
        assert start is as_before or not node.exists(BASELINE)
    assert put_back > 20


@pytest.mark.parametrize("start", [pytest.param(one, id=one.__name__) for one in STARTS])
def test_death_at_any_change_is_completed_by_the_next_run(folder, sriov, start):
    row = nodes(folder)
    model = next(row)
    start(model, sriov)
    sriov(model, GOAL, **ALLOWED)
    for number in range(changes(row, start, sriov, GOAL, **ALLOWED)):
        node = next(row)
        start(node, sriov)
        node.break_at(number, Killed)
        with pytest.raises(Killed):
            sriov(node, GOAL, **ALLOWED)
        sriov(node, GOAL, **ALLOWED)
        assert node.leftovers() == [], number
        assert sriov(node, GOAL)["steps"] == []
        assert changed(model.snapshot(), node) == {}, number


@pytest.mark.parametrize("start", [pytest.param(one, id=one.__name__) for one in STARTS if one is not as_before])
def test_after_death_at_any_change_absent_restores(folder, sriov, start):
    row = nodes(folder)
    for number in range(changes(row, start, sriov, GOAL, **ALLOWED)):
        node = next(row)
        start(node, sriov)
        before = node.snapshot()
        node.break_at(number, Killed)
        with pytest.raises(Killed):
            sriov(node, GOAL, **ALLOWED)
        sriov(node, state="absent", allow_vf_loss=[A, B])
        assert set(changed(before, node)) <= DRAFTS, number
        assert sriov(node, state="absent")["steps"] == []


PARTS = ["mac", "vlan", "spoofchk", "trust", "max_tx_rate"]


@pytest.mark.parametrize("key", PARTS)
def test_a_message_that_the_driver_took_in_part_is_put_back(folder, sriov, key):
    node = FakeNode(folder, [FakePf(A, "ens1f0")], refused=[key])
    node.made(A, 2)
    before = node.snapshot()
    vf = {"range": "0", "mac": MAC % 0, "vlan": 30, "qos": 1, "spoofchk": False, "trust": True, "max_tx_rate": 9}
    with pytest.raises(
        ApplyError, match=r"ens1f0 VF 0: step set-vf failed.*Operation not supported.*is put back"
    ) as caught:
        sriov(node, [{"select": {"name": "ens1f0"}, "count": 2, "vfs": [vf]}])
    assert caught.value.put_back
    assert changed(before, node) == {}


def test_a_rate_without_a_link_is_put_back_after_the_wait(folder, sriov):
    node = FakeNode(folder, [FakePf(A, "ens1f0", cable=False)])
    before = node.snapshot()
    with pytest.raises(ApplyError, match="no carrier after 15 s, and driver igb takes a rate only with a link"):
        sriov(node, [{"select": {"name": "ens1f0"}, "count": 1, "vfs": [{"range": "0", "max_tx_rate": 9}]}])
    assert changed(before, node) == {}


def test_a_put_back_that_fails_too_says_what_is_left(folder, sriov, monkeypatch):
    node = FakeNode(folder, [FakePf(A, "ens1f0")], refused=["vlan"])
    make = node._set_count

    def stuck(pf, count):
        if not count:
            raise EngineError("stuck", "VF")
        make(pf, count)

    monkeypatch.setattr(node, "_set_count", stuck)
    with pytest.raises(ApplyError, match=r"NOT put back: VF: stuck. Look at the node, then run again") as caught:
        sriov(node, [{"select": {"name": "ens1f0"}, "count": 1, "vfs": [{"range": "0", "vlan": 3}]}])
    assert caught.value.put_back is False


def test_two_deaths_with_different_goals_leave_the_kernels_own_binding_on(folder, sriov):
    """The run that removes half-made VFs dies too: sriov_drivers_autoprobe must come back all the same."""
    row = nodes(folder)
    first = changes(row, fresh, sriov, GOAL)
    for one in range(0, first, 9):
        for two in range(0, 12, 3):
            node = next(row)
            for number, pfs in ((one, GOAL), (two, asked(count=0))):
                node.break_at(number, Killed)
                try:
                    sriov(node, pfs, **ALLOWED)
                except Killed:
                    pass
            node.breaking = None
            sriov(node, OTHER, **ALLOWED)
            assert [pf.autoprobe for pf in node.pfs.values()] == [1, 1], (one, two)
            assert [name for name in node.leftovers() if name.endswith(".pending")] == []
            assert sriov(node, OTHER)["steps"] == []
