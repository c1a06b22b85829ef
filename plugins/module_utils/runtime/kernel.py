# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What Kubernetes needs of a node's kernel, now and at boot: two modules, and the sysctls of a host that has pods."""

from __future__ import annotations

MODULES = "/etc/modules-load.d/gedge-kubernetes.conf"
SYSCTLS = "/etc/sysctl.d/98-gedge-kubernetes.conf"
HEAD = "# Made by gedge.engine.runtime; it goes with state: absent.\n"
NEEDED = ("overlay", "br_netfilter")
FORWARD = "/proc/sys/net/ipv4/ip_forward"
# What crosses a pod's bridge meets the same rules: a service's address is put back in replies. IPv6 is not forwarded.
VALUES = {FORWARD: "1", "/proc/sys/net/bridge/bridge-nf-call-iptables": "1"}
LATE = "/proc/sys/net/bridge"  # is there once br_netfilter is


def loaded(system):
    """The modules of NEEDED that the kernel has."""
    has = {"br_netfilter": system.exists(LATE)}
    has["overlay"] = "overlay" in (system.read("/proc/filesystems") or "").split()
    return [name for name in NEEDED if has[name]]


def values(system):
    """{path: text} of the sysctls that are there."""
    found = {path: system.read(path) for path in VALUES}
    return {path: text for path, text in found.items() if text is not None}


def files():
    """{path: text} of what brings both back at boot."""
    keys = sorted((path[len("/proc/sys/") :].replace("/", "."), value) for path, value in VALUES.items())
    return {
        MODULES: HEAD + "".join(name + "\n" for name in NEEDED),
        SYSCTLS: HEAD + "".join("%s = %s\n" % pair for pair in keys),
    }
