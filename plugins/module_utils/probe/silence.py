# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a device says of an echo request that nobody answered: which way it is that nothing passes."""

from __future__ import annotations

import json

from . import echoes

ERRORS = ("errors", "dropped")


def explained(system, answers):
    """The answers; those that were expected and did not come with "seen", or as they are where it cannot be read."""
    return [dict(one, seen=_seen(system, one)) if _lacks(one) else one for one in answers]


def _lacks(one):
    return not one["replies"] and one.get("expect") != "silence" and one.get("interface")


def _seen(system, target):
    """{carrier, sent, received (packets since the device is there), lost (errors and drops), neighbour}, or None.

    neighbour: what the kernel knows of the address: REACHABLE, FAILED (nobody answers for it), none ..."""
    ip = [*echoes.within(target), "ip", "-j"]
    links = _asked(system, [*ip, "-s", "link", "show", "dev", target["interface"]])
    if not links:
        return None
    known = _asked(system, [*ip, "neigh", "show", "to", target["address"], "dev", target["interface"]])
    counters = links[0]["stats64"]
    return {
        "carrier": "LOWER_UP" in links[0]["flags"],
        "sent": counters["tx"]["packets"],
        "received": counters["rx"]["packets"],
        "lost": sum(counters[way][key] for way in ("rx", "tx") for key in ERRORS),
        "neighbour": " ".join(state for one in known for state in one.get("state", ())) or "none",
    }


def _asked(system, argv):
    done = system.run(argv, check=False)
    return json.loads(done.out or "[]") if done.rc == 0 else []


def sentence(answer):
    """What was seen of it, for people, or nothing."""
    seen = answer.get("seen")
    if not seen:
        return ""
    if not seen["carrier"]:
        return " (%s has no carrier)" % answer["interface"]
    text = " (%s: %d packets sent, %d received, %d lost, neighbour %s)"
    return text % (answer["interface"], seen["sent"], seen["received"], seen["lost"], seen["neighbour"])
