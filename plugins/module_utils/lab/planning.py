# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which steps lead from what runs to what is wanted. Pure.

seen: {"folder": path where the lab has one, "process": bool (the switch's is there), "switch": bool (and it answers),
"program": bool (it is the one that we have), "table": port table or None,
"nodes": {name: {"running", "answers", "digest", "address"}}}.
wanted: {name: {"digest", "address"}}.
"""

from __future__ import annotations

from ..steps import Step

STARTED, STOPPED, ABSENT = "started", "stopped", "absent"
AWAIT = "await"


def plan(seen, state, wanted, table):
    """[Step] to the state. The switch comes first and goes last: the VMs' cables are in it."""
    if state == STARTED:
        nodes = [node_step(name, node, wanted.get(name)) for name, node in sorted(seen["nodes"].items())]
        return [step for step in [switch_step(seen, table)] + nodes if step]
    steps = [Step(name, "stop", "it runs") for name, node in sorted(seen["nodes"].items()) if node["running"]]
    if seen["process"]:
        steps.append(Step("switch", "stop-switch", "it runs"))
    if state == ABSENT and seen["folder"]:
        steps.append(Step(seen["folder"], "remove-lab", "disks, keys and logs of the lab"))
    return steps


def switch_step(seen, table):
    """The switch's step, None where it runs as it should."""
    if not seen["switch"] or not seen["program"]:
        reason = "its program has changed" if seen["switch"] else "it does not run"
        return Step("switch", "start-switch", reason, before=seen["table"], after=table)
    if seen["table"] != table:
        reason = "differs from the testbed: " + ", ".join(changed_ports(seen["table"], table))
        return Step("switch", "set-ports", reason, before=seen["table"], after=table)
    return None


def node_step(name, node, wanted):
    """The step of one node, None where it runs as it should."""
    if wanted is None:
        return Step(name, "remove", "the testbed no longer has it")
    if not node["running"]:
        return Step(name, "start", "it does not run", before="stopped", after="started")
    if node["digest"] != wanted["digest"]:
        reason = "its hardware or its image has changed"
        return Step(name, "rebuild", reason, before=node["digest"], after=wanted["digest"])
    if node["address"] != wanted["address"]:
        reason = "the testbed has another address for it"
        return Step(name, "set-address", reason, before=node["address"], after=wanted["address"])
    return None if node["answers"] else Step(name, AWAIT, "it runs but does not answer yet")


def changed_ports(before, after):
    """The names of the ports whose line differs."""
    return sorted(name for name in set(before) | set(after) if before.get(name) != after.get(name))


def acting(steps):
    """Without those that only wait: they change nothing."""
    return [step for step in steps if step.action != AWAIT]
