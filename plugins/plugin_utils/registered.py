# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the roles of the nodes left in their variables: ROLE_packages, ROLE_result, ROLE_findings, ROLE_proof."""

from __future__ import annotations

# Packages first, then the subsystem itself, as a role runs them.
RESULTS = ("%s_packages", "%s_result")
SILENT = {"device": "node", "what": "no answer", "advice": "See the error above"}


def results(hostvars, nodes, roles):
    """{role: {node: [registered results]}}, roles in their order; [{}, {}] where a role did not run.

    hostvars: Ansible's own, or any {node: {variable: value}}."""
    return {
        role: {node: [hostvars[node].get(name % role) or {} for name in RESULTS] for node in nodes} for role in roles
    }


def findings(hostvars, nodes, roles):
    """{node: [finding]} of all roles' verification, each with its role. A role that left nothing is a finding."""
    found = {}
    for node in nodes:
        told = {role: hostvars[node].get(role + "_findings") for role in roles}
        found[node] = [
            dict(row, role=role) for role in roles for row in ([SILENT] if told[role] is None else told[role])
        ]
    return found


def proof(hostvars, nodes, roles):
    """Sentences: what each role has shown on each node."""
    return [
        "%s: %s" % (node, line)
        for role in roles
        for node in nodes
        for line in hostvars[node].get(role + "_proof") or []
    ]
