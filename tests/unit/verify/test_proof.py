"""What a verification says it has proven: only what was counted."""

import pytest
from ansible_collections.gedge.engine.plugins.filter import site_proof

READ = {"n1": {"count": 4, "endpoints": [{}] * 3}, "n2": {"count": 3, "endpoints": [{}] * 3}}
NO_TRAFFIC = "No traffic was sent: that needs VFs with a network device on two nodes at least."
FIRST = "7 VFs of n1, n2 were read back by iproute2 and from sysfs."
IDLE = "1 of them cannot be probed: bound to vfio-pci, in use elsewhere or without a driver."


def answers(reply=(), silence=()):
    """Answered targets, by the number of replies that each had."""
    return [{"expect": "reply", "replies": n} for n in reply] + [{"expect": "silence", "replies": n} for n in silence]


def frames(**by_vlan):
    """Counted frames: v30=5 is five of VLAN 30 that came in at one port."""
    return [{"port": "tor/1", "vlan": int(vlan[1:]), "frames_in": n, "frames_out": 9} for vlan, n in by_vlan.items()]


CASES = [
    ("nothing sent", answers(), [], [NO_TRAFFIC]),
    (
        "all right",
        answers([3, 1], [0]),
        frames(v30=5),
        [
            "2 of 2 probes between VFs of one network on different nodes were answered.",
            "1 of 1 probes from one network into another stayed without an answer.",
            "The switch counted the frames that came in meanwhile: 5 of VLAN 30.",
        ],
    ),
    (
        "half right",
        answers([3, 0], [2, 0, 0]),
        [],
        [
            "1 of 2 probes between VFs of one network on different nodes were answered.",
            "2 of 3 probes from one network into another stayed without an answer.",
        ],
    ),
    (
        "several ports, and untagged frames, which are no VLAN's",
        [],
        frames(v30=1, v0=8) + frames(v30=2, v9=4),
        [NO_TRAFFIC, "The switch counted the frames that came in meanwhile: 4 of VLAN 9, 3 of VLAN 30."],
    ),
]


@pytest.mark.parametrize(("sent", "counted", "told"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_proof(sent, counted, told):
    assert site_proof.site_proof(READ, sent, counted) == [FIRST, IDLE, *told]


def test_a_node_that_was_not_read_is_said_to_be():
    told = site_proof.site_proof({"n1": {"count": 4, "endpoints": [{}] * 4}, "n2": {}}, answers([3]))
    assert told[:2] == ["4 VFs of n1 were read back by iproute2 and from sysfs.", "n2 was not read."]
    assert site_proof.site_proof({"n2": {}}, answers([3]))[0] == "n2 was not read."
