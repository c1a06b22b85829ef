# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files of NetworkManager that bring links back at boot: a profile for each, and how its device is treated.

Pure text. Format of the profiles: nm-settings-keyfile(5); of the rest: NetworkManager.conf(5)."""

from __future__ import annotations

import re
import uuid

from .model import MADE_BY, ON_LINK

NAME = "NetworkManager"
PROFILES, SETTINGS = "/etc/NetworkManager/system-connections", "/etc/NetworkManager/conf.d"
PREFIXES = (PROFILES + "/50-gedge-", SETTINGS + "/50-gedge-")
PRIVATE = 0o600  # NetworkManager does not read a profile that others may read
# Of several profiles for a device NetworkManager takes the one of the highest priority; 0 is what nobody has set.
PRIORITY = 50
NAMESPACE = uuid.UUID("6f0d6a5e-8f5c-5d0a-9d57-6e6574776f72")
DEFAULTS = {4: "0.0.0.0/0", 6: "::/0"}
MAKES_DOWN = False  # a VLAN that is to be down is not made
SEE = "nmcli device show %s; journalctl -u NetworkManager"

# reload: NetworkManager reads our files as they are now, and holds each link to its profile again.
RELOAD = r"""
reload() {
    systemctl is-active --quiet NetworkManager || return 0
    timeout 20 nmcli general reload conf >> "$LOG" 2>&1
%s    :
}

# again NAME UUID
again() {
    if [ "$(timeout 20 nmcli -g GENERAL.CON-UUID device show "$1" 2> /dev/null)" = "$2" ]; then
        timeout 20 nmcli device reapply "$1" >> "$LOG" 2>&1 && return 0
    fi
    timeout 20 nmcli connection up "$2" >> "$LOG" 2>&1
}
"""
BUSY = r"""
busy() {
    IFS=$NL
    for line in $(timeout 20 nmcli -g DEVICE,STATE device 2> /dev/null); do
        IFS=$SPACES
        case " $* " in *" ${line%%:*} "*) ;; *) continue ;; esac
        case "$line" in *connecting*|*deactivating*) return 0 ;; esac
    done
    IFS=$SPACES
    return 1
}
"""


def path(name):
    """The profile of an interface."""
    return "%s%s.nmconnection" % (PREFIXES[0], name)


def settings(name):
    """The file that says how NetworkManager treats the device."""
    return "%s%s.conf" % (PREFIXES[1], name)


def interface_of(file):
    """The interface that one of our files of NetworkManager is for, None for another file."""
    prefix = next((one for one in PREFIXES if file.startswith(one)), None)
    return file[len(prefix) :].rsplit(".", 1)[0] if prefix else None


def mode(file):
    """The mode of a file, None for any."""
    return PRIVATE if file.startswith(PROFILES) else None


def identity(name):
    """The UUID of an interface's profile: the same on each run, so that NetworkManager knows it again."""
    return str(uuid.uuid5(NAMESPACE, name))


def files(links):
    """{path: text} for [Link]."""
    made = {}
    for link in links:
        made[settings(link.name)] = MADE_BY + _settings(link)
        if link.up:
            made[path(link.name)] = MADE_BY + "\n\n".join("\n".join(part) for part in _profile(link)) + "\n"
    return made


def priorities(texts):
    """Priorities of the routing rules in {path: text}, which are the numbers of their tables."""
    pattern = re.compile(r"^routing-rule\d+=priority (\d+) ", re.MULTILINE)
    return {int(number) for text in texts.values() for number in pattern.findall(text)}


def defaults(texts):
    """The interfaces that {path: text} gives the node's default route over."""
    pattern = re.compile(r"^route(\d+)=(?:0\.0\.0\.0/0|::/0),.*$(?!\nroute\1_options=)", re.MULTILINE)
    return {interface_of(path) for path, text in texts.items() if interface_of(path) and pattern.search(text)}


def reload(before, after):
    """sh: a function "reload". {path: text} of our files as they were and as the change makes them: what is the same in
    both NetworkManager has not been told anything about."""
    paths = sorted(path for path in set(before) | set(after) if mode(path) and path.endswith(".nmconnection"))
    changed = [path for path in paths if before.get(path) != after.get(path)]
    lines = ['timeout 20 nmcli connection load %s >> "$LOG" 2>&1' % " ".join(changed)] if changed else []
    ours = [interface_of(path) for path in changed if before.get(path)]
    # Ports before their VLANs: the shorter name is the port's.
    lines += ["again %s %s" % (name, identity(name)) for name in sorted(ours, key=lambda name: (len(name), name))]
    return RELOAD % "".join("    %s\n" % line for line in lines)


def _settings(link):
    if not link.up:
        return "[keyfile]\nunmanaged-devices+=interface-name:=%s\n" % link.name
    # An address belongs to the node, not to the cable: it is there without carrier too.
    head = "[device-50-gedge-%s]\nmatch-device=interface-name:=%s\n" % (link.name, link.name)
    return head + "ignore-carrier=yes\n"


def _profile(link):
    kind = "vlan" if link.vlan else "ethernet"
    parts = [["[connection]", "id=gedge-%s" % link.name, "uuid=%s" % identity(link.name), "type=%s" % kind]]
    parts[0] += ["interface-name=%s" % link.name, "autoconnect-priority=%d" % PRIORITY, "autoconnect-retries=0"]
    parts[0].append("mptcp-flags=1")  # none, or it would loosen rp_filter of a link with a default route
    if link.mtu:
        parts.append(["[ethernet]", "mtu=%d" % link.mtu])
    if link.vlan:
        parts.append(["[vlan]", "parent=%s" % link.parent, "id=%d" % link.vlan, "flags=1"])
    return parts + [["[ipv4]"] + _addressing(link, 4, "disabled"), ["[ipv6]"] + _ipv6(link)]


def _ipv6(link):
    return ["addr-gen-mode=eui64"] + _addressing(link, 6, "link-local")


def _addressing(link, version, none):
    def ours(text):
        return (":" in text) == (version == 6)

    addresses = [one for one in link.addresses if ours(one)]
    # Without a metric NetworkManager gives one by the order of activation; so they are as the kernel's own.
    lines = ["method=manual", "route-metric=0"] if addresses else ["method=%s" % none]
    lines += ["address%d=%s" % pair for pair in enumerate(addresses, 1)]
    routes = [row for row in sorted(link.all_routes()) if ours(row[2] if row[1] == "default" else row[1])]
    for number, (table, to, via) in enumerate(routes, 1):
        target = DEFAULTS[version] if to == "default" else to
        lines.append("route%d=%s%s" % (number, target, "" if via == ON_LINK else "," + via))
        lines += [] if table == "main" else ["route%d_options=table=%s" % (number, table)]
    rules = [rule for rule in sorted(link.rules()) if ours(rule[1])]
    return lines + [
        "routing-rule%d=priority %d from %s table %s" % ((number,) + rule) for number, rule in enumerate(rules, 1)
    ]
