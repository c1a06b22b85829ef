"""The pods of every comparison, placed on two nodes and made to objects: by strict schemas of Kubernetes and the CRDs.

tests/acceptance/test_benchmark_objects.py has the same before a real API server and scheduler.
"""

import pytest
import yaml
from acceptance import sites
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import normalize
from unit.benchmark.catalogue import CATALOGUE, planned
from unit.manifests.validate import faults


@pytest.fixture(scope="module")
def records():
    """Two nodes with VFs, RDMA and a management network."""
    return [sites.large(node) for node in ("node1", "node2")]


@pytest.mark.parametrize("name", CATALOGUE["comparisons"])
def test_objects(records, name):
    plan = planned(name)
    asked = normalize(yaml.safe_dump({"services": plan["services"]}))["services"]
    placement = place.place(records, asked, method="heuristic").result("failed")
    assert placement["failed"] == []
    objects = sites.manifests(asked, placement, records, backend="extended-resources")
    assert faults(objects) == []
    deployments = {one["metadata"]["name"]: one for one in objects if one["kind"] == "Deployment"}
    assert set(deployments) == set(plan["of_side"]["a"] + plan["of_side"]["b"])
    for side in ("a", "b"):
        template = deployments[f"{name}-{side}-server"]["spec"]["template"]
        notes = template["metadata"].get("annotations", {})
        assert ("k8s.v1.cni.cncf.io/networks" in notes) == (plan["comparison"][side]["path"] != "basic")
        (container,) = template["spec"]["containers"]
        same = container["resources"]["requests"] == container["resources"].get("limits")
        assert same == (plan["comparison"][side]["cpus"] == "pinned")
