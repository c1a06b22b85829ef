"""DRA: which backend, what a claim asks for, and that a constraint is written only where it can be met."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from unit.manifests import builder as b
from unit.manifests import validate

SRIOV, GPU = "sriovnetwork.k8snetworkplumbingwg.io", "gpu.nvidia.com"
ROOT, NUMA = "resource.kubernetes.io/pcieRoot", "dra.net/numaNode"
VF = b.vf()["address"]
BUS = 'device.attributes["resource.kubernetes.io"].?pciBusID.orValue("")'
PF = {"address": b.PF_A, "kind": "nic", "driver": "igb", "sriov": {"role": "pf", "num": 1, "vfs": [VF]}, "net": []}
GUARD = 'device.attributes["dra.net"].?numaNode.orValue(-1) >= 0'


def pair(level="PIX", nodes=(0, 0), **options):
    """Manifests of a service with a VF and a GPU that far apart."""
    service = b.service("detector", b.container(sriov=1, gpu=1))
    devices = [b.vf(numa_node=nodes[0]), b.card(numa_node=nodes[1])]
    entry = b.placed("detector", *devices, levels=[(VF, b.GPU, level)])
    return b.made([service], [entry], **dict({"backend": "dra"}, **options))


def claim(found, name="detector-main"):
    return b.of_kind(found, "ResourceClaimTemplate", name)["spec"]["spec"]["devices"]


AUTO = [
    # version, drivers, DRA or not
    ("1.34", [SRIOV, GPU], True),
    ("v1.37.2", [SRIOV, GPU, "other"], True),
    ("1.33", [SRIOV, GPU], False),
    ("1.37", [SRIOV], False),
    ("", [SRIOV, GPU], False),
    ("1.37", [], False),
]


@pytest.mark.parametrize(("version", "drivers", "dra"), AUTO)
def test_backend_by_version_and_drivers(version, drivers, dra):
    found, dummy = pair(backend="auto", cluster={"version": version, "drivers": drivers})
    assert bool(b.of_kind(found, "ResourceClaimTemplate")) == dra
    assert bool(b.of_kind(found, "ConfigMap")) != dra, "one of the two has the devices"


def test_auto_without_devices_has_no_claims():
    found = b.objects([b.service()], [b.placed()], cluster={"version": "1.37", "drivers": [SRIOV, GPU]})
    assert b.of_kind(found, "ResourceClaimTemplate") == []


def test_claim_in_full():
    found, notes = pair()
    exactly = {"allocationMode": "ExactCount", "count": 1}
    requests = [
        {
            "name": "sriov-0",
            "exactly": dict(exactly, deviceClassName=SRIOV, selectors=[{"cel": {"expression": f'{BUS} == "{VF}"'}}]),
        },
        {
            "name": "gpu-1",
            "exactly": dict(exactly, deviceClassName=GPU, selectors=[{"cel": {"expression": f'{BUS} == "{b.GPU}"'}}]),
        },
    ]
    constraints = [{"matchAttribute": ROOT, "requests": ["sriov-0", "gpu-1"]}]
    assert claim(found) == {"requests": requests, "constraints": constraints}
    spec = b.pod_of(found)["spec"]
    assert spec["resourceClaims"] == [{"name": "main", "resourceClaimTemplateName": "detector-main"}]
    resources = spec["containers"][0]["resources"]
    assert resources == {"requests": {"cpu": "4", "memory": "4Gi"}, "claims": [{"name": "main"}]}
    assert validate.faults(found) == [] and notes == []


PROVEN = [
    # level, NUMA nodes, numa_attribute, the constraint, why
    ("PIX", (0, 0), "", ROOT, "one bridge"),
    ("PXB", (0, 0), "", ROOT, "several bridges"),
    ("PHB", (0, 0), "", ROOT, "one root complex"),
    ("PHB", (-1, -1), NUMA, ROOT, "one root complex, wherever it is"),
    ("NODE", (0, 0), "", None, "two roots"),
    ("NODE", (0, 0), NUMA, NUMA, "two roots of a node, and drivers tell the node"),
    ("NODE", (None, None), NUMA, None, "nobody says which node"),
    ("SYS", (0, 1), NUMA, None, "two nodes"),
    ("UNKNOWN", (-1, -1), NUMA, None, "two unknown nodes are not one"),
    ("UNKNOWN", (0, -1), NUMA, None, "one unknown node"),
    ("NV", (0, 0), "", None, "an NVLink is no PCIe root"),
]


@pytest.mark.parametrize(("level", "nodes", "attribute", "expected", "why"), PROVEN)
def test_a_constraint_is_proven(level, nodes, attribute, expected, why):
    found, dummy = pair(level, nodes, dra={"numa_attribute": attribute})
    constraints = claim(found).get("constraints", [])
    assert [one["matchAttribute"] for one in constraints] == ([expected] if expected else []), why
    guarded = [GUARD in json.dumps(one).replace("\\", "") for one in claim(found)["requests"]]
    assert guarded == [expected == NUMA] * 2, "-1 equals -1"


CHAINS = [
    # levels between the VF and GPUs 0 and 1; proven
    ([(VF, "g0", "PIX"), (VF, "g1", "PXB")], True),
    ([(VF, "cpu", "PHB"), ("g0", "cpu", "PHB"), ("g1", "cpu", "PHB")], False),
    ([(VF, "cpu numa0", "PHB"), ("g0", "cpu numa0", "PHB"), ("g1", "cpu numa0", "PHB")], False),
    ([(VF, "g0", "PIX"), ("g0", "g1", "PXB")], True),
    ([(VF, "g0", "PIX")], False),
    ([(VF, "g0", "PIX"), (VF, "g1", "SYS")], False),
    ([], False),
]


@pytest.mark.parametrize(("levels", "proven"), CHAINS)
def test_all_devices_of_a_claim_must_be_below_one_root(levels, proven):
    entry = b.placed("detector", b.vf(), b.card(address="g0"), b.card(address="g1"), levels=levels)
    found = b.objects([b.service("detector", b.container(sriov=1, gpu=2))], [entry], backend="dra")
    assert ("constraints" in claim(found)) == proven


SELECT = [
    # select, level, topology known, expression of the VF, of the GPU
    ("pin", "PIX", True, f'{BUS} == "{VF}"', f'{BUS} == "{b.GPU}"'),
    ("match", "PIX", True, f'{BUS} in ["0000:22:10.0","0000:22:10.1"]', None),
    ("match", "PIX", False, f'{BUS} == "{VF}"', None),
    ("match", "SYS", True, f'{BUS} == "{VF}"', f'{BUS} == "{b.GPU}"'),
]


@pytest.mark.parametrize(("select", "level", "known", "vf", "gpu"), SELECT)
def test_which_devices_will_do(select, level, known, vf, gpu):
    vfs = ["0000:22:10.0", "0000:22:10.1"]
    pf = {"address": b.PF_A, "kind": "nic", "sriov": {"role": "pf", "vfs": vfs}, "net": ["ens1f0"]}
    site = b.testbed(topologies={"node1": {"pci_devices": [pf]}} if known else {})
    entry = b.placed("detector", b.vf(), b.card(), levels=[(VF, b.GPU, level)])
    service = b.service("detector", b.container(sriov=1, gpu=1))
    found = b.objects([service], [entry], site, backend="dra", dra={"select": select})
    expressions = [
        [one["cel"]["expression"] for one in request["exactly"].get("selectors", [])]
        for request in claim(found)["requests"]
    ]
    assert expressions == [[vf], [gpu] if gpu else []]
    assert validate.faults(found) == []


def test_one_device_needs_no_constraint():
    found = b.objects([b.service("detector", b.container(gpu=1))], [b.placed("detector", b.card())], backend="dra")
    assert "constraints" not in claim(found)


def test_a_vf_keeps_its_attachment_and_address():
    found, dummy = pair()
    networks = json.loads(b.pod_of(found)["metadata"]["annotations"]["k8s.v1.cni.cncf.io/networks"])
    assert networks[0]["ips"] == ["192.168.20.110/28"]


def test_what_has_no_device_class_stays_an_extended_resource():
    container = b.container(gpu=1, fpga=1)
    entry = b.placed("detector", b.card(), b.card("fpga", b.FPGA))
    found = b.objects([b.service("detector", container)], [entry], backend="dra")
    assert [one["name"] for one in claim(found)["requests"]] == ["gpu-0"]
    assert b.pod_of(found)["spec"]["containers"][0]["resources"]["limits"] == {"gedge.io/fpga": "1"}
    (plugin,) = b.of_kind(found, "ConfigMap")
    assert "fpga" in plugin["data"]["node1.json"] and "sriov_a" not in plugin["data"]["node1.json"]
    found = b.objects([b.service("detector", container)], [entry], backend="dra", dra={"fpga": "fpga.example.com"})
    assert [one["name"] for one in claim(found)["requests"]] == ["gpu-0", "fpga-1"]


def test_replicas_with_other_devices_have_claims_of_their_own():
    entries = [
        b.placed("detector", b.card(address=address), replica=at) for at, address in enumerate([b.GPU, "0000:3c:00.0"])
    ]
    found = b.objects([b.service("detector", b.container(gpu=1), replicas=2)], entries, backend="dra")
    expressions = [json.dumps(claim(found, name)) for name in ("detector-main", "detector-1-main")]
    assert b.GPU in expressions[0] and "0000:3c:00.0" in expressions[1]


def test_each_container_has_a_claim():
    service = b.service("detector", b.container("a", gpu=1), b.container("b"), b.container("c", gpu=1))
    other = b.card(address="0000:3c:00.0")
    entries = [
        b.placed("detector", *own, container=name) for name, own in (("a", [b.card()]), ("b", []), ("c", [other]))
    ]
    found = b.objects([service], entries, backend="dra")
    containers = b.pod_of(found)["spec"]["containers"]
    assert [one["resources"].get("claims") for one in containers] == [[{"name": "a"}], None, [{"name": "c"}]]
    assert validate.faults(found) == []


def test_what_was_not_placed_claims_any_devices():
    service = b.service("detector", b.container(sriov=1, gpu=2))
    found = b.objects([service], backend="dra", unplaced="pending")
    assert claim(found) == {
        "requests": [
            {"name": kind, "exactly": {"deviceClassName": name, "allocationMode": "ExactCount", "count": count}}
            for kind, name, count in (("sriov", SRIOV, 1), ("gpu", GPU, 2))
        ]
    }
    assert "limits" not in b.pod_of(found)["spec"]["containers"][0]["resources"]
    assert validate.faults(found) == []


def test_what_was_not_placed_claims_no_vf_that_a_node_uses_itself():
    site = b.testbed(topologies={"node1": {"pci_devices": [PF]}})
    site["ports"]["node1"][0]["used_vfs"] = {"0": "soft-RoCE"}
    found = b.objects([b.service("detector", b.container(sriov=1))], site=site, backend="dra", unplaced="pending")
    (request,) = claim(found)["requests"]
    assert request["exactly"]["selectors"] == [{"cel": {"expression": f'!({BUS} in ["{VF}"])'}}]


def test_static_cpus_beside_claims_are_told():
    service = b.service("detector", b.container(gpu=1, topology="single-numa-node"))
    dummy, notes = b.made([service], [b.placed("detector", b.card())], backend="dra")
    assert len(notes) == 1 and "Topology Manager does not see devices of DRA" in notes[0]


REFUSED = [
    # options, part of the message
    ({"cluster": {"version": "1.33"}}, "resource.k8s.io/v1 is in Kubernetes since 1.34"),
    ({"dra": {"numa_attribute": "numaNode"}}, "is no attribute with a domain"),
    (
        {"cluster": {"version": "1.36"}, "dra": {"numa_attribute": "resource.kubernetes.io/numaNode"}},
        "is in Kubernetes since 1.37",
    ),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_refused(options, message):
    with pytest.raises(ProblemsError) as caught:
        pair(**options)
    assert message in caught.value.text()
