# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Who uses RDMA devices, and which network namespaces keep the kernel from another namespace mode."""

from __future__ import annotations

import json

RESOURCES = ("qp", "cq", "mr", "pd", "ctx")
NAMED = ("/run/netns", "/run/docker/netns")


def of_device(system, device):
    """Sorted texts "rping (pid 42)": processes that hold something of an RDMA device. The kernel's own do not count."""
    found = set()
    for kind in RESOURCES:
        found |= holders(system.run(["rdma", "-j", "resource", "show", kind], check=False).out, device)
    return sorted(found)


def holders(text, device):
    """Texts of the processes in the JSON of 'rdma resource show'."""
    try:
        rows = json.loads(text or "[]")
    except ValueError:
        return set()
    return {
        "%s (pid %s)" % (row.get("comm", "?"), row["pid"])
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("ifname") == device and row.get("pid")
    }


def other_namespaces(system):
    """Texts of the network namespaces besides the first process's own: who lives there, or its name."""
    own = system.link("/proc/1/ns/net")
    members = {}
    for pid in (name for name in system.list("/proc") if name.isdigit()):
        namespace = system.link("/proc/%s/ns/net" % pid)
        if namespace not in (None, own):
            members.setdefault(namespace, []).append("%s (pid %s)" % (system.read("/proc/%s/comm" % pid) or "?", pid))
    named = ["namespace %s" % name for folder in NAMED for name in system.list(folder)]
    return named + [_people(people) for people in members.values()]


def _people(people):
    return people[0] if len(people) == 1 else "%s and %d more" % (people[0], len(people) - 1)
