# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The module's option "links" -> [Link]: all faults at once, with their paths."""

from __future__ import annotations

import ipaddress

from ..bounds import IPV6_MTU, MTU
from ..errors import Problem, ProblemsError
from .model import MANAGEMENT, Link, Route

NAME_LENGTH = 15  # IFNAMSIZ
TABLES = range(1, 32000)  # the number is the priority of its rules too, which come before those of main
RESERVED_TABLES = (253, 254, 255)


def links(items, found):
    """[Link] of the option, with the devices that were found, {name: Found}. Raises ProblemsError."""
    problems, made = [], []
    for number, item in enumerate(items):
        path = "links[%d]" % number
        port = _port(path, item, found, problems)
        _check(path, item, problems)
        if port and not problems:
            made.append(_link(path, item, port))
    problems += _names(made) + _twice(made)
    if problems:
        raise ProblemsError(problems, where="network")
    return made


def _link(path, item, port):
    vlan = item.get("vlan")
    return Link(
        name="%s.%d" % (port, vlan) if vlan else port,
        parent=port,
        network=item["network"],
        purpose=item["purpose"],
        addresses=[str(ipaddress.ip_interface(text)) for text in item.get("addresses") or []],
        vlan=vlan,
        mtu=item.get("mtu"),
        gateway=item.get("gateway"),
        routes=[Route(str(ipaddress.ip_network(one["to"])), one["via"]) for one in item.get("routes") or []],
        table=item.get("table"),
        up=item.get("up") is not False,
        where=path,
    )


def _port(path, item, found, problems):
    interface, pci = item.get("interface"), item.get("pci")
    if bool(interface) == bool(pci):
        problems.append(Problem(path, "needs either interface or pci", "Name the port by one of them"))
        return None
    ports = [one.name for one in found.values() if (one.name == interface if interface else one.pci == pci)]
    if not ports:
        key, value = ("interface", interface) if interface else ("pci", pci)
        advice = "Interfaces are %s" % ", ".join(sorted(name for name in found if name != "lo"))
        problems.append(Problem("%s.%s" % (path, key), "is no network device of this node", advice, value))
        return None
    return min(ports, key=lambda name: (found[name].vlan is not None, name))


def _check(path, item, problems):
    def problem(key, what, advice=""):
        value = item.get(key) if "[" not in key else None
        problems.append(Problem("%s.%s" % (path, key), what, advice, value))

    networks = _addresses(item, problem)
    if item.get("vlan") is not None and not 1 <= item["vlan"] <= 4094:
        problem("vlan", "must be from 1 to 4094", "Leave it out for an untagged port")
    least = IPV6_MTU if any(network.version == 6 for network in networks) else MTU[0]
    if item.get("mtu") is not None and not least <= item["mtu"] <= MTU[1]:
        problem("mtu", "must be from %d to %d" % (least, MTU[1]))
    if item.get("table") is not None and (item["table"] not in TABLES or item["table"] in RESERVED_TABLES):
        problem("table", "must be from 1 to %d, and none of 253 to 255" % TABLES[-1], "Write 1000 + VLAN, for example")
    if item.get("gateway"):
        _gateway("gateway", item["gateway"], networks, problem)
    for number, route in enumerate(item.get("routes") or []):
        if _parsed(ipaddress.ip_network, route["to"]) is None:
            problem("routes[%d].to" % number, "%s is no network" % route["to"], "Write it as 10.0.0.0/8")
        _gateway("routes[%d].via" % number, route["via"], networks, problem)


def _addresses(item, problem):
    networks = []
    for number, text in enumerate(item.get("addresses") or []):
        address = _parsed(ipaddress.ip_interface, text) if "/" in text else None
        if address is None:
            problem("addresses[%d]" % number, "%s is no address with its prefix" % text, "Write it as 10.0.0.1/24")
        else:
            networks.append(address.network)
    return networks


def _gateway(key, text, networks, problem):
    address = _parsed(ipaddress.ip_address, text)
    if address is None:
        problem(key, "%s is no address" % text)
    elif not any(_neighbours(address, network) for network in networks if network.version == address.version):
        problem(key, "%s is in the network of no address of this link" % text, "A gateway has to be a neighbour")


def _neighbours(address, network):
    """Routers of IPv6 are told by their link-local address as a rule, which every link has."""
    return address in network or (address.version == 6 and address.is_link_local)


def _parsed(parse, text):
    try:
        return parse(text)
    except ValueError:
        return None


def _names(made):
    return [
        Problem(link.where, "the name %s is longer than %d characters" % (link.name, NAME_LENGTH), "Rename the port")
        for link in made
        if len(link.name) > NAME_LENGTH
    ]


def _twice(made):
    keys = [
        ("", lambda link: [link.name], "the interface %s"),
        (".table", lambda link: [link.table] if link.table else [], "table %s"),
        (".addresses", lambda link: [text.split("/")[0] for text in link.addresses], "address %s"),
    ]
    problems = []
    for key, values, what in keys:
        seen = {}
        for link in made:
            for value in values(link):
                first = seen.setdefault(value, link)
                if first is not link:
                    text = what % value + " is that of %s already" % first.where
                    problems.append(Problem(link.where + key, text, "Each may be given once"))
    return problems


def with_ports(links):
    """The links and, before them, the ports that are not asked for but carry a VLAN that is."""
    named = {link.name for link in links}
    ports = {}
    for link in links:
        if link.vlan and link.parent not in named:
            # The frames of its VLANs have to pass.
            port = ports.setdefault(link.parent, Link(link.parent, link.parent, where=link.where))
            port.mtu = max((mtu for mtu in (port.mtu, link.mtu) if mtu), default=None)
    return list(ports.values()) + links


def routed(made, elsewhere, policy):
    """The links with their place in routing: which gateway is the node's default route, which links have own tables.

    elsewhere: IP versions that have a default route which is none of these links': it stays, and a gateway of ours is
    for its own addresses only; policy: own tables may be used. Raises ProblemsError."""
    gateways = [link for link in made if link.gateway and link.up]
    free = [link for link in gateways if _version(link.gateway) not in elsewhere]
    main = min(free, key=lambda link: link.purpose != MANAGEMENT, default=None)
    for link in gateways:
        link.main = link is main
        link.own_table = policy and not (link.main and len(gateways) == 1)
    problems = [
        Problem(link.where + ".table", "is needed: there is another router on this node", "Write 1000 + VLAN, say")
        for link in gateways
        if link.own_table and link.table is None
    ]
    if problems:
        raise ProblemsError(problems, where="network")
    return made


def elsewhere(made, found):
    """IP versions with a default route in table main over an interface that is none of the links.

    On the links themselves the backend keeps none but those that are asked for."""
    ours = {link.name for link in made}
    routes = [route for link in found.values() if link.name not in ours for route in link.routes]
    return {_version(via) for table, to, via in routes if table == "main" and to == "default" and via}


def _version(address):
    return ipaddress.ip_address(address).version
