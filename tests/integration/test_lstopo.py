"""The levels of saved and made-up machines against lstopo's drawing; test_discovery.py does it for live nodes."""

import shutil

import pytest
from fixtures import saved, sysfs_tree
from helpers.lstopo import LSTOPO, Drawing, compare


@pytest.fixture(autouse=True)
def _lstopo():
    assert shutil.which(LSTOPO), "apt install hwloc-nox: it is what these tests compare with"


def test_saved_machine(tmp_path):
    assert compare(saved.unpack(tmp_path, whole=True)) == (10, [])


MACHINES = [
    ("amd", 496),
    ("switch_box", 91),
    ("arm", 3),
    ("hyper_v", 1),
    ("vmd", 0),
    ("disagreement", 28),
    ("sriov", 21),
]


@pytest.mark.parametrize(("machine", "pairs"), MACHINES)
def test_made_up_machine(tmp_path, machine, pairs):
    assert compare(sysfs_tree.MACHINES[machine](tmp_path)) == (pairs, [])


def test_the_comparison_can_fail(tmp_path, monkeypatch):
    tree = sysfs_tree.switch_box(tmp_path)
    monkeypatch.setattr(Drawing, "level", lambda self, one, other: "PIX")
    assert len(compare(tree)[1]) > 50
