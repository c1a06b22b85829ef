# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a service that runs bare on its node needs to use what it was promised: environment, EAL arguments, numactl."""

from __future__ import annotations

import shlex

from ..errors import ProblemsError
from . import shape, site, table

GPU_VENDOR = "10de"
# How NCCL calls the distance up to which it goes from the GPU to the NIC directly; it knows no NODE.
GDR = {"X": "PIX", "PIX": "PIX", "PXB": "PXB", "PHB": "PHB"}
RANKED = ("PIX", "PXB", "PHB", "SYS")
MIB = 1024 * 1024
# None: nobody says. Mellanox's driver serves DPDK and the kernel at once.
DPDK_DRIVERS = (None, "vfio-pci", "mlx5_core")


def environments(services, placement, topologies=None, uuids=None):
    """[{service, namespace, replica, container, node, file, variables, text, eal, command, notes}], sorted.

    topologies: {node: topology}, for names of interfaces and RDMA devices; uuids: {node: {PCI address: UUID}} of GPUs.
    Raises ProblemsError.
    """
    problems = shape.problems_of(services, placement)
    problems += shape.check(topologies or {}, {"*": shape.TOPOLOGY}, "topologies", site.TOPOLOGY_ADVICE)
    problems += shape.check(uuids or {}, {"*": shape.TEXTS}, "uuids", "Write {node: {PCI address: UUID}}")
    if problems:
        raise ProblemsError(problems, "service_environment")
    known = {(one["namespace"], one["name"]): one for one in services["services"]}
    found = []
    for entry in sorted(placement["placements"], key=_order):
        service = known.get((entry["namespace"], entry["service"]))
        containers = [one for one in (service or {"containers": []})["containers"] if one["name"] == entry["container"]]
        if containers:
            node = entry["node"]
            devices = {one["address"]: one for one in (topologies or {}).get(node, {}).get("pci_devices") or []}
            found.append(_One(containers[0], entry, devices, (uuids or {}).get(node, {})).made())
    return found


def _order(entry):
    return entry["namespace"], entry["service"], entry["replica"], entry["container"]


