# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Every form that is accepted: what is written, what it is in the normal form, and that old forms are told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from unit.service.reading import accelerated, container, normal, notes, problems


def counts(*words):
    """{gpu, fpga, asic, sriov, rdma, macvlan} with one of each word given."""
    return {word: words.count(word) for word in ("gpu", "fpga", "asic", "sriov", "rdma", "macvlan")}


@dataclass
class Counting:
    """A way to write devices under a key of acceleration; told: whether it is an old form."""

    name: str
    key: str
    written: object
    means: dict
    told: bool = True


COUNTING = [
    Counting("today", "compute", {"gpu": 1}, counts("gpu"), False),
    Counting("today, more of them", "compute", {"gpu": 2, "asic": 1}, counts("gpu", "gpu", "asic"), False),
    Counting("none", "compute", {"gpu": 0}, counts(), False),
    Counting("an empty mapping", "compute", {}, counts(), False),
    Counting("capital letters", "compute", {"GPU": 1}, counts("gpu")),
    Counting("AIX", "compute", {"AIX": 1}, counts("asic")),
    Counting("ASIC", "compute", {"ASIC": 1}, counts("asic")),
    Counting("aix in a list", "compute", ["aix"], counts("asic")),
    Counting("a number as text", "compute", {"gpu": "2"}, counts("gpu", "gpu")),
    Counting("true", "compute", {"gpu": True, "fpga": False}, counts("gpu")),
    Counting("a word", "compute", "GPU", counts("gpu")),
    Counting("words with a comma", "compute", "GPU, FPGA", counts("gpu", "fpga")),
    Counting("a list of words", "compute", ["GPU", "FPGA"], counts("gpu", "fpga")),
    Counting("a list of one text with a comma", "compute", ["GPU, FPGA"], counts("gpu", "fpga")),
    Counting("a list of one-key maps", "compute", [{"gpu": 2}, {"FPGA": 1}], counts("gpu", "gpu", "fpga")),
    Counting("words and one-key maps", "compute", ["GPU", {"fpga": 2}], counts("gpu", "fpga", "fpga")),
    Counting("an empty list", "compute", [], counts()),
    Counting("JSON", "compute", '["GPU", "FPGA"]', counts("gpu", "fpga")),
    Counting("JSON with a comma within", "compute", '["GPU, FPGA"]', counts("gpu", "fpga")),
    Counting("JSON of a mapping", "compute", '{"gpu": 2}', counts("gpu", "gpu")),
    Counting("JSON in a list", "compute", ['["GPU"]', '{"asic": 1}'], counts("gpu", "asic")),
    Counting("an SR-IOV VF", "communication", {"sriov": 1}, counts("sriov"), False),
    Counting("two VFs, one of which can RDMA", "communication", {"sriov": 2, "rdma": 1},
             counts("sriov", "sriov", "rdma"), False),
    Counting("the shared RDMA device", "communication", {"rdma": 1}, counts("rdma"), False),
    Counting("SRIOV and RDMA are one VF", "communication", '["SRIOV", "RDMA"]', counts("sriov", "rdma")),
    Counting("the same as a list", "communication", ["RDMA", "SRIOV"], counts("sriov", "rdma")),
    Counting("SR-IOV with a dash", "communication", ["SR-IOV"], counts("sriov")),
    Counting("macvlan", "communication", ["MACVLAN"], counts("macvlan")),
    Counting("network for communication", "network", {"sriov": 1}, counts("sriov")),
    Counting("network as JSON", "network", '["SRIOV", "RDMA"]', counts("sriov", "rdma")),
]  # fmt: skip


@pytest.mark.parametrize("case", COUNTING, ids=lambda case: case.name)
def test_devices(case):
    document = accelerated(topology="none", **{case.key: case.written})
    made = normal(document)["services"][0]["containers"][0]["acceleration"]
    assert {**made["compute"], **made["communication"]} == case.means
    paths = {path for path, dummy, dummy in notes(document)}
    assert ("containers[0].acceleration." + case.key in paths) is case.told


