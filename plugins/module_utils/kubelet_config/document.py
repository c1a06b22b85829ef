# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kubelet's configuration as it puts it together: its file, then the drop-ins by name, of which ours is one.

Drop-ins are JSON merge patches (RFC 7386): maps are merged, null takes a key out, lists are replaced as a whole.
"""

from __future__ import annotations

import json

from ..errors import EngineError
from . import yaml_subset
from .wanted import OPTION_MAPS, RESERVATIONS

API = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}
HEAD = "# Made by gedge.engine.kubelet: what others set is kept but for these keys. It goes with state: absent.\n"
# What the kubelet adds to a file that says nothing of it, before drop-ins are read.
EVICTION_DEFAULTS = {
    "memory.available": "100Mi",
    "nodefs.available": "10%",
    "nodefs.inodesFree": "5%",
    "imagefs.available": "15%",
    "imagefs.inodesFree": "5%",
}


def merge(base, patch):
    """base with a patch on it."""
    if not isinstance(patch, dict):
        return patch
    found = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merge(found.get(key), value)
    return found


def of_file(text, path):
    """The configuration of the file that --config names. Raises EngineError."""
    found = yaml_subset.read(text, path)
    if found.get("evictionHard") is None:
        found["evictionHard"] = dict(EVICTION_DEFAULTS)
    elif found.get("mergeDefaultEvictionSettings"):
        found["evictionHard"] = dict(EVICTION_DEFAULTS, **found["evictionHard"])
    return found


def drop_ins(system, folder, ours):
    """Others' [(path, patch)] before ours and after ours in a folder, as the kubelet walks through it."""
    before, after = [], []
    for path in _walk(system, folder):
        if path != ours and path.endswith(".conf"):
            patch = yaml_subset.read(system.read(path) or "", path)
            (before if path.split("/") < ours.split("/") else after).append((path, patch))
    return before, after


def _walk(system, folder):
    for name in system.list(folder):
        path = "%s/%s" % (folder, name)
        below = system.list(path)
        if below:
            yield from _walk(system, path)
        else:
            yield path


def text(patch):
    """Our drop-in: JSON on each line, which is YAML too."""
    rows = dict(API, **{key: value for key, value in patch.items() if value != {}})
    order = [*API, *sorted(set(rows) - set(API))]
    return HEAD + "".join("%s: %s\n" % (key, json.dumps(rows[key], sort_keys=True)) for key in order)


def parse(text_of_ours):
    """The inverse of text(), {} for a file that somebody has changed beyond reading."""
    found = {}
    for line in (text_of_ours or "").splitlines():
        key, sign, value = line.partition(": ")
        if line.startswith("#") or not sign:
            continue
        try:
            found[key] = json.loads(value)
        except ValueError:
            return {}
    return {key: value for key, value in found.items() if key not in API}


def patch_of(asked, base):
    """What of asked must stand in our drop-in, so that the two make up what is asked for."""
    patch = dict(asked)
    for field in set(OPTION_MAPS) & set(asked):
        # The options of a policy are one statement: one that others set would clash with, or survive, ours.
        patch[field] = dict(dict.fromkeys(base.get(field) or {}), **asked[field])
    if any("cpu" in asked.get(field, {}) for field in RESERVATIONS) and base.get("reservedSystemCPUs"):
        patch["reservedSystemCPUs"] = ""
    return patch


def check(config, where):
    """Raises EngineError where a part of the configuration has not the form that the kubelet reads."""
    for key in (*OPTION_MAPS, *RESERVATIONS, "evictionHard", "featureGates"):
        if not isinstance(config.get(key) or {}, dict):
            raise EngineError("%s is no map" % key, where, "Mend the kubelet's configuration first")
