# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about networks: one VLAN each, addresses that hosts may have, no overlap, ranges apart."""

from __future__ import annotations

from itertools import count

from ..libraries import IPNetwork
from ..problems import Finding

# Addresses that no host of a network may have, and what they are for.
SPECIAL = {
    "0.0.0.0/8": "the sender that has no address yet",
    "127.0.0.0/8": "the node itself (loopback)",
    "169.254.0.0/16": "one link only (link-local)",
    "224.0.0.0/4": "groups (multicast)",
    "240.0.0.0/4": "nobody (reserved)",
    "::/8": "the node itself and IPv4 in IPv6",
    "fe80::/10": "one link only (link-local)",
    "ff00::/8": "groups (multicast)",
}


def check(testbed):
    """Findings about the networks of a Testbed."""
    networks = list(testbed.networks.values())
    yield from _vlans(networks)
    yield from _overlaps([network for network in networks if network.cidr is not None])
    for network in networks:
        yield from _special(network)
        yield from _ranges(network)


def _vlans(networks):
    owners = {}
    for network in networks:
        if network.vlan is None:
            continue
        owner = owners.setdefault(network.vlan, network)
        if owner is not network:
            keys = ("networks", network.name, "vlan")
            what = "VLAN %d is already that of network %s" % (network.vlan, owner.name)
            yield Finding(keys, what, "Write a free one, for example %d" % _free_vlan(networks), network.vlan)


def _free_vlan(networks):
    used = {network.vlan for network in networks}
    return next(vlan for vlan in count(10, 10) if vlan not in used)


def _overlaps(networks):
    """CIDRs overlap only by nesting: in the order of their start, each is compared with those still open."""
    place = {network.name: number for number, network in enumerate(networks)}
    still_open = []
    for network in sorted(networks, key=lambda one: (one.cidr.version, one.cidr.first, one.cidr.prefixlen)):
        still_open = [one for one in still_open if _reaches(one.cidr, network.cidr)]
        for other in still_open:
            earlier, later = sorted((network, other), key=lambda one: place[one.name])
            yield _overlap(earlier, later)
        still_open.append(network)


def _reaches(wide, other):
    return wide.version == other.version and wide.last >= other.first


def _overlap(earlier, later):
    what = "overlaps with network %s (%s)" % (earlier.name, earlier.cidr)
    advice = "Give it addresses of its own, or make one of the two smaller"
    return Finding(("networks", later.name, "cidr"), what, advice, str(later.cidr))


def _special(network):
    for text, use in SPECIAL.items() if network.cidr is not None else ():
        other = IPNetwork(text)
        if _reaches(network.cidr, other) and _reaches(other, network.cidr):
            what = "has addresses of %s, which are for %s" % (text, use)
            advice = "Write a part of your own, for example of 10.0.0.0/8 or fd00::/8"
            yield Finding(("networks", network.name, "cidr"), what, advice, str(network.cidr))
            return


def _ranges(network):
    """Ranges of one network must not share an address."""
    seen = []
    for name, (first, last) in network.ranges.items():
        for other, low, high in seen:
            if first.version == low.version and first <= high and low <= last:
                what = "overlaps with the range %s (%s-%s)" % (other, low, high)
                keys = ("networks", network.name, "ranges", name)
                yield Finding(keys, what, "Keep the two apart", "%s-%s" % (first, last))
        seen.append((name, first, last))
