# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What stands in a cluster before any service does: the pools of each node's device plugins, and the
NetworkAttachmentDefinitions of all networks. Out of the same table as the objects of services, so that they agree."""

from __future__ import annotations

from ..errors import Problem, ProblemsError
from . import options, pools, shape
from .networks import Definitions
from .site import Site
from .table import Table

DISCOVER = "Run playbook site, so that its VFs exist, then playbook discover"


def device_pools(testbed, placements, given=None):
    """{node: {"sriov": [entry of resourceList], "rdma": [entry of configList], "asked": {resource: [who]}, "devices":
    {resource: [address]}}}

    placements: what services were promised, [] for nothing. Raises ProblemsError with all that is wrong."""
    problems, settings = [], options.read(given)
    site, table = _table(testbed, placements, settings, problems)
    asked = _asked(table, placements)
    for (node, name), who in sorted(asked.items()):
        if node in site.topologies and not table.pools[name].devices.get(node):
            what = "%s asks for pool %s, which has no device on node %s" % (", ".join(who), name, node)
            problems.append(Problem("placements", what, DISCOVER))
    if problems:
        raise ProblemsError(problems, "device_pools")
    found = {}
    for node in sorted({*site.topologies, *site.ports}):
        own, shared = pools.of_node(table.pools, node, settings)
        names = {table.pools[name].resource: who for (where, name), who in asked.items() if where == node}
        devices = {pool.resource: pool.devices[node] for pool in table.pools.values() if pool.devices.get(node)}
        found[node] = {"sriov": own, "rdma": shared, "asked": names, "devices": devices}
    return found


def network_definitions(testbed, namespaces, placements=(), given=None):
    """[NetworkAttachmentDefinition] of each pool of VFs and each macvlan network, once for each namespace.

    Raises ProblemsError with all that is wrong."""
    problems, settings = [], options.read(given)
    site, table = _table(testbed, placements, settings, problems)
    definitions = Definitions(site, settings, problems)
    wanted = [
        definitions.of_pool(node, pool)
        for dummy, pool in sorted(table.pools.items())
        for node in sorted(pool.nodes)
        if pool.network  # a card has none
    ]
    macvlan = site.of_purpose("macvlan")
    for node, ports in sorted(site.ports.items()):
        networks = {port["network"] for port in ports if site.interface(node, port)}
        wanted += [definitions.macvlan(node, network) for network in macvlan if network in networks]
    for namespace in sorted(set(namespaces)):
        for attachment in wanted:
            definitions.use(namespace, attachment)
    if problems:
        raise ProblemsError(problems, "network_definitions")
    return list(definitions.objects())


def _table(testbed, placements, settings, problems):
    """(Site, Table) with what the placements tell; what is wrong goes into problems."""
    faults = shape.check(list(placements), [shape.PLACEMENT], "placements", shape.PLACED)
    if faults:
        raise ProblemsError(faults, "placements")
    site = Site(testbed, problems)
    table = Table(site, settings, problems)
    for entry in placements:
        for device in entry["devices"]:
            table.learn(entry["node"], device)
    return site, table


def _asked(table, placements):
    """{(node, name of a pool): ["namespace/service"]}"""
    found = {}
    for entry in placements:
        for device in entry["devices"]:
            pool = table.of(entry["node"], device)
            if pool is not None:
                who = found.setdefault((entry["node"], pool.name), set())
                who.add("%s/%s" % (entry["namespace"], entry["service"]))
    return {key: sorted(who) for key, who in found.items()}
