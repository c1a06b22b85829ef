# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The normal form is the one that placement and manifests are built on: every key, in order, and a fixed point."""

from __future__ import annotations

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.service import derived, normalize
from unit.service.reading import accelerated, container, edited, good, normal, notes, problems

TEN_LINES = """\
name: detector
containers:
  - image: registry.example/detector:1
    ports: [8080]
    resources: {cpu: 3500m, memory: 4Gi}
    acceleration:
      topology: single-numa-node
      compute: {gpu: 1}
      communication: {sriov: 1, rdma: 1}
"""
DETECTOR = {
    "name": "detector",
    "namespace": "default",
    "kind": "Deployment",
    "replicas": 1,
    "labels": {},
    "priority": 0,
    "path": "accelerated",
    "containers": [
        {
            "name": "detector",
            "image": "registry.example/detector:1",
            "command": [],
            "args": [],
            "env": {},
            "ports": [{"name": "tcp-8080", "port": 8080, "protocol": "TCP"}],
            "resources": {"cpu": "4", "memory": "4Gi", "hugepages": {}},
            "limits": {"cpu": None, "memory": None},
            "acceleration": {
                "topology": "single-numa-node",
                "compute": {"gpu": 1, "fpga": 0, "asic": 0},
                "communication": {"sriov": 1, "rdma": 1, "macvlan": 0},
            },
            "mounts": [],
        }
    ],
    "networks": {"sriov": [], "macvlan": []},
    "volumes": [],
    "autoscaling": {"horizontal": None, "vertical": None},
    "flow": {"source": "", "sink": ""},
    "traffic": [],
    "anti_affinity": [],
    "nodes": [],
    "move": False,
}
ROUTE = {
    "name": "reviews",
    "service": "reviews",
    "match": {"prefix": "/"},
    "destinations": [
        {"host": "reviews", "version": "v1", "weight": 90},
        {"host": "reviews", "version": "v2", "weight": 10},
    ],
    "rewrite": "/api",
    "timeout": "5s",
    "retries": {"attempts": 3, "per_try_timeout": "2s"},
    "external": True,
}
STORE = {
    "name": "store",
    "service": "store",
    "match": {"exact": "/store"},
    "destinations": [{"host": "store", "version": "v1", "weight": 100}],
    "rewrite": None,
    "timeout": None,
    "retries": None,
    "external": False,
}
BOOKS = {
    "name": "books",
    "namespace": "default",
    "services": [
        {"name": "reviews", "version": "v1", "service": "reviews-v1", "external": True, "port": 9080},
        {"name": "reviews", "version": "v2", "service": "reviews-v2", "external": True, "port": 9080},
        {"name": "store", "version": "v1", "service": "store", "external": False, "port": 9000},
    ],
    "routes": [ROUTE, STORE],
}


def text(value):
    """JSON, which keeps the order of keys."""
    return json.dumps(value)


def test_ten_lines_and_all_that_they_say():
    """To the byte: the order of the keys too."""
    assert text(normal(TEN_LINES)) == text({"services": [DETECTOR], "meshes": []})
    assert notes(TEN_LINES) == [("containers[0].resources.cpu", "3500m", "4")]


def test_a_mesh():
    made = normal(good())
    assert text(made["meshes"]) == text([BOOKS])
    assert [service["name"] for service in made["services"]] == [
        "detector",
        "store",
        "ratings",
        "reviews-v1",
        "reviews-v2",
    ]
    first = made["services"][3]
    assert first["labels"] == {"team": "books", "tier": "front", "version": "v1"}
    assert (first["replicas"], first["containers"][0]["name"]) == (2, "reviews-v1")


@pytest.mark.parametrize("given", [TEN_LINES, good()], ids=["ten lines", "every key"])
def test_it_is_a_fixed_point_without_notes(given):
    made = normal(given)
    assert text(normal(made)) == text(made)
    assert notes(made) == []
    # What the filter gives is input, too, with its notes.
    assert text(normal({**made, "notes": [{"path": "x"}]})) == text(made)
    assert problems(made, strict=True) == []


def test_the_input_is_not_changed():
    given = good()
    made = normalize.normalize([given])
    made["services"][0]["containers"][0]["env"]["NEW"] = "x"
    made["services"][3]["labels"]["new"] = "x"
    made["services"][3]["containers"][0]["ports"].clear()
    assert given == good()
    assert made["services"][4]["labels"] != made["services"][3]["labels"]
    assert made["services"][4]["containers"][0]["ports"]


def test_services_of_one_template_share_nothing_that_could_be_changed():
    made = normal(good())
    one, other = made["services"][3:5]
    for key in ("networks", "anti_affinity", "nodes", "traffic", "flow", "containers"):
        assert one[key] is not other[key]
    assert one["traffic"][0] is not other["traffic"][0]
    routes = normal(
        edited(good(), put={"meshes/0/routes/0/match": [{"uri": {"prefix": "/a"}}, {"uri": {"prefix": "/b"}}]})
    )
    first, second, dummy = routes["meshes"][0]["routes"]
    assert (first["name"], second["name"]) == ("reviews", "reviews-2")
    assert first["destinations"] == second["destinations"]
    assert first["destinations"] is not second["destinations"]
    assert first["retries"] is not second["retries"]


