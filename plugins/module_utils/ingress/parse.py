# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From the option "filters" to Filters: every rule that needs no look at the node, all faults at once."""

from __future__ import annotations

import ipaddress
import re

from .. import bounds
from ..errors import Problem
from . import model
from .model import Filter, Rule

# What an nft chain, a comment and a set element can carry without quoting trouble.
NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
INTERFACE = re.compile(bounds.INTERFACE)
PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
RATE = re.compile(r"([1-9][0-9]{0,8})/(%s)" % "|".join(model.UNITS))
MOST_PER_UNIT = 999999999
LAST_PORT = 65535


def parse(items, interfaces_of=None):
    """(filters, problems). items: the option; interfaces_of: {network: [names]}, for items without interfaces."""
    problems = []
    filters = [
        _filter(item, "filters[%d]" % number, interfaces_of or {}, problems) for number, item in enumerate(items or [])
    ]
    _twice(filters, problems)
    return filters, problems


def _filter(item, where, interfaces_of, problems):
    network = str(item.get("network", ""))
    if not NETWORK.fullmatch(network):
        advice = "Write letters, digits, '-' and '_', at most 40"
        problems.append(Problem(where + ".network", "is no name of a network", advice, network))
    rules = item.get("allow")
    return Filter(
        network,
        _interfaces(item, where, interfaces_of, problems),
        None if rules is None else tuple(_rules(rules, where + ".allow", problems)),
    )


def _interfaces(item, where, interfaces_of, problems):
    names = item.get("interfaces")
    if names is None:
        names = interfaces_of.get(item.get("network"), [])
    if not names:
        advice = "Name them, or give the node a port on the network"
        problems.append(Problem(where + ".interfaces", "the network has no interface on this node", advice))
    for number, name in enumerate(names):
        if not INTERFACE.fullmatch(str(name)) or name in bounds.NO_INTERFACE:
            advice = "Write the name of one network device, such as ens1f0.30"
            problems.append(Problem("%s.interfaces[%d]" % (where, number), "cannot be filtered", advice, name))
    return tuple(sorted({str(name) for name in names}))


def _twice(filters, problems):
    networks, owners = {}, {}
    for number, one in enumerate(filters):
        where = "filters[%d]" % number
        if one.network in networks:
            text = "is the network of %s too" % networks[one.network]
            problems.append(Problem(where + ".network", text, "State each network once", one.network))
        networks.setdefault(one.network, where)
        for name in one.interfaces:
            if name in owners and owners[name] != one.network:
                text = "%s is an interface of network %s too" % (name, owners[name])
                problems.append(Problem(where + ".interfaces", text, "Give each network interfaces of its own", name))
            owners.setdefault(name, one.network)


def _rules(items, where, problems):
    for number, item in enumerate(items):
        yield _rule(item, "%s[%d]" % (where, number), problems)


def _rule(item, where, problems):
    protocol = item.get("protocol") or model.ANY
    if protocol not in model.PROTOCOLS:
        advice = "Write one of: %s" % ", ".join(model.PROTOCOLS)
        problems.append(Problem(where + ".protocol", "is not known", advice, protocol))
    four, six = _sources(item.get("from"), where + ".from", problems)
    for mine, other, family in ((model.ICMP, six, "IPv4"), (model.ICMPV6, four, "IPv6")):
        if protocol == mine and other:
            text = "%s is of %s, and this is no %s network" % (mine, family, family)
            problems.append(Problem(where + ".from", text, "Take it out, or choose the other ICMP", other[0]))
    ports = _ports(item.get("ports"), where + ".ports", protocol, problems)
    return Rule(four, six, protocol, ports, _rate(item.get("rate"), where + ".rate", problems))


def _sources(texts, where, problems):
    """Collapsed CIDRs of both families; nft refuses a set whose elements overlap."""
    found = {4: [], 6: []}
    if texts is not None and not texts:
        problems.append(Problem(where, "names no source", "Leave 'from' out to allow every source"))
    for number, text in enumerate(texts or []):
        try:
            network = ipaddress.ip_network(str(text))
        except ValueError:
            problems.append(Problem("%s[%d]" % (where, number), "is no network", _network_advice(text), text))
        else:
            found[network.version].append(network)
    return tuple(tuple(str(one) for one in ipaddress.collapse_addresses(found[version])) for version in (4, 6))


def _network_advice(text):
    try:
        return "It has host bits: write %s" % ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        return "Write for example 192.168.20.96/28 or 2001:db8::/64"


def _ports(text, where, protocol, problems):
    if text is None:
        return ()
    if protocol not in (model.TCP, model.UDP):
        problems.append(
            Problem(where, "%s has no ports" % protocol, "Say protocol tcp or udp, or leave ports out", text)
        )
    runs = []
    for part in str(text).split(","):
        hit = PORTS.fullmatch(part.strip())
        first, last = (int(hit.group(1)), int(hit.group(2) or hit.group(1))) if hit else (0, 0)
        if not 1 <= first <= last <= LAST_PORT:
            advice = 'Write ports from 1 to %d, such as "5201,8000-8010"' % LAST_PORT
            problems.append(Problem(where, '"%s" is no port and no range of ports' % part, advice, text))
        else:
            runs.append((first, last))
    return _merged(runs)


def _merged(runs):
    """Ranges that neither overlap nor touch."""
    found = []
    for first, last in sorted(runs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def _rate(text, where, problems):
    if text is None:
        return None
    hit = RATE.fullmatch(str(text).replace(" ", ""))
    if not hit:
        advice = "Write 1 to %d packets per %s, such as 1000/second" % (MOST_PER_UNIT, ", ".join(model.UNITS))
        problems.append(Problem(where, "is no rate", advice, text))
        return None
    return int(hit.group(1)), hit.group(2)
