# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What pods are attached to: NetworkAttachmentDefinitions, and the annotation of a pod that names them."""

from __future__ import annotations

from collections import namedtuple

from ..errors import Problem
from . import names, table

API = "k8s.cni.cncf.io/v1"
# pool: its Pool, None for macvlan; definition: key into Definitions
Attachment = namedtuple("Attachment", "definition network pool")


class Definitions:
    """The NetworkAttachmentDefinitions that are in use, each once for a namespace."""

    def __init__(self, site, options, problems):
        self.site, self.options, self.problems = site, options, problems
        self.configs = {}  # name -> (network, resource or None, [plugin])
        self._used = set()
        self._macvlan = {}  # (node, network) -> Attachment

    def of_pool(self, node, pool):
        """The Attachment of a pool's device."""
        if pool.kind == table.SHARED:
            # An RDMA device that pods share needs a netdev of the same port in the pod, or it has no GID there.
            return self.macvlan(node, pool.network)._replace(pool=pool)
        if pool.attachment not in self.configs:
            plugin = {"type": "sriov", "vlan": pool.vlan}
            if pool.qos:
                plugin["vlanQoS"] = pool.qos
            exclusive = pool.rdma and self.options["rdma"]["mode"] == "exclusive"
            plugins = [plugin, {"type": "rdma"}] if exclusive else [plugin]
            self.configs[pool.attachment] = (pool.network, pool.resource, plugins)
        return Attachment(pool.attachment, pool.network, pool)

    def macvlan(self, node, network):
        """The Attachment to a network through a port of the node."""
        if (node, network) not in self._macvlan:
            self._macvlan[node, network] = self._make_macvlan(node, network)
        return self._macvlan[node, network]

    def _make_macvlan(self, node, network):
        ports = [port for port in self.site.ports.get(node, []) if port["network"] == network]
        masters = [(self.site.interface(node, port), port) for port in ports]
        masters = [(name, port) for name, port in masters if name]
        if not masters:
            advice = "Give a port of that network with its interface in testbed.ports.%s, or its topology" % node
            what = "has no port with a known interface in network %s" % network
            self.problems.append(Problem("placements: node %s" % node, what, advice))
            return Attachment("", network, None)
        name, port = masters[0]
        known = self.site.networks[network]
        master = "%s.%d" % (name, known.vlan) if port.get("tagged") else name
        plugin = {"type": "macvlan", "master": master, "mode": "bridge"}
        if known.mtu != 1500:
            plugin["mtu"] = known.mtu
        key = names.words(network, master).replace("_", "-")
        self.configs[key] = (network, None, [plugin])
        return Attachment(key, network, None)

    def use(self, namespace, attachment):
        """Remember that a namespace needs it; one without a definition is a fault that was told."""
        if attachment.definition:
            self._used.add((namespace, attachment.definition))

    def objects(self):
        """One NetworkAttachmentDefinition for each namespace and definition in use."""
        texts = {}
        for namespace, key in sorted(self._used):
            network, resource, plugins = self.configs[key]
            if key not in texts:
                texts[key] = self._text(key, plugins)
            notes = {names.RESOURCE_NAME: resource} if resource else None
            labels = {names.NETWORK: network}
            kind = "NetworkAttachmentDefinition"
            yield names.made(API, kind, key, namespace, labels, notes, spec={"config": texts[key]})

    def _text(self, key, plugins):
        """The CNI configuration; addresses come from the pod, which needs the capability for it."""
        first = dict(plugins[0], capabilities={"ips": True}, ipam={"type": "static"})
        head = {"cniVersion": self.options["cni_version"], "name": key}
        if len(plugins) == 1:
            return names.compact(dict(head, **first))
        return names.compact(dict(head, plugins=[first, *plugins[1:]]))


def annotation(namespace, attached):
    """The text of the pod's annotation; attached: [(Attachment, "address/prefix" or None)] in order."""
    entries = []
    for number, (attachment, address) in enumerate(attached):
        entry = {"name": attachment.definition, "namespace": namespace, "interface": "net%d" % (number + 1)}
        if address:
            entry["ips"] = [address]
        entries.append(entry)
    return names.compact(entries)
