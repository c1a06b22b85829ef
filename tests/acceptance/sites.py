"""Testbeds and services for the API server: seeded, of all kinds that the manifests know."""

from __future__ import annotations

import copy
import random

from ansible_collections.gedge.engine.plugins.module_utils.manifests import build
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from unit.manifests import builder
from unit.placement import sites

KINDS = ("Deployment", "Deployment", "Deployment", "StatefulSet", "Job")
NETWORKS = {
    "management": {"vlan": 20, "cidr": "10.20.0.0/16", "purpose": ["management", "macvlan"]},
    "sriov-a": {"vlan": 30, "cidr": "10.30.0.0/16", "purpose": ["sriov"]},
    "sriov-b": {"vlan": 40, "cidr": "10.40.0.0/16", "purpose": ["sriov"]},
}


def fleet(seed, count):
    """Records of so many nodes: of several makes, each with a management port."""
    dice = random.Random(seed)
    records = []
    while len(records) < count:
        for record in copy.deepcopy(sites.random_nodes(dice, 4)):
            record["name"] = f"node{len(records) + 1}"
            records.append(with_management(record))
    return records[:count]


def large(name):
    """A node for all of the examples: two NUMA nodes, each with a NIC and cards of all kinds below switches."""
    machine = sites.Machine(2, 32, 1, 192 * sites.GIB, 8192)
    for numa in (0, 1):
        machine.numa[numa]["hugepages"]["1048576kB"] = {"total": 8, "free": 8}
        for network in ("sriov-a", "sriov-b"):
            machine.add_port(machine.path(numa, 0, 0, (1,)), numa, network, 8, rdma=True)
        for kind, count in (("gpu", 4), ("fpga", 1), ("accelerator", 1), ("nvme", 1)):
            machine.add(kind, machine.path(numa, 0, 0, (2,)), numa, count)
    return with_management(machine.record(name))


def with_management(record):
    """The record with a port of the management network."""
    nic = sites.device("0000:f1:00.0", "nic", ["pci0000:f0", "0000:f0:01.0"], -1)
    record["topology"]["pci_devices"].append(dict(nic, net=["eno1"]))
    port = {"pci": nic["address"], "network": "management", "purpose": ["management", "macvlan"], "rdma": False}
    record["ports"] = [*record["ports"], dict(port, peer="tor/1")]
    return record


def testbed(records):
    """What the manifests take of the testbed that these nodes are."""
    networks = {
        name: {"prefix": 16, "gateway": None, "mtu": 1500, "ranges": {}, "ingress": None, **one}
        for name, one in NETWORKS.items()
    }
    return {
        "networks": networks,
        "switches": {},
        "nodes": {},
        "ports": {record["name"]: list(ports(record)) for record in records},
        "topologies": {record["name"]: record["topology"] for record in records},
    }


def ports(record):
    """testbed_ports of a node."""
    pfs = {one["address"]: one["sriov"] for one in record["topology"]["pci_devices"]}
    for number, port in enumerate(record["ports"]):
        count = pfs[port["pci"]].get("num")
        used = {str(vf["vf"]): vf["used"] for vf in port.get("vfs", ()) if vf.get("used")}
        yield builder.port(
            f"nic{number}",
            "1",
            port["network"],
            tagged=bool(count),
            interface=f"ens{number}f0" if count else "eno1",
            pci=port["pci"],
            vfs={"count": count, "config": []} if count else None,
            used_vfs=used,
        )


def services(seed, count, records):
    """So many services in normal form; each kind of workload, with ports, environment, volumes and autoscalers."""
    dice, nodes = random.Random(seed), [record["name"] for record in records]
    found = sites.random_services(dice, 2 * count, records)[:count]
    names = {one["name"] for one in found}
    for number, one in enumerate(found):
        one["traffic"] = [edge for edge in one["traffic"] if edge["to"] in names]
        one["namespace"] = dice.choice(("default", "vision", "audio"))
        one["kind"] = dice.choice(KINDS)
        if dice.random() < 0.03:
            one.update(kind="DaemonSet", replicas=1, nodes=sorted(dice.sample(nodes, 2)), anti_affinity=[])
        dress(dice, one, number)
    spaces = {one["name"]: one["namespace"] for one in found}
    for one in found:  # edges and rules hold within a namespace
        one["traffic"] = [edge for edge in one["traffic"] if spaces[edge["to"]] == one["namespace"]]
        one["anti_affinity"] = [
            name for name in one["anti_affinity"] if spaces.get(name, one["namespace"]) == one["namespace"]
        ]
    return found


def dress(dice, one, number):
    """What placement does not look at."""
    box = one["containers"][0]
    asked = box["acceleration"]
    if dice.random() < 0.5:
        box["ports"] = [{"name": "http", "port": 8080, "protocol": dice.choice(("TCP", "UDP"))}]
    if dice.random() < 0.3:
        box.update(command=["/run"], args=["--batch", "8"], env={"MODEL": "yolo", "SIZE": "8"})
    if dice.random() < 0.1:
        asked["communication"]["macvlan"] = 1
    if dice.random() < 0.15:
        one["volumes"] = [
            {"name": f"data{number}", "size": "1Gi", "access": "ReadWriteMany", "storage_class": ""},
        ]
        box["mounts"] = [{"volume": f"data{number}", "path": "/data", "read_only": dice.random() < 0.5}]
    devices = [*asked["communication"].values(), *asked["compute"].values()]
    plain = not any(devices) and one["kind"] == "Deployment"
    if plain and dice.random() < 0.5:
        one["autoscaling"]["horizontal"] = {"min": one["replicas"], "max": 4, "cpu": 70}
    if one["kind"] == "Deployment" and dice.random() < 0.1:
        one["autoscaling"]["vertical"] = {"mode": "Off"}


def placed(records, asked, count):
    """(services, placement): so many of those asked for that all find a place."""
    first = place.place(records, asked, method="heuristic").result("none")
    lost = {(one["namespace"], one["service"]) for one in first["failed"]}
    kept = [one for one in asked if (one["namespace"], one["name"]) not in lost][:count]
    assert len(kept) == count, f"only {len(kept)} of {len(asked)} services find a place: make the fleet larger"
    names = {(one["namespace"], one["name"]) for one in kept}
    for one in kept:
        one["traffic"] = [edge for edge in one["traffic"] if (one["namespace"], edge["to"]) in names]
        one["anti_affinity"] = [
            name for name in one["anti_affinity"] if name == "self" or (one["namespace"], name) in names
        ]
    rows = [row for row in first["placements"] if (row["namespace"], row["service"]) in names]
    return kept, place.place(records, kept, rows, method="heuristic").result("none")


def manifests(kept, placement, records, meshes=(), **options):
    """The objects."""
    whole = {"services": kept, "meshes": list(meshes)}
    return build.build(whole, placement, testbed(records), {"namespaces": True, **options})[0]
