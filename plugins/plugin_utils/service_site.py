# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A testbed as services see it: out of host variables and topologies the records of nodes for placement, and the tables
for manifests. One source for both, so that they cannot disagree. Pure."""

from __future__ import annotations

from ..module_utils.cpuset import parse
from ..module_utils.errors import Problem, ProblemsError
from ..module_utils.placement.node import POLICIES, SCOPES
from ..module_utils.sriov.model import address_of
from . import own_vfs

KUBELET = {"policy": "single-numa-node", "scope": "container", "cpu_options": {}, "reserved_memory": 0}
TABLES = ("networks", "switches", "nodes")
NETDEVICE = "netdevice"
# Where a node's inventory says what its kubelet shall be: what is placed must be what it then admits.
KUBELET_VARIABLES = {
    "policy": "cluster_kubelet_topology_manager_policy",
    "scope": "cluster_kubelet_topology_manager_scope",
    "cpu_options": "cluster_kubelet_cpu_manager_policy_options",
}
VARIABLES = (
    "testbed_ports",
    "testbed_profile",
    "testbed_reserved_cpus",
    *KUBELET_VARIABLES.values(),
    *own_vfs.VARIABLES,
)


def site(hosts, topologies, tables, kubelet=None):
    """{"records": [NODE of placement], "testbed": what manifests take, "foretold": nodes with VFs yet to be made}.

    hosts: {node: host variables}; topologies: {node: topology or None: then the node takes no service};
    tables: {"networks", "switches", "nodes"} of the testbed; kubelet: how the kubelets are set, over what a node's
    variables say and KUBELET. Raises EngineError."""
    given = _checked(kubelet or {})
    networks = {name: table["purpose"] for name, table in tables["networks"].items()}
    known, foretold = {}, []
    ports = {node: located(host, topologies.get(node)) for node, host in sorted(hosts.items())}
    for node, topology in sorted(topologies.items()):
        if topology:
            known[node] = with_vfs(topology, ports[node])
            ports[node] = told(ports[node], "used_vfs", own_vfs.used(hosts[node], known[node], ports[node]))
            ports[node] = told(ports[node], "foretold_vfs", _foretold(topology, known[node]))
            foretold += [node] if known[node] is not topology else []
    return {
        "records": [
            _record(node, dict(hosts[node], testbed_ports=ports[node]), topology, (networks, given))
            for node, topology in known.items()
        ],
        "testbed": dict({key: tables[key] for key in TABLES}, ports=ports, topologies=known),
        "foretold": foretold,
    }


def variables_of(host):
    """The variables of a host that are read here, out of Ansible's hostvars."""
    return {name: host[name] for name in VARIABLES if name in host}


def located(host, topology):
    """testbed_ports of a host, each with its PCI address, where it is not told that of its interface."""
    of = {name: device["address"] for device in (topology or {}).get("pci_devices", ()) for name in device["net"] or ()}
    ports = host.get("testbed_ports") or []
    return [port if port.get("pci") else dict(port, pci=of.get(port.get("interface"))) for port in ports]


def told(ports, key, by_pf):
    """The ports, those of the PFs in by_pf with its value under a key: used_vfs is {number: what the node uses it for},
    foretold_vfs the numbers of VFs that are not made yet."""
    return [dict(port, **{key: by_pf[port["pci"]]}) if port.get("pci") in by_pf else port for port in ports]


def _foretold(saved, topology):
    """{PF: [number of a VF that the saved topology has not]}."""
    there, found = {device["address"] for device in saved["pci_devices"]}, {}
    for device in topology["pci_devices"]:
        if device["address"] not in there:
            found.setdefault(device["sriov"]["pf"], []).append(device["sriov"]["index"])
    return found


def with_vfs(topology, ports):
    """The topology once role node_sriov has made the VFs that the testbed asks for; itself where all are there.

    The kernel numbers VFs from the routing id of the PF: first its offset, then strides."""
    asked = {port["pci"]: port["vfs"]["count"] for port in ports if port.get("vfs") and port.get("pci")}
    devices = topology["pci_devices"]
    lacking = [device for device in devices if _lacks(device, asked.get(device["address"], 0))]
    if not lacking:
        return topology
    changed = {device["address"]: _pf(device, asked[device["address"]]) for device in lacking}
    made = [vf for device in lacking for vf in _vfs(device, changed[device["address"]]["sriov"]["vfs"])]
    kept = [changed.get(device["address"], device) for device in devices]
    there = {device["address"] for device in devices}
    return dict(topology, pci_devices=kept + [vf for vf in made if vf["address"] not in there])