@dataclass
class Form:
    """Keys of a container or a service, what they are in the normal form (by path), and the notes' paths."""

    name: str
    written: dict
    means: dict
    told: list


AMOUNTS = {"cpu": 1, "memory": "1Gi"}
VOLUME = {"name": "a", "size": "1Gi", "access": "ReadWriteMany", "storage_class": ""}
MOUNT = {"volume": "a", "path": "/data/a", "read_only": False}
PORT = {"name": "tcp-80", "port": 80, "protocol": "TCP"}
CONTAINER = [
    Form("topologyAware: true", {"acceleration": {"topologyAware": True}},
         {"acceleration/topology": "single-numa-node"},
         ["acceleration.topologyAware"]),
    Form("topologyAware: false", {"acceleration": {"topologyAware": False}}, {"acceleration/topology": "none"},
         ["acceleration.topologyAware"]),
    Form("topologyAware as text", {"acceleration": {"topologyAware": "true"}},
         {"acceleration/topology": "single-numa-node"},
         ["acceleration.topologyAware"]),
    Form("Acceleration", {"Acceleration": {"topology": "restricted"}}, {"acceleration/topology": "restricted"},
         ["Acceleration"]),
    Form("acceleration under resources", {"resources": {**AMOUNTS, "acceleration": {"topology": "best-effort"}}},
         {"acceleration/topology": "best-effort"}, []),
    Form("Acceleration under resources", {"resources": {**AMOUNTS, "Acceleration": {"topology": "best-effort"}}},
         {"acceleration/topology": "best-effort"}, ["resources.Acceleration"]),
    Form("acceleration as a list of one-key maps", {"acceleration": [{"topologyAware": True}, {"compute": ["GPU"]}]},
         {"acceleration/topology": "single-numa-node", "acceleration/compute/gpu": 1},
         ["acceleration", "acceleration.compute", "acceleration.topologyAware"]),
    Form("devices without a policy", {"acceleration": {"compute": {"gpu": 1}}}, {"acceleration/topology": "none"},
         ["acceleration.topology"]),
    Form("no acceleration", {}, {"acceleration/topology": "none", "acceleration/compute/gpu": 0}, []),
    Form("Volumes", {"Volumes": [{"name": "a"}]}, {"mounts": [MOUNT]},
         ["Volumes", "Volumes[0].mount", "Volumes[0].size"]),
    Form("Volumes with mountPath", {"Volumes": [{"name": "a", "mountPath": "/a", "size": "1Gi"}]},
         {"mounts": [{**MOUNT, "path": "/a"}]}, ["Volumes", "Volumes[0].mountPath"]),
    Form("volumes in a container", {"volumes": [{"name": "a", "size": "1Gi", "mount": "/a", "read_only": True}]},
         {"mounts": [{**MOUNT, "path": "/a", "read_only": True}]}, ["volumes"]),
    Form("requests", {"resources": {"requests": {"cpu": 2, "memory": "1Gi"}}},
         {"resources/cpu": "2", "limits/cpu": None},
         ["resources.requests"]),
    Form("limits under resources", {"resources": {"limits": {"cpu": 2, "memory": "1Gi"}}},
         {"resources/cpu": "2", "limits/cpu": "2"}, ["resources.cpu", "resources.limits", "resources.memory"]),
    Form("requests and limits", {"resources": {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"cpu": 2}}},
         {"resources/cpu": "1", "limits/cpu": "2", "limits/memory": None}, ["resources.limits", "resources.requests"]),
    Form("limits beside resources", {"limits": {"cpu": "1500m"}}, {"resources/cpu": "1", "limits/cpu": "1500m"}, []),
    Form("nothing asked for", {"resources": {}}, {"resources/cpu": "200m", "resources/memory": "500Mi"},
         ["resources.cpu", "resources.memory"]),
    Form("huge pages as in Kubernetes", {"resources": {**AMOUNTS, "hugepages-2Mi": "64Mi"}},
         {"resources/hugepages": {"2Mi": "64Mi"}}, ["resources.hugepages-2Mi"]),
    Form("huge pages as in testbed.yml", {"resources": {**AMOUNTS, "hugepages": {"1G": "2Gi"}}},
         {"resources/hugepages": {"1Gi": "2Gi"}}, ["resources.hugepages.1G"]),
    Form("amounts in other units", {"resources": {"cpu": 0.5, "memory": "1024Mi"}},
         {"resources/cpu": "500m", "resources/memory": "1Gi"}, []),
    Form("decimal memory", {"resources": {"cpu": "1000m", "memory": "2000M"}},
         {"resources/cpu": "1", "resources/memory": "2G"}, []),
    Form("a port as a number", {"ports": [80]}, {"ports": [PORT]}, []),
    Form("a port without a name", {"ports": [{"port": 53, "protocol": "UDP"}]},
         {"ports": [{"name": "udp-53", "port": 53, "protocol": "UDP"}]}, []),
    Form("containerPort", {"ports": [{"containerPort": 80, "protocol": "TCP"}]}, {"ports": [PORT]},
         ["ports[0].containerPort"]),
    Form("externalPort", {"ports": [{"containerPort": 80, "externalPort": 80, "protocol": "tcp"}]}, {"ports": [PORT]},
         ["ports[0].containerPort", "ports[0].externalPort", "ports[0].protocol"]),
    Form("variables", {"env": {"A": "b", "EMPTY": ""}}, {"env": {"A": "b", "EMPTY": ""}}, []),
    Form("variables that are no text", {"env": {"A": 1, "B": True, "C": 1.5}},
         {"env": {"A": "1", "B": "true", "C": "1.5"}},
         ["env.A", "env.B", "env.C"]),
    Form("variables as a list", {"env": [{"name": "A", "value": "b"}, {"name": "C"}]},
         {"env": {"A": "b", "C": ""}}, ["env"]),
    Form("an argument that is a number", {"args": ["--port", 80]}, {"args": ["--port", "80"]}, ["args[1]"]),
    Form("a digest", {"image": "a.b:5000/c/d@sha256:" + "0" * 64}, {"image": "a.b:5000/c/d@sha256:" + "0" * 64}, []),
    Form("a name", {"name": "y"}, {"name": "y"}, []),
    Form("no name", {}, {"name": "x"}, []),
]  # fmt: skip


