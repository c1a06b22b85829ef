# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Promised against achieved, for a person. Pure."""

from __future__ import annotations

from ..render.text_table import text_table

ASPECTS = ("node", "cpus", "memory", "devices", "vlans", "macs", "addresses", "distance")
HEAD = ["service", "replica", "container", "", "node", "CPUs", "NUMA", "memory", "devices", "VLAN", "MAC", "address",
        "distance", "equal"]  # fmt: skip


def findings(row):
    """[sentence]: what is not equal in a row, [] for none."""
    title = "%(namespace)s/%(service)s, replica %(replica)d, container %(container)s" % row
    wrong = [aspect for aspect in ASPECTS if not row["equal"][aspect]]
    if not wrong:
        return []
    asked, got = words_of(row["promised"]), words_of(row["achieved"])
    parts = ["%s %s instead of %s" % (NAMES[one], got[one] or "none", asked[one] or "none") for one in wrong]
    return ["%s: %s" % (title, "; ".join(parts))]


NAMES = {"node": "node", "cpus": "CPUs", "memory": "memory on NUMA node", "devices": "devices", "vlans": "VLAN",
         "macs": "MAC", "addresses": "address", "distance": "distance"}  # fmt: skip


def words_of(side):
    """The parts of a side as text, by aspect."""
    if side is None:
        return dict.fromkeys(ASPECTS, "-")
    nodes = ",".join(map(str, side["cpu_nodes"]))
    macs = side["macs"]
    if "port_macs" in side:
        macs = [face or port for face, port in zip(macs, side["port_macs"])]
    weight = "-" if side["distance"] is None else "%g" % side["distance"]
    kinds = sorted({one[2] or "?" for one in side["levels"]})
    return {
        "node": side["node"],
        "cpus": "%s on NUMA node %s" % (side["cpus"], nodes) if side["cpus"] else "shared",
        "memory": ",".join(map(str, side["memory_nodes"])),
        "devices": " ".join("%s %s" % (one["resource"], one["address"]) if one else "none" for one in side["devices"]),
        "vlans": " ".join("none" if one is None else str(one) for one in side["vlans"]),
        "macs": " ".join(str(one) for one in macs if one),
        "addresses": " ".join(side["addresses"]),
        "distance": " ".join([weight, *kinds]) if side["levels"] else weight,
    }


def left_out(nodes, titles):
    """[sentence]: nodes that were not looked at, with the replicas there of which nothing is said; [] without any."""
    what = ", ".join(titles)
    tail = ": nothing is said of %s" % what if what else ""
    return ["not looked at: %s%s" % (", ".join(sorted(nodes)), tail)] if nodes else []


def table(rows):
    """Two lines for each row: promised, achieved."""
    if not rows:
        return "No pod was promised anything."
    lines = []
    for row in rows:
        name = ["%(namespace)s/%(service)s" % row, str(row["replica"]), row["container"]]
        lines.append([*name, "promised", *_line(row["promised"]), ""])
        lines.append(["", "", "", "achieved", *_line(row["achieved"]), "yes" if all(row["equal"].values()) else "NO"])
    return text_table(HEAD, lines)


def _line(side):
    cells = words_of(side)
    cpus = [side["cpus"] or "shared", ",".join(map(str, side["cpu_nodes"]))] if side else ["-", "-"]
    return [
        cells["node"],
        *cpus,
        *(cells[one] for one in ("memory", "devices", "vlans", "macs", "addresses", "distance")),
    ]
