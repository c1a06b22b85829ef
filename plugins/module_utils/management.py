# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which interfaces carry the management connection, so that nobody cuts it unasked."""

from __future__ import annotations

import json
import os


def interfaces(system, ssh_connection=None, own_defaults=()):
    """Names of the interfaces towards the SSH client (SSH_CONNECTION) and of the default routes, with those below
    them (the ports of a bond or bridge, the parent of a VLAN, the PF of a VF).

    own_defaults: interfaces whose default route is of our own making, which does not make them management."""
    peer = (ssh_connection or os.environ.get("SSH_CONNECTION", "")).split(" ")[0]
    defaults = [["ip", "-j", "route", "show", "default"], ["ip", "-j", "-6", "route", "show", "default"]]
    names = {name for argv in defaults for name in _devices(system, argv)} - set(own_defaults)
    if peer:
        names |= _devices(system, ["ip", "-j", "route", "get", peer])
    return names | _below(system, names)


def _devices(system, argv):
    return {route["dev"] for route in _json(system.run(argv, check=False).out) if "dev" in route}


def _json(text):
    try:
        return json.loads(text or "[]")
    except ValueError:
        return []


def _below(system, names):
    found = set()
    for name in names:
        lower = {link[6:] for link in system.list("/sys/class/net/%s" % name) if link.startswith("lower_")}
        lower |= set(system.list("/sys/class/net/%s/device/physfn/net" % name))
        found |= lower | (_below(system, lower) if lower else set())
    return found