def at(value, path):
    """What stands at a path with slashes."""
    for key in path.split("/"):
        value = value[key]
    return value


@pytest.mark.parametrize("form", CONTAINER, ids=lambda form: form.name)
def test_a_container(form):
    document = container(**{"resources": AMOUNTS, **form.written})
    made = normal(document)["services"][0]["containers"][0]
    assert {path: at(made, path) for path in form.means} == form.means
    assert sorted(path for path, dummy, dummy in notes(document)) == ["containers[0]." + path for path in form.told]


SERVICE = [
    Form("nothing", {},
         {"kind": "Deployment", "replicas": 1, "namespace": "default", "path": "basic", "move": False}, []),
    Form("one network as a word", {"networks": {}}, {"networks": {"sriov": [], "macvlan": []}}, []),
    Form("one node as a word", {"nodes": "node1"}, {"nodes": ["node1"]}, []),
    Form("self as a word", {"anti_affinity": "self"}, {"anti_affinity": ["self"]}, []),
    Form("the own name in anti_affinity", {"anti_affinity": ["x"]}, {"anti_affinity": ["self"]}, ["anti_affinity[0]"]),
    Form("replicas of autoscaling", {"autoscaling": {"horizontal": {"min": 2, "max": 4, "cpu": 50}}},
         {"replicas": 2}, []),
    Form("autoscaling's defaults", {"autoscaling": {"horizontal": {"max": 4}}},
         {"autoscaling": {"horizontal": {"min": 1, "max": 4, "cpu": 80}, "vertical": None}},
         ["autoscaling.horizontal.cpu"]),
    Form("mode Auto", {"autoscaling": {"vertical": {"mode": "Auto"}}},
         {"autoscaling": {"horizontal": None, "vertical": {"mode": "Recreate"}}}, ["autoscaling.vertical.mode"]),
    Form("mode Off without quotes", {"autoscaling": {"vertical": {"mode": False}}},
         {"autoscaling": {"horizontal": None, "vertical": {"mode": "Off"}}}, ["autoscaling.vertical.mode"]),
    Form("a volume that is mounted everywhere", {"volumes": [{"name": "a", "size": "1Gi", "mount": "/a"}]},
         {"volumes": [VOLUME], "containers/mounts": [{**MOUNT, "path": "/a"}]}, []),
    Form("Volumes", {"Volumes": [{"name": "a"}]}, {"volumes": [VOLUME], "containers/mounts": [MOUNT]},
         ["Volumes", "Volumes[0].mount", "Volumes[0].size"]),
    Form("Volumes with mountPath", {"Volumes": [{"name": "a", "size": "1Gi", "mountPath": "/data/a"}]},
         {"volumes": [VOLUME], "containers/mounts": [MOUNT]}, ["Volumes", "Volumes[0].mountPath"]),
    Form("RWX", {"volumes": [{"name": "a", "size": "1Gi", "access": "RWX", "mount": "/data/a"}]}, {"volumes": [VOLUME]},
         ["volumes[0].access"]),
    Form("a label that is a number", {"labels": {"version": 1}}, {"labels": {"version": "1"}}, ["labels.version"]),
    Form("flow", {"flow": {"source": "nvme"}}, {"flow": {"source": "nvme", "sink": ""}}, []),
    Form("a path that agrees", {"path": "basic"}, {"path": "basic"}, []),
    Form("a DaemonSet", {"kind": "DaemonSet"}, {"kind": "DaemonSet", "replicas": 1}, []),
    Form("no replica", {"replicas": 0}, {"replicas": 0}, []),
]  # fmt: skip


