"""Allocations of the static CPU manager, written down: the model is held to them without Go, the kubelet with it."""

# Two sockets, one NUMA node each, 4 cores of 2 threads: core 0 is CPUs 0 and 8, NUMA node 0 is 0-3,8-11.
SERVER = [[core + 8 * thread, core, core // 4, core // 4, core // 4] for thread in range(2) for core in range(8)]
# The same with two L3 caches per NUMA node.
SPLIT = [[cpu, core, socket, numa, core // 2] for cpu, core, socket, numa, dummy in SERVER]
NUMA = {"distribute-cpus-across-numa": "true"}
CORES = {"full-pcpus-only": "true"}
UNCORE = {"prefer-align-cpus-by-uncorecache": "true"}

TAKEN = [
    # what, rows, options, taken already, request, affinity, CPUs
    ("a core", SERVER, {}, "", 2, None, "1,9"),
    ("half a core", SERVER, {}, "", 1, None, "8"),
    ("a core and a half: the begun one is filled", SERVER, {}, "", 3, None, "1,8-9"),
    ("in the affinity", SERVER, {}, "", 2, (1,), "4,12"),
    ("a whole NUMA node", SERVER, {}, "", 8, None, "4-7,12-15"),
    ("more than the affinity holds", SERVER, {}, "", 8, (0,), "1-4,8-11"),
    ("the fuller NUMA node first", SERVER, {}, "4-5,12-13", 2, None, "6,14"),
    ("whole cores before threads", SERVER, {}, "1", 2, (0,), "2,10"),
    ("threads where no core is whole", SERVER, {}, "1-3,8", 2, (0,), "9-10"),
    ("full-pcpus-only", SERVER, CORES, "", 4, None, "1-2,9-10"),
    ("spread over NUMA nodes", SERVER, NUMA, "", 12, None, "1-6,9-14"),
    ("one NUMA node is enough: the one that leaves the best balance", SERVER, NUMA, "", 4, None, "4-5,12-13"),
    ("spread in whole cores", SERVER, {**NUMA, **CORES}, "", 12, None, "1-6,9-14"),
    ("in one L3", SPLIT, UNCORE, "", 4, None, "2-3,10-11"),
    ("not in an L3 that has begun with half a core", SPLIT, UNCORE, "", 2, (0,), "2,10"),
]
