# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Reads a node's links, addresses, routes, rules, sysctls and the files that govern them. Changes nothing."""

from __future__ import annotations

import fnmatch
import json
import re

from .. import own_files
from ..errors import EngineError
from . import networkd
from .model import ON_LINK, Found

LINK_FILES = "/run/systemd/netif/links/%d"
FOLDERS = ("/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network")


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
    """{path: text} of our files of networkd and sysctl.d, with drafts that a killed run left."""
    names = [name for name in system.list(networkd.FOLDER) if name.startswith(networkd.PREFIX.rsplit("/", 1)[1])]
    plain = ["%s/%s" % (networkd.FOLDER, name) for name in names if not name.endswith(own_files.DRAFT)]
    drafts = ["%s/%s" % (networkd.FOLDER, name[: -len(own_files.DRAFT)]) for name in names if name not in plain]
    return own_files.read(system, sorted(set(plain + drafts + [networkd.SYSCTL])))


def others(system, found, names):
    """{interface: path} where a .network file of somebody else comes before ours, or ifupdown has the interface."""
    texts = _foreign(system)
    governed = {}
    for name in names:
        ours = networkd.path(name).rsplit("/", 1)[1]
        path = _used(system, found.get(name)) or next((one for one, text in texts if _matches(text, name)), None)
        if path and path.rsplit("/", 1)[1] < ours:
            governed[name] = path
    return dict(governed, **_ifupdown(system, names))


def backend(system):
    """Refuses a node that systemd-networkd does not run on, by what runs instead. Raises EngineError."""
    if system.run(["systemctl", "is-active", "--quiet", "systemd-networkd"], check=False).rc == 0:
        return
    manager = system.run(["systemctl", "is-active", "--quiet", "NetworkManager"], check=False).rc == 0
    what = "NetworkManager runs, which is not supported yet" if manager else "systemd-networkd does not run"
    raise EngineError(what, "network", "Start it: systemctl enable --now systemd-networkd")


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


def _used(system, link):
    """The file that networkd itself says it uses for an interface, where that is not ours."""
    text = system.read(LINK_FILES % link.index) if link else None
    used = re.search(r"^NETWORK_FILE=(.+)$", text or "", re.MULTILINE)
    return used.group(1) if used and not used.group(1).startswith(networkd.PREFIX) else None


def _foreign(system):
    """[(path, text)] of the .network files of others, in networkd's order; the first folder hides the later ones."""
    found = {}
    for folder in FOLDERS:
        for name in system.list(folder):
            if name.endswith(".network") and not ("%s/%s" % (folder, name)).startswith(networkd.PREFIX):
                found.setdefault(name, "%s/%s" % (folder, name))
    return [(found[name], system.read(found[name]) or "") for name in sorted(found)]


def _matches(text, name):
    """True where the [Match] section goes by names alone, and by this one. What networkd uses is asked it itself."""
    section = re.search(r"^\[Match\]\s*$(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    pairs = re.findall(r"^\s*(\w+)\s*=\s*(.*?)\s*$", section.group(1) if section else "", re.MULTILINE)
    if {key for key, dummy in pairs} != {"Name"}:
        return False
    return any(fnmatch.fnmatchcase(name, pattern) for dummy, value in pairs for pattern in value.split())


def _ifupdown(system, names):
    if not (system.exists("/usr/sbin/ifup") or system.exists("/sbin/ifup")):
        return {}
    main = "/etc/network/interfaces"
    paths = [main] + ["%s.d/%s" % (main, name) for name in system.list(main + ".d")]
    found = {}
    for path in paths:
        for words in re.findall(r"^\s*(?:auto|iface|allow-\S+)\s+(.+)$", system.read(path) or "", re.MULTILINE):
            found.update({name: path for name in names if name in words.split()})
    return found
