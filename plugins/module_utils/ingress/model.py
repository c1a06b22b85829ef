# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What may enter a node: the types that parse makes and ruleset renders."""

from __future__ import annotations

from dataclasses import dataclass

TCP, UDP, ICMP, ICMPV6, ANY = "tcp", "udp", "icmp", "icmpv6", "any"
PROTOCOLS = (TCP, UDP, ICMP, ICMPV6, ANY)
UNITS = ("second", "minute", "hour", "day")

# The option "filters" of a module, for its argument_spec.
_RULE = {
    "from": {"type": "list", "elements": "str"},
    "protocol": {"type": "str", "choices": list(PROTOCOLS), "default": ANY},
    "ports": {"type": "str"},
    "rate": {"type": "str"},
}
OPTION = {
    "type": "list",
    "elements": "dict",
    "options": {
        "network": {"type": "str", "required": True},
        "interfaces": {"type": "list", "elements": "str"},
        "allow": {"type": "list", "elements": "dict", "options": _RULE},
    },
}


@dataclass(frozen=True)
class Rule:
    """What may enter: sources as CIDRs of each family, ports as (first, last), rate as (packets, unit).

    Without any source: from everywhere. ports (): all. rate None: as fast as it comes."""

    sources4: tuple = ()
    sources6: tuple = ()
    protocol: str = ANY
    ports: tuple = ()
    rate: tuple | None = None


@dataclass(frozen=True)
class Filter:
    """A network's interfaces and what may enter there: rules None for all that comes, () for replies only."""

    network: str
    interfaces: tuple
    rules: tuple | None = None
