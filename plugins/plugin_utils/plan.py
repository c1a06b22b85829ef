# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The plan of a site: the steps that each node's roles foretold in check mode, as one document and one table."""

from __future__ import annotations

from ..module_utils.steps import DISRUPTIONS, NONE
from .render.text_table import text_table

NO_ANSWER = "no answer: the role did not run"


def summary(results):
    """{"status", "disruption", "nodes": {node: {"disruption", "steps", "errors"}}} of a site.

    results: {role: {node: registered result of its changing module}}, roles in their order; a node without a result has
    {}. status: "clean", "changes" or "errors"."""
    names = sorted({node for by_node in results.values() for node in by_node})
    nodes = {node: _node({role: by_node[node] for role, by_node in results.items()}) for node in names}
    if any(node["errors"] for node in nodes.values()):
        status = "errors"
    else:
        status = "changes" if any(node["steps"] for node in nodes.values()) else "clean"
    return {"status": status, "disruption": _worst(node["disruption"] for node in nodes.values()), "nodes": nodes}


def table(plan):
    """The plan as text: one line per step, errors below, a closing line."""
    rows = [
        [node, step["role"], step["target"], step["action"], step["disruption"], step["reason"]]
        for node, item in plan["nodes"].items()
        for step in item["steps"]
    ]
    parts = [text_table(["node", "role", "target", "step", "disruption", "reason"], rows)] if rows else []
    for node, item in plan["nodes"].items():
        parts += ["%s, %s: %s" % (node, error["role"], error["msg"]) for error in item["errors"]]
    return "\n\n".join(parts + [_closing(plan, rows)])


def _closing(plan, steps):
    nodes = list(plan["nodes"].values())
    if plan["status"] == "clean":
        return "Nothing to do on %s: all is as asked for." % _count(nodes, "node")
    touched = sum(1 for node in nodes if node["steps"])
    wrong = [node for node in nodes if node["errors"]]
    text = "%s on %d of %s; worst disruption: %s."
    text %= (_count(steps, "step"), touched, _count(nodes, "node"), plan["disruption"])
    return text if not wrong else "%s Errors on %s." % (text, _count(wrong, "node"))


def _count(things, word):
    return "%d %s%s" % (len(things), word, "" if len(things) == 1 else "s")


def _node(roles):
    steps, errors = [], []
    for role, result in roles.items():
        if result.get("failed") and "msg" in result and not result.get("unreachable"):
            errors.append({"role": role, "msg": result["msg"]})
        elif result.get("unreachable"):
            errors.append({"role": role, "msg": "unreachable: %s" % result.get("msg", "no answer")})
        elif "steps" not in result:
            errors.append({"role": role, "msg": NO_ANSWER})
        else:
            steps += [dict(step, role=role) for step in result["steps"]]
    return {"disruption": _worst(step["disruption"] for step in steps), "steps": steps, "errors": errors}


def _worst(disruptions):
    return max(disruptions, key=DISRUPTIONS.index, default=NONE)
