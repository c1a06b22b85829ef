"""What placement is to do, rule by rule, on sites small enough to see it."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.placement import place, quantity
from ansible_collections.gedge.engine.plugins.module_utils.quantities import bytes_text
from unit.placement import sites


def machine(numa=2, cores=8, ports=((0, "sriov-a"), (1, "sriov-b")), gpus=((0, 0), (1, 1)), **more):
    """ports: NUMA node and network; gpus: NUMA node and root port, those of the NICs are root port 0."""
    made = sites.Machine(numa, cores, 1, **more)
    for at, network in ports:
        made.add_port(made.path(at, 0, 0), at, network, 4)
    for at, port in gpus:
        made.add("gpu", made.path(at, 0, port), at)
    return made


def placed(nodes, services, running=None, **options):
    return place.place(nodes, {"services": services}, running, **options).result()


def where(result):
    return {(entry["service"], entry["replica"]): entry["node"] for entry in result["placements"]}


def test_the_gpu_beside_the_nic_wins_and_the_distance_says_so():
    asked = [sites.service("a", [sites.container("a", 2, sriov=1, gpu=1)])]
    result = placed([machine().record("node1")], asked)
    entry = result["placements"][0]
    levels = [level["level"] for level in entry["distance"]["levels"]]
    assert (levels, entry["distance"]["weight"], entry["numa_nodes"]) == (["PIX"], 2, [0])
    assert [device["resource"] for device in entry["devices"]] == ["sriov", "gpu"]
    assert entry["cpus"] == "1-2"  # CPU 0 is reserved
    assert (result["method"], result["gap"], result["objective"]["weight"]) == ("exact", 0.0, 2)


def test_a_service_without_accelerators_has_its_data_path_to_the_cpus():
    asked = [sites.service("a", [sites.container("a", 2, sriov=1)])]
    entry = placed([machine().record("node1")], asked)["placements"][0]
    assert [(level["to"], level["level"]) for level in entry["distance"]["levels"]] == [("cpu numa0", "PHB")]


def test_weights_decide():
    asked = [sites.service("a", [sites.container("a", 2, sriov=1, gpu=1)])]
    result = placed([machine().record("node1")], asked, weights={"PHB": 1})
    assert result["placements"][0]["distance"]["levels"][0]["level"] == "PHB"


def test_concurrent_services_get_the_two_paths():
    asked = [sites.service(name, [sites.container(name, 2, sriov=1)]) for name in "ab"]
    result = placed([machine(ports=((0, "sriov-a"), (0, "sriov-b"))).record("node1")], asked)
    assert len({entry["devices"][0]["pf"] for entry in result["placements"]}) == 2


def test_a_network_that_is_named_is_the_one():
    asked = [
        sites.service(
            "a", [sites.container("a", 2, sriov=2)], networks={"sriov": ["sriov-b", "sriov-b"], "macvlan": []}
        )
    ]
    entry = placed([machine().record("node1")], asked)["placements"][0]
    assert [device["network"] for device in entry["devices"]] == ["sriov-b", "sriov-b"]


def test_the_flow_starts_at_an_nvme_where_that_is_asked_for():
    made = machine(gpus=((1, 0), (1, 1)))
    made.add("nvme", made.path(1, 0, 1), 1)
    asked = [sites.service("a", [sites.container("a", 2, gpu=1)], flow={"source": "nvme", "sink": ""})]
    levels = placed([made.record("node1")], asked)["placements"][0]["distance"]["levels"]
    nvme = next(one["address"] for one in made.devices if one["kind"] == "nvme")
    assert [(level["from"], level["level"]) for level in levels] == [(nvme, "PIX")]


def test_edges_pack_the_graph():
    asked = [sites.service(name, [sites.container(name, 3)]) for name in "abcd"]
    asked[0]["traffic"], asked[2]["traffic"] = [{"to": "d", "weight": 10}], [{"to": "b", "weight": 3}]
    nodes = [machine(1, 8).record("node%d" % number) for number in (1, 2)]
    found = where(placed(nodes, asked))
    assert found["a", 0] == found["d", 0] != found["c", 0] == found["b", 0]


def test_priority_goes_first_and_is_never_left_out_for_two_others():
    asked = [sites.service(name, [sites.container(name, 3)]) for name in "abc"]
    asked[2].update(priority=10, containers=[sites.container("c", 6)])
    result = placed([machine(1, 8, memory=16 * sites.GIB).record("node1")], asked)
    assert set(where(result)) == {("c", 0)}
    assert [one["service"] for one in result["failed"]] == ["a", "b"]


APART = [
    ([{"name": "a", "anti_affinity": ["b"]}, {"name": "b"}], "of two services"),
    ([{"name": "a"}, {"name": "b", "anti_affinity": ["a"]}], "named by the other"),
    ([{"name": "a", "anti_affinity": ["self"], "replicas": 2}], "of replicas"),
]


@pytest.mark.parametrize(("edits", "why"), APART, ids=[row[1] for row in APART])
def test_anti_affinity(edits, why):
    asked = [sites.service(one["name"], **{key: one[key] for key in one if key != "name"}) for one in edits]
    nodes = [machine().record(name) for name in ("node1", "node2")]
    assert len(set(where(placed(nodes, asked)).values())) == 2
    result = placed(nodes[:1], asked)
    assert len(result["failed"]) == 1
    assert "must keep apart" in result["failed"][0]["what"]
    assert result["failed"][0]["advice"].startswith("Let it be beside")


def test_allowed_nodes_and_daemon_sets():
    nodes = [machine().record("node%d" % number) for number in (1, 2, 3)]
    asked = [sites.service("a", nodes=["node3"]), sites.service("d", kind="DaemonSet")]
    found = where(placed(nodes, asked))
    assert found == {("a", 0): "node3", ("d", 0): "node1", ("d", 1): "node2", ("d", 2): "node3"}


def test_cpus_that_share_are_counted_but_not_named():
    asked = [sites.service("a", [sites.container("a", "1500m", topology="none")])]
    entry = placed([machine().record("node1")], asked)["placements"][0]
    assert (entry["cpus"], entry["cpu"], entry["numa_nodes"]) == ("", "1500m", [])


def test_a_shared_rdma_device_serves_many():
    made = machine()
    made.ports[0]["rdma"] = True
    asked = [sites.service(name, [sites.container(name, 1, rdma=1)]) for name in "abc"]
    result = placed([made.record("node1")], asked)
    pfs = {device["address"] for entry in result["placements"] for device in entry["devices"]}
    assert pfs == {made.ports[0]["pci"]} and not result["failed"]


def test_a_macvlan_needs_a_port_for_it():
    made = machine()
    asked = [sites.service("a", [sites.container("a", 1, macvlan=1)])]
    assert "has no port for macvlan" in placed([made.record("node1")], asked)["failed"][0]["what"]
    made.ports[0]["purpose"] = ["management", "macvlan"]
    assert where(placed([made.record("node1")], asked)) == {("a", 0): "node1"}


SHORT = [
    ("GPU", {"gpu": 3}, "short of 1 GPU: wants 3, 2 of 2 free", "Add 1 GPU to node1, or ask for 2 GPUs"),
    ("FPGA", {"fpga": 1}, "has no FPGA", "Add 1 FPGA to node1"),
    ("VFs", {"sriov": 9}, "short of 1 VF: wants 9, 8 of 8 free", "Add 1 VF to node1, or ask for 8 VFs"),
    ("RDMA", {"sriov": 1, "rdma": 1}, "has no VF with RDMA", "Add 1 VF with RDMA to node1"),
    (
        "CPUs",
        {"cpu": 16},
        "short of 1 CPU; short of 1 exclusive CPU: wants 16, 15 of 15 free",
        "Add 1 CPU to node1 and add 1 exclusive CPU to node1",
    ),
    (
        "memory",
        {"memory": "64Gi"},
        "short of 49664Mi of memory",
        "Add 49664Mi of memory to node1, or ask for 15872Mi of memory",
    ),
    ("hugepages", {"hugepages": {"2Mi": "4Mi"}}, "has no 2Mi hugepages", "Add 4Mi of 2Mi hugepages to node1"),
]


@pytest.mark.parametrize(("name", "needs", "what", "advice"), SHORT, ids=[row[0] for row in SHORT])
def test_a_failure_names_what_is_short_and_what_would_help(name, needs, what, advice):
    asked = [sites.service("a", [sites.container("a", **{"cpu": 1, **needs})])]
    entry = placed([machine().record("node1")], asked)["failed"][0]
    assert (entry["what"], entry["advice"]) == ("fits on no node: node1: " + what, advice)


def test_a_failure_by_numa_names_the_numa_nodes_and_a_change_that_helps():
    made = machine(gpus=((0, 0), (0, 1)))
    running = placed([made.record("node1")], [sites.service("b", [sites.container("b", 6, gpu=1)])])["placements"]
    asked = [sites.service("a", [sites.container("a", 4, gpu=1)])]
    failed = placed([made.record("node1")], asked, running)["failed"][0]
    assert "NUMA node 0 is short of 3 exclusive CPUs; NUMA node 1 is short of 1 GPU" in failed["what"]
    assert failed["advice"] == "Free 3 exclusive CPUs on NUMA node 0 of node1, or ask for 1 exclusive CPU"
    smaller = [sites.service("a", [sites.container("a", 1, gpu=1)])]
    assert not placed([made.record("node1")], smaller, running)["failed"]


def test_a_node_whose_policy_promises_less_is_refused():
    asked = [sites.service("a")]
    failed = placed([machine().record("node1", "restricted")], asked)["failed"][0]
    assert failed["advice"] == "Give node1 the topology policy single-numa-node"


def test_reasons_of_the_nodes_that_were_not_chosen():
    nodes = [machine().record("near"), machine(gpus=((0, 1),)).record("far"), machine(gpus=()).record("none")]
    asked = [sites.service("a", [sites.container("a", 2, sriov=1, gpu=1)])]
    result = placed(nodes, asked)
    assert result["rejected"][0]["nodes"] == {"far": "fits, but adds 3.5 where near adds 2", "none": "has no GPU"}
    assert placed(nodes, asked)["rejected"] and not place.place(nodes, {"services": asked}).result("none")["rejected"]


WRONG = [
    (lambda s, n: s[0].update(name=None), "services[0].name", "is missing"),
    (lambda s, n: s.append(dict(s[0])), "services[1].name", "two services"),
    (lambda s, n: s[0].update(replicas=-1), "services[0].replicas", "negative"),
    (lambda s, n: s[0].update(replicas="2"), "services[0].replicas", "is not a whole number"),
    (lambda s, n: s[0].update(nodes=["nod1"]), "services[0].nodes", "no such node"),
    (lambda s, n: s[0].update(flow={"source": "disk"}), "services[0].flow.source", "no end of a data path"),
    (lambda s, n: s[0].update(containers=[]), "services[0].containers", "has no container"),
    (lambda s, n: s[0]["containers"][0]["resources"].update(cpu="4x"), "containers[0].resources.cpu", "no quantity"),
    (
        lambda s, n: s[0]["containers"][0]["acceleration"].update(topology="numa"),
        "acceleration.topology",
        "no topology",
    ),
    (lambda s, n: n[0].update(name=""), "", None),
    (lambda s, n: n.append(dict(n[0])), "nodes[1].name", "two nodes"),
    (lambda s, n: n[0].update(policy="strict"), "nodes[0].policy", "is none of"),
    (lambda s, n: n[0].update(scope=3), "nodes[0].scope", "is not text"),
    (lambda s, n: n[0].update(topology={}), "topology", "no list pci_devices"),
    (lambda s, n: n[0].update(reserved_cpus="x"), "nodes[0].reserved_cpus", "not a number"),
    (lambda s, n: n[0]["ports"][0].update(pci="0009:01:00.0"), "nodes[0].ports[0].pci", "no such device"),
    (lambda s, n: n.append(7), "nodes[1]", "is not a mapping"),
]


@pytest.mark.parametrize(("edit", "path", "what"), WRONG, ids=[str(place_) for place_ in range(len(WRONG))])
def test_bad_input_is_told_with_its_path(edit, path, what):
    asked, nodes = [sites.service("a")], [json.loads(json.dumps(machine().record("node1")))]
    edit(asked, nodes)
    if what is None:
        placed(nodes, asked)
        return
    with pytest.raises(ProblemsError) as caught:
        placed(nodes, asked)
    texts = [problem.text() for problem in caught.value.problems]
    assert any(path in text and what in text for text in texts), texts


def test_all_faults_are_told_at_once():
    asked = [sites.service("a", replicas=-1, nodes=["x"]), sites.service("b", flow={"source": "y"})]
    with pytest.raises(ProblemsError) as caught:
        placed([machine().record("node1")], asked)
    assert len(caught.value.problems) == 3


QUANTITIES = [("4", 4000), ("500m", 500), ("0.5", 500), (2, 2000), (None, 0), ("", 0), ("1.0001", 1001)]


@pytest.mark.parametrize(("given", "expected"), QUANTITIES)
def test_cpus_as_thousandths(given, expected):
    assert quantity.milli(given) == expected


SIZES = [("4Gi", 4 * 2**30), ("1e3", 1000), ("1Ei", 2**60), ("1k", 1000), ("1500m", 2), (512, 512), ("0.5Mi", 2**19)]


@pytest.mark.parametrize(("given", "expected"), SIZES)
def test_sizes_as_bytes(given, expected):
    assert quantity.size(given) == expected
    assert quantity.size(bytes_text(expected)) == expected


def test_names_of_hugepages():
    assert [quantity.pages(name) for name in ("2048kB", "1048576kB", "64kB", "2Mi")] == ["2Mi", "1Gi", "64Ki", "2Mi"]


def test_a_vf_of_another_network_counts_there_and_one_for_vfio_nowhere():
    made = machine(ports=((0, "sriov-a"),))
    made.ports[0]["vfs"] = [{"vf": 0, "network": "sriov-b"}, {"vf": 1, "driver": "vfio-pci"}]
    nodes = [made.record("node1")]
    asked = [sites.service("a", [sites.container("a", 1, sriov=1)], networks={"sriov": ["sriov-b"], "macvlan": []})]
    device = placed(nodes, asked)["placements"][0]["devices"][0]
    assert (device["network"], device["vf"]) == ("sriov-b", 0)
    asked = [sites.service(name, [sites.container(name, 1, sriov=1)]) for name in "abcd"]
    result = placed(nodes, asked)
    assert sorted(entry["devices"][0]["vf"] for entry in result["placements"]) == [0, 2, 3]
    assert len(result["failed"]) == 1


def test_a_network_that_no_node_has_is_named_with_the_nearest_that_there_is():
    asked = [sites.service("a", [sites.container("a", 1, sriov=1)], networks={"sriov": ["srivo-a"], "macvlan": []})]
    failed = placed([machine().record("node1")], asked)["failed"][0]
    assert (failed["what"], failed["advice"]) == ("no node has a port in network srivo-a", 'Did you mean "sriov-a"?')
