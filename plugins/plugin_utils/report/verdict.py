# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whether the testbed is as asked for, as honestly as plan.json, verify.json and the times of all files allow."""

from __future__ import annotations

from .words import count

PROVEN, DRIFT, UNVERIFIED = "proven", "drift", "unverified"
WORDS = {
    PROVEN: "Proven: the verification found nothing that differs from what is asked for.",
    DRIFT: "Drift: what was found is not what is asked for.",
    UNVERIFIED: "Not verified: nobody can say yet whether all is as asked for.",
}


def verification(saved, nodes, machines, asked):
    """{"state", "time", "fault", "outdated", "findings": {name: rows}, "proof", "frames", "layers", "left_out",
    "missing"}.

    outdated: sentences, why the verification does not speak of now; layers: roles that it looked at, None where it does
    not tell; left_out: roles that it should have looked at (see cover), missing: nodes."""
    data = saved["data"] or {}
    findings = data.get("findings") if isinstance(data.get("findings"), dict) else {}
    told = {name: [_finding(row) for row in _list(rows)] for name, rows in findings.items()}
    return {
        "state": saved["state"],
        "time": saved["time"],
        "fault": saved["fault"],
        "outdated": _outdated(saved["time"], machines, asked) if saved["time"] else [],
        "findings": told,
        "proof": _proof(data.get("proof")),
        "frames": [dict(row) for row in _list(data.get("frames")) if isinstance(row, dict)],
        "layers": _layers(data.get("layers")),
        "left_out": [],
        "missing": [node for node in nodes if node not in told] if saved["state"] == "read" else [],
    }


def cover(verified, roles):
    """The verification, with the roles of which something is asked and at which it did not look."""
    known = verified["layers"]
    return dict(verified, left_out=[] if known is None else sorted(set(roles) - set(known)))


def looked_at(verified, role):
    """True for a role that the verification covers, as far as it tells; SR-IOV was the first that it had."""
    return role == "node_sriov" if verified["layers"] is None else role in verified["layers"]


def _layers(told):
    return [str(role) for role in told] if isinstance(told, (list, tuple)) else None


def _list(value):
    return value if isinstance(value, (list, tuple)) else []


def _finding(row):
    if not isinstance(row, dict):
        return {"role": None, "device": None, "what": str(row), "advice": None}
    return {key: row.get(key) for key in ("role", "device", "what", "advice")}


def _proof(told):
    """Lines; a mapping of nodes or parts to lines is told with their names before."""
    if isinstance(told, dict):
        return ["%s: %s" % (name, line) for name, lines in told.items() for line in _proof(lines)]
    return [told] if isinstance(told, str) else [str(line) for line in _list(told)]


def _outdated(time, machines, asked):
    reasons = []
    if asked and asked["time"] > time:
        reasons.append("%s was changed at %s, after the verification of %s" % (asked["path"], asked["time"], time))
    newer = [name for name, machine in machines.items() if machine["time"] and machine["time"] > time]
    if newer:
        many = "%s and %s" % (newer[0], count(len(newer) - 1, "other node")) if len(newer) > 1 else newer[0]
        reasons.append("The saved topology of %s changed after the verification of %s" % (many, time))
    return reasons


def planned(saved, verified):
    """{"state", "time", "fault", "status", "disruption", "outdated", "nodes": {node: ...}} of plan.json.

    outdated: True where a verification came later: what was foretold may have been done since."""
    data = saved["data"] or {}
    nodes = data.get("nodes") if isinstance(data.get("nodes"), dict) else {}
    return {
        "state": saved["state"],
        "time": saved["time"],
        "fault": saved["fault"],
        "status": data.get("status"),
        "disruption": data.get("disruption"),
        "reboots": data.get("reboots"),
        "outdated": bool(saved["time"] and verified["time"] and saved["time"] < verified["time"]),
        "nodes": {name: _planned(node) for name, node in nodes.items() if isinstance(node, dict)},
    }


def _planned(node):
    return {
        "disruption": node.get("disruption"),
        "reboots": node.get("reboots"),
        "reboot_reasons": [str(reason) for reason in _list(node.get("reboot_reasons"))],
        "steps": [dict(step) for step in _list(node.get("steps")) if isinstance(step, dict)],
        "errors": [_text(error) for error in _list(node.get("errors"))],
        "conflicts": [_text(conflict) for conflict in _list(node.get("conflicts"))],
    }


def _text(row):
    """An error or a conflict, whatever its form, as one line."""
    if not isinstance(row, dict):
        return str(row)
    first = [str(row[key]) for key in ("role", "where", "device", "target") if row.get(key)]
    rest = [str(row[key]) for key in ("msg", "what", "reason", "advice") if row.get(key)]
    return ": ".join([*first[:1], ". ".join(rest)]) if rest else str(row)


def verdict(verified, plan, nodes, old):
    """{"state", "headline", "time", "reasons"}: what a hurried reader takes away.

    nodes: {node: number of places where its saved topology differs from what is asked for}; old: those of them whose
    topology is older than the verification: neither is then believed."""
    new = {name: number for name, number in nodes.items() if name not in old}
    drift = _drift(verified, plan, new)
    unknown = _unknown(verified, plan) + _against({name: nodes[name] for name in old})
    if drift:
        state = DRIFT
    else:
        state = UNVERIFIED if unknown else PROVEN
    return {"state": state, "headline": WORDS[state], "time": verified["time"], "reasons": drift + unknown}


def _drift(verified, plan, nodes):
    reasons = []
    wrong = {name: rows for name, rows in verified["findings"].items() if rows}
    if wrong:
        total = sum(len(rows) for rows in wrong.values())
        reasons.append("The verification of %s has %s: %s" % (verified["time"], count(total, "finding"), _few(wrong)))
    if not plan["outdated"]:
        for key, word in (("steps", "step"), ("conflicts", "conflict")):
            found = {name: node[key] for name, node in plan["nodes"].items() if node[key]}
            if found:
                total = sum(len(rows) for rows in found.values())
                reasons.append("The plan of %s has %s: %s" % (plan["time"], count(total, word), _few(found)))
        rebooted = [name for name, node in plan["nodes"].items() if node["reboots"]]
        if rebooted:
            reasons.append("The plan of %s needs a reboot: %s" % (plan["time"], _few(rebooted)))
    if nodes:
        reasons.append("The saved topology differs in %s: %s" % (_places(nodes), _few(nodes)))
    return reasons


def _against(nodes):
    told = (
        "The saved topology differs in %s, of which the verification after it said nothing: %s. Run playbook discover"
    )
    return [told % (_places(nodes), _few(nodes))] if nodes else []


def _places(nodes):
    return "%s from what is asked for" % count(sum(nodes.values()), "place")


def _unknown(verified, plan):
    if verified["state"] == "missing":
        reasons = ["No verification has been saved: run playbook verify"]
    elif verified["state"] != "read":
        reasons = ["The saved verification cannot be read: %s" % verified["fault"]]
    else:
        reasons = list(verified["outdated"])
    if verified["left_out"]:
        reasons.append("The verification did not look at what is asked of %s" % _few(verified["left_out"]))
    if verified["missing"]:
        reasons.append("The verification did not look at %s" % _few(verified["missing"]))
    failed = {name: node for name, node in plan["nodes"].items() if node["errors"]}
    if failed and not plan["outdated"]:
        reasons.append("The plan of %s has errors: %s" % (plan["time"], _few(failed)))
    return reasons


def _few(names):
    shown = list(names)[:5]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (" and %d more" % rest if rest else "")
