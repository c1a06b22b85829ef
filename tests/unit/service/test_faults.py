# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Each fault of a description of services, made alone in a good one: named once, with path, reason and advice."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import normalize, validate
from unit.service.reading import container, edited, good, problems, rows


@dataclass
class Fault:
    """One row of faults.yml: edits of good.yml, then the one problem that must come of them."""

    name: str
    path: str
    what: str
    advice: str
    drop: list = field(default_factory=list)
    rename: dict = field(default_factory=dict)
    set: dict = field(default_factory=dict)


FAULTS = [Fault(**row) for row in rows("faults.yml")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_named_once_with_path_and_advice(fault):
    broken = edited(good(), fault.drop, fault.rename, fault.set)
    assert problems(broken) == [(fault.path, fault.what, fault.advice)]


def test_there_are_more_than_sixty():
    assert len({fault.name for fault in FAULTS}) > 150
    assert problems(good()) == []


def test_all_faults_come_at_once_in_the_order_of_the_text():
    broken = edited(
        good(),
        drop=["services/1/containers/0/image"],
        put={
            "templates/0/service/kind": "Pod",
            "services/0/containers/0/resources/cpu": "4Gi",
            "services/0/containers/0/acceleration/compute": '["GPUU"]',
            "services/0/traffic/0/to": "stor",
            "services/0/replica": 1,
            "meshes/0/routes/0/destinations/1/version": "v7",
        },
    )
    found = validate(json.dumps(broken, indent=1))
    assert [one["path"] for one in found] == [
        "templates[0].service.kind",
        "services[0].containers[0].resources.cpu",
        "services[0].containers[0].acceleration.compute[0]",
        "services[0].traffic[0].to",
        "services[0].replica",
        "services[1].containers[0].image",
        "meshes[0].routes[0].destinations[1].version",
    ]
    lines = [one["line"] for one in found]
    assert lines == sorted(lines) and None not in lines


TEXTS = {
    "no YAML": ("name: [a", "line 2, column 1", "not valid YAML"),
    "two keys alike": (
        "name: x\nname: y\ncontainers: [{image: x}]", "name", "the key is written twice, in line 1 and in line 2"),
    "an alias of itself": ("a: &a [*a]", "line 1", "an alias (*) that contains itself or too much"),
    "a tag": ("name: !!binary x", "line 1", "the value cannot be read as !!binary"),
    "a list as a key": ("[a]: b", "line 1", "a key must be a word"),
    "nothing": ("", "(document)", "there is no service"),
    "two empty documents": ("---\n---\n", "(document)", "there is no service"),
    "a word": ("detector", "(document)", "must be a description of services, not text"),
    "a list": ("- name: x", "(document)", "must be a description of services, not a list"),
    "an empty mapping": ("{}", "(document)", "there is no service"),
    "one of several documents": (
        "name: x\ncontainers: [{image: x}]\n---\nnmae: y", "documents[1].nmae", 'unknown key "nmae"'),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS.values(), ids=TEXTS)
def test_a_text_that_is_wrong_as_a_whole(case):
    text, path, what = case
    (found,) = validate(text)
    assert (found["path"], found["what"][: len(what)]) == (path, what)
    assert found["advice"]
    assert found["line"] is not None or path == "(document)"


def test_what_is_no_text_and_no_document_is_refused():
    (found,) = validate(7)
    assert found["what"] == "takes YAML text, a document or a list of documents, not a number"
    with pytest.raises(EngineError):
        normalize(None)


@pytest.mark.parametrize(
    ("text", "told"),
    [("nmae: x", "edge.yml: 1 problem\n  - line 1: "), ("a: &a [*a]", "edge.yml, line 1: an alias (*)")],
    ids=["a fault", "no YAML"],
)
def test_the_error_names_the_file(text, told):
    with pytest.raises(EngineError) as caught:
        normalize(text, where="edge.yml")
    assert caught.value.text().startswith(told)


def test_the_error_of_normalisation_has_line_path_value_reason_and_advice():
    with pytest.raises(ProblemsError) as caught:
        normalize("name: x\ncontainers:\n  - image: x:1\n    resources: {cpu: 4Gi}\n")
    line = caught.value.text().splitlines()[1]
    assert line == (
        "  - line 4: containers[0].resources.cpu: is an amount of memory (got '4Gi'). "
        'Write CPUs, such as "4", or thousandths, such as "500m"'
    )


@dataclass
class Strict:
    """What strict refuses: keys of a container, then (path below containers[0], advice) of each problem."""

    name: str
    keys: dict
    refused: list


PIN = {"topology": "restricted"}
STRICT = [
    Strict("half a CPU", {"resources": {"cpu": "3500m", "memory": "1Gi"}}, [("resources.cpu", 'Write "4"')]),
    Strict("nothing asked for", {}, [("resources.cpu", "Say how much"), ("resources.memory", "Say how much")]),
    Strict(
        "a limit above",
        {"resources": {"cpu": 2, "memory": "1Gi"}, "limits": {"cpu": 3}},
        [("resources.cpu", "Write 3 in resources and no limit")],
    ),
    Strict("whole CPUs", {"resources": {"cpu": 2, "memory": "1Gi"}}, []),
]


@pytest.mark.parametrize("case", STRICT, ids=lambda case: case.name)
def test_strict_refuses_what_would_be_put_right(case):
    document = container(acceleration=PIN, **case.keys)
    found = [(path, advice) for path, dummy, advice in problems(document, strict=True)]
    assert found == [("containers[0]." + path, advice) for path, advice in case.refused]
    assert problems(document) == []


def test_strict_wants_limits_beside_a_pinned_container():
    document = container(acceleration=PIN, resources={"cpu": 1, "memory": "1Gi"})
    document["containers"].append({"image": "y:1", "resources": {"cpu": "100m", "memory": "64Mi"}})
    found = [(path, advice) for path, dummy, advice in problems(document, strict=True)]
    assert found == [("containers[1].limits.cpu", "Write 100m"), ("containers[1].limits.memory", "Write 64Mi")]


NETWORKS = {"sriov-a": {}, "sriov-b": {}, "management": {}}
HAS = "The testbed has: management, sriov-a, sriov-b"
ASKS = {"image": "registry.example/x:1", "acceleration": {"communication": {"sriov": 2, "macvlan": 1}}}
UNKNOWN = {
    # document, path, name, advice
    "of a VF": (
        {"networks": {"sriov": ["sriov-a", "srivo-b"]}},
        "services[0].networks.sriov[1]",
        "srivo-b",
        f'Did you mean "sriov-b"? {HAS}',
    ),
    "of a macvlan": ({"networks": {"macvlan": ["blue"]}}, "services[0].networks.macvlan[0]", "blue", HAS),
    "of a flow": (
        {"flow": {"source": "network:srivo-a"}},
        "services[0].flow.source",
        "srivo-a",
        f'Did you mean "sriov-a"? {HAS}',
    ),
}


@pytest.mark.parametrize("title", UNKNOWN)
def test_a_network_that_the_testbed_does_not_have(title):
    more, path, name, advice = UNKNOWN[title]
    document = {"services": [{"name": "x", "containers": [ASKS], **more}]}
    (problem,) = validate(document, networks=NETWORKS)
    assert (problem["path"], problem["what"], problem["advice"]) == (path, f"there is no network {name}", advice)
    assert validate(document) == [], "nobody told which there are"


def test_the_line_of_a_network_that_is_not_there_is_told_also_in_a_template():
    text = """template:
  name: t
  service:
    containers: [{image: x, acceleration: {communication: {sriov: 1}}}]
    networks: {sriov: [sriov-c]}
---
service: {name: x, template: t}
"""
    (problem,) = validate(text, networks=NETWORKS)
    assert (problem["path"], problem["line"]) == ("documents[0].template.service.networks.sriov[0]", 5)
