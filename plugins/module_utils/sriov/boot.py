# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files that make SR-IOV come back at boot, by what the distribution offers.

systemd.link(5) creates the VFs and sets their attributes (systemd >= 251); one small unit per PF sets what .link files
cannot (PF up, rates); driverctl binds vfio-pci. The functions are pure: files out, nothing touched.
"""

from __future__ import annotations

from ..own_files import LINK
from .model import VFIO, vf_address

NETWORK = "/etc/systemd/network"
UNITS = "/etc/systemd/system"
DRIVERCTL = "/etc/driverctl.d"
DEFAULT_LINK = "/usr/lib/systemd/network/99-default.link"
WANTS = UNITS + "/multi-user.target.wants"
RULES = "/etc/udev/rules.d/90-gedge-sriov-%s.rules"
# multi-user.target waits for a device for 90 s only and gives the unit up then; so the device itself asks for it, too.
RULE = 'ACTION=="add|move", SUBSYSTEM=="net", NAME=="%s", TAG+="systemd", ENV{SYSTEMD_WANTS}+="%s"\n'
SYSTEMD = 251  # the first with SR-IOV in .link files
HEAD = "# Written by the gedge.engine sriov module for PF %s; changes here are lost.\n"
BASE = "# Base: "
# The words of systemd.link(5), section [SR-IOV].
SRIOV_WORDS = (
    ("vlan", "VLANId"),
    ("qos", "QualityOfService"),
    ("spoofchk", "MACSpoofCheck"),
    ("trust", "Trust"),
    ("link_state", "LinkState"),
    ("mac", "MACAddress"),
)
# Drivers take a rate only with a link, which comes some seconds after 'up' ($$ is systemd's way to write $).
AWAIT_LINK = """ExecStart=/bin/sh -c 'until [ "$$(cat /sys/class/net/%s/carrier)" = 1 ]; do sleep 0.2; done'"""
LINK_STATE_WORDS = {"enable": "yes", "disable": "no", "auto": "auto"}


def prefix(pf_address):
    """What the names of a PF's files begin with. 01: before an operator's own, whose settings are taken over."""
    return "%s/01-gedge-sriov-%s" % (NETWORK, pf_address)


def unit_name(pf_address):
    """The unit of a PF; one file, no instance."""
    return "gedge-sriov-%s.service" % pf_address


def files(pf, wanted, base, default):
    """{path: text} for one PF. base: (path, text) of the .link file in effect for the PF; default: text of the
    distribution's 99-default.link, the base for VFs. {} where nothing is to be kept."""
    if not wanted.count:
        return {}
    made = {prefix(pf.address) + ".link": _pf_link(pf, wanted, base)}
    for index, keys in sorted(wanted.vfs.items()):
        path = "%s-vf%d.link" % (prefix(pf.address), index)
        if keys.get("driver") == VFIO:
            made["%s/pci-%s" % (DRIVERCTL, vf_address(pf, index))] = VFIO + "\n"
        elif "mac" in keys or "mtu" in keys:
            made[path] = _vf_link(pf, index, keys, default)
    unit = _unit(pf, wanted)
    if unit:
        name = unit_name(pf.address)
        made["%s/%s" % (UNITS, name)] = unit
        made["%s/%s" % (WANTS, name)] = LINK + "../" + name  # what 'systemctl enable' makes
        made[RULES % pf.address] = HEAD % pf.address + RULE % (pf.name, name)
    return made


def link_section(text, dropped):
    """The lines of the [Link] section of a .link file, without comments, blank lines and the dropped keys."""
    kept, inside = [], False
    for line in (raw.strip() for raw in (text or "").splitlines()):
        if line.startswith("["):
            inside = line == "[Link]"
        elif inside and line and line[0] not in "#;" and line.split("=")[0].strip() not in dropped:
            kept.append(line)
    return kept


def base_of(text):
    """The path that an earlier run named as the base of a file of ours, or None."""
    for line in (text or "").splitlines():
        if line.startswith(BASE):
            return line[len(BASE) :]
    return None


