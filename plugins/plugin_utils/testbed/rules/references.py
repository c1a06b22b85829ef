# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about names: what is named exists, and what exists has one name and place."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

from ....module_utils.suggest import nearest
from ..problems import Finding


def check(testbed):
    """Findings about names in a Testbed."""
    names = testbed.structure.names
    yield from _networks(testbed, names("networks"))
    yield from _profiles(testbed, names("profiles"))
    yield from _peers(testbed, names)
    yield from _indexes(testbed)
    yield from _hosts(testbed)


def missing(keys, kind, name, known):
    """Finding for a name that is not among the known ones; none where those could not be read."""
    if name is None or known is None or name in known:
        return
    hit = _nearest(name, tuple(known))
    advice = 'Did you mean "%s"?' % hit if hit else "There are: %s" % _few(sorted(known))
    yield Finding(keys, "there is no %s" % kind, advice, name)


@lru_cache(maxsize=4096)
def _nearest(name, known):
    """One wrong name often stands in many places, and among 1,000 names the search takes milliseconds."""
    return nearest(name, known)


def _few(names):
    return ", ".join(names[:12]) + (" and %d more" % (len(names) - 12) if len(names) > 12 else "") or "none"


def _networks(testbed, known):
    for switch in testbed.switches.values():
        yield from missing(("switches", switch.name, "network"), "such network", switch.network, known)
    for node in testbed.nodes.values():
        yield from _addresses(testbed, node, known)
    for port in chain.from_iterable(profile.ports for profile in testbed.profiles.values()):
        yield from missing(port.keys + ("network",), "such network", port.network, known)
        for vf in port.vfs:
            yield from missing(port.vf_keys(vf, "network"), "such network", vf.options.get("network"), known)


def _addresses(testbed, node, known):
    """An explicit address needs a network, and a port of the node there."""
    for name in node.addresses:
        keys = ("nodes", node.name, "addresses", name)
        unknown = list(missing(keys, "such network", name, known))
        yield from unknown
        if unknown or not _whole_profile(testbed, node) or name in testbed.addressed_networks(node):
            continue
        what = "%s has no port with an address in network %s" % (node.name, name)
        advice = "Leave it out, or give profile %s a port there" % node.profile
        yield Finding(keys, what, advice, testbed.structure.sound["nodes"][node.name]["addresses"].get(name))


def _whole_profile(testbed, node):
    known = testbed.structure.names("profiles") or []
    return node.profile in known and testbed.structure.is_sound("profiles", node.profile)


def _profiles(testbed, known):
    for node in testbed.nodes.values():
        yield from missing(("nodes", node.name, "profile"), "such profile", node.profile, known)


def _peers(testbed, names):
    nodes = names("nodes")
    for port in testbed.switch_ports():
        if port.port_id is not None:
            yield from _peer(testbed, names, port, nodes)


def _peer(testbed, names, port, nodes):
    """NODE, then NIC, then PORT: only the first that does not exist is named."""
    end, keys = port.port_id, port.keys + ("peer",)
    node = testbed.nodes.get(end.node)
    unknown = list(missing(keys, 'node "%s"' % end.node, end.node, nodes))
    if unknown or node is None:
        yield from _quoting(unknown, port.peer)
        return
    nics = names("profiles", node.profile, "nics")
    unknown = list(missing(keys, 'NIC "%s" in profile %s' % (end.nic, node.profile), end.nic, nics))
    ports = names("profiles", node.profile, "nics", end.nic, "ports")
    where = 'port "%s" on NIC %s in profile %s' % (end.port, end.nic, node.profile)
    yield from _quoting(unknown or missing(keys, where, end.port, ports), port.peer)


def _quoting(findings, peer):
    """The value is the whole peer, since that is what stands in the file."""
    for finding in findings:
        finding.value = peer
        yield finding


def _indexes(testbed):
    seen = {}
    for node in testbed.nodes.values():
        if node.index is None or node.profile is None:
            continue
        owner = seen.setdefault((node.profile, node.index), node)
        if owner is not node:
            free = min(set(range(len(testbed.nodes) + 1)) - {one.index for one in testbed.nodes.values()})
            what = "%s of the same profile has this index" % owner.name
            yield Finding(("nodes", node.name, "index"), what, "Write a free one, for example %d" % free, node.index)


def _hosts(testbed):
    """Names that Ansible already uses for something else."""
    taken = {"all", "ungrouped", "testbed", "workers", "localhost"}
    taken |= set(chain.from_iterable(node.groups for node in testbed.nodes.values()))
    for name in testbed.nodes:
        if name in taken:
            yield Finding(
                ("nodes", name), "Ansible uses the name for a group or for itself", "Choose another name", name
            )