class _One:
    """One container on its node."""

    def __init__(self, container, entry, devices, uuids):
        self.container, self.entry, self.devices, self.uuids = container, entry, devices, uuids
        self.notes = []
        self.gpus = [one["address"] for one in entry["devices"] if one["resource"] == "gpu"]
        self.nics = [one for one in entry["devices"] if table.is_vf(one) or table.is_shared(one)]

    def made(self):
        """The result for it."""
        entry = self.entry
        variables = {
            "GEDGE_SERVICE": "%s/%s" % (entry["namespace"], entry["service"]),
            "GEDGE_REPLICA": str(entry["replica"]),
            "GEDGE_NODE": entry["node"],
        }
        bound = {"GEDGE_CPUS": entry["cpus"], "GEDGE_NUMA_NODES": _numbers(entry["numa_nodes"])}
        variables.update({name: value for name, value in bound.items() if value})
        variables.update(self._gpu())
        variables.update(self._nccl())
        eal = self._eal()
        if eal:
            variables["GEDGE_DPDK_EAL"] = " ".join(eal)
        command = self._command()
        if self.container["command"]:
            variables["GEDGE_COMMAND"] = " ".join(map(shlex.quote, command))
        variables.update(self.container["env"])  # what the author wrote stands over what we think
        parts = (entry["namespace"], entry["service"], entry["replica"], entry["container"])
        made = {key: entry[key] for key in ("service", "namespace", "replica", "container", "node")}
        made.update({"file": "%s.%s.%d.%s.env" % parts, "variables": variables, "text": text(variables)})
        return dict(made, eal=eal, command=command, notes=self.notes)

    def _gpu(self):
        """Which GPUs CUDA sees: by UUID, else by their place on the bus, which needs all of the node's."""
        if not self.gpus:
            return {}
        order = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
        if all(address in self.uuids for address in self.gpus):
            seen = ",".join(self.uuids[address] for address in self.gpus)
            return dict(order, CUDA_VISIBLE_DEVICES=seen, NVIDIA_VISIBLE_DEVICES=seen)
        cards = [
            address
            for address, one in sorted(self.devices.items())
            if one.get("kind") == "gpu" and one.get("vendor") == GPU_VENDOR
        ]
        if all(address in cards for address in self.gpus):
            self.notes.append("no UUID of %s is known: CUDA_VISIBLE_DEVICES counts on the bus" % ", ".join(self.gpus))
            return dict(order, CUDA_VISIBLE_DEVICES=",".join(str(cards.index(address)) for address in self.gpus))
        self.notes.append("neither UUIDs nor the topology of the node are known: CUDA sees all GPUs")
        return {"GEDGE_GPUS": ",".join(self.gpus)}

    def _nccl(self):
        """NCCL's hints: the NICs that were promised, and how far GPU and NIC may be apart for direct access."""
        if not self.gpus or not self.nics:
            return {}
        found = {}
        interfaces = [name for one in self.nics for name in self._of(one, "net")]
        if interfaces:
            found["NCCL_SOCKET_IFNAME"] = "=" + ",".join(interfaces)
        adapters = [name for one in self.nics for name in self._of(one, "rdma")]
        if adapters:
            found.update({"NCCL_IB_HCA": "=" + ",".join(adapters), "NCCL_NET_GDR_LEVEL": self._direct()})
        elif any(one["rdma"] for one in self.nics):
            self.notes.append("the RDMA devices' names are not known: NCCL chooses by itself")
        else:
            found["NCCL_IB_DISABLE"] = "1"
        return found

    def _of(self, device, key):
        return self.devices.get(device["address"], {}).get(key) or []

    def _direct(self):
        ends = {one["address"] for one in self.nics}, set(self.gpus)
        hits = [
            GDR.get(one["level"], "SYS")
            for one in self.entry["distance"]["levels"]
            if {one["from"], one["to"]} & ends[0] and {one["from"], one["to"]} & ends[1]
        ]
        return max(hits, key=RANKED.index) if hits else "SYS"

    def _eal(self):
        """Arguments of DPDK's EAL: cores, devices, memory of each NUMA node; [] without a VF that it can drive."""
        every = [one["address"] for one in self.entry["devices"] if table.is_vf(one)]
        vfs = [one for one in every if self.devices.get(one, {}).get("driver") in DPDK_DRIVERS]
        if vfs != every:
            text_of = ", ".join(one for one in every if one not in vfs)
            self.notes.append("not bound to vfio-pci, so that DPDK cannot drive it: %s" % text_of)
        if not vfs:
            return []
        cores = ["-l", self.entry["cpus"]] if self.entry["cpus"] else []
        allowed = [part for one in vfs for part in ("-a", one)]
        prefix = "%s-%s-%d" % (self.entry["namespace"], self.entry["service"], self.entry["replica"])
        return cores + allowed + self._memory() + ["--file-prefix", prefix]

    def _memory(self):
        """Huge pages in MiB by NUMA node: on the first one, unless the placement says otherwise."""
        found, nodes = {}, self.entry["numa_nodes"]
        for size, total in (self.entry.get("hugepages") or {}).items():
            spread = (self.entry.get("hugepages_by_numa") or {}).get(size) or {str(node): total for node in nodes[:1]}
            for node, amount in spread.items():
                found[int(node)] = found.get(int(node), 0) + amount // MIB
        if not any(found.values()):
            return []
        return ["--socket-mem", ",".join(str(found.get(node, 0)) for node in range(max(found) + 1))]

    def _command(self):
        """The whole command line, under numactl where CPUs or NUMA nodes were promised."""
        own = list(self.container["command"]) + list(self.container["args"])
        nodes = _numbers(self.entry["numa_nodes"])
        memory = _numbers({*self.entry["numa_nodes"], *map(int, self.entry.get("memory_by_numa") or {})})
        if self.entry["cpus"]:
            bound = ["--physcpubind=" + self.entry["cpus"]]
        else:
            bound = ["--cpunodebind=" + nodes] if nodes else []
        if memory:
            bound.append("--membind=" + memory)
        return ["numactl", *bound, "--", *own] if bound else own


def _numbers(numbers):
    return ",".join(map(str, sorted(numbers)))


def text(variables):
    """The file, as systemd's EnvironmentFile and a shell read it."""
    return "".join('%s="%s"\n' % (name, _quoted(value)) for name, value in sorted(variables.items()))


def _quoted(value):
    for character in '\\"$`':
        value = value.replace(character, "\\" + character)
    return value.replace("\n", "\\n")
