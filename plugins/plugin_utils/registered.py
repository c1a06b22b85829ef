# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the roles of the nodes left in their variables: ROLE_packages, ROLE_result, ROLE_findings, ROLE_proof."""

from __future__ import annotations

# Packages first, then the subsystem itself, as a role runs them. The second where a role's option has the first name.
RESULTS = ("%s_packages", "%s_packages_result", "%s_result")
SILENT = {"device": "node", "what": "no answer", "advice": "See the error above"}
ADVICE = "Run the role again; find out what changed it"


def results(hostvars, nodes, roles):
    """{role: {node: [registered results]}}, roles in their order; empty ones where a role did not run.

    hostvars: Ansible's own, or any {node: {variable: value}}; roles: of all nodes, or {node: its roles}."""
    return {
        role: {
            node: [_result(hostvars[node].get(name % role)) for name in RESULTS]
            for node in nodes
            if role in _of(roles, node)
        }
        for role in _all(roles, nodes)
    }


def findings(hostvars, nodes, roles):
    """{node: [finding]} of all roles' verification, each with its role. A role that left nothing is a finding."""
    found = {}
    for node in nodes:
        told = {role: hostvars[node].get(role + "_findings") for role in _of(roles, node)}
        found[node] = [
            dict(_row(row), role=role) for role, rows in told.items() for row in ([SILENT] if rows is None else rows)
        ]
    return found


def proof(hostvars, nodes, roles):
    """Sentences: what each role has shown on each node."""
    return [
        "%s: %s" % (node, line)
        for role in _all(roles, nodes)
        for node in nodes
        if role in _of(roles, node)
        for line in hostvars[node].get(role + "_proof") or []
    ]


def _of(roles, node):
    return roles[node] if isinstance(roles, dict) else roles


def _all(roles, nodes):
    """Each role once, in their order."""
    return list(dict.fromkeys(role for node in nodes for role in _of(roles, node)))


def _result(told):
    """Another variable may have that name: an option is no result."""
    return told if isinstance(told, dict) else {}


def _row(told):
    """A finding that is only a sentence, as one with its columns."""
    return told if isinstance(told, dict) else {"device": "node", "what": str(told), "advice": ADVICE}
