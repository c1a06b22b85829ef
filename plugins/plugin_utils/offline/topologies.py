# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Saved topologies: the one that was discovered on a node, else the sample of its profile."""

from __future__ import annotations

import json
import os

from ...module_utils.errors import EngineError
from .form import fault

SUFFIX = ".topology.json"
ADVICE = "Write it anew with playbook discover"


def load(profiles, facts, samples):
    """{node: topology, or None where there is none}.

    profiles: {node: name of its profile}; facts: folder with NODE.topology.json, as playbook discover writes it;
    samples: folder with PROFILE.topology.json. Raises EngineError for a file that holds no topology."""
    read = {}
    found = {}
    for node, profile in profiles.items():
        paths = [os.path.join(facts, node + SUFFIX), os.path.join(samples, "%s%s" % (profile, SUFFIX))]
        # What is there and cannot be read is no reason to plan on a sample.
        path = next((path for path in paths if os.path.lexists(path)), None)
        if path not in read:
            read[path] = _read(path) if path else None
        found[node] = read[path]
    return found


def _read(path):
    if not os.path.isfile(path):
        what = "leads nowhere" if not os.path.exists(path) else "is no file"
        raise EngineError(what, path, ADVICE)
    try:
        with open(path, encoding="utf-8") as file:
            topology = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError("cannot be read: %s" % error, path, ADVICE) from None
    wrong = fault(topology)
    if wrong:
        raise EngineError("is no topology: %s" % wrong, path, ADVICE)
    return topology
