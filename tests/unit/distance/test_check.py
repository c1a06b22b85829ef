"""Matrices made by others: the pairs that break them are named, those and no others."""

import itertools
import random

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.distance import matrix
from ansible_collections.gedge.engine.plugins.module_utils.distance.check import check
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from hypothesis import given
from hypothesis import strategies as st

DECK = """
       NIC   GPU0  GPU1  GPU2  SSD   GPU3
NIC    X     PIX   NODE  NODE  SYS   SYS
GPU0   PIX   X     PXB   PXB   SYS   SYS
GPU1   PXB   PXB   X     PIX   SYS   SYS
GPU2   PXB   PXB   PIX   X     SYS   SYS
SSD    SYS   SYS   SYS   SYS   X     PIX
GPU3   SYS   SYS   SYS   SYS   PIX   X
GPU4   SYS   SYS   SYS   SYS   PXB   PXB
GPU5   SYS   SYS   SYS   SYS   PXB   PXB
"""
FAULTS = [["NIC", "GPU1"], ["NIC", "GPU2"]]
VALUES = {"X": 0, "PIX": 2, "PXB": 3, "NODE": 4, "SYS": 5}
LINES = [line.split() for line in DECK.split("\n") if line]
NUMBERS = [LINES[0]] + [[line[0], *(VALUES[cell] for cell in line[1:])] for line in LINES[1:]]
PARTS = {
    "rows": [line[0] for line in LINES[1:]],
    "columns": LINES[0],
    "level": [line[1:] for line in LINES[1:]],
}
FORMS = [
    pytest.param(DECK, id="text"),
    pytest.param({line[0]: dict(zip(LINES[0], line[1:])) for line in LINES[1:]}, id="mapping of mappings"),
    pytest.param(DECK.replace("       NIC", "from   NIC"), id="text with a corner"),
    pytest.param(DECK.replace("  ", " | "), id="text with bars"),
    pytest.param(DECK.lower().replace("nic", "NIC").replace("gpu", "GPU").replace("ssd", "SSD"), id="lower case"),
    pytest.param(LINES, id="rows"),
    pytest.param([["", *LINES[0]], *LINES[1:]], id="rows with a corner"),
    pytest.param(NUMBERS, id="numbers"),
    pytest.param(PARTS, id="mapping"),
]


@pytest.mark.parametrize("form", FORMS)
def test_the_deck_has_exactly_two_faults(form):
    found = check(form)
    assert not found["ok"]
    assert found["asymmetric"] == found["pairs"] == FAULTS
    assert found["ultrametric"] == []


def test_the_deck_is_told_what_is_right():
    assert check(DECK)["problems"] == [
        "NIC-GPU%d: row NIC reads NODE, row GPU%d reads PXB; only PXB is ultrametric with the other distances. "
        "Write PXB in both places" % (number, number)
        for number in (1, 2)
    ]


def test_the_deck_corrected_is_right():
    corrected = DECK.replace("X     PIX   NODE  NODE", "X     PIX   PXB   PXB ")
    assert check(corrected) == {"ok": True, "asymmetric": [], "ultrametric": [], "pairs": [], "problems": []}


NVIDIA = """\t\x1b[4mGPU0\tGPU1\tNIC0\tNIC1\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\x1b[0m
GPU0\t X \tNV18\tPIX\tSYS\t0-55,112-167\t0\t\tN/A
GPU1\tNV18\t X \t%s\tSYS\t0-55,112-167\t0\t\tN/A
NIC0\tPIX\tNODE\t X \tSYS\t\t\t\t
NIC1\tSYS\tSYS\tSYS\t X \t\t\t\t

Legend:

  X    = Self
  SYS  = Connection traversing PCIe as well as the SMP interconnect between NUMA nodes (e.g., QPI/UPI)
  NV#  = Connection traversing a bonded set of # NVLinks

NIC Legend:

  NIC0: mlx5_0
  NIC1: mlx5_1
"""


@pytest.mark.parametrize(("reading", "pairs"), [("NODE", []), ("PHB", [["GPU1", "NIC0"]])])
def test_nvidia_smi(reading, pairs):
    assert check(NVIDIA % reading)["pairs"] == pairs


def corrupt(size, seed):
    """(levels, places) of a symmetric matrix in which one pair has another distance than the tree gives it."""
    devices = [
        {"address": "0000:%02x:00.0" % place, "pcie_path": path, "numa_node": place % 2}
        for place, path in enumerate(["pci0000:%02x" % (place % 4), "bridge%d" % (place % 12)] for place in range(size))
    ]
    return matrix.build({"pci_devices": devices})


@pytest.mark.parametrize("seed", range(20))
def test_one_corrupt_pair_in_a_big_matrix_is_that_pair(seed):
    dice = random.Random(seed)
    built = corrupt(60, seed)
    one, other = sorted(dice.sample(range(60), 2))
    wrong = {"PIX": "SYS", "PHB": "PIX", "NODE": "PIX", "SYS": "PIX"}[built["level"][one][other]]
    built["level"][one][other] = built["level"][other][one] = wrong
    found = check(built)
    assert found["pairs"] == found["ultrametric"] == [[built["devices"][one], built["devices"][other]]]


