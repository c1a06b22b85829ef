# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What of somebody else governs an interface before our files do: {interface: (what, advice)}. Reads only."""

from __future__ import annotations

import fnmatch
import re

from . import networkd as networkd_files
from . import networkmanager as nm_files

LINK_FILES = "/run/systemd/netif/links/%d"
FOLDERS = ("/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network")
PROFILES = tuple("%s/NetworkManager/system-connections" % folder for folder in ("/etc", "/run", "/usr/lib"))
UNMANAGED = "NetworkManager's configuration, which leaves it unmanaged"
RENAME = "Take the interface out of that file, or rename it so that it sorts after 50-gedge"
STAND_BACK = "Take the interface out of that profile, or set its autoconnect-priority below 0"
TAKE_OUT = "Take the interface out of it"


def networkd(system, found, links):
    """Where a .network file comes before ours. found: {name: Found}; links: [Link]."""
    texts = _network_files(system)
    governed = {}
    for name in (link.name for link in links):
        ours = networkd_files.path(name).rsplit("/", 1)[1]
        path = _used(system, found.get(name)) or next((one for one, text in texts if _matches(text, name)), None)
        if path and path.rsplit("/", 1)[1] < ours:
            governed[name] = (path, RENAME)
    return governed


def networkmanager(system, found, links):
    """Where a profile comes before ours, or NetworkManager is told to leave a port alone. As networkd."""
    devices, profiles = _devices(system), _profiles(system)
    governed = {}
    for link in links:
        state, active = devices.get(link.name, ("", ""))
        if state == "unmanaged" and not link.vlan and not _is_kept_down(system, link.name):
            governed[link.name] = (UNMANAGED, TAKE_OUT)
        mac = found[link.name].mac if link.name in found else ""
        for path, profile in profiles:
            if _comes_first(profile, link, active, mac):
                governed.setdefault(link.name, (path, STAND_BACK))
    return governed


def ifupdown(system, links):
    """Where ifupdown has the interface. links: [Link]."""
    if not (system.exists("/usr/sbin/ifup") or system.exists("/sbin/ifup")):
        return {}
    main = "/etc/network/interfaces"
    paths = [main] + ["%s.d/%s" % (main, name) for name in system.list(main + ".d")]
    found = {}
    for path in paths:
        for words in re.findall(r"^\s*(?:auto|iface|allow-\S+)\s+(.+)$", system.read(path) or "", re.MULTILINE):
            found.update({link.name: (path, TAKE_OUT) for link in links if link.name in words.split()})
    return found


# -- systemd-networkd


def _used(system, link):
    """The file that networkd itself says it uses for an interface, where that is not ours."""
    text = system.read(LINK_FILES % link.index) if link else None
    used = re.search(r"^NETWORK_FILE=(.+)$", text or "", re.MULTILINE)
    return used.group(1) if used and not used.group(1).startswith(networkd_files.PREFIX) else None


def _network_files(system):
    """[(path, text)] of the .network files of others, in networkd's order; the first folder hides the later ones."""
    found = {}
    for folder in FOLDERS:
        for name in system.list(folder):
            if name.endswith(".network") and not ("%s/%s" % (folder, name)).startswith(networkd_files.PREFIX):
                found.setdefault(name, "%s/%s" % (folder, name))
    return [(found[name], system.read(found[name]) or "") for name in sorted(found)]


def _matches(text, name):
    """True where the [Match] section goes by names alone, and by this one. What networkd uses is asked it itself."""
    pairs = _sections(text).get("Match", [])
    if {key for key, dummy in pairs} != {"Name"}:
        return False
    return any(fnmatch.fnmatchcase(name, pattern) for dummy, value in pairs for pattern in value.split())


# -- NetworkManager


def _devices(system):
    """{interface: (state, UUID of its active profile)}."""
    lines = system.run(["nmcli", "-g", "DEVICE,STATE,CON-UUID", "device"], check=False).out.splitlines()
    rows = [line.rsplit(":", 2) for line in lines if line.count(":") >= 2]
    return {name: (state, active) for name, state, active in rows}


def _is_kept_down(system, name):
    return "unmanaged-devices" in (system.read(nm_files.settings(name)) or "")


def _profiles(system):
    """[(path, {section: {key: value}})] of the profiles of others, also those that are kept in memory only.

    In /etc their names need no ending."""
    found = []
    for folder in PROFILES:
        for name in system.list(folder):
            path = "%s/%s" % (folder, name)
            plain = folder == nm_files.PROFILES and not name.startswith(".") and not name.endswith("~")
            if (plain or name.endswith(".nmconnection")) and not path.startswith(nm_files.PREFIXES):
                found.append((path, {key: dict(pairs) for key, pairs in _sections(system.read(path) or "").items()}))
    return found


def _comes_first(profile, link, active, mac):
    """True for a profile that NetworkManager may take for the interface rather than ours.

    One that is bound to it is somebody's will, unless its priority says that it stands back."""
    connection, match = profile.get("connection", {}), profile.get("match", {})
    try:
        priority = int(connection.get("autoconnect-priority", "0"))
    except ValueError:
        return False  # NetworkManager does not read such a file
    if connection.get("autoconnect") in ("false", "no", "0") or not _is_of_kind(profile, link):
        return False
    told = _told(profile, link.name, mac)
    uses = bool(active) and connection.get("uuid") == active
    # Of a device's driver or path NetworkManager knows more: what it uses is asked it itself.
    fits = all(told) and set(match) <= {"interface-name"}
    return (uses or fits) and priority >= (0 if told or match or link.vlan else nm_files.PRIORITY)


def _is_of_kind(profile, link):
    connection, vlan = profile.get("connection", {}), profile.get("vlan", {})
    if not link.vlan:
        return connection.get("type") in ("ethernet", "802-3-ethernet")
    name = connection.get("interface-name") or "%s.%s" % (vlan.get("parent"), vlan.get("id"))
    return connection.get("type") == "vlan" and name == link.name


def _told(profile, name, mac):
    """For each way in which the profile names interfaces: whether it is this one. [] where it takes any."""
    connection = profile.get("connection", {})
    ethernet = profile.get("ethernet") or profile.get("802-3-ethernet") or {}
    patterns = [one.lstrip("|&") for one in profile.get("match", {}).get("interface-name", "").split(";") if one]
    wanted = [one for one in patterns if not one.startswith("!")]
    told = [connection["interface-name"] == name] if connection.get("interface-name") else []
    told += [any(fnmatch.fnmatchcase(name, one) for one in wanted)] if wanted else []
    told += [not fnmatch.fnmatchcase(name, one[1:]) for one in patterns if one not in wanted]
    return told + ([ethernet["mac-address"].lower() == mac.lower()] if ethernet.get("mac-address") else [])


def _sections(text):
    """{section: [(key, value)]} of a file in that form; a section may come twice."""
    found = {}
    for head, body in re.findall(r"^\[([^\]\n]+)\]\s*$(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL):
        found.setdefault(head, []).extend(re.findall(r"^\s*([\w.-]+)\s*=\s*(.*?)\s*$", body, re.MULTILINE))
    return found