def test_pinned_containers_get_whole_cpus_and_no_limits():
    document = accelerated(topology="best-effort")
    document["containers"][0].update(resources={"cpu": 1.2, "memory": "1Gi"}, limits={"cpu": "2500m", "memory": "2Gi"})
    one = normal(document)["services"][0]["containers"][0]
    assert one["resources"] == {"cpu": "3", "memory": "2Gi", "hugepages": {}}
    assert one["limits"] == {"cpu": None, "memory": None}
    place = "containers[0].resources."
    assert notes(document) == [
        (place + "cpu", "1200m", "2500m"),
        (place + "memory", "1Gi", "2Gi"),
        (place + "cpu", "2500m", "3"),
    ]


def test_containers_beside_a_pinned_one_get_limits():
    """A pod of which one container is not Guaranteed is Burstable, and the kubelet pins nothing of it."""
    document = accelerated(topology="restricted")
    document["containers"].append(
        {"image": "y:1", "resources": {"cpu": "100m", "memory": "1Gi"}, "limits": {"cpu": "1"}}
    )
    other = normal(document)["services"][0]["containers"][1]
    assert other["resources"] == {"cpu": "1", "memory": "1Gi", "hugepages": {}}
    assert other["limits"] == {"cpu": "1", "memory": "1Gi"}
    assert notes(document) == [("containers[1].limits.memory", None, "1Gi")]


def test_what_is_not_pinned_keeps_its_fractions():
    one = normal(container(resources={"cpu": "1500m", "memory": "1Gi"}))["services"][0]["containers"][0]
    assert (one["resources"]["cpu"], one["limits"]["cpu"]) == ("1500m", None)


def test_derived_truths():
    made = normal(good())["services"]
    detector, sidecar = made[0]["containers"]
    assert [derived.pinned(one) for one in (detector, sidecar)] == [True, False]
    assert [derived.has_pinned(one) for one in made] == [True, False, False, False, False]
    assert [derived.exclusive_cpus(one) for one in (detector, sidecar)] == [4, 0]
    assert derived.devices(detector) == {"gpu": 1, "fpga": 0, "asic": 0, "sriov": 2, "rdma": 1, "macvlan": 1}
    assert derived.asked(detector) == {"millicores": 4000, "memory": 4 * 2**30, "hugepages": {"2Mi": 512 * 2**20}}
    assert derived.path_of(made[0]["containers"]) == "accelerated"


ON_TOP = {
    "kind": ("Job", "Job"),
    "labels": ({"a": "b"}, {"team": "books", "a": "b"}),
    "nodes": (["node9"], ["node9"]),
    "flow": ({"sink": "nvme"}, {"source": "", "sink": "nvme"}),
    "networks": ({"sriov": []}, {"sriov": [], "macvlan": []}),
    "replicas": (7, 7),
    "traffic": ([], []),
}


@pytest.mark.parametrize("key", ON_TOP)
def test_what_a_service_says_stands_for_what_its_template_says(key):
    """Mappings are merged key by key, lists are taken whole."""
    written, means = ON_TOP[key]
    assert normal(edited(good(), put={"services/2/" + key: written}))["services"][2][key] == means


def test_equal_parts_where_a_route_names_no_version():
    put = {
        "meshes/0/routes/0/destinations": [{"host": "reviews"}],
        "meshes/0/services/3": {"name": "reviews", "version": "v3", "template": "reviews"},
    }
    document = edited(good(), put=put)
    (route, dummy) = normal(document)["meshes"][0]["routes"]
    assert [(one["version"], one["weight"]) for one in route["destinations"]] == [("v1", 34), ("v2", 33), ("v3", 33)]
    assert ("meshes[0].routes[0].destinations[0].version", None, ["v1", "v2", "v3"]) in notes(document)


def test_namespaces_are_apart():
    one, other = container(resources={"cpu": 1, "memory": "1Gi"}), container(resources={"cpu": 1, "memory": "1Gi"})
    assert problems([one, {**other, "namespace": "lab"}]) == []
    found = problems([one, {**other, "name": "y", "namespace": "lab", "traffic": [{"to": "x"}]}])
    assert found == [
        (
            "documents[1].traffic[0].to",
            "no such service in namespace lab",
            "It is the only service of its namespace: leave it out",
        )
    ]


class TaggedText(str):
    """As Ansible's, which remembers where it comes from."""

    __slots__ = ()


class TaggedNumber(int):
    """As Ansible's."""


def tagged(value):
    """A copy whose text and numbers are of other classes, as Ansible hands them to a filter."""
    if isinstance(value, dict):
        return {tagged(key): tagged(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [tagged(inner) for inner in value]
    if isinstance(value, str):
        return TaggedText(value)
    return TaggedNumber(value) if isinstance(value, int) and not isinstance(value, bool) else value


def leaves(value):
    """All plain values within, keys too."""
    if isinstance(value, dict):
        return [leaf for pair in value.items() for part in pair for leaf in leaves(part)]
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]


def test_what_ansible_hands_over_becomes_plain():
    made = normal(tagged(good()))
    assert made == normal(good())
    assert notes(tagged(made)) == []
    assert {type(leaf) for leaf in leaves(made)} <= {str, int, bool, type(None)}
