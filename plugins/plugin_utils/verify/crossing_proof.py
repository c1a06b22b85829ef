# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the traffic between the networks of the nodes has shown, with figures."""

from __future__ import annotations

from .crossing import growth, swallowed


def sentences(answers, before, after):
    """Sentences with figures."""
    told = []
    for kinds, words in (
        (("path", "mtu"), "echo requests within a network, up to the full MTU, were answered"),
        (("apart",), "echo requests from one network to an address of another stayed without an answer"),
    ):
        sent = [one for one in answers["pings"] if one["kind"] in kinds]
        right = [one for one in sent if bool(one["replies"]) == (one["expect"] == "reply")]
        if sent:
            told.append("%d of %d %s." % (len(right), len(sent), words))
    for expect, words in (("passes", "ports that are allowed were reached"), ("stopped", "others were not")):
        sent = [
            one for one in answers["ports"] if one["expect"] == expect and not (expect == "passes" and swallowed(one))
        ]
        right = [one for one in sent if (one["answer"] in ("open", "refused")) == (expect == "passes")]
        if sent:
            told.append("%d of %d %s." % (len(right), len(sent), words))
    dropped = {
        name[: -len(" not allowed")]: growth(before, after, name) for name in after if name.endswith(" not allowed")
    }
    if dropped:
        words = ", ".join("%d (%.1f MB) of %s" % (n, size / 1e6, name) for name, (n, size) in sorted(dropped.items()))
        told.append("Its filters counted packets as dropped meanwhile: %s." % words)
    return told + _load_proof(answers.get("load"))


def _load_proof(load):
    if not load:
        return []
    text = "%s Mbit/s sent over %s for %s s" % (load["sent_mbit"], load["interface"], load["seconds"])
    for one in load["answers"]:
        text += "; management %s answered %d of %d echo requests meanwhile" % (
            one["label"],
            one["replies"],
            one["sent"],
        )
        text += " (average %s ms, worst %s ms)" % (one["rtt_ms"], one["worst_ms"]) if one["replies"] else ""
    return [text + "."]
