# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Saved topologies: the one that was discovered on a node, else the sample of its profile."""

from __future__ import annotations

import json
import os

from ...module_utils.errors import EngineError

SUFFIX = ".topology.json"
# What a plan reads: {list: {key: type}}.
NEEDED = {
    "cpus": {"cpu": int},
    "numa_nodes": {"node": int, "cpus": list, "hugepages": dict},
    "pci_devices": {"address": str, "kind": str, "vendor": str, "device": str, "sriov": dict, "net": list},
}
NEEDED_OF_PF = {"total": int, "num": int, "vfs": list}


def load(profiles, facts, samples):
    """{node: topology, or None where there is none}.

    profiles: {node: name of its profile}; facts: folder with NODE.topology.json, as playbook discover writes it;
    samples: folder with PROFILE.topology.json. Raises EngineError for a file that holds no topology."""
    read = {}
    found = {}
    for node, profile in profiles.items():
        paths = [os.path.join(facts, node + SUFFIX), os.path.join(samples, "%s%s" % (profile, SUFFIX))]
        path = next((path for path in paths if os.path.isfile(path)), None)
        if path not in read:
            read[path] = _read(path) if path else None
        found[node] = read[path]
    return found


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            topology = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError("cannot be read: %s" % error, path, "Write it anew with playbook discover") from None
    fault = _fault(topology)
    if fault:
        raise EngineError("is no topology: %s" % fault, path, "Write it anew with playbook discover")
    return topology


def _fault(topology):
    """What is wrong with the form of a topology, "" for nothing."""
    if not isinstance(topology, dict):
        return "it is no mapping"
    for name, needed in NEEDED.items():
        rows = topology.get(name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return "%s is no list of mappings" % name
        for number, row in enumerate(rows):
            pf = NEEDED_OF_PF if row.get("sriov") and row["sriov"].get("role") == "pf" else {}
            wrong = [key for key, kind in needed.items() if not isinstance(row.get(key), kind)]
            wrong += [key for key, kind in pf.items() if not isinstance(row["sriov"].get(key), kind)]
            if wrong:
                return "%s[%d] lacks %s" % (name, number, ", ".join(wrong))
    return ""
