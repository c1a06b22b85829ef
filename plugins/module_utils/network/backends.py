# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Our files on a node, whichever backend they are for: one that was changed for the other leaves some. Pure."""

from __future__ import annotations

from . import networkd, networkmanager
from .model import MADE_BY

BACKENDS = (networkd, networkmanager)  # the first that runs is used
SYSCTL = "/etc/sysctl.d/50-gedge-network.conf"
PREFIXES = tuple(prefix for backend in BACKENDS for prefix in backend.PREFIXES)


def wanted(backend, links, separation):
    """{path: text} for [Link], where every VLAN's port is among them (see wanted.with_ports)."""
    return dict(backend.files(links), **_sysctls(links, separation))


def interface_of(path):
    """The interface that one of our files is for, None for another file."""
    return next((name for name in (backend.interface_of(path) for backend in BACKENDS) if name), None)


def mode(path):
    """The mode that one of our files needs, None for any."""
    return next((mode for mode in (backend.mode(path) for backend in BACKENDS) if mode), None)


def priorities(texts):
    """Priorities of the routing rules in {path: text}, which are the numbers of their tables."""
    return {number for backend in BACKENDS for number in backend.priorities(texts)}


def defaults(texts):
    """The interfaces that {path: text} gives the node's default route over."""
    return {name for backend in BACKENDS for name in backend.defaults(texts)}


def _sysctls(links, separation):
    """systemd-sysctl sets them for each interface as it appears."""
    values = {path: value for link in links for path, value in link.sysctls().items()} if separation else {}
    lines = ["%s = %s\n" % (path[len("/proc/sys/") :], value) for path, value in sorted(values.items())]
    return {SYSCTL: MADE_BY + "".join(lines)} if lines else {}
