# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How a cluster does not offer what its testbed has: networks of pods, and devices of nodes. Reads what the API server,
the kernel and the plugin's sockets say; shares no code with what makes them."""

from __future__ import annotations

import json
import re

from ...module_utils import quantities
from .findings import finding

NETWORKS_ADVICE = "Run role cluster_networks; find out who changed it"
SRIOV_ADVICE = "Run role cluster_sriov; journalctl -u gedge-sriov-device-plugin says what the plugin saw"
CARDS_ADVICE = (
    "Run role cluster_accelerator or cluster_gpu; journalctl -u gedge-accelerator-plugin -u gedge-gpu-plugin tells"
)
THEIRS_ADVICE = "See what NVIDIA's own plugin or DRA driver says, or write cluster_gpu_driver: ours"
RDMA_ADVICE = "Run role node_rdma, then cluster_rdma"
TOPOLOGY_ADVICE = "Run role cluster_topology: the node or its kubelet has changed since"
MANAGED = "app.kubernetes.io/managed-by"
MODES = {"Y": "shared", "N": "exclusive"}
VIRTFN = re.compile(r"/sys/bus/pci/devices/([0-9a-f:.]+)/virtfn([0-9]+) \.\./([0-9a-f:.]+)$")


def definitions(objects, networks, namespaces):
    """{findings, proof}. objects: NetworkAttachmentDefinitions with our label; networks: testbed_networks; namespaces:
    where they shall be, [] for none at all."""
    rows, good = [], []
    for one in objects:
        name = "%s/%s" % (one["metadata"]["namespace"], one["metadata"]["name"])
        if not namespaces:
            rows.append(finding(name, "is there, and none of ours was asked for", NETWORKS_ADVICE))
            continue
        faults = list(_definition(one, networks))
        rows += [finding(name, what, NETWORKS_ADVICE) for what in faults]
        good += [] if faults else [one]
    for namespace in namespaces:
        here = [one["metadata"]["name"] for one in good if one["metadata"]["namespace"] == namespace]
        if not here:
            rows.append(finding(namespace, "has no definition of a network", NETWORKS_ADVICE))
    count = len({one["metadata"]["name"] for one in good})
    return {"findings": rows, "proof": ["networks of pods: %d, each with the VLAN of the testbed" % count]}


def _definition(one, networks):
    """Texts: what is wrong with one."""
    network = networks.get(one["metadata"]["labels"]["gedge.io/network"])
    if network is None:
        yield "is of a network that the testbed has not: %s" % one["metadata"]["labels"]["gedge.io/network"]
        return
    try:
        config = json.loads(one["spec"]["config"])
        plugin = (config.get("plugins") or [config])[0]
    except (ValueError, KeyError):
        yield "its configuration is no JSON"
        return
    resource = one["metadata"].get("annotations", {}).get("k8s.v1.cni.cncf.io/resourceName")
    if plugin["type"] == "sriov":
        if not resource:
            yield "names no pool of VFs"
        if plugin.get("vlan") not in (0, network["vlan"]):
            yield "has VLAN %s, the testbed %s" % (plugin.get("vlan"), network["vlan"])
    if not plugin.get("capabilities", {}).get("ips"):
        yield "takes no address from a pod"


def _no_node():
    return {"findings": [finding("node", "the API server does not know it", "Join the node first")], "proof": []}


def device_pools(objects, pools, lines, state):
    """{findings, proof}. objects: [the Node]; pools: resourceList of the plugin's configuration; lines: sockets
    that are listened on, and "PF/virtfnN ../VF" of the kernel; state: present or absent."""
    if not objects:
        return _no_node()
    node = objects[0]["metadata"]["name"]
    shown = objects[0]["status"].get("allocatable", {})
    if state == "absent":
        left = [line for line in lines if line.startswith("/var/lib/kubelet") and "gedge.io_" in line]
        rows = [finding(line, "is listened on, and no pool was asked for", SRIOV_ADVICE) for line in left]
        return {"findings": rows, "proof": []}
    vfs = {(hit.group(1), int(hit.group(2))): hit.group(3) for hit in map(VIRTFN.match, lines) if hit}
    rows, proof = [], []
    for pool in pools:
        name = "%s/%s" % (pool["resourcePrefix"], pool["resourceName"])
        asked = _asked(pool, vfs)
        count = int(shown.get(name, 0))
        if asked is not None and count != asked:
            what = "%d devices exist, %d are allocatable on %s" % (asked, count, node)
            rows.append(finding(name, what, SRIOV_ADVICE))
        socket = "/%s_%s.sock" % (pool["resourcePrefix"], pool["resourceName"])
        if not any(line.endswith(socket) for line in lines):
            rows.append(finding(name, "the plugin listens on no socket %s" % socket[1:], SRIOV_ADVICE))
        proof.append("%s: %d allocatable" % (name, count))
    return {"findings": rows, "proof": proof}


def _asked(pool, vfs):
    """How many VFs the kernel has for a pool that is told by PFs and numbers; None where it is told otherwise."""
    given = pool["selectors"] if isinstance(pool["selectors"], list) else [pool["selectors"]]
    if any(set(one) - {"rootDevices", "isRdma"} for one in given):
        return None
    return len({vf for one in given for text in one["rootDevices"] for vf in _below(text, vfs)})


def _below(text, vfs):
    pf, mark, numbers = text.partition("#")
    spans = [part.split("-") for part in numbers.split(",")] if mark else []
    return [
        vf
        for (owner, number), vf in vfs.items()
        if owner == pf and (not mark or any(int(span[0]) <= number <= int(span[-1]) for span in spans))
    ]