@pytest.mark.parametrize("seed", range(20))
def test_one_reading_that_differs_is_that_pair_and_the_right_one_is_told(seed):
    dice = random.Random(seed)
    built = corrupt(40, seed)
    one, other = sorted(dice.sample(range(40), 2))
    right = built["level"][one][other]
    built["level"][other][one] = "PXB"
    found = check(built)
    assert found["pairs"] == found["asymmetric"] == [[built["devices"][one], built["devices"][other]]]
    assert "only %s is ultrametric" % right in found["problems"][0]


def test_where_the_table_does_not_tell_all_candidates_are_named():
    found = check([["A", "B", "C"], ["A", 0, 2, 2], ["B", 2, 0, 3], ["C", 2, 3, 0]])
    assert found["ultrametric"] == [["B", "C"]]
    assert found["problems"] == [
        "B-C: 3 is not ultrametric with the other distances; at most 2 is. Measure the pair again "
        "(or the fault is in A-B or A-C: the table does not tell)"
    ]


def test_what_is_wrong_and_fits_nothing_is_said():
    text = "  A B C D\nA X PIX SYS PXB\nB PHB X SYS PIX\nC SYS SYS X SYS\nD PXB PIX SYS X"
    assert check(text)["problems"] == [
        "A-B: row A reads PIX, row B reads PHB; neither is ultrametric with the other distances. Measure the pair again"
    ]


def test_a_table_that_is_no_distance_ends_in_time():
    dice = random.Random(7)
    names = ["d%d" % place for place in range(120)]
    table = [[0] * 120 for _row in names]
    for one, other in itertools.combinations(range(120), 2):
        table[one][other] = table[other][one] = dice.random()
    assert not check({"devices": names, "weight": table})["ok"]


BAD = [
    ("", "matrix: has no header line"),
    ("A B", "matrix: has no header line"),
    ("  A B\nA X PIX\nB PIX", r"matrix row 2 \(B\): has 1 values for 2 columns"),
    ("  A B\nA X PIX\nB PIX X X", r"matrix row 2 \(B\): has 3 values for 2 columns"),
    ("  A B\nA X PBX\nB PIX X", r'matrix row A, column B: "PBX" is no level\. Did you mean "PXB"'),
    ("  A B\nA PIX PIX\nB PIX X", "matrix row A: a device is PIX from itself"),
    ("  A A\nA X X\nB X X", "matrix: the column A stands there twice"),
    ([["A", "B"], ["A", 0, -1], ["B", 1, 0]], "matrix row A, column B: -1 is no distance"),
    ([["A", "B"], ["A", 0, "inf"], ["B", 1, 0]], "matrix row A, column B: inf is no distance"),
    ([["A", "B"], ["A", 0, {}], ["B", 1, 0]], "matrix row A, column B: "),
    ([["A", "B"], ["A", 0, 1, 2], ["B", 1, 0]], "matrix row A: has not one value for each of 2 columns"),
    ([["A", ["B"]], ["A", 0, 1], ["B", 1, 0]], "matrix: a name of a column is no text"),
    ([["X", "PIX"], ["SYS", "X"]], "matrix: no row has the name of a column"),
    ([[0, 1, 2], [5, 0, 9], [7, 8, 0]], "matrix: no row has the name of a column"),
    ([["A"]], "matrix: is no list of rows"),
    ([1, 2], "matrix: is no list of rows"),
    ({"devices": ["A"]}, "matrix: has no devices, or no level"),
    ({"devices": ["A", "B"], "level": [["X"]]}, "matrix: has 1 lines of values for 2 rows"),
    (5, "matrix: is no matrix, but a number"),
    (None, "matrix: is no matrix, but nothing"),
]


@pytest.mark.parametrize(("table", "message"), BAD)
def test_bad_input_is_told(table, message):
    with pytest.raises(EngineError, match=message):
        check(table)


CELL = st.sampled_from(["X", "PIX", "NV4", "SYS", "7", "", "N/A", "-1", "\x1b[4m", "|", "CPU Affinity", "Legend:", "É"])


@given(
    st.one_of(st.text(), st.lists(st.lists(CELL, max_size=5), max_size=6).map(lambda t: "\n".join(map("\t".join, t))))
)
def test_the_parser_answers_or_says_what_is_wrong(text):
    try:
        found = check(text)
    except EngineError as error:
        assert error.where
        assert error.advice
    else:
        assert found["ok"] == (found["pairs"] == [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | CELL,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["devices", "rows", "columns", "level", "weight"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_data_is_answered_or_refused(data):
    try:
        check(data)
    except EngineError as error:
        assert error.where
