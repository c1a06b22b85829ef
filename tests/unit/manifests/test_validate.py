"""The offline schema check itself: it must be able to fail."""

import copy

import pytest
from unit.manifests import builder as b
from unit.manifests import validate


@pytest.fixture(scope="module")
def found():
    service = b.service("detector", b.container(sriov=1))
    return b.objects([service], [b.placed("detector", b.vf())])


def test_right_ones_pass(found):
    assert validate.faults(found) == []


def change(path, value):
    def do(objects, kind):
        place = b.of_kind(objects, kind)[0]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return do


DAMAGE = [
    # kind, damage, part of the fault
    ("Deployment", change(["spec", "template", "spec", "nodeNam"], "node1"), "nodeNam"),
    ("Deployment", change(["spec", "replicas"], "1"), "$.spec.replicas"),
    ("Deployment", change(["kind"], "Deplyment"), "no schema of apps/v1 Deplyment"),
    ("Deployment", change(["apiVersion"], "apps/v2"), "no schema of apps/v2 Deployment"),
    ("NetworkAttachmentDefinition", change(["spec", "confg"], "{}"), "confg"),
    ("NetworkAttachmentDefinition", change(["spec", "config"], {}), "$.spec.config"),
    ("ConfigMap", change(["data", "node1.json"], 1), "node1.json"),
]


@pytest.mark.parametrize(("kind", "damage", "fault"), DAMAGE)
def test_wrong_ones_do_not(found, kind, damage, fault):
    objects = copy.deepcopy(found)
    damage(objects, kind)
    faults = validate.faults(objects)
    assert len(faults) == 1 and fault in faults[0]


def test_retries_are_in_the_experimental_channel_only():
    rule = {"backendRefs": [{"name": "a", "port": 80}], "retry": {"attempts": 2}}
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "r"}}
    route["spec"] = {"rules": [rule]}
    assert "retry" in validate.faults([route])[0]
    assert validate.faults([route], experimental=True) == []
