"""Which CPUs the static policy takes. The rows are the kubelet's own (test_oracle.py asks it)."""

import itertools

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import cpu_distributed, cpu_static, cpu_topology
from ansible_collections.gedge.engine.plugins.module_utils.kubelet.cpu_packed import NotEnough
from oracle.known import CORES, NUMA, SERVER, TAKEN, UNCORE


def policy(rows=SERVER, options=None, reserved=(0,), **more):
    """The policy of a machine on which CPU 0 is reserved."""
    return cpu_static.StaticPolicy(cpu_topology.from_rows(rows), reserved, options, **more)


@pytest.mark.parametrize(("what", "rows", "options", "gone", "request_", "affinity", "cpus"), TAKEN)
def test_taken(what, rows, options, gone, request_, affinity, cpus):
    one = policy(rows, options)
    shared = one.shared() - set(cpuset.parse(gone))
    assert cpuset.render(one.allocate(shared, request_, affinity)) == cpus


def test_no_cpu_is_given_twice_and_all_are_given():
    one = policy()
    shared, given = one.shared(), []
    for request_ in (3, 4, 1, 5, 2):
        taken = one.allocate(shared, request_, None)
        shared -= taken
        given.append(taken)
    assert set().union(*given) == set(range(1, 16))
    assert not any(one & other for one, other in itertools.combinations(given, 2))


def test_what_does_not_fit_is_refused():
    with pytest.raises(NotEnough, match="requested=16, available=15"):
        policy().allocate(policy().shared(), 16, None)


@pytest.mark.parametrize(
    ("request_", "said"),
    [(3, "requested 3 cpus not multiple cpus per core = 2"), (16, "available physical CPUs = 14")],
)
def test_full_cores_only(request_, said):
    one = policy(options=CORES)
    with pytest.raises(cpu_static.SmtAlignment, match=said):
        one.allocate(one.shared(), request_, None)


def test_strictly_reserved_cpus_are_not_shared():
    assert 0 in policy().shared()
    assert 0 not in policy(options={"strict-cpu-reservation": "true"}).shared()


def test_a_number_of_reserved_cpus_is_taken_as_for_a_container():
    assert policy(reserved=2).reserved == {0, 8}
    assert policy(reserved=1).reserved == {0}


@pytest.mark.parametrize("reserved", [17, (0, 99)])
def test_reserved_cpus_must_be_there(reserved):
    with pytest.raises(EngineError, match="not all there"):
        policy(reserved=reserved)


OPTIONS = [
    ("unknown", {"full-cpus-only": "true"}, 'Did you mean "full-pcpus-only"'),
    ("alpha", {"align-by-socket": "true"}, "is an alpha option"),
    ("neither", {"full-pcpus-only": "on"}, "neither true nor false"),
    ("clash", {**UNCORE, **NUMA}, "cannot be used together"),
]


@pytest.mark.parametrize(("what", "options", "said"), OPTIONS)
def test_options_that_the_kubelet_refuses(what, options, said):
    with pytest.raises(EngineError, match=said):
        policy(options=options)


@pytest.mark.parametrize(
    "other", ["full-pcpus-only", "distribute-cpus-across-numa", "prefer-align-cpus-by-uncorecache"]
)
def test_alpha_options_clash_too(other):
    options = {"distribute-cpus-across-cores": "true", other: "true"}
    with pytest.raises(EngineError, match="cannot be used together"):
        policy(options=options, alpha=True)
    policy(options={"distribute-cpus-across-cores": "true", other: False}, alpha=True)


def test_align_by_socket_needs_a_machine_and_a_policy_for_it():
    with pytest.raises(EngineError, match="single-numa-node"):
        policy(options={"align-by-socket": "true"}, alpha=True, policy="single-numa-node")
    rows = [[cpu, cpu, cpu, 0, cpu] for cpu in range(2)]
    with pytest.raises(EngineError, match="more sockets than NUMA nodes"):
        policy(rows, {"align-by-socket": "true"}, alpha=True)


def test_five_numa_nodes_and_the_choice_that_is_written_over():
    rows = [[core + 5 * thread, core, core, core, core] for thread in range(2) for core in range(5)]
    one = policy(rows, NUMA, reserved=())
    # NUMA nodes 0 to 3 were the first and best; the kubelet remembers its last try, 4 instead of 3.
    assert cpuset.render(one.allocate(one.shared(), 8, None)) == "0-2,4-7,9"


def test_a_request_without_an_end_is_refused():
    rows = [[core + 12 * thread, core, core // 3, core // 3, core // 3] for thread in range(2) for core in range(12)]
    one = policy(rows, {**NUMA, **CORES}, reserved=())
    with pytest.raises(EngineError, match="never come to an end"):
        one.allocate({0, 1, *range(4, 19), 20, 21}, 14, None)


@pytest.mark.parametrize(("numbers", "said"), [([4], 0.0), ([1, 2], 0.5), ([1, 2, 2], 0.471), ([0, 0, 0, 7], 3.031)])
def test_the_balance_of_a_choice(numbers, said):
    assert cpu_distributed.deviation(numbers) == said


def facts(**more):
    """CPUs of topology_facts: 2 sockets = NUMA nodes, 2 cores of 2 threads each, one L3 per socket."""
    rows = [
        {
            "cpu": cpu,
            "online": True,
            "socket": cpu // 2 % 2,
            "core": cpu % 2,
            "numa_node": cpu // 2 % 2,
            "l3": cpu // 2 % 2,
        }
        for cpu in range(8)
    ]
    for row in rows:
        row.update(more)
    return {"cpus": rows}


def test_the_topology_of_a_node_out_of_its_facts():
    found = cpu_topology.from_facts(facts())
    assert found.members["core"] == {0: {0, 4}, 1: {1, 5}, 2: {2, 6}, 3: {3, 7}}
    assert found.members["numa"] == found.members["uncore"] == {0: {0, 1, 4, 5}, 1: {2, 3, 6, 7}}
    assert (found.per_core, found.per_socket, found.per_uncore, found.numa_first) == (2, 4, 4, True)


def test_an_l3_cache_counts_where_a_numa_node_has_several():
    several = facts()
    for row in several["cpus"]:
        row["l3"] = 10 + row["cpu"] % 4
    assert set(cpu_topology.from_facts(several).members["uncore"]) == {10, 11, 12, 13}


def test_offline_cpus_do_not_count_and_a_poor_kernel_will_do():
    poor = facts(socket=None, core=None, numa_node=None, l3=None)
    poor["cpus"][0]["online"] = False
    assert cpu_topology.from_facts(poor).members["core"] == {cpu: {cpu} for cpu in range(1, 8)}
    with pytest.raises(EngineError, match="no online CPU"):
        cpu_topology.from_facts(facts(online=False))
