"""A placement as text."""

from ansible_collections.gedge.engine.plugins.filter.service_table import service_table

VF = {"resource": "sriov", "address": "0000:21:10.0", "network": "sriov-a", "vf": 0}
GPU = {"resource": "gpu", "address": "0000:22:00.0", "network": None, "vf": None}
ENTRY = {
    "service": "detector",
    "namespace": "default",
    "replica": 0,
    "container": "main",
    "node": "node1",
    "numa_nodes": [0],
    "cpus": "2-5",
    "devices": [VF, GPU],
    "distance": {"weight": 5, "levels": [{"level": "PIX"}, {"level": "PXB"}, {"level": "PIX"}]},
    "moved_from": None,
}
FAILED = {
    "service": "big",
    "namespace": "edge",
    "replica": 1,
    "what": "fits on no node",
    "advice": "Add 1 CPU to node2",
}


def placed(*entries, failed=(), notes=()):
    """A result of filter placement."""
    found = {"placements": list(entries), "failed": list(failed), "notes": list(notes)}
    return dict(found, method="exact", objective={"weight": 5})


def test_a_line_has_all_that_was_promised():
    line = service_table(placed(ENTRY)).splitlines()[2]
    assert line.split() == (
        "detector 0 main node1 0 2-5 sriov 0000:21:10.0 (sriov-a VF 0) gpu 0000:22:00.0 5 PIX PXB".split()
    )


def test_what_shares_and_what_moved_is_told():
    entry = dict(ENTRY, cpus="", numa_nodes=[], devices=[], moved_from="node2", namespace="edge")
    line = service_table(placed(entry)).splitlines()[2]
    assert "edge/detector" in line and "node1 (moved from node2)" in line and "shared" in line


def test_what_was_taken_away_is_told():
    assert "Taken away: old, older." in service_table(placed(ENTRY), gone=["old", "older"])
    assert "Taken away" not in service_table(placed(ENTRY))


def test_notes_and_failures_stand_below():
    note = {"path": "services[0].containers[0].resources.cpu", "what": "rounded up", "was": "1500m", "now": "2"}
    text = service_table(placed(ENTRY, failed=[FAILED]), [note])
    assert "services[0].containers[0].resources.cpu: rounded up (1500m -> 2)" in text
    assert "edge/big, replica 1: fits on no node. Add 1 CPU to node2" in text
    assert text.endswith("1 pods on 1 nodes, exact, weight 5. No place for 1.")


def test_what_holds_with_a_reserve_is_told():
    note = {"path": "detector, replica 0", "what": "VF 3 is not made yet", "advice": "Run playbook site"}
    assert "\n\ndetector, replica 0: VF 3 is not made yet. Run playbook site.\n\n" in service_table(
        placed(ENTRY, notes=[note])
    )
