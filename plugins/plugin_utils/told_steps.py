# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Steps out of what modules of others registered (k8s, file), which tell only that something changes. Pure."""

from __future__ import annotations

from ..module_utils.steps import Step


def steps(result, action, reason, once=False):
    """[step as data] for each part of a registered result that changes. once: it ran once for all hosts of the play, so
    each host has it; the plan of a site tells it once."""
    found = [Step(_target(part), action, reason).as_dict() for part in _parts(result) if part.get("changed")]
    return [dict(step, once=True) for step in found] if once else found


def beside(result, first=(), last=()):
    """The result of a module of ours with the steps of the tasks before and after it: changed where there is one."""
    told = list(first) + list(result.get("steps") or ()) + list(last)
    return dict(result, steps=told, changed=bool(told))


def _parts(result):
    """The results of a loop's items, and of a list of objects, one by one."""
    inside = result.get("results")
    if inside is None and isinstance(result.get("result"), dict):
        inside = result["result"].get("results")
    if not isinstance(inside, list):
        return [result]
    return [part for one in inside if isinstance(one, dict) for part in _parts(one)]


def _target(part):
    """The object, the file on the node, or what the loop was at."""
    told = part.get("result")
    if isinstance(told, dict) and told.get("kind"):
        metadata = told.get("metadata") or {}
        return "%s %s" % (told["kind"], "/".join(filter(None, (metadata.get("namespace"), metadata.get("name")))))
    item = part.get(part.get("ansible_loop_var") or "item") or ""
    item = str(item.get("key", "") if isinstance(item, dict) else item)
    return str(part.get("path") or item)