def shortcomings(made, systemd_version, has_driverctl):
    """What a node lacks for the files {path: text} to work at boot: {"warnings": texts, "missing_packages": names}.

    systemd_version: int, 0 where unknown."""
    warnings, packages = [], []
    if made and systemd_version < SYSTEMD:
        warnings.append("VFs will not come back at boot: systemd >= %d is needed for that" % SYSTEMD)
    if any(path.startswith(DRIVERCTL) for path in made) and not has_driverctl:
        packages.append("driverctl")
    return {"warnings": warnings, "missing_packages": packages}


def _pf_link(pf, wanted, base):
    path, text = base
    lines = [HEAD % pf.address + BASE + path, "[Match]", "Path=pci-%s" % pf.address, "", "[Link]"]
    lines += link_section(text, ("SR-IOVVirtualFunctions",) + (("MTUBytes",) if wanted.mtu else ()))
    if wanted.mtu:
        lines.append("MTUBytes=%d" % wanted.mtu)
    lines.append("SR-IOVVirtualFunctions=%d" % wanted.count)
    for index, keys in sorted(wanted.vfs.items()):
        words = [_sriov_line(word, keys[key]) for key, word in SRIOV_WORDS if _worth(key, keys)]
        if words:
            lines += ["", "[SR-IOV]", "VirtualFunction=%d" % index] + words
    return "\n".join(lines) + "\n"


def _worth(key, keys):
    """A fresh VF has no VLAN and no priority, and systemd takes VLANs from 1 only."""
    return key in keys and not (key in ("vlan", "qos") and not keys[key])


def _sriov_line(word, value):
    if word == "LinkState":
        value = LINK_STATE_WORDS[value]
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    return "%s=%s" % (word, value)


def _vf_link(pf, index, keys, default):
    """A VF driver that starts while its PF is down makes up a MAC; this gives the VF's netdev the one it was given."""
    dropped = ("MACAddressPolicy", "MACAddress") if "mac" in keys else ()
    dropped += ("MTUBytes",) if "mtu" in keys else ()
    lines = [HEAD % pf.address + "[Match]", "Path=pci-%s" % vf_address(pf, index), "", "[Link]"]
    lines += link_section(default, dropped)
    if "mac" in keys:
        lines += ["MACAddressPolicy=none", "MACAddress=%s" % keys["mac"]]
    if "mtu" in keys:
        lines.append("MTUBytes=%d" % keys["mtu"])
    return "\n".join(lines) + "\n"


def _unit(pf, wanted):
    """The unit for what .link files cannot say; '' where there is nothing such."""
    up = ["ip link set dev %s up" % pf.name] if wanted.up else []
    rates = [
        "ip link set dev %s vf %d %s" % (pf.name, index, _rates(keys))
        for index, keys in sorted(wanted.vfs.items())
        if _rates(keys)
    ]
    if not up and not rates:
        return ""
    device = "sys-subsystem-net-devices-%s.device" % pf.name.replace("-", "\\x2d")
    lines = [HEAD % pf.address + "[Unit]", "Description=SR-IOV of %s: link and VF rates" % pf.name]
    lines += ["BindsTo=%s" % device, "After=%s" % device, "Before=kubelet.service", "StartLimitIntervalSec=0", ""]
    lines += ["[Service]", "Type=oneshot", "RemainAfterExit=yes", "TimeoutStartSec=60"]
    lines += ["# A cable may be plugged in later.", "Restart=on-failure", "RestartSec=30"]
    lines += ["ExecStart=/usr/sbin/%s" % command for command in up]
    lines += [AWAIT_LINK % pf.name] if rates else []
    lines += ["ExecStart=/usr/sbin/%s" % command for command in rates]
    return "\n".join(lines + ["", "[Install]", "WantedBy=multi-user.target", ""])


def _rates(keys):
    return " ".join("%s %d" % (key, keys[key]) for key in ("min_tx_rate", "max_tx_rate") if keys.get(key))
