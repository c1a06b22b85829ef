"""The pods of every comparison before a real API server and scheduler: strictly validated, bound where asked."""

import pathlib

import pytest
import yaml
from acceptance import deploy, sites
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from ansible_collections.gedge.engine.plugins.plugin_utils.benchmark import definitions, pods
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import normalize

ROOT = pathlib.Path(__file__).resolve().parents[2]
WHOLE = definitions.read(yaml.safe_load((ROOT / "roles/benchmark/files/comparisons.yml").read_text(encoding="utf-8")))
NODES = ["node1", "node2"]


def services(name):
    """The services of a comparison in normal form, in a namespace of its own: all are in the cluster at once."""
    options = {"image": "gedge.local/benchmark:1", "namespace": f"benchmark-{name}", "nodes": NODES}
    plan = pods.plan(name, WHOLE["comparisons"][name], WHOLE["measures"], options)
    return normalize(yaml.safe_dump({"services": plan["services"]}))["services"]


@pytest.fixture(scope="module")
def made(start):
    """(cluster, placement, objects) of all comparisons."""
    records = [sites.large(node) for node in NODES]
    asked = [one for name in WHOLE["comparisons"] for one in services(name)]
    placement = place.place(records, asked, method="heuristic").result("failed")
    assert placement["failed"] == []
    objects = sites.manifests(asked, placement, records, backend="extended-resources")
    cluster = start()
    deploy.deploy(cluster, records, objects)
    deploy.wait_until_bound(cluster, placement)
    return cluster, placement, objects


def test_each_pod_is_on_its_node(made):
    cluster, placement, dummy = made
    assert deploy.bound(cluster) == deploy.expected(placement)


@pytest.mark.parametrize("name", WHOLE["comparisons"])
def test_the_sides_of_a_comparison(made, name):
    found = {deploy.service_of(pod): pod for pod in deploy.pods(made[0]) if name in pod["metadata"]["namespace"]}
    for side in ("a", "b"):
        asked = WHOLE["comparisons"][name][side]
        server = found[f"{name}-{side}-server"]
        qos = "Guaranteed" if asked["cpus"] == "pinned" else "Burstable"
        assert server["status"]["qosClass"] == qos
        assert ("k8s.v1.cni.cncf.io/networks" in server["metadata"].get("annotations", {})) == (
            asked["path"] != "basic"
        )
        assert server["spec"]["nodeName"] == "node1" and found[f"{name}-{side}-client"]["spec"]["nodeName"] == "node2"
