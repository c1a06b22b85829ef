"""Promised against achieved: pods that got what was promised are equal, and each thing that is not is named."""

import copy
import json

import pytest
from acceptance import sites
from ansible_collections.gedge.engine.plugins.filter.service_pods import service_pods
from ansible_collections.gedge.engine.plugins.filter.service_proof import service_proof
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from unit.placement.sites import container, service

RECORDS = [sites.large("node1"), sites.large("node2")]
TOPOLOGIES = {record["name"]: record["topology"] for record in RECORDS}
NETWORKS = "k8s.v1.cni.cncf.io/networks"
VLANS = {"sriov-a": 30, "sriov-b": 40}


@pytest.fixture(scope="module")
def made():
    """(ledger, objects) of a service with VF and GPU, one with two VFs in two replicas, one that shares its CPUs."""
    asked = [
        service("detector", [container("main", 4, gpu=1, sriov=1)]),
        service("camera", [container("main", 2, sriov=2)], replicas=2),
        service("plain", [container("main", 1, topology="none")]),
    ]
    placement = place.place(RECORDS, asked).result("none")
    assert placement["failed"] == []
    objects = sites.manifests(asked, placement, RECORDS, backend="extended-resources")
    ledger = {"sources": {}, "services": asked, "meshes": [], "placements": placement["placements"], "addresses": []}
    return ledger, objects


def achieved(ledger, objects):
    """(pods, readings): what the API server and the nodes tell where every promise is kept."""
    pods, readings = [], {}
    for one in objects:
        if one["kind"] != "Deployment":
            continue
        template = one["spec"]["template"]
        for place_ in json.loads(template["metadata"]["annotations"]["gedge.io/promised-distance"]):
            name = f"{one['metadata']['name']}-{place_['replica']}"
            ids = [{"name": "main", "containerID": f"containerd://{name}"}]
            metadata = dict(template["metadata"], name=name, namespace="default", uid=name)
            spec = dict(template["spec"], nodeName=place_["node"])
            status = {"phase": "Running", "containerStatuses": ids}
            pods.append({"kind": "Pod", "metadata": metadata, "spec": spec, "status": status})
            read = {"uid": name, "namespace": "default", "name": name, "problem": "", **reading(ledger, one, place_)}
            readings.setdefault(place_["node"], {"pods": []})["pods"].append(read)
    return pods, readings


def reading(ledger, workload, promise):
    """What pod_facts would read."""
    service_name = workload["metadata"]["labels"]["gedge.io/service"]
    (entry,) = [row for row in ledger["placements"]
                if (row["service"], row["replica"]) == (service_name, promise["replica"])]  # fmt: skip
    vfs = [one for one in entry["devices"] if one["resource"] == "sriov"]
    nets = json.loads(workload["spec"]["template"]["metadata"]["annotations"].get(NETWORKS, "[]"))
    interfaces = [{"name": "eth0", "mac": "0a", "addresses": ["10.88.0.5/16"], "kind": "veth", "pci": None, "vf": None}]
    for number, (net, vf) in enumerate(zip(nets, vfs)):
        mac = f"02:00:00:00:00:{number:02x}"
        port = {"mac": mac, "vlan": VLANS[vf["network"]], "qos": 0}
        face = {"name": net["interface"], "mac": mac, "addresses": net["ips"], "kind": "vf", "pci": vf["address"]}
        interfaces.append(dict(face, vf={"pf": vf["pf"], "number": vf["vf"], "port": port}))
    node = str((entry["numa_nodes"] or [0])[0])
    box = {
        "cpus": entry["cpus"] or "0-63",
        "mems": node,
        "memory": {node: 10**6, "1" if node == "0" else "0": 4096},
        "rdma": [],
        "gpus": [one["address"] for one in entry["devices"] if one["resource"] == "gpu"],
        "vfio": [],
    }
    return {"interfaces": interfaces, "containers": {"main": box}}


def prove(made, change=lambda pods, by_name: None):
    """The proof after a change: (pods, {name of a pod: its reading})."""
    ledger, objects = made
    pods, readings = copy.deepcopy(achieved(ledger, objects))
    change(pods, {one["name"]: one for read in readings.values() for one in read["pods"]})
    return service_proof(pods, readings, json.dumps(ledger), objects, TOPOLOGIES)


def test_kept_promises_are_equal(made):
    found = prove(made)
    assert found["findings"] == [] and found["equal"], found["findings"]
    assert [(row["service"], row["replica"]) for row in found["rows"]] == [
        ("camera", 0),
        ("camera", 1),
        ("detector", 0),
        ("plain", 0),
    ]
    for row, entry in zip(found["rows"], made[0]["placements"]):
        assert row["achieved"]["distance"] == entry["distance"]["weight"] == row["promised"]["distance"]
    lines = found["table"].splitlines()
    assert len(lines) == 2 + 2 * 4 and all(line.split()[-1] == "yes" for line in lines[3::2])
    assert "10.30." in found["table"] and "3 PXB" in found["table"]


def test_of_a_node_that_was_not_to_be_looked_at_only_that_is_told(made):
    ledger, objects = made
    pods, readings = achieved(ledger, objects)
    other = next(row["node"] for row in ledger["placements"] if row["service"] == "plain")
    there = {one["name"] for one in readings.pop(other)["pods"]}
    assert {"plain-0"} <= there
    given = (readings, ledger, objects, TOPOLOGIES)
    assert len(service_proof(pods, *given)["findings"]) == len(there), "it could not be reached"
    found = service_proof(pods, *given, unseen=[other])
    assert found["findings"] == [] and "default/plain, replica 0" in found["notes"][0]
    assert len(found["rows"]) == len(ledger["placements"]) - len(there)
    moved = next(one for one in pods if one["spec"]["nodeName"] != other)
    moved["spec"]["nodeName"] = other
    unread = service_proof(pods, {}, *given[1:], unseen=[other])["findings"]
    told = f"pod {moved['metadata']['name']} on {other} was not read"
    assert any(told in one for one in unread), "it was promised to a node that was looked at"


