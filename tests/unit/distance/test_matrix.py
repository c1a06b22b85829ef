"""The distance matrix: levels by path and NUMA node, weights, selection, and what must hold on any tree."""

import itertools
import random

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.distance import levels, matrix
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from fixtures import sysfs_tree
from hypothesis import given
from hypothesis import strategies as st


def device(address, path, node=0, kind="nic", **more):
    return {"address": address, "pcie_path": path.split("/"), "numa_node": node, "kind": kind, **more}


def level(one, other):
    built = matrix.build({"pci_devices": [one, other]}, devices=[one["address"], other["address"]])
    assert built["level"][0][1] == built["level"][1][0]
    return built["level"][0][1]


A = "0000:01:00.0"
B = "0000:02:00.0"
PAIRS = [
    # path and node of one, of the other, level
    ("pci0000:00/r1", 0, "pci0000:00/r1", 0, "PIX", "functions of one card, a VF beside its PF"),
    ("pci0000:00/r1/u/d1", 0, "pci0000:00/r1/u/d1", 0, "PIX", "one port of a switch"),
    ("pci0000:00/r1/u/d1", 0, "pci0000:00/r1/u/d2", 0, "PXB", "two ports of a switch"),
    ("pci0000:00/r1", 0, "pci0000:00/r1/u/d2", 0, "PXB", "one at the root port, one below a switch"),
    ("pci0000:00/r1/u1/d1", 0, "pci0000:00/r1/u2/d1", 0, "PXB", "two switches at one root port"),
    ("pci0000:00/r1", 0, "pci0000:00/r2", 0, "PHB", "two root ports"),
    ("pci0000:00", 0, "pci0000:00", 0, "PHB", "two devices in the root complex"),
    ("pci0000:00", 0, "pci0000:00/r1", 0, "PHB", "one in the root complex"),
    ("pci0000:00/r1", -1, "pci0000:00/r2", -1, "PHB", "the same root complex, wherever it is"),
    ("pci0000:00/r1", 0, "pci0000:00/r1", 1, "PIX", "functions that disagree about their node"),
    ("pci0000:00/r1", 0, "pci0000:40/r1", 0, "NODE", "two root complexes of a node"),
    ("pci0000:00/r1", 0, "pci0000:80/r1", 1, "SYS", "two nodes"),
    ("pci0000:00/r1", -1, "pci0000:80/r1", 1, "UNKNOWN", "one node is not known"),
    ("pci0000:00/r1", -1, "pci0000:80/r1", -1, "UNKNOWN", "two unknown nodes are not one"),
    ("pci0000:00/r1", 0, "pci10000:00/r1", 0, "NODE", "another domain"),
]


@pytest.mark.parametrize(("one", "node", "other", "other_node", "expected", "why"), PAIRS)
def test_level(one, node, other, other_node, expected, why):
    assert level(device(A, one, node), device(B, other, other_node)) == expected, why


def test_majority_decides_the_node_of_a_root_complex_and_the_lowest_wins_a_tie():
    devices = [
        device("0000:01:00.0", "pci0000:00/r1", 1),
        device("0000:01:00.1", "pci0000:00/r1", 1),
        device("0000:01:00.2", "pci0000:00/r1", 0),
        device("0000:41:00.0", "pci0000:40/r1", 0),
        device("0000:81:00.0", "pci0000:80/r1", 1),
        device("0000:81:00.1", "pci0000:80/r1", 0),
    ]
    built = matrix.build({"pci_devices": devices})
    assert built["level"][0][3:] == ["SYS", "SYS", "SYS"]
    assert built["level"][3][3:] == ["X", "NODE", "NODE"]


def test_the_node_of_a_root_complex_is_the_same_whatever_is_chosen():
    devices = [
        device(A, "pci0000:00/r1", -1),
        device("0000:03:00.0", "pci0000:00/r2", 1),
        device(B, "pci0000:80/r1", 1),
    ]
    assert matrix.build({"pci_devices": devices}, devices=[A, B])["level"][0][1] == "NODE"
    roots = [{"root": "pci0000:00", "numa_node": 0}, {"root": "elsewhere", "numa_node": 3}]
    assert matrix.build({"pci_devices": devices, "pcie_roots": roots}, devices=[A, B])["level"][0][1] == "SYS"


