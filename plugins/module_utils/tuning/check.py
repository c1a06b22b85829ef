# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What of the asked for a node cannot give, before anything is touched, and what it gives only in part."""

from __future__ import annotations

import re

from .. import cpuset, hugepages
from ..errors import Problem
from . import files, knobs, targets

# Of what is free now; the kernel would take it from the last running service else.
LEAST_AVAILABLE_KIB = 128 * 1024


def problems(system, wanted, state):
    """All Problems of a Wanted on a node."""
    return _pages(system, wanted, state) + _sysctls(wanted, state) + _cpus(wanted, state) + _governor(wanted, state)


def warnings(wanted, state):
    """Texts: what will not hold as one might expect, though the asking is right."""
    texts = []
    left_out = sorted(knobs.sysctl_key(path) for path in wanted.of_profile if path not in state.values)
    if left_out:
        texts.append("this kernel has no %s, which the profile sets" % ", ".join(left_out))
    if wanted.isolated and state.balances and re.search(r"^\s*IRQBALANCE_BANNED_CPU", state.balance_defaults, re.M):
        texts.append("/etc/default/irqbalance bans CPUs and overrides %s" % files.BALANCE)
    return texts


def _pages(system, wanted, state):
    found = hugepages.shortage(wanted.pages, state.memory)
    if found:
        return found
    made = targets.pages(system, wanted, state)
    sizes = sorted({knobs.PAGES.search(path).group(2) for path in state.free}, key=int)
    for path, count in sorted(made.items()):
        node, size = knobs.PAGES.search(path).groups()
        if path not in state.values:
            advice = "It has %s KiB" % ", ".join(sizes)
            found.append(Problem("hugepages", "this CPU has no pages of %s KiB" % size, advice))
        elif int(state.values[path]) - state.free[path] > int(count):
            what = "%d pages of %s KiB on NUMA node %s are in use, %s asked for"
            used = int(state.values[path]) - state.free[path]
            found.append(Problem("hugepages", what % (used, size, node or 0, count), "Stop what uses them first"))
    return found or _available(made, state)


def _available(made, state):
    """[the Problem where the pages to come take what is free now], else []."""
    new = sum(
        (int(count) - int(state.values[path])) * int(knobs.PAGES.search(path).group(2)) for path, count in made.items()
    )
    if new <= 0 or state.available_kib - new >= LEAST_AVAILABLE_KIB:
        return []
    what = "%d MiB more of hugepages, but only %d MiB of memory are free now, of which %d MiB must stay"
    numbers = (new // 1024, state.available_kib // 1024, LEAST_AVAILABLE_KIB // 1024)
    return [Problem("hugepages", what % numbers, "Ask for fewer, or stop what uses memory")]


def _sysctls(wanted, state):
    unknown = [
        Problem("sysctls.%s" % knobs.sysctl_key(path), "this kernel has no such sysctl", "Load its module first", text)
        for path, text in sorted(wanted.sysctls.items())
        if path not in state.values
    ]
    made = targets.sysctls(wanted, state)
    return unknown + [
        Problem(
            "sysctls.%s" % knobs.sysctl_key(path),
            "%s sets it to %s and is read after %s at boot" % (file, text, files.SYSCTL),
            "Take it out there",
            made[path],
        )
        for file, path, text in state.later
        if path in made and not knobs.same(path, text, made[path])
    ]


def _cpus(wanted, state):
    missing, text = sorted(set(wanted.isolated) - set(state.cpus)), cpuset.render(wanted.isolated)
    if missing:
        what = "CPU %s is not there" % cpuset.render(missing)
        return [Problem("isolated_cpus", what, "The node has %s" % cpuset.render(state.cpus), text)]
    if wanted.isolated and not targets.housekeeping(wanted, state):
        return [Problem("isolated_cpus", "isolates all CPUs", "Leave one or more to the system", text)]
    return []


def _governor(wanted, state):
    lacking = [path for path, choices in state.governors.items() if wanted.governor not in choices]
    if not (wanted.strict and lacking):
        return []
    advice = "Write one of %s" % ", ".join(state.governors[lacking[0]])
    return [Problem("governor", "the CPUs have no such governor", advice, wanted.governor)]
