# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A control plane as kubectl, openssl and etcd tell it, against what was asked for."""

from __future__ import annotations

from .findings import finding

ADVICE = "Run role cluster_control_plane; journalctl -u %s has what it says"
AGAIN = "Run role cluster_control_plane"


def control_plane(reading, members):
    """{"findings", "proof"}. members: names asked for. reading: {"readyz": [rc, text] of kubectl, "health": {component:
    status, -1 where nobody answered}, "members": of etcd's answer, "ends": lines of openssl on what ends soon}."""
    rows = []
    rc, text = reading["readyz"]
    if rc != 0:
        rows.append(finding("kubeconfig", "kubectl reaches no API server: %s" % text.strip()[-300:], AGAIN))
    for name, status in sorted(reading["health"].items()):
        if status != 200:
            said = "nobody answers" if status in (-1, None) else "it says %s" % status
            rows.append(finding(name, "%s is not ready: %s" % (name, said), ADVICE % name))
    rows += _members(reading["members"], members)
    for line in reading["ends"]:
        path, dummy, date = line.partition(" notAfter=")
        rows.append(finding(path, "%s ends on %s" % (path, date), AGAIN))
    ready = sum(status == 200 for status in reading["health"].values())
    names = ", ".join(sorted(one.get("name", "") for one in reading["members"]))
    proof = "control plane: %d of %d components ready, etcd has %s" % (ready, len(reading["health"]), names or "nobody")
    return {"findings": rows, "proof": [proof]}


def _members(found, asked):
    """Who lacks, who is too many, who has no vote."""
    there = {one.get("name", ""): one for one in found}
    rows = [
        finding("etcd", "%s is no member of etcd's cluster" % name, AGAIN) for name in sorted(set(asked) - set(there))
    ]
    rows += [
        finding("etcd", "%s is a member of etcd's cluster that nobody asked for" % (name or "who never started"), AGAIN)
        for name in sorted(set(there) - set(asked))
    ]
    learners = sorted(name for name, one in there.items() if one.get("isLearner"))
    return rows + [finding("etcd", "%s has no vote in etcd's cluster yet" % name, AGAIN) for name in learners]
