# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Carrying steps out: modules, soft-RoCE devices, the namespace mode, QoS settings, files."""

from __future__ import annotations

from .. import own_files
from ..errors import EngineError
from . import boot, plan, qos

# The kernel found a namespace that nobody can be named for; gone with the next boot, which sets the mode.
BUSY = "/run/gedge/rdma-netns-busy"


def step(system, one):
    """Carry one step out; each can be done twice."""
    if one.action in own_files.ACTIONS:
        change_file(system, one)
    elif one.action.startswith(plan.SET) and "key" in one.detail:
        qos.apply(system, one.detail["key"], one.before, one.after)
    else:
        ACTIONS[one.action](system, one)


def tidy(system, keys):
    """Take away what is left of forgotten keys of the baseline: folders that we made, folders of configfs."""
    for key in keys:
        kind, name = key.split("/", 1) if "/" in key else (key, "")
        if kind == "folder":
            system.remove_folder(name)
        elif kind == "tos":
            qos.forget(system, key)


def change_file(system, one):
    """Write or remove a file of ours."""
    name = one.target.rsplit("/", 1)[1]
    is_unit = name.endswith(".service") and "@." not in name
    if is_unit and one.action == own_files.REMOVE:  # else it stays loaded until the next boot
        system.run(["systemctl", "stop", name], check=False)
    own_files.apply(system, one)


def reload(system, paths):
    """Tell who reads the files that changed. Once for all: on a busy node systemd takes its time."""
    if any(path.startswith(boot.UNITS) for path in paths):
        system.run(["systemctl", "daemon-reload"], check=False)
    if boot.RULES in paths:
        system.run(["udevadm", "control", "--reload"], check=False)


def _load(system, one):
    system.run(["modprobe", one.target])


def _unload(system, one):
    """Modules that others use by now stay until the next boot: that is no failure."""
    for name in reversed(one.before):
        system.run(["modprobe", "-r", name], check=False)


def _set_netns(system, one):
    result = system.run(["rdma", "system", "set", "netns", one.after], check=False)
    if result.rc != 0 and "busy" in (result.err + result.out).lower():
        system.write_file(BUSY, one.after + "\n")
    elif result.rc != 0:
        raise EngineError((result.err or result.out).strip() or "no message", "rdma system set netns %s" % one.after)


def _add(system, one):
    if not system.exists("/sys/class/net/" + one.after):
        advice = "Make it first: VFs by role node_sriov, VLANs by role node_network"
        raise EngineError("there is no such network device", one.after, advice)
    system.run(["rdma", "link", "add", one.target, "type", "rxe", "netdev", one.after])
    # Until udev has made its node in /dev/infiniband, no program can open it.
    system.run(["udevadm", "settle", "--timeout=30"], check=False)


def _remove(system, one):
    system.run(["rdma", "link", "delete", one.target])


ACTIONS = {plan.LOAD: _load, plan.UNLOAD: _unload, plan.SET_NETNS: _set_netns, plan.ADD: _add, plan.REMOVE: _remove}
