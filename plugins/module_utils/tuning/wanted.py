# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the options of module tuning ask for, with all faults that need no node."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import cpuset, hugepages
from .. import tuning_profile as profile
from ..errors import EngineError, Problem, ProblemsError
from . import knobs

KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:-]*")
VALUE = re.compile(r"[\t\x20-\x7e]+")
GOVERNOR = re.compile(r"[a-z_]*")
# Set by option hugepages, per NUMA node; as sysctls they would spread over all.
PAGES = re.compile(r"vm\.nr_(hugepages|overcommit_hugepages).*")


@dataclass
class Wanted:
    """pages: [hugepages.Asked] of all sizes; sysctls, of_profile: {file below /proc/sys: text}, the latter only where
    the kernel has them; governor: "" for none, strict: whether a node without it is at fault."""

    pages: list = field(default_factory=list)
    sysctls: dict = field(default_factory=dict)
    of_profile: dict = field(default_factory=dict)
    isolated: list = field(default_factory=list)
    governor: str = ""
    strict: bool = False


def read(params):
    """The Wanted of the module's parameters; raises ProblemsError with all faults."""
    if params["state"] == "absent":
        return Wanted()
    pages, problems = hugepages.asked(params["hugepages"])
    sysctls, wrong = _sysctls(params["sysctls"] or {})
    isolated, no_cpus = _cpus(params["isolated_cpus"] or "")
    governor = params["governor"] or ""
    problems += wrong + no_cpus
    if not GOVERNOR.fullmatch(governor):
        problems.append(Problem("governor", "is no name of a governor", "Write for example performance", governor))
    if problems:
        raise ProblemsError(problems, where="tuning")
    name = params["profile"]
    of_profile = {knobs.sysctl_path(key): value for key, value in profile.sysctls(name).items()}
    rest = {path: value for path, value in of_profile.items() if path not in sysctls}
    return Wanted(pages, sysctls, rest, isolated, governor or profile.governor(name), bool(governor))


def _cpus(text):
    try:
        return cpuset.parse(text), []
    except EngineError as error:
        return [], [Problem("isolated_cpus", error.what, error.advice, text)]


def _sysctls(asked):
    """({file below /proc/sys: text}, [Problem])."""
    found, problems = {}, []
    for key, value in sorted(asked.items()):
        path, text = "sysctls.%s" % key, _text(value)
        if not KEY.fullmatch(key) or ".." in key:
            problems.append(Problem(path, "is no name of a sysctl", "Write it as 'sysctl -a' shows it"))
        elif PAGES.fullmatch(key):
            problems.append(Problem(path, "hugepages have an option of their own", "Write it into hugepages"))
        elif not VALUE.fullmatch(text):
            problems.append(Problem(path, "is no value of a sysctl", "Write a number or a word, in ASCII", value))
        elif knobs.sysctl_path(key) in found:
            problems.append(Problem(path, "is given twice", "Give it once"))
        else:
            found[knobs.sysctl_path(key)] = text
    return found, problems


def _text(value):
    return str(int(value)) if isinstance(value, bool) else str(value).strip()
