# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Reads a node's links, addresses, routes, rules, sysctls and our files. Changes nothing."""

from __future__ import annotations

import json

from .. import own_files
from ..errors import EngineError
from . import backends
from .model import ON_LINK, Found


def links(system):
    """{name: Found} of all interfaces, with their addresses and the routes over them."""
    addresses = {one.get("ifname"): one for one in _ip(system, ["addr", "show"])}
    found = {
        one["ifname"]: _found(one, addresses.get(one["ifname"], {})) for one in _ip(system, ["-d", "link", "show"])
    }
    for family, none in (("-4", "0.0.0.0"), ("-6", "::")):
        for route in _ip(system, [family, "route", "show", "table", "all"]):
            to = "default" if route.get("dst") in ("default", none + "/0") else _full(route.get("dst", ""))
            # A default route straight out of an interface is one too.
            via = route.get("gateway") or (none if to == "default" else None)
            table = str(route.get("table", "main"))
            if not via and table not in ("main", "local"):  # those the kernel fills by itself
                via = ON_LINK
            if route.get("dev") in found and via:
                found[route["dev"]].routes.add((table, to, via))
    return found


def rules(system):
    """{(priority, address, table)} of the rules that ask a table for one sender."""
    both = _ip(system, ["-4", "rule", "show"]) + _ip(system, ["-6", "rule", "show"])
    whole = [rule for rule in both if "srclen" not in rule or rule["srclen"] in (32, 128)]
    return {(rule["priority"], rule["src"], str(rule["table"])) for rule in whole if "src" in rule and "table" in rule}


def sysctls(system, paths):
    """{path: value} of those that are there."""
    values = {path: system.read(path) for path in paths}
    return {path: value for path, value in values.items() if value is not None}


def own(system):
    """{path: text} of our files of the backends and sysctl.d, with drafts that a killed run left."""
    found = [backends.SYSCTL]
    for prefix in backends.PREFIXES:
        folder, begin = prefix.rsplit("/", 1)
        found += ["%s/%s" % (folder, name) for name in system.list(folder) if name.startswith(begin)]
    plain = {path[: -len(own_files.DRAFT)] if path.endswith(own_files.DRAFT) else path for path in found}
    return own_files.read(system, sorted(plain))


def unread(system, paths):
    """Those of our files that others may read, where their backend takes none such."""
    modes = {path: system.mode(path) for path in paths if backends.mode(path)}
    return {path for path, mode in modes.items() if mode is not None and mode & ~backends.mode(path)}


def _ip(system, words):
    result = system.run(["ip", "-j"] + words, check=False)
    try:
        return [one for one in json.loads(result.out or "[]") if one]
    except ValueError as error:
        raise EngineError("does not answer in JSON: %s" % error, "ip -j " + " ".join(words)) from error


def _found(link, addresses):
    info = link.get("linkinfo") or {}
    vlan = info["info_data"]["id"] if info.get("info_kind") == "vlan" else None
    return Found(
        name=link["ifname"],
        index=link.get("ifindex", 0),
        up="UP" in link["flags"],
        mtu=link["mtu"],
        mac=link.get("address", ""),
        pci=link.get("parentdev"),
        parent=link.get("link"),
        vlan=vlan,
        addresses=["%s/%d" % (one["local"], one["prefixlen"]) for one in addresses.get("addr_info", [])],
    )


def _full(destination):
    """iproute2 leaves the prefix of a host's route out."""
    if "/" in destination:
        return destination
    return destination + ("/128" if ":" in destination else "/32")
