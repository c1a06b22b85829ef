# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Small builders: services in normal form, placements, the lab's testbed. What is not said is as in the normal form."""

from __future__ import annotations

import copy

from ansible_collections.gedge.engine.plugins.module_utils.manifests import build as core

PF_A, PF_B, GPU, FPGA, ASIC = "0000:21:00.0", "0000:81:00.0", "0000:3b:00.0", "0000:5e:00.0", "0000:af:00.0"


def container(name="main", topology="none", **more):
    """A container; gpu, fpga, asic, sriov, rdma, macvlan: how many."""
    compute = {kind: more.pop(kind, 0) for kind in ("gpu", "fpga", "asic")}
    communication = {kind: more.pop(kind, 0) for kind in ("sriov", "rdma", "macvlan")}
    made = {
        "name": name,
        "image": "registry/x:1",
        "command": [],
        "args": [],
        "env": {},
        "ports": [],
        "resources": {"cpu": "4", "memory": "4Gi", "hugepages": {}},
        "limits": {"cpu": None, "memory": None},
        "acceleration": {"topology": topology, "compute": compute, "communication": communication},
        "mounts": [],
    }
    return dict(made, **more)


def service(name="detector", *containers, **more):
    """A service of one container, or of those given."""
    made = {
        "name": name,
        "namespace": "default",
        "kind": "Deployment",
        "replicas": 1,
        "labels": {},
        "priority": 0,
        "path": "basic",
        "containers": list(containers) or [container()],
        "networks": {"sriov": [], "macvlan": []},
        "volumes": [],
        "autoscaling": {"horizontal": None, "vertical": None},
        "flow": {"source": "", "sink": ""},
        "traffic": [],
        "anti_affinity": [],
        "nodes": [],
        "move": False,
    }
    return dict(made, **more)


def vf(index=0, pf=PF_A, network="sriov-a", rdma=False, resource="sriov", numa_node=0):
    """A placed VF of a PF; igb's addresses: the VFs of bus 21 are on 22."""
    bus = int(pf[5:7], 16) + 1
    address = "%s:%02x:10.%d" % (pf[:4], bus, index)
    return {
        "kind": "nic",
        "address": address,
        "pf": pf,
        "vf": index,
        "network": network,
        "numa_node": numa_node,
        "resource": resource,
        "rdma": rdma,
    }


def card(kind="gpu", address=GPU, numa_node=0):
    """A placed GPU, FPGA or ASIC."""
    one = {"pf": None, "vf": None, "network": None, "rdma": False, "numa_node": numa_node}
    return dict(one, kind={"asic": "accelerator"}.get(kind, kind), address=address, resource=kind)


def shared_rdma(pf=PF_A, network="sriov-a"):
    """A NIC whose RDMA device is shared."""
    one = {"kind": "nic", "address": pf, "pf": pf, "vf": None, "network": network, "numa_node": 0}
    return dict(one, resource="rdma", rdma=True)


def placed(name="detector", *devices, replica=0, node="node1", container="main", namespace="default", **more):
    """One entry of a placement; levels: [(from, to, level)]."""
    levels = more.pop("levels", [])
    made = {
        "service": name,
        "namespace": namespace,
        "replica": replica,
        "container": container,
        "node": node,
        "numa_nodes": [0],
        "cpus": "",
        "memory": 4 << 30,
        "hugepages": {},
        "devices": list(devices),
        "distance": {
            "weight": 2,
            "levels": [{"from": one, "to": other, "level": level, "weight": 2} for one, other, level in levels],
        },
        "moved_from": None,
    }
    return dict(made, **more)


def port(nic, number, network, **more):
    """A testbed_ports entry."""
    made = {"nic": nic, "port": number, "media": "sfp+", "numa_node": 0, "network": network, "vlan": None}
    made.update({"tagged": False, "interface": None, "pci": None, "address": None, "vfs": None})
    return dict(made, **more)


NETWORKS = {
    "management": {
        "vlan": 20,
        "cidr": "192.168.10.96/28",
        "prefix": 28,
        "gateway": "192.168.10.110",
        "mtu": 1500,
        "purpose": ["management", "macvlan"],
        "ranges": {},
        "ingress": None,
    },
    "sriov-a": {
        "vlan": 30,
        "cidr": "192.168.20.96/28",
        "prefix": 28,
        "gateway": None,
        "mtu": 1500,
        "purpose": ["sriov"],
        "ranges": {"load_balancer": "192.168.20.106-192.168.20.108"},
        "ingress": None,
    },
    "sriov-b": {
        "vlan": 40,
        "cidr": "192.168.30.96/28",
        "prefix": 28,
        "gateway": None,
        "mtu": 1500,
        "purpose": ["sriov"],
        "ranges": {},
        "ingress": None,
    },
}


def testbed(nodes=("node1", "node2"), **more):
    """Two nodes wired as in the lab; each PF has four VFs."""
    ports, addresses = {}, {}
    for index, node in enumerate(nodes):
        addresses[node] = {
            "management": "192.168.10.%d/28" % (100 + index),
            "sriov-a": "192.168.20.%d/28" % (100 + index),
            "sriov-b": "192.168.30.%d/28" % (100 + index),
        }
        four = {"count": 4, "config": []}
        ports[node] = [
            port("nic0", "1", "sriov-a", pci=PF_A, interface="ens1f0", tagged=True, vfs=four),
            port("nic0", "2", "management", interface="eno2", address=addresses[node]["management"]),
            port("nic1", "1", "sriov-b", pci=PF_B, interface="ens2f0", tagged=True, vfs=four),
        ]
    made = {
        "networks": copy.deepcopy(NETWORKS),
        "switches": {"tor": {"network": "management", "address": "192.168.10.97"}},
        "nodes": addresses,
        "ports": ports,
    }
    return dict(made, **more)


def made(services, placements=(), site=None, meshes=(), failed=(), **options):
    """([object], [note]) of core.build."""
    whole = {"services": list(services), "meshes": list(meshes)}
    placement = {"placements": list(placements), "rejected": [], "failed": list(failed)}
    return core.build(whole, placement, site or testbed(), options)


def objects(*args, **options):
    """Only the objects."""
    return made(*args, **options)[0]


def of_kind(found, kind, name=None):
    """Those of a kind; the one of a name."""
    hits = [one for one in found if one["kind"] == kind]
    return hits if name is None else next(one for one in hits if one["metadata"]["name"] == name)


def pod_of(found, name="detector", kind="Deployment"):
    """The pod template of a workload."""
    return of_kind(found, kind, name)["spec"]["template"]
