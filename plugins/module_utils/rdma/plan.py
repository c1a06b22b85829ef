# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From what was found to the steps. Pure: a Goal says what shall be, a State what is."""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import own_files
from ..steps import LINK, NONE, Step
from . import qos

LOAD, UNLOAD, SET_NETNS, ADD, REMOVE = "load-module", "unload-modules", "set-netns", "add-rxe", "remove-rxe"
SET = "set-"
NETNS = "netns"


@dataclass
class Goal:
    """What shall be. rxe: {device: network device}; gone: our soft-RoCE devices that shall go; netns: the mode, None
    where it is left alone; values: {key: value} of qos; unload: modules to take out, as far as nobody uses them."""

    modules: list = field(default_factory=list)
    rxe: dict = field(default_factory=dict)
    gone: list = field(default_factory=list)
    netns: str | None = None
    values: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    unload: list = field(default_factory=list)


def steps(state, goal, mode_can_be_set):
    """All steps in their order. mode_can_be_set: False where the namespace mode has to wait for a reboot."""
    made = own_files.steps(state.files, goal.files)
    made += [_load(name) for name in goal.modules if name not in state.loaded]
    if mode_can_be_set and differs(state, goal):
        made.append(Step("rdma", SET_NETNS, "another mode is asked for", before=state.netns, after=goal.netns))
    made += [_remove(state.devices[name]) for name in goal.gone if name in state.devices]
    made += [_add(name, netdev) for name, netdev in sorted(goal.rxe.items()) if name not in state.devices]
    made += values(state.values, goal.values)
    unload = sorted(set(goal.unload) & state.loaded)
    if unload:
        made.append(Step("kernel", UNLOAD, "were loaded by this module", before=unload, after=[]))
    return made


def differs(state, goal):
    """True where the kernel runs in another namespace mode. Where ib_core is not loaded, the file decides."""
    return goal.netns is not None and state.netns not in (None, goal.netns)


def values(before, after):
    """Steps of the QoS settings; a setting that is not known or cannot be set has the value None before."""
    return [
        Step(
            key.split("/")[1],
            SET + "-".join(key.split("/")[:1] + key.split("/")[2:]),
            "differs from what is asked for",
            LINK if key.startswith(("pfc/", "ets/")) else NONE,
            before[key],
            after[key],
            {"key": key},
        )
        for key in sorted(after)
        if before.get(key) is not None and before[key] != after[key]
    ]


def wanted_values(roce, names, now, recorded):
    """{key: value}: of the names what is asked for, of what was recorded and is no longer asked for what was."""
    asked = {key: qos.wanted(roce, key, now[key]) for key in names if now.get(key) is not None}
    return dict({key: value for key, value in recorded.items() if key not in names}, **asked)


def _load(name):
    return Step(name, LOAD, "RDMA needs it", before=False, after=True)


def _add(name, netdev):
    return Step(name, ADD, "asked for, and its NIC has no RDMA", before=None, after=netdev)


def _remove(device):
    return Step(device.name, REMOVE, "no longer asked for", before=device.netdevs[0] if device.netdevs else None)