@pytest.mark.parametrize("form", SERVICE, ids=lambda form: form.name)
def test_a_service(form):
    document = {**container(resources=AMOUNTS), **form.written}
    made = normal(document)["services"][0]
    made["containers"] = made["containers"][0]
    assert {path: at(made, path) for path in form.means} == form.means
    assert sorted(path for path, dummy, dummy in notes(document)) == form.told


ONE = container(resources=AMOUNTS)
DOCUMENTS = {
    "a service": ONE,
    "service": {"service": ONE},
    "services": {"services": [ONE]},
    "a list of documents": [ONE],
    "text": "name: x\ncontainers: [{image: x:1, resources: {cpu: 1, memory: 1Gi}}]\n",
    "two documents, one empty": "---\nname: x\ncontainers: [{image: x:1, resources: {cpu: 1, memory: 1Gi}}]\n---\n",
    "an anchor": "containers: [{image: x:1, resources: &a {cpu: 1, memory: 1Gi}}]\n<<: {name: x, labels: {}}\n",
    "a template": {
        "template": {"name": "t", "service": {"containers": ONE["containers"]}},
        "service": {"name": "x", "template": "t"},
    },
    "a template in another document": [
        {"name": "x", "template": "t"},
        {"templates": [{"name": "t", "service": {"containers": ONE["containers"]}}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("given", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents(given):
    assert normal(given) == normal(ONE)


PATHS = {
    "basic": [{}],
    "dual": [{"macvlan": 1}],
    "accelerated": [{"sriov": 1}, {"rdma": 1}, {"macvlan": 1, "sriov": 1}],
}


@pytest.mark.parametrize("path", PATHS)
def test_the_path_follows_from_communication(path):
    for communication in PATHS[path]:
        document = accelerated(communication=communication)
        assert normal(document)["services"][0]["path"] == path
        assert problems({**document, "path": path}) == []


def test_networks_are_named_in_the_order_of_the_containers():
    document = {**accelerated(communication={"sriov": 1, "macvlan": 1}), "networks": {"sriov": "a", "macvlan": ["b"]}}
    assert normal(document)["services"][0]["networks"] == {"sriov": ["a"], "macvlan": ["b"]}
