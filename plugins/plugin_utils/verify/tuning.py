# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How a node is not tuned, though it is asked for. Reads lines FILE:TEXT as grep -H prints them, and sysctl -a."""

from __future__ import annotations

import re

from ...module_utils import cpuset
from ...module_utils import tuning_profile as profile
from .boot import GIGANTIC, pages, values
from .findings import finding

IRQ = re.compile(r"/proc/irq/(\d+)/(?:effective|smp)_affinity_list")
DEFAULT = "/proc/irq/default_smp_affinity"


def tuning(lines, sysctls, fixed, asked):
    """{findings, proof}. lines: of values and effective CPUs; sysctls: of sysctl -a; fixed: files of the IRQs that
    nobody may move; asked: the options of module tuning."""
    found = values(lines)
    isolated = cpuset.parse(asked.get("isolated_cpus") or "")
    numbers = {int(IRQ.fullmatch(path).group(1)) for path in fixed}
    small = [item for item in asked.get("hugepages") or [] if not GIGANTIC.fullmatch(str(item["size"]))]
    there = _on(found, isolated)
    rows = pages(found, small) + _sysctls(sysctls, asked) + _governors(found, asked)
    rows += _default(found, isolated) + [
        finding("IRQ %d" % number, "goes to CPU %s, which is isolated" % cpus)
        for number, cpus in sorted(there.items())
        if number not in numbers
    ]
    kept = sorted(set(there) & numbers)
    proof = ["IRQs that the kernel keeps on isolated CPUs: %s" % ", ".join(map(str, kept))] if kept else []
    return {"findings": rows, "proof": proof}


def _on(found, isolated):
    """{IRQ: its isolated CPUs} of those that really go to one."""
    hits = ((IRQ.fullmatch(path), text) for path, text in found.items())
    parsed = {int(hit.group(1)): set(cpuset.parse(text)) & set(isolated) for hit, text in hits if hit}
    return {number: cpuset.render(cpus) for number, cpus in parsed.items() if cpus}


def _default(found, isolated):
    bits = int(found.get(DEFAULT, "0").replace(",", "") or "0", 16)
    wrong = [number for number in isolated if bits >> number & 1]
    text = "new ones go to CPU %s, which is isolated" % cpuset.render(wrong)
    return [finding("IRQs", text)] if wrong else []


def _sysctls(lines, asked):
    has = {key.strip(): text.split() for key, dummy, text in (line.partition("=") for line in lines)}
    named = {
        str(key).replace("/", "."): str(int(value) if isinstance(value, bool) else value)
        for key, value in (asked.get("sysctls") or {}).items()
    }
    of_profile = profile.sysctls(asked.get("profile") or "none")
    wanted = dict({key: value for key, value in of_profile.items() if key in has}, **named)
    return [
        finding("sysctl %s" % key, "%s asked for, %s found" % (value, " ".join(has.get(key, [])) or "nothing"))
        for key, value in sorted(wanted.items())
        if has.get(key) != value.split()
    ]


def _governors(found, asked):
    wanted = asked.get("governor") or profile.governor(asked.get("profile") or "none")
    return [
        finding("CPU %s" % path.split("/")[-2], "governor %s asked for, %s found" % (wanted, text))
        for path, text in sorted(found.items())
        if wanted and path.endswith("/scaling_governor") and text != wanted
    ]