def cards(objects, pools, lines, state):
    """{findings, proof}. objects: [the Node]; pools: resourceList of the configuration of the plugin of cards; lines:
    sockets on which it listens, and "ADDRESS driver" of each PCI device of the node; state: present or absent."""
    if not objects:
        return _no_node()
    shown = objects[0]["status"].get("allocatable", {})
    sockets = [line.rpartition("/")[2] for line in lines if line.startswith("/")]
    drivers = dict(line.split(" ", 1) for line in lines if " " in line)
    if state == "absent":
        rows = [finding(name, "is listened on, and no card was asked for", CARDS_ADVICE) for name in sockets]
        return {"findings": rows, "proof": []}
    rows, proof = [], []
    for pool in pools:
        name = "%s/%s" % (pool["resourcePrefix"], pool["resourceName"])
        count = int(shown.get(name, 0))
        if count != len(pool["cards"]):
            what = "%d cards shall be offered, %d are allocatable" % (len(pool["cards"]), count)
            rows.append(finding(name, what, CARDS_ADVICE))
        if "%s_%s.sock" % (pool["resourcePrefix"], pool["resourceName"]) not in sockets:
            rows.append(finding(name, "the plugin listens on no socket for it", CARDS_ADVICE))
        for card in pool["cards"]:
            if drivers.get(card["address"]) != card["driver"]:
                what = "has driver %s, it was offered with %s" % (drivers.get(card["address"]), card["driver"])
                rows.append(finding(card["address"], what, CARDS_ADVICE))
        proof.append("%s: %d allocatable" % (name, count))
    return {"findings": rows, "proof": proof}


def others_gpus(objects, slices, addresses):
    """{findings, proof} of a node whose GPUs somebody else's plugin or DRA driver offers.

    objects: [the Node]; slices: ResourceSlices of driver gpu.nvidia.com; addresses: of the GPUs that the node has."""
    if not objects:
        return _no_node()
    name = objects[0]["metadata"]["name"]
    claimed = [device for one in slices if one["spec"].get("nodeName") == name for device in one["spec"]["devices"]]
    # One GPU can be several there: MIG devices, replicas.
    count = max(int(objects[0]["status"].get("allocatable", {}).get("nvidia.com/gpu", 0)), len(claimed))
    rows = []
    if count < len(addresses):
        what = "the node has %d GPUs, and %d can be asked for" % (len(addresses), count)
        rows.append(finding("nvidia.com/gpu", what, THEIRS_ADVICE))
    return {"findings": rows, "proof": ["nvidia.com/gpu: %d by a driver of others" % count]}


def rdma(objects, pools, lines, mode):
    """{findings, proof}. objects: [the Node]; pools: configList of the plugin's configuration; lines: the kernel's
    netns_mode (Y, N or none), then the target of the link to the CNI program; mode: none where nothing is asked for."""
    if not objects:
        return _no_node()
    shown = objects[0]["status"].get("allocatable", {})
    kernel, program = MODES.get(lines[0], "none"), "".join(lines[1:])
    rows = []
    if mode == "none":
        rows += [finding("rdma-cni", "is there, and was not asked for", RDMA_ADVICE)] if program else []
        return {"findings": rows, "proof": []}
    # A kernel without RDMA has no mode, and no pod gets a device there.
    if kernel not in (mode, "none"):
        rows.append(finding("netns", "%s asked for, the kernel is %s" % (mode, kernel), RDMA_ADVICE))
    if mode == "exclusive" and not program:
        rows.append(finding("rdma-cni", "/opt/cni/bin/rdma is no link of ours", RDMA_ADVICE))
    for pool in pools:
        name = "%s/%s" % (pool.get("resourcePrefix", "rdma"), pool["resourceName"])
        if not int(shown.get(name, 0)):
            rows.append(finding(name, "none is allocatable", RDMA_ADVICE))
    return {"findings": rows, "proof": ["RDMA: %s, %d shared pools" % (kernel, len(pools))]}


def zones(objects, nodes, state):
    """{findings, proof}. objects: [the NodeResourceTopology]; nodes: [the Node]; state: present or absent."""
    if state == "absent":
        mine = [one for one in objects if one["metadata"].get("labels", {}).get(MANAGED) == "gedge.engine"]
        rows = [
            finding(one["metadata"]["name"], "is published, and was not asked for", TOPOLOGY_ADVICE) for one in mine
        ]
        return {"findings": rows, "proof": []}
    if not objects or not nodes:
        return {"findings": [finding("node", "no NodeResourceTopology is published", TOPOLOGY_ADVICE)], "proof": []}
    sums = {}
    for zone in objects[0]["zones"]:
        for row in zone["resources"]:
            sums[row["name"]] = sums.get(row["name"], 0) + quantities.amount(row["allocatable"])
    shown, rows = nodes[0]["status"]["allocatable"], []
    for name, total in sorted(sums.items()):
        # A kubelet keeps parts of CPUs and of memory that belong to no NUMA node.
        has = quantities.amount(shown.get(name, "0"))
        if (name in ("cpu", "memory") and total < int(has)) or (name not in ("cpu", "memory") and total != has):
            what = "zones have %d, allocatable is %s" % (total, shown.get(name, "0"))
            rows.append(finding(name, what, TOPOLOGY_ADVICE))
    text = "NUMA nodes published: %d, with %s" % (len(objects[0]["zones"]), ", ".join(sorted(sums)))
    return {"findings": rows, "proof": [text]}
