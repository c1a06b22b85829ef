"""What stands in a cluster before services do, and that it is what they are promised."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.manifests import standing

from . import builder


def lab(**more):
    """The testbed of the builder."""
    return builder.testbed(**more)


def services(placements):
    """The objects that services get."""
    names = sorted({(row["namespace"], row["service"]) for row in placements})
    box = builder.container(topology="single-numa-node", sriov=1)
    normal = [builder.service(name, box, namespace=space, path="accelerated") for space, name in names]
    return builder.objects(normal, placements)


def test_pools_are_those_of_services():
    placements = [builder.placed("detector", builder.vf(0))]
    pools = standing.device_pools(lab(), placements)
    told = next(one for one in services(placements) if one["kind"] == "ConfigMap")
    for name, text in told["data"].items():
        assert json.loads(text)["resourceList"] == pools[name[: -len(".json")]]["sriov"]
    asked = pools["node1"]["asked"]
    assert list(asked.values()) == [["default/detector"]]
    assert set(asked) <= {f"{one['resourcePrefix']}/{one['resourceName']}" for one in pools["node1"]["sriov"]}


def test_definitions_are_those_of_services():
    placements = [builder.placed("detector", builder.vf(0))]
    found = standing.network_definitions(lab(), ["default", "vision"], placements)
    mine = [one for one in services(placements) if one["kind"] == "NetworkAttachmentDefinition"]
    assert mine and all(one in found for one in mine)
    names = {space: [] for space in ("default", "vision")}
    for one in found:
        names[one["metadata"]["namespace"]].append(one["metadata"]["name"])
    assert names["default"] == names["vision"]
    assert {json.loads(one["spec"]["config"])["type"] for one in found} == {"sriov", "macvlan"}


def test_a_pool_that_was_promised_and_has_no_device():
    pf = {"address": builder.PF_A, "kind": "nic", "net": ["ens1f0"], "sriov": {"role": "pf", "vfs": []}}
    bare = lab(topologies={"node1": {"pci_devices": [pf]}})
    with pytest.raises(
        ProblemsError, match="default/detector asks for pool sriov_a_21_00_0, which has no device on node node1"
    ):
        standing.device_pools(bare, [builder.placed("detector", builder.vf(0))])
    assert standing.device_pools(bare, [])["node1"]["asked"] == {}


def test_what_is_no_placement_is_told():
    with pytest.raises(ProblemsError):
        standing.device_pools(lab(), [{"service": "x"}])
