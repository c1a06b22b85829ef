"""The models against the kubelet's own code (tests/oracle): the same questions, the same answers.

Needs a Go toolchain, and the Go modules at the first run, which compiles for some minutes.
"""

import collections

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from oracle import cases, known, kubelet, model, walk

pytestmark = pytest.mark.skipif(
    golang.find() is None, reason="no Go toolchain here: the kubelet's own code cannot be asked"
)

FIVE_NODES = [[core + 5 * thread, core, core, core, core] for thread in range(2) for core in range(5)]
FOUR_NODES = [[core + 12 * thread, core, core // 3, core // 3, core // 3] for thread in range(2) for core in range(12)]
DISTRIBUTED = {"distribute-cpus-across-numa": "true", "full-pcpus-only": "true"}
PLAIN = {"kind": "cpu", "alpha": False, "reserved": [], "affinity": None, "options": DISTRIBUTED}
# The kubelet writes over the set of NUMA nodes that it has found to be the best (0-3), and takes its last try.
WRITTEN_OVER = {**PLAIN, "cpus": FIVE_NODES, "shared": list(range(10)), "request": 8}
# The best set for the rest of the CPUs has enough of them, but not as whole cores.
ENDLESS = {
    **PLAIN,
    "cpus": FOUR_NODES,
    "shared": [0, 1, *range(4, 19), 20, 21],
    "request": 14,
}


def test_the_topology_manager_merges_as_ours():
    asked = cases.some(cases.merge, 2000, seed=1)
    differ, seen = [], collections.Counter()
    for case, real in zip(asked, kubelet.ask(asked)):
        ours = model.merge(case)
        seen[case["policy"], real["admitted"], real["affinity"] is None] += 1
        walked = walk.merge(case) if walk.combinations(case) < 500 else ours
        if not ours == walked == {"admitted": real["admitted"], "affinity": real["affinity"]}:
            differ.append((case, ours, walked, real))
    assert differ == []
    # Every kind of verdict was among them.
    assert min(seen["single-numa-node", True, False], seen["single-numa-node", False, True]) > 20
    assert min(seen["restricted", True, False], seen["restricted", False, False], seen["best-effort", True, False]) > 50


def test_the_static_cpu_manager_hints_and_takes_as_ours():
    asked, ours = [], []
    for case in cases.some(cases.cpu, 1500, seed=2):
        said = model.cpu(case)
        if "never come to an end" not in said.get("refused", ""):  # of these one is enough, below
            asked.append(case)
            ours.append(said)
    differ, seen = [], collections.Counter()
    for case, said, real in zip(asked, ours, kubelet.ask(asked)):
        seen[tuple(case["options"]), "cpus" in real] += 1
        same = said.get("hints") == real.get("hints") and said.get("cpus") == real.get("cpus")
        if not same or ("refused" in said) != ("error" in real):
            differ.append((case, said, real))
    assert differ == []
    assert sum(count for (dummy, taken), count in seen.items() if taken) >= 500
    assert {options for options, taken in seen if taken} == set(cases.CPU_OPTIONS)


@pytest.mark.parametrize("request_", range(2, 11, 2))
def test_with_five_numa_nodes_the_kubelet_writes_over_its_best_choice(request_):
    case = {**WRITTEN_OVER, "request": request_}
    assert model.cpu(case)["cpus"] == kubelet.ask([case])[0]["cpus"]


@pytest.mark.parametrize(("what", "rows", "options", "gone", "request_", "affinity", "cpus"), known.TAKEN)
def test_what_is_written_down_of_cpus_is_what_the_kubelet_takes(what, rows, options, gone, request_, affinity, cpus):
    shared = sorted({row[0] for row in rows} - set(cpuset.parse(gone)))
    case = {**PLAIN, "cpus": rows, "options": options, "reserved": [0], "shared": shared, "request": request_}
    assert cpuset.render(kubelet.ask([{**case, "affinity": affinity}])[0]["cpus"]) == cpus


def test_the_request_over_which_the_kubelet_hangs():
    assert kubelet.ask([ENDLESS]) == [{"error": "endless"}]
    assert "never come to an end" in model.cpu(ENDLESS)["refused"]


def test_pods_that_come_and_go_are_admitted_and_served_as_ours():
    asked = cases.some(cases.node, 200, seed=3)
    differ, seen = [], collections.Counter()
    for case, real in zip(asked, kubelet.ask(asked)):
        for step, ours, truth in zip(case["steps"], model.run(case, real), real["steps"]):
            if truth is None:
                continue
            seen[truth["admitted"], truth["reason"]] += 1
            if ours != model.known(truth):
                differ.append((case, step, ours, truth))
                break  # from here on the two nodes are not the same
    assert differ == []
    reasons = ("TopologyAffinityError", "UnexpectedAdmissionError", "SMTAlignmentError")
    assert seen[True, ""] > 400
    assert all(seen[False, reason] > 20 for reason in reasons)
