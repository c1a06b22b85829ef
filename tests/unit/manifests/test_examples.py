"""docs/examples, from the file to objects: normalised, placed by hand, checked against the schemas."""

import pathlib
from collections import Counter

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import normalize
from hypothesis import HealthCheck, given, settings
from unit.fuzz.cases import CASES
from unit.manifests import builder as b
from unit.manifests import validate
from unit.manifests.test_stable import agree
from unit.service.generated import files

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yml"))
BACKENDS = ("extended-resources", "dra")


def by_hand(services):
    """A placement that gives each container what it asks for, on node1, each device once."""
    used = Counter()
    for service in services:
        for replica in range(service["replicas"]):
            for container in service["containers"]:
                devices = list(devices_of(service, container["acceleration"], used))
                yield b.placed(
                    service["name"],
                    *devices,
                    replica=replica,
                    container=container["name"],
                    namespace=service["namespace"],
                )


def devices_of(service, asked, used):
    named = service["networks"]["sriov"]
    for place in range(asked["communication"]["sriov"]):
        network = named[place % len(named)] if named else "sriov-a"
        rdma = place < asked["communication"]["rdma"]
        yield b.vf(used[network], {"sriov-a": b.PF_A, "sriov-b": b.PF_B}[network], network, rdma=rdma)
        used[network] += 1
    if asked["communication"]["rdma"] and not asked["communication"]["sriov"]:
        yield b.shared_rdma()
    for kind, count in asked["compute"].items():
        for dummy in range(count):
            yield b.card(kind, "0000:%02x:00.0" % (0x40 + used["card"]))
            used["card"] += 1


def roomy(count=16):
    """The lab with so many VFs on each PF."""
    site = b.testbed()
    for ports in site["ports"].values():
        for port in ports:
            port["vfs"] = {"count": count, "config": []} if port["vfs"] else None
    return site


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, backend):
    edge = normalize(path.read_text())
    entries = list(by_hand(edge["services"]))
    found = b.objects(edge["services"], entries, roomy(), edge["meshes"], backend=backend)
    assert validate.faults(found) == []
    workloads = [one for one in found if one["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job")]
    names = {one["metadata"]["labels"]["gedge.io/service"] for one in workloads}
    assert names == {one["name"] for one in edge["services"]}
    if backend == "extended-resources":
        agree(found)


@settings(max_examples=CASES // 4, suppress_health_check=list(HealthCheck))
@given(files())
def test_any_right_description(documents):
    """What the normaliser's own strategy makes, with networks of the lab instead of its own."""
    edge = normalize(documents)
    for service in edge["services"]:
        service["networks"] = {"sriov": [], "macvlan": []}
    entries = list(by_hand(edge["services"]))
    site = roomy(16 + sum(device["resource"] == "sriov" for entry in entries for device in entry["devices"]))
    for name in ("management", "sriov-a", "sriov-b"):
        site["networks"][name]["cidr"] = site["networks"][name]["cidr"].replace(".96/28", ".0/24")
    try:
        found = b.objects(edge["services"], entries, site, edge["meshes"])
    except ProblemsError as error:
        assert all("autoscal" in problem.path for problem in error.problems), error
        return
    assert validate.faults(found) == []
    agree(found)


def test_pinned_means_the_same_to_the_normal_form():
    """Pods of services that the normal form pins are Guaranteed: requests and limits are equal in all containers."""
    seen = set()
    for path in EXAMPLES:
        edge = normalize(path.read_text())
        found = b.objects(edge["services"], list(by_hand(edge["services"])), roomy(), edge["meshes"])
        for service in edge["services"]:
            pinned = any(one["acceleration"]["topology"] != "none" for one in service["containers"])
            containers = b.pod_of(found, service["name"], service["kind"])["spec"]["containers"]
            equal = all(one["resources"]["requests"] == one["resources"].get("limits") for one in containers)
            assert equal or not pinned, service["name"]
            seen.add(pinned)
    assert True in seen