def test_switch_box(tmp_path):
    topology = facts.gather(System(str(sysfs_tree.switch_box(tmp_path))))
    near = [
        # GPU, GPU of one switch; the NIC on a switch below it; the accelerator on another root port; the other socket
        ("0000:13:00.0", "0000:14:00.0", "PXB"),
        ("0000:13:00.0", "0000:18:00.0", "PXB"),
        ("0000:18:00.0", "0000:18:00.1", "PIX"),
        ("0000:13:00.0", "0000:1a:00.0", "PHB"),
        ("0000:13:00.0", "0000:93:00.0", "SYS"),
    ]
    for one, other, expected in near:
        assert matrix.build(topology, devices=[one, other])["level"][0][1] == expected, (one, other)


WEIGHTS = [
    ({}, [0, 2, 5]),
    ({"SYS": 10}, [0, 2, 10]),
    ({"PIX": 0.5, "X": 0, "SYS": "7.5"}, [0, 0.5, 7.5]),
]


@pytest.mark.parametrize(("over", "row"), WEIGHTS)
def test_weights(over, row):
    devices = [device(A, "pci0000:00/r1"), device("0000:01:00.1", "pci0000:00/r1"), device(B, "pci0000:80/r1", 1)]
    assert matrix.build({"pci_devices": devices}, weights_over=over)["weight"][0] == row


def test_weights_that_fall_are_told():
    assert levels.inversions(levels.weights({"PXB": 1})) == ["PXB (1) weighs less than PIX (2), which is nearer"]
    assert levels.inversions(levels.weights()) == []


TWO = {"pci_devices": [device(A, "pci0000:00/r1", net=["eth0"]), device(B, "pci0000:00/r2", kind="gpu")]}
SELECTIONS = [
    ({}, [A, B]),
    ({"kinds": ["gpu"]}, [B]),
    ({"kinds": "gpu"}, [B]),
    ({"kinds": ["fpga"]}, []),
    ({"devices": [B, A]}, [B, A]),
    ({"devices": ["02:00.0", "eth0", B]}, [B, A]),
    ({"devices": [B, A], "kinds": ["nic"]}, [A]),
]


@pytest.mark.parametrize(("options", "expected"), SELECTIONS)
def test_selection_and_order(options, expected):
    built = matrix.build({"topology": TWO, "changed": False}, **options)
    assert built["devices"] == expected
    assert len(built["level"]) == len(built["weight"]) == len(expected)


BAD = [
    # topology, options, message
    (TWO, {"devices": ["0000:02:00.1"]}, r'devices\[0\]: the topology has no device "0000:02:00.1"\. Did you mean'),
    (TWO, {"devices": 7}, "devices: 7 is not a list"),
    (TWO, {"kinds": ["gpus"]}, 'kinds: there is no kind "gpus"'),
    (TWO, {"kinds": 3}, "kinds: 3 is not a list"),
    (TWO, {"weights_over": {"PBX": 1}}, 'weights: there is no level "PBX"'),
    (TWO, {"weights_over": {"PXB": -1}}, r"weights\.PXB: -1 is not a weight"),
    (TWO, {"weights_over": {"PXB": "near"}}, r"weights\.PXB: 'near' is not a weight"),
    (TWO, {"weights_over": {"PXB": True}}, r"weights\.PXB: True is not a weight"),
    (TWO, {"weights_over": {"PXB": float("nan")}}, r"weights\.PXB: nan is not a weight"),
    (TWO, {"weights_over": [1]}, "weights: .* is not a mapping"),
    ({}, {}, "topology: has no list pci_devices"),
    ("text", {}, "topology: has no list pci_devices"),
    ({"pci_devices": [5]}, {}, r"topology\.pci_devices\[0\]: is not a mapping"),
    ({"pci_devices": [{}]}, {}, r"topology\.pci_devices\[0\]: has no address"),
    ({"pci_devices": [{"address": A, "pcie_path": []}]}, {}, r"pci_devices\[0\]\.pcie_path: is not a list"),
    ({"pci_devices": [{"address": A, "pcie_path": ["r"]}]}, {}, r"pci_devices\[0\]\.numa_node: None is not a number"),
    ({**TWO, "pcie_roots": [{"root": []}]}, {}, r"topology\.pcie_roots\[0\]: has no root"),
]


