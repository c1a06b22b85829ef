"""The filters as templates see them: plain data out, an Ansible error with the filter's name for bad input."""

import importlib
import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from fixtures import sysfs_tree

NAMES = (
    "distance_heatmap",
    "distance_matrix_check",
    "distance_table",
    "nearest_devices",
    "numa_cpus",
    "resource_distance",
)


def filter_of(name):
    module = importlib.import_module("ansible_collections.gedge.engine.plugins.filter.%s" % name)
    return module.FilterModule().filters()[name]


@pytest.fixture(scope="module")
def topology(tmp_path_factory):
    return facts.gather(System(str(sysfs_tree.sriov(tmp_path_factory.mktemp("sriov")))))


GOOD = [
    (
        "resource_distance",
        {"kinds": ["nic"], "devices": ["ens1f0", "0000:21:10.0"]},
        lambda out: out["weight"] == [[0, 2], [2, 0]],
    ),
    (
        "nearest_devices",
        {"device": "ens1f0", "kind": "nic", "count": 1},
        lambda out: out[0]["address"] == "0000:21:00.1",
    ),
    ("numa_cpus", {"device": "ens1f0", "reserved": "0"}, lambda out: out == [1]),
    ("numa_cpus", {"device": "ens1f0", "form": "cpuset"}, lambda out: out == "0-1"),
    ("distance_table", {"devices": ["ens1f0"]}, lambda out: "ens1f0" in out),
    ("distance_heatmap", {"title": "node1"}, lambda out: out.startswith("<svg")),
]


@pytest.mark.parametrize(("name", "options", "right"), GOOD)
def test_filter_gives_plain_data(topology, name, options, right):
    out = filter_of(name)({"topology": topology}, **options)
    assert right(out)
    assert json.loads(json.dumps(out)) == out


@pytest.mark.parametrize("name", NAMES)
def test_filter_refuses_what_is_no_topology(name):
    more = ["x"] if name in ("nearest_devices", "numa_cpus") else []
    with pytest.raises(AnsibleFilterError, match=r"gedge\.engine\.%s: (topology|matrix): " % name):
        filter_of(name)(7, *more)


def test_numa_cpus_refuses_another_form(topology):
    with pytest.raises(AnsibleFilterError, match="form: 'text' is no choice"):
        filter_of("numa_cpus")(topology, "ens1f0", form="text")


def test_falling_weights_are_used_with_a_warning(topology, monkeypatch):
    warned = []
    monkeypatch.setattr("ansible.utils.display.Display.warning", lambda _self, text, *_more: warned.append(text))
    out = filter_of("resource_distance")(topology, devices=["ens1f0", "ens1f1"], weights={"PIX": 7})
    assert out["weight"] == [[0, 7], [7, 0]]
    assert warned == ["weights: PXB (3) weighs less than PIX (7), which is nearer"]
