# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Static addresses for services: one for each replica and network, none twice, the same in the next run.

Who had an address keeps it (the leases). Others get the highest free one, since nodes grow from the low end; or one of
the network's range that is named for services, where there is one.
"""

from __future__ import annotations

from collections import namedtuple

from ..errors import Problem

# number: counts the attachments of one replica to one network
Want = namedtuple("Want", "namespace service replica network number")
FIELDS = Want._fields
ADVICE = "Make the network larger, free addresses of it, or use fewer replicas"


def deal(wants, site, leases, range_name):
    """({Want: "address/prefix"}, [Problem], [note]); leases: [{network, address, namespace, service, replica, number}].

    A lease of somebody who wants nothing here stays taken: its pod may still run.
    """
    problems, notes, dealt = [], [], {}
    wanted = set(wants)
    used = {name: dict(network.taken) for name, network in site.networks.items()}
    for want, lease in sorted(_leases(leases, problems).items()):
        number = site.networks[want.network].number(lease) if want.network in site.networks else None
        if number is None or _refused(site.networks[want.network], used[want.network], number, range_name):
            if want in wanted:
                notes.append("%s/%s replica %d loses %s: %s" % (*want[:3], lease, _reason(site, want, number, used)))
            continue
        used[want.network][number] = "%s/%s" % want[:2]
        if want in wanted:
            dealt[want] = site.networks[want.network].text(number)
    free = {name: _free(site.networks[name], used[name], range_name) for name in {want.network for want in wanted}}
    full = set()
    for want in sorted(wanted - set(dealt)):
        number = next(free[want.network], None)
        if number is None:
            if want.network not in full:
                problems.append(_exhausted(want, site.networks[want.network], used[want.network], range_name))
            full.add(want.network)
            continue
        used[want.network][number] = "%s/%s" % want[:2]
        dealt[want] = site.networks[want.network].text(number)
    return dealt, problems, notes


def _leases(given, problems):
    """{Want: address}; of two with one address the first in order has it."""
    found = {}
    for index, lease in enumerate(given):
        if not isinstance(lease, dict) or any(key not in lease for key in (*FIELDS, "address")):
            what = "is no address handed out"
            problems.append(Problem("options.addresses[%d]" % index, what, "Write %s, address" % ", ".join(FIELDS)))
            continue
        texts = str(lease["namespace"]), str(lease["service"]), str(lease["network"])
        if not all(isinstance(lease[key], int) for key in ("replica", "number")):
            problems.append(Problem("options.addresses[%d]" % index, "replica and number are numbers"))
            continue
        want = Want(texts[0], texts[1], lease["replica"], texts[2], lease["number"])
        found.setdefault(want, str(lease["address"]))
    return found


def _bounds(network, range_name):
    """(first, last) address that services may have."""
    if range_name in network.ranges:
        return network.ranges[range_name]
    low, high = int(network.cidr.network_address), int(network.cidr.broadcast_address)
    narrow = network.cidr.prefixlen >= network.cidr.max_prefixlen - 1
    # IPv6 has no broadcast address, but a subnet-router anycast address at its low end.
    return (low, high) if narrow else (low + 1, high - (network.cidr.version == 4))


def _reserved(network, range_name):
    return sorted(span for name, span in network.ranges.items() if name != range_name)


def _refused(network, used, number, range_name):
    """Whether an address cannot be a service's."""
    low, high = _bounds(network, range_name)
    kept = any(first <= number <= last for first, last in _reserved(network, range_name))
    return number in used or kept or not low <= number <= high


def _reason(site, want, number, used):
    if number is None:
        return "it is not in network %s" % want.network
    return "it belongs to %s" % used[want.network].get(number, "a reserved range, or lies outside of the services' one")


def _free(network, used, range_name):
    """The free addresses from the highest down."""
    low, number = _bounds(network, range_name)
    spans = _reserved(network, range_name)
    while number >= low:
        span = next((span for span in spans if span[0] <= number <= span[1]), None)
        if span:
            number = span[0] - 1
            continue
        if number not in used:
            yield number
        number -= 1


def _exhausted(want, network, used, range_name):
    low, high = _bounds(network, range_name)
    numbers = (want.network, network.cidr, high - low + 1, len(used))
    what = "%s/%s replica %d" % want[:3] + " finds no free address in network %s (%s): %d usable, %d in use" % numbers
    return Problem("testbed.networks.%s" % want.network, what, ADVICE)
