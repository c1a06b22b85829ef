# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""iproute2's dcb: what a NIC says of its traffic classes, and the commands that set them. Pure, but for ask().

The JSON is that of iproute2 6.1 and 6.15 (dcb/dcb_pfc.c, dcb_ets.c, dcb_app.c, dcb_apptrust.c)."""

from __future__ import annotations

import json

from ..errors import EngineError

PRIORITIES = range(8)
ROCE_TC = 1  # the traffic class that RoCE has for itself where it gets a share of the link


class Refusal(Exception):
    """The NIC, its driver or this iproute2 cannot do it; the text says why."""


def ask(system, thing, interface):
    """The JSON of 'dcb THING show dev INTERFACE' as a dict. Raises Refusal."""
    try:
        result = system.run(["dcb", "-j", thing, "show", "dev", interface], check=False)
    except EngineError as error:
        raise Refusal(error.what) from error
    if result.rc != 0:
        raise Refusal(reason(result.err or result.out))
    return parse(result.out)


def reason(text):
    """Why, from what dcb writes to stderr."""
    line = (text.strip().splitlines() or ["no answer"])[0]
    if line.startswith("Object "):
        return "this iproute2 does not know it"
    return "the driver says: %s" % line.split(": ", 1)[-1]


def parse(text):
    """The one JSON object in a text. Raises Refusal for anything else."""
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise Refusal("dcb gave no JSON") from error
    if isinstance(found, list):  # iproute2 wraps some answers
        found = found[0] if found else {}
    if not isinstance(found, dict):
        raise Refusal("dcb gave no JSON object")
    return found


def pfc(answer, priority):
    """True where the priority is lossless. Raises Refusal where the NIC has no PFC."""
    lossless = _eight(answer, "prio_pfc", bool)
    if answer.get("pfc_cap") == 0:
        raise Refusal("the NIC has no traffic class for PFC")
    return lossless[priority]


def ets(answer):
    """{"prio_tc": [8], "tc_tsa": [8], "tc_bw": [8]}. Raises Refusal where the NIC has one traffic class only."""
    capacity = answer.get("ets_cap")
    if isinstance(capacity, int) and capacity == 1:
        raise Refusal("the NIC has one traffic class only")
    kinds = (("prio_tc", int), ("tc_tsa", str), ("tc_bw", int))
    return {key: _eight(answer, key, kind) for key, kind in kinds}


def dscp(answer, number):
    """Sorted priorities that a DSCP is mapped to, [] for none. Raises Refusal."""
    rows = answer.get("dscp_prio", [])
    if not isinstance(rows, list) or not all(_is_pair(row) for row in rows):
        raise Refusal("dcb's DSCP table is of another form")
    return sorted(row[1] for row in rows if row[0] == number)


def trust(answer):
    """The order of what is trusted, such as ["dscp", "pcp"]. Raises Refusal."""
    order = answer.get("order", [])
    if not isinstance(order, list) or not all(isinstance(word, str) for word in order):
        raise Refusal("dcb's trust order is of another form")
    return order


def is_firmwares(answer):
    """True where the NIC's own firmware runs DCBX, so that settings of the host are refused or undone."""
    return bool(answer.get("lld_managed")) and not answer.get("host")


def wanted_ets(now, priority, share):
    """The ETS setting in which RoCE's priority has a traffic class and a share (percent), all others the rest."""
    others = ["strict" if kind == "vendor" else kind for kind in now["tc_tsa"][2:]]
    return {
        "prio_tc": [ROCE_TC if number == priority else 0 for number in PRIORITIES],
        "tc_tsa": ["ets", "ets"] + ["strict" if kind == "ets" else kind for kind in others],
        "tc_bw": [100 - share, share] + [0] * 6,
    }


# -- commands


def set_pfc(interface, priority, lossless):
    """One priority; the others stay."""
    return ["dcb", "pfc", "set", "dev", interface, "prio-pfc", "%d:%s" % (priority, "on" if lossless else "off")]


def set_ets(interface, value):
    """All of it at once: bandwidths must add up to 100 at every moment."""
    words = ["dcb", "ets", "set", "dev", interface]
    for key, name in (("tc_tsa", "tc-tsa"), ("tc_bw", "tc-bw"), ("prio_tc", "prio-tc")):
        words += [name] + ["%d:%s" % pair for pair in enumerate(value[key])]
    return words


def set_dscp(interface, number, before, after):
    """Commands that bring the priorities of a DSCP from before to after."""
    head = ["dcb", "app"]
    gone = [
        head + ["del", "dev", interface, "dscp-prio", "%d:%d" % (number, one)] for one in before if one not in after
    ]
    new = [head + ["add", "dev", interface, "dscp-prio", "%d:%d" % (number, one)] for one in after if one not in before]
    return new + gone


def replace_dscp(interface, number, priority):
    """For boot, where what is there is not known: no error where it is there already."""
    return ["dcb", "app", "replace", "dev", interface, "dscp-prio", "%d:%d" % (number, priority)]


def set_trust(interface, order):
    """The order of what is trusted."""
    return ["dcb", "apptrust", "set", "dev", interface, "order"] + order


def _eight(answer, key, kind):
    values = answer.get(key)
    if not isinstance(values, list) or len(values) != 8 or not all(_is(value, kind) for value in values):
        raise Refusal("dcb's %s is of another form" % key.replace("_", "-"))
    return values


def _is_pair(row):
    return isinstance(row, list) and len(row) == 2 and all(_is(value, int) for value in row)


def _is(value, kind):
    """True for a value of that type; true and false are no numbers here."""
    return isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