def _lacks(device, count):
    sriov = device.get("sriov") or {}
    return sriov.get("role") == "pf" and len(sriov["vfs"]) < count <= sriov["total"]


def _pf(device, count):
    sriov = device["sriov"]
    addresses = [vf_address(device["address"], sriov, index) for index in range(count)]
    return dict(device, sriov=dict(sriov, num=count, vfs=addresses))


def vf_address(pf, sriov, index):
    """The address of VF number index. Where the kernel told no offset and stride: those of Intel's NICs, 128 and 2."""
    return address_of(pf, (sriov.get("offset") or 128, sriov.get("stride") or 2), index)


def _vfs(device, addresses):
    for index, address in enumerate(addresses):
        sriov = {"role": "vf", "pf": device["address"], "index": index}
        yield dict(device, address=address, sriov=sriov, net=[], rdma=[], driver=None)


def _record(node, host, topology, around):
    networks, given = around
    settings = {**KUBELET, **_told(node, host), **given}
    return {
        "name": node,
        "topology": topology,
        "reserved_cpus": host.get("testbed_reserved_cpus") or "",
        "reserved_memory": settings["reserved_memory"],
        "policy": settings["policy"],
        "scope": settings["scope"],
        "cpu_options": settings["cpu_options"],
        "labels": {},
        "ports": [
            _port(port, networks[port["network"]]) for port in host.get("testbed_ports") or [] if _is_useful(port)
        ],
    }


def _is_useful(port):
    return bool(port.get("pci") and port.get("network"))


def _port(port, purpose):
    peer = "%s/%s" % (port.get("switch"), port.get("switch_port")) if port.get("switch") else ""
    return {
        "pci": port["pci"],
        "network": port["network"],
        "purpose": list(purpose),
        "rdma": "rdma" in purpose,
        "peer": peer,
        "vfs": _vfs_of(port),
    }


def _vfs_of(port):
    """What is told of single VFs: network and driver, whether the node uses it itself, whether it is made yet."""
    found = {vf["vf"]: vf for item in (port.get("vfs") or {}).get("config") or [] for vf in _each(item, port)}
    more = [(int(number), {"used": why}) for number, why in (port.get("used_vfs") or {}).items()]
    more += [(number, {"made": False}) for number in port.get("foretold_vfs") or ()]
    for number, keys in more:
        plain = {"vf": number, "network": port["network"], "driver": NETDEVICE}
        found[number] = dict(found.get(number, plain), **keys)
    return [found[number] for number in sorted(found)]


def _each(item, port):
    """The VFs of a range, with the network and the driver that they have there."""
    driver = item.get("driver") or NETDEVICE
    for number in parse(str(item["range"])):
        yield {"vf": number, "network": item.get("network") or port["network"], "driver": driver}


def _told(node, host):
    """What the variables of a node say of its kubelet; nothing where they leave it as others set it."""
    said = {key: host.get(variable) for key, variable in KUBELET_VARIABLES.items() if host.get(variable)}
    return _checked(said, {key: "%s: %s" % (node, variable) for key, variable in KUBELET_VARIABLES.items()})


def _checked(given, paths=None):
    """The settings, each of which the kubelet knows; paths: {key: how it is called where it was written}."""
    problems = []
    for key in given:
        if key not in KUBELET:
            problems.append(Problem("kubelet.%s" % key, "is no setting", "Known: %s" % ", ".join(sorted(KUBELET))))
    for key, known in (("policy", POLICIES), ("scope", SCOPES)):
        if given.get(key, known[0]) not in known:
            path = (paths or {}).get(key, "kubelet.%s" % key)
            problems.append(Problem(path, "is none of the kubelet's", "Write one of %s" % ", ".join(known), given[key]))
    if problems:
        raise ProblemsError(problems, where="service_site")
    return given