def test_which_vf_of_the_pf_and_which_cpus_of_the_numa_node_are_not_ours_to_say(made):
    def change(dummy, by_name):
        face = by_name["detector-0"]["interfaces"][1]
        pf = face["vf"]["pf"]
        vfs = {one["address"]: one["sriov"] for one in TOPOLOGIES["node1"]["pci_devices"]}[pf]["vfs"]
        other = next(address for address in vfs if address != face["pci"])
        face.update(pci=other, vf=dict(face["vf"], number=vfs.index(other)))
        box = by_name["detector-0"]["containers"]["main"]
        node = TOPOLOGIES["node1"]["cpus"][cpuset.parse(box["cpus"])[0]]["numa_node"]
        same = [one["cpu"] for one in TOPOLOGIES["node1"]["cpus"] if one["numa_node"] == node]
        box["cpus"] = cpuset.render(same[-4:])

    found = prove(made, change)
    assert found["equal"], found["findings"]


def other_cpus(dummy, by_name):
    box = by_name["detector-0"]["containers"]["main"]
    node = TOPOLOGIES["node1"]["cpus"][cpuset.parse(box["cpus"])[0]]["numa_node"]
    box["cpus"] = cpuset.render([one["cpu"] for one in TOPOLOGIES["node1"]["cpus"] if one["numa_node"] != node][:4])


def memory(dummy, by_name):
    box = by_name["detector-0"]["containers"]["main"]
    box["memory"] = {"0": 500000, "1": 500000}


def vlan(dummy, by_name):
    by_name["detector-0"]["interfaces"][1]["vf"]["port"]["vlan"] = 99


def mac(dummy, by_name):
    by_name["detector-0"]["interfaces"][1]["vf"]["port"]["mac"] = "02:ff:ff:ff:ff:ff"


def address(dummy, by_name):
    by_name["detector-0"]["interfaces"][1]["addresses"] = ["10.30.0.1/16"]


def no_vf(dummy, by_name):
    del by_name["detector-0"]["interfaces"][1]


def far_gpu(dummy, by_name):
    box = by_name["detector-0"]["containers"]["main"]
    mine = next(one for one in TOPOLOGIES["node1"]["pci_devices"] if one["address"] == box["gpus"][0])
    box["gpus"] = [one["address"] for one in TOPOLOGIES["node1"]["pci_devices"]
                   if one["kind"] == "gpu" and one["numa_node"] != mine["numa_node"]][:1]  # fmt: skip


def gone(pods, dummy):
    pods[:] = [pod for pod in pods if pod["metadata"]["name"] != "detector-0"]


def unread(dummy, by_name):
    by_name["detector-0"].update(problem="container main has no process", interfaces=[], containers={})


WRONG = {
    # what happened: which aspects are not equal, what is told
    "CPUs of the other NUMA node": (other_cpus, {"cpus"}, "CPUs"),
    "memory of both": (memory, {"memory"}, "memory on NUMA node 0,1 instead of"),
    "another VLAN": (vlan, {"vlans"}, "VLAN 99 instead of"),
    "a MAC that the PF does not know": (mac, {"macs"}, "MAC"),
    "another address": (address, {"addresses"}, "address 10.30.0.1/16 instead of 10.30."),
    "no VF": (no_vf, {"devices", "vlans", "addresses", "distance"}, "devices none gpu"),
    "a GPU far away": (far_gpu, {"devices", "distance"}, "distance"),
    "no pod": (gone, None, "default/detector, replica 0 has no pod"),
    "not read": (unread, None, "default/detector, replica 0: pod detector-0 on node"),
}


@pytest.mark.parametrize("title", WRONG)
def test_what_is_not_kept_is_named(made, title):
    change, aspects, told = WRONG[title]
    found = prove(made, change)
    assert not found["equal"] and len(found["findings"]) == 1, found["findings"]
    assert told in found["findings"][0] and "detector" in found["findings"][0], found["findings"]
    (row,) = [row for row in found["rows"] if row["service"] == "detector"]
    if aspects is not None:
        assert {name for name, equal in row["equal"].items() if not equal} == aspects
    assert found["table"].count("NO") == 1


def test_a_pod_beyond_the_promise_is_told(made):
    def change(pods, dummy):
        more = copy.deepcopy(next(pod for pod in pods if pod["metadata"]["name"] == "plain-0"))
        more["metadata"].update(name="plain-more", uid="more")
        pods.append(more)

    found = prove(made, change)
    assert found["equal"] and "default/plain-more was promised nothing" in found["notes"][0]


def test_nothing_promised_nothing_to_prove():
    empty = {"sources": {}, "services": [], "meshes": [], "placements": [], "addresses": []}
    found = service_proof([], {}, empty, [], {})
    assert found["equal"] and found["table"] == "No pod was promised anything."


def test_who_is_to_be_read(made):
    pods, dummy = achieved(*made)
    pods[0]["status"]["phase"] = "Pending"
    names = {node: [one["name"] for one in service_pods(pods, node)] for node in TOPOLOGIES}
    assert sorted(name for each in names.values() for name in each) == sorted(p["metadata"]["name"] for p in pods[1:])
    (one,) = [one for node in TOPOLOGIES for one in service_pods(pods, node) if one["name"] == "plain-0"]
    assert one["containers"] == {"main": "containerd://plain-0"}
