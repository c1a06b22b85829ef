# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the neighbours in the platform take from a testbed: nodes, devices, distances, networks, services. Pure.

docs/schemas/handover.schema.json describes the form."""

from __future__ import annotations

from ..module_utils.cpuset import render
from ..module_utils.distance.matrix import build
from ..module_utils.errors import EngineError
from . import service_ledger

ADVICE = "Run playbook discover"
FORM = "gedge.engine/handover/1"
DEVICE_KEYS = ("address", "kind", "vendor", "device", "driver", "numa_node", "net", "rdma")
NETWORK_KEYS = ("vlan", "cidr", "gateway", "mtu", "purpose")
PORT_KEYS = ("network", "vlan", "pci", "interface", "address", "switch", "switch_port", "tagged")


def handover(site, testbed_site, ledger):
    """The document. site: result of filter service_site; testbed_site: variable testbed_site; ledger: services.json, or
    its text. Raises EngineError where it would lack what it is about."""
    ledger = service_ledger.read(ledger)
    _refuse_unknown(site, ledger)
    return {
        "form": FORM,
        "site": testbed_site,
        "nodes": [_node(record) for record in site["records"]],
        "networks": [_network(name, table) for name, table in sorted(site["testbed"]["networks"].items())],
        "attachments": [row for node, ports in sorted(site["testbed"]["ports"].items()) for row in _ports(node, ports)],
        "services": [_service(entry, ledger["addresses"]) for entry in ledger["placements"]],
    }


def _refuse_unknown(site, ledger):
    """Not one node, or one on which services run, must be missing."""
    known = {record["name"] for record in site["records"]}
    if not known:
        what = "no node has a saved topology: %s" % ", ".join(site.get("unknown") or ["there is none"])
        raise EngineError(what, "nodes", ADVICE)
    lost = sorted({entry["node"] for entry in ledger["placements"]} - known)
    if lost:
        raise EngineError("services run on %s, of which there is no topology" % ", ".join(lost), "nodes", ADVICE)


def _node(record):
    topology = record["topology"]
    cpus = [cpu for cpu in topology["cpus"] if cpu.get("online", True)]
    matrix = build(topology)
    used = {(port["pci"], vf["vf"]): vf["used"] for port in record["ports"] for vf in port["vfs"] if vf.get("used")}
    return {
        "name": record["name"],
        "topology_policy": record["policy"],
        "cpus": {
            "online": render(cpu["cpu"] for cpu in cpus),
            "isolated": render(cpu["cpu"] for cpu in cpus if cpu.get("isolated")),
            "reserved": record["reserved_cpus"],
        },
        "numa_nodes": [
            {"node": one["node"], "cpus": render(one["cpus"]), "memory_bytes": one["memory_bytes"]}
            for one in topology["numa_nodes"]
        ],
        "devices": [_device(device, used) for device in topology["pci_devices"]],
        "distances": matrix,
    }


def _device(device, used):
    sriov = device.get("sriov") or {}
    found = {key: device.get(key) for key in DEVICE_KEYS}
    vf = (sriov.get("pf"), sriov.get("index"))
    return dict(found, pf=vf[0], vf=vf[1], used_by_node=used.get(vf))


def _network(name, table):
    return dict({key: table.get(key) for key in NETWORK_KEYS}, name=name)


def _ports(node, ports):
    """Where a node is in a network: two attachments of one network are a path at layer 2."""
    for port in ports:
        if port.get("network"):
            yield dict({key: port.get(key) for key in PORT_KEYS}, node=node)


def _service(entry, addresses):
    keys = (
        "service",
        "namespace",
        "replica",
        "container",
        "node",
        "numa_nodes",
        "cpus",
        "memory",
        "devices",
        "distance",
    )
    who = ("service", "namespace", "replica")
    own = [row for row in addresses if all(row[key] == entry[key] for key in who)]
    given = [{"network": row["network"], "address": row["address"]} for row in own]
    return dict({key: entry[key] for key in keys}, addresses=given)
