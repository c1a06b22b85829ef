# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about addresses: inside their network, used once, not covered by a range kept for others."""

from __future__ import annotations

from collections import namedtuple

from ..problems import Finding

# keys: the key that causes the address; who: the owner in words; node: its Node or None; derived: from the index
Use = namedtuple("Use", "keys who address node derived")


def check(testbed):
    """Findings about all addresses of a Testbed."""
    for network in testbed.networks.values():
        if network.cidr is None:
            continue
        uses = list(_uses(testbed, network))
        for use in uses:
            yield from _placed(testbed, network, use)
        yield from _once(network, uses)
        yield from _ranges(network, uses)
        yield from _first(testbed, network)


def _uses(testbed, network):
    """Who has which address, the ones that cannot give way first."""
    if network.gateway is not None and not _of_every_link(network):
        yield Use(("networks", network.name, "gateway"), "its gateway", network.gateway, None, False)
    for switch in testbed.switches.values():
        if switch.network == network.name and switch.address is not None:
            yield Use(("switches", switch.name, "address"), "switch %s" % switch.name, switch.address, None, False)
    nodes = [node for node in testbed.nodes.values() if network.name in _networks_of(testbed, node)]
    for node in nodes:
        if node.addresses.get(network.name) is not None:
            keys = ("nodes", node.name, "addresses", network.name)
            yield Use(keys, node.name, node.addresses[network.name], node, False)
    if network.first is not None and network.first not in network.cidr:
        return  # _first says it once, not each node again
    for node in nodes:
        if network.name not in node.addresses:
            address = testbed.address_of(node, network.name)
            yield Use(("nodes", node.name, "index"), node.name, address, node, True)


def _of_every_link(network):
    """Whether its router is told by a link-local address, as those of IPv6 are as a rule: no cidr has it."""
    return network.gateway.version == 6 == network.cidr.version and network.gateway.is_link_local()


def _networks_of(testbed, node):
    """Its addressed networks, and those in which the file gives it an address."""
    return set(testbed.addressed_networks(node)) | set(node.addresses)


def _placed(testbed, network, use):
    """The address is inside the network, and neither its first (network) nor its last (broadcast) one."""
    if use.address is None:
        if use.node.index is not None and network.first is not None:
            yield _outside(testbed, network, use)
    elif use.address not in network.cidr:
        yield _outside(testbed, network, use)
    else:
        special = _special(network.cidr, use.address)
        if special:
            what = "%sis the %s address of network %s" % (_given(use), special, network.name)
            yield Finding(use.keys, what, "Write another one of %s" % _span(network.cidr), _value(use))


def _outside(testbed, network, use):
    what = "%sis outside network %s (%s)" % (_given(use), network.name, network.cidr)
    advice = "Write one of %s" % _span(network.cidr)
    if use.derived:
        advice = "Write a smaller index, set networks.%s.first, or make the network larger" % network.name
    home = _home(testbed, use.address)
    if home is not None:
        advice += "; this one belongs to network %s (VLAN %s)" % (home.name, home.vlan)
    return Finding(use.keys, what, advice, _value(use))


def _home(testbed, address):
    if address is None:
        return None
    homes = (one for one in testbed.networks.values() if one.cidr is not None and address in one.cidr)
    return next(homes, None)


def _once(network, uses):
    seen = {}
    for use in uses:
        if use.address is None:
            continue
        owner = seen.setdefault(use.address, use)
        if owner is use or _same_index(owner, use):
            continue
        what = "%sis already the address of %s in network %s" % (_given(use), owner.who, network.name)
        advice = _free(network, uses)
        if use.derived:
            advice = "Write another index, or set networks.%s.first or nodes.%s.addresses.%s" % (
                network.name,
                use.node.name,
                network.name,
            )
        yield Finding(use.keys, what, advice, _value(use))


def _same_index(one, other):
    """Two nodes of one profile with one index: a fault of the index, which references.py names once."""
    both = one.derived and other.derived
    return both and one.node.profile == other.node.profile and one.node.index == other.node.index


def _free(network, uses):
    """Advice that names the lowest free address for a node."""
    used = {use.address.value for use in uses if use.address is not None}
    kept = [(low.value, high.value) for low, high in network.ranges.values()]
    if network.first is not None:
        for value in range(network.first.value, min(network.cidr.last, network.first.value + 4096)):
            if value not in used and not any(low <= value <= high for low, high in kept):
                return "Write a free one, for example %s" % (network.first + (value - network.first.value))
    return "Write a free one, or make the network larger"


def _ranges(network, uses):
    for name, (first, last) in network.ranges.items():
        keys = ("networks", network.name, "ranges", name)
        text = "%s-%s" % (first, last)
        if first not in network.cidr or last not in network.cidr:
            what = "is not wholly inside network %s (%s)" % (network.name, network.cidr)
            yield Finding(keys, what, "Write two of %s" % _span(network.cidr), text)
        covered = [use for use in uses if use.address is not None and first <= use.address <= last]
        if covered:
            names = ["%s (%s)" % (use.who, use.address) for use in covered]
            what = "covers %s" % _few(names)
            yield Finding(keys, what, "Move or shorten the range", text)


def _first(testbed, network):
    """`first` is inside its network; where a node has it, the node's own finding would repeat that."""
    if "first" not in testbed.structure.sound["networks"][network.name] or network.first is None:
        return
    if network.first not in network.cidr:
        what = "is outside network %s (%s)" % (network.name, network.cidr)
        yield Finding(
            ("networks", network.name, "first"), what, "Write one of %s" % _span(network.cidr), str(network.first)
        )


def _special(cidr, address):
    if cidr.version == 4 and cidr.prefixlen < 31:
        return {cidr.first: "network", cidr.last: "broadcast"}.get(address.value)
    if cidr.version == 6 and cidr.prefixlen < 127 and address.value == cidr.first:
        return "subnet-router anycast"
    return None


def _span(cidr):
    """The addresses that hosts may have, as 'FIRST-LAST'."""
    narrow = cidr.prefixlen >= (31 if cidr.version == 4 else 127)
    low = 0 if narrow else 1
    high = -1 if narrow or cidr.version == 6 else -2
    return "%s-%s" % (cidr[low], cidr[high])


def _given(use):
    """How the sentence begins: the address of a derived one does not stand in the file."""
    return "gives %s, which " % (use.address or "an address") if use.derived else ""


def _value(use):
    return use.node.index if use.derived else str(use.address)


def _few(names):
    """At most five names, then how many more."""
    return ", ".join(names[:5]) + (" and %d more" % (len(names) - 5) if len(names) > 5 else "")
