# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The plan of a site: the steps that each node's roles foretold in check mode, as one document and one table."""

from __future__ import annotations

from ..module_utils.steps import DISRUPTIONS, NONE, REBOOT
from .render.text_table import text_table

SIDES = ("before", "after")
# What an interface lacks only as long as its port, or itself, is down.
WITH_THE_PORT = ("up", "routes")
# A step that no module tells: what comes after something that is not there yet.
AGAIN = {"target": "cluster", "action": "plan-again", "disruption": NONE, "before": None, "after": None}
NO_ANSWER = "no answer: the role did not run"


def summary(found, conflicts=None):
    """{"status", "disruption", "reboots", "nodes": {node: NODE}} of a site; NODE: {"disruption", "steps", "errors",
    "conflicts", "reboot_reasons", "reboots"}.

    found: as registered.results() gives it, {"later": why} where nobody can ask a role yet; conflicts: {node:
    [{"where", "what", "advice"}]}. status: "clean", "changes" or "errors". All reasons of a node are met by one reboot,
    at the end."""
    conflicts = conflicts or {}
    names = sorted({node for by_node in found.values() for node in by_node} | set(conflicts))
    nodes = {
        node: _node(
            {role: by_node[node] for role, by_node in found.items() if node in by_node}, conflicts.get(node, [])
        )
        for node in names
    }
    _tell_once(nodes.values())
    return {
        "status": _status(nodes.values()),
        "disruption": _worst(node["disruption"] for node in nodes.values()),
        "reboots": sum(node["reboots"] for node in nodes.values()),
        "nodes": nodes,
    }


def table(plan):
    """The plan as text: one line per step and reboot, conflicts and errors below, a closing line."""
    rows = [row for node, item in plan["nodes"].items() for row in _rows(node, item)]
    parts = [text_table(["node", "role", "target", "step", "disruption", "reason"], rows)] if rows else []
    for node, item in plan["nodes"].items():
        parts += ["%s, %s: %s. %s" % (node, c["where"], c["what"], c["advice"]) for c in item["conflicts"]]
        parts += ["%s, %s: %s" % (node, error["role"], error["msg"]) for error in item["errors"]]
    return "\n\n".join([*parts, _closing(plan)])


def _rows(node, item):
    rows = [
        [node, step["role"], step["target"], step["action"], step["disruption"], step["reason"]]
        for step in item["steps"]
    ]
    if item["reboots"]:
        reasons = "; ".join(row["reason"] for row in item["reboot_reasons"])
        rows.append([node, "node_boot", node, "reboot", REBOOT, "at the end, once: %s" % reasons])
    return rows


def _closing(plan):
    nodes = list(plan["nodes"].values())
    if plan["status"] == "clean":
        return "Nothing to do on %s: all is as asked for." % _count(nodes, "node")
    touched = sum(1 for node in nodes if node["steps"] or node["reboots"])
    text = "%s on %d of %s; worst disruption: %s." % (
        _count([step for node in nodes for step in node["steps"]], "step"),
        touched,
        _count(nodes, "node"),
        plan["disruption"],
    )
    if plan["reboots"]:
        text += " %s, one node at a time." % _count(range(plan["reboots"]), "reboot")
    for key, word in (("conflicts", "Conflicts"), ("errors", "Errors")):
        wrong = [node for node in nodes if node[key]]
        text += " %s on %s." % (word, _count(wrong, "node")) if wrong else ""
    return text


def _count(things, word):
    return "%d %s%s" % (len(things), word, "" if len(things) == 1 else "s")


def _status(nodes):
    if any(node["errors"] or node["conflicts"] for node in nodes):
        return "errors"
    return "changes" if any(node["steps"] or node["reboots"] for node in nodes) else "clean"


def _node(by_role, conflicts):
    node = {"disruption": NONE, "steps": [], "errors": [], "conflicts": list(conflicts), "reboot_reasons": []}
    later = {}
    for role, answers in by_role.items():
        why = answers[-1].get("later") if answers else None
        if why:
            later.setdefault(why, []).append(role)
            continue
        error = _error(answers)
        if error:
            node["errors"].append({"role": role, "msg": error})
            continue
        for answer in answers:
            node["steps"] += [dict(step, role=role) for step in answer.get("steps", [])]
            node["reboot_reasons"] += [{"role": role, "reason": text} for text in answer.get("reboot_reasons", [])]
    for why, roles in later.items():
        text = "%s, so not foretold: %s" % (why, ", ".join(roles))
        node["steps"].append(dict(AGAIN, role=roles[0], reason=text))
    node["steps"] = _without_followers(node["steps"])
    node["reboots"] = 1 if node["reboot_reasons"] else 0
    node["disruption"] = REBOOT if node["reboots"] else _worst(step["disruption"] for step in node["steps"])
    return node


def _tell_once(nodes):
    """Take out what an earlier node has told for all: objects of a cluster, which a role applies once for its hosts."""
    told = set()
    for node in nodes:
        left = []
        for step in node["steps"]:
            key = (step["role"], step["action"], step["target"])
            if not (step.get("once") and key in told):
                left.append({name: value for name, value in step.items() if name != "once"})
            if step.get("once"):
                told.add(key)
        node["steps"] = left


def _without_followers(steps):
    """The steps without what an earlier role does on the way: node_network finds up what node_sriov has brought up.

    Each role foretells alone, from the same state, and sees a PF that is down; VLANs on it are down with it."""
    raised = {step["target"] for step in steps if step["action"] == "link-up"}
    found = []
    for step in steps:
        follows = step["action"] == "configure-link" and step["target"].partition(".")[0] in raised
        one = _lacking_less(step) if follows and step["after"].get("up") else step
        found += [one] if one else []
    return found


def _lacking_less(step):
    """The step for what it lacks beside; None where that is nothing."""
    sides = {key: {name: step[key][name] for name in step[key] if name not in WITH_THE_PORT} for key in SIDES}
    if not sides["after"]:
        return None
    return dict(step, **sides, reason="differs in %s" % ", ".join(sorted(sides["after"])))


def _error(answers):
    """What went wrong with a role on a node, or None. A task that its condition skipped has nothing to do there."""
    for answer in answers:
        if answer.get("unreachable"):
            return "unreachable: %s" % answer.get("msg", "no answer")
        if answer.get("failed") and "msg" in answer:
            return answer["msg"]
    subsystem = answers[-1] if answers else {}
    return None if "steps" in subsystem or subsystem.get("skipped") else NO_ANSWER


def _worst(disruptions):
    return max(disruptions, key=DISRUPTIONS.index, default=NONE)