@pytest.mark.parametrize(("topology", "options", "message"), BAD)
def test_bad_input_is_told(topology, options, message):
    with pytest.raises(EngineError, match=message):
        matrix.build(topology, **options)


@st.composite
def topologies(draw):
    """Random trees: some roots, bridges below bridges, devices anywhere, nodes that may disagree or be unknown."""
    bridges = [["pci0000:%02x" % root] for root in range(draw(st.integers(1, 4)))]
    for number in range(draw(st.integers(0, 8))):
        bridges.append([*draw(st.sampled_from(bridges)), "bridge%d" % number])
    places = draw(st.lists(st.sampled_from(bridges), min_size=1, max_size=14))
    nodes = st.sampled_from([-1, 0, 0, 1])
    return [device("0000:%02x:00.0" % bus, "/".join(path), draw(nodes)) for bus, path in enumerate(places)]


def tree_level(one, other, node_of_root):
    """The level of two devices, straight from the definition."""
    path, other_path = one["pcie_path"], other["pcie_path"]
    shared = sum(1 for _same in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(path, other_path)))
    if shared == 0:
        nodes = {node_of_root[path[0]], node_of_root[other_path[0]]}
        return "UNKNOWN" if -1 in nodes else ("NODE" if len(nodes) == 1 else "SYS")
    if shared == 1:
        return "PHB"
    return "PIX" if shared == len(path) == len(other_path) else "PXB"


def votes(devices):
    counts = {}
    for one in devices:
        counts.setdefault(one["pcie_path"][0], []).append(one["numa_node"])
    return {
        root: max(sorted({node for node in said if node >= 0}), key=said.count, default=-1)
        for root, said in counts.items()
    }


@given(topologies())
def test_every_pair_is_as_defined_symmetric_and_ultrametric(devices):
    built = matrix.build({"pci_devices": devices})
    node_of_root = votes(devices)
    size = range(len(devices))
    for one, other in itertools.product(size, size):
        expected = "X" if one == other else tree_level(devices[one], devices[other], node_of_root)
        assert built["level"][one][other] == expected
    weight = built["weight"]
    for one, other, third in itertools.product(size, size, size):
        assert weight[one][other] == weight[other][one]
        assert weight[one][other] <= max(weight[one][third], weight[third][other])


@given(topologies(), st.integers())
def test_order_changes_nothing_but_the_order(devices, seed):
    built = matrix.build({"pci_devices": devices})
    shuffled = list(devices)
    random.Random(seed).shuffle(shuffled)
    assert matrix.build({"pci_devices": shuffled}) == built
    names = [one["address"] for one in shuffled]
    other = matrix.build({"pci_devices": devices}, devices=names)
    places = [built["devices"].index(name) for name in names]
    assert other["level"] == [[built["level"][row][column] for column in places] for row in places]


def ranks(*rows):
    return [bytes(levels.RANK[name] for name in row.split()) for row in rows]


BROKEN = [
    (ranks("X PIX", "PIX X"), ""),
    (ranks("X PIX", "PXB X"), "not symmetric"),
    (ranks("X PIX SYS", "PIX X PIX", "SYS PIX X"), "not ultrametric at PIX"),
    (ranks("X PHB NODE", "PHB X SYS", "NODE SYS X"), "not ultrametric at NODE"),
    ([], ""),
]


@pytest.mark.parametrize(("rows", "expected"), BROKEN)
def test_the_check_before_returning_can_fail(rows, expected):
    assert matrix.broken(rows) == expected


def test_a_broken_matrix_is_never_returned(monkeypatch):
    monkeypatch.setattr(matrix, "ranks", lambda *_args: ranks("X PIX", "PXB X"))
    with pytest.raises(EngineError, match="the distances are no tree: not symmetric"):
        matrix.build(TWO)
