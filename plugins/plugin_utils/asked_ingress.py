# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From a node's ports and networks in the testbed to the filters that module network is asked for."""

from __future__ import annotations

from ..module_utils.errors import EngineError
from ..module_utils.suggest import advice


def filters(ports, networks):
    """List for the option filters of module network: one item for each network that the node has a port on.

    ports, networks: host variables testbed_ports and testbed_networks. A network without ingress is not filtered, and
    kept apart from the others. Raises EngineError."""
    names = sorted({port["network"] for port in ports if port.get("network")})
    return [
        {"network": name, "allow": _rules(name, (networks.get(name) or {}).get("ingress"), networks)} for name in names
    ]


def _rules(name, rules, networks):
    if rules is None:
        return None
    return [_rule(rule, "networks.%s.ingress[%d]" % (name, number), networks) for number, rule in enumerate(rules)]


def _rule(rule, where, networks):
    made = {key: str(value) for key, value in rule.items() if key != "from" and value is not None}
    if rule.get("from") is not None:
        made["from"] = [_cidr(sender, "%s.from" % where, networks) for sender in rule["from"]]
    return made


def _cidr(sender, where, networks):
    """A CIDR stays as it is, and a name becomes the CIDR of that network."""
    if set("/:.") & set(sender):
        return sender
    if sender not in networks:
        raise EngineError('there is no network "%s"' % sender, where, advice(sender, networks))
    return networks[sender]["cidr"]
