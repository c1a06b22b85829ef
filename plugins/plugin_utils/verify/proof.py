# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a verification has proven, in sentences with figures: nothing is said that was not counted."""

from __future__ import annotations


def sentences(readings, answers, frames):
    """List of str. readings: {node: {"count"}}, {} for a node that was not read; answers: all answered targets;
    frames: of verify.switch.witness."""
    read = [node for node in readings if "count" in readings[node]]
    total = sum(readings[node]["count"] for node in read)
    told = ["%d VFs of %s were read back by iproute2 and from sysfs." % (total, ", ".join(read))] if read else []
    told += ["%s was not read." % node for node in readings if node not in read]
    idle = sum(readings[node]["count"] - len(readings[node].get("endpoints", ())) for node in read)
    if idle:
        told.append("%d of them cannot be probed: bound to vfio-pci, in use elsewhere or without a driver." % idle)
    if not answers:
        told.append("No traffic was sent: that needs VFs with a network device on two nodes at least.")
    for expect, words in (
        ("reply", "probes between VFs of one network on different nodes were answered."),
        ("silence", "probes from one network into another stayed without an answer."),
    ):
        sent = [target for target in answers if target["expect"] == expect]
        right = [target for target in sent if bool(target["replies"]) == (expect == "reply")]
        if sent:
            told.append("%d of %d %s" % (len(right), len(sent), words))
    return told + _witness(frames)


def _witness(frames):
    by_vlan = {}
    for row in frames:
        if row["vlan"]:
            by_vlan[row["vlan"]] = by_vlan.get(row["vlan"], 0) + row["frames_in"]
    if not by_vlan:
        return []
    counts = ", ".join("%d of VLAN %d" % (by_vlan[vlan], vlan) for vlan in sorted(by_vlan))
    return ["The switch counted the frames that came in meanwhile: %s." % counts]
