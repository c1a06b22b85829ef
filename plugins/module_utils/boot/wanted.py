# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the options of module boot ask for: arguments, modules and their options. Faults that need no node are found
here, those that need one in check.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import cpuset, hugepages
from ..errors import EngineError, Problem, ProblemsError
from . import cmdline

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
# modprobe.d takes double quotes round a value, and nothing of these inside.
VALUE = re.compile(r"[^\"\\\x00-\x1f\x7f-\U0010ffff]*")
IOMMU = {
    ("on", "intel"): [("intel_iommu", "on"), ("iommu", "pt")],
    ("on", "amd"): [("iommu", "pt")],  # AMD's is on by default
    ("on", "arm"): [("iommu.passthrough", "1")],
    ("off", "intel"): [("intel_iommu", "off")],
    ("off", "amd"): [("amd_iommu", "off")],
    ("off", "arm"): [("iommu.passthrough", "1")],
}


@dataclass
class Wanted:
    """isolated: CPU numbers; pages: [hugepages.Asked] of all sizes; free: [(key, value)] of the option arguments."""

    iommu: str = "leave"
    isolated: list = field(default_factory=list)
    nohz_full: bool = False
    pages: list = field(default_factory=list)
    default_size: str | None = None
    free: list = field(default_factory=list)
    modules: list = field(default_factory=list)
    options: dict = field(default_factory=dict)

    def pairs(self, iommu_kind):
        """All arguments as [(key, value)]. iommu_kind: "intel", "amd", "arm" or ""."""
        made = list(IOMMU.get((self.iommu, iommu_kind), []))
        if self.isolated:
            made += _isolation(cpuset.render(self.isolated), self.nohz_full)
        if self.default_size:
            made.append(("default_hugepagesz", self.default_size))
        return made + _pages([page for page in self.pages if is_gigantic(page)]) + self.free


def is_gigantic(page):
    """True for pages that only the boot can give for sure."""
    return page.size_kib >= hugepages.GIGANTIC_KIB and page.count > 0


def _isolation(cpus, nohz_full):
    made = [("isolcpus", "managed_irq,domain,%s" % cpus)]
    return made + [("nohz_full", cpus), ("rcu_nocbs", cpus)] if nohz_full else made


def _pages(pages):
    made = []
    for size in sorted({page.size_kib for page in pages}):
        here = sorted((page.numa_node, page.count) for page in pages if page.size_kib == size)
        spread = here[0][0] is None
        count = str(here[0][1]) if spread else ",".join("%d:%d" % pair for pair in here)
        made += [("hugepagesz", hugepages.size_text(size)), ("hugepages", count)]
    return made


def read(params):
    """The Wanted of the module's parameters; raises ProblemsError with all faults."""
    if params["state"] == "absent":
        return Wanted()
    pages, problems = hugepages.asked(params["hugepages"])
    free, wrong = _arguments(params["arguments"] or [])
    isolated, no_cpus = _cpus(params["isolated_cpus"] or "")
    size, no_size = _default_size(params["default_hugepagesz"])
    options, no_options = _options(params["module_options"] or {})
    modules = list(dict.fromkeys(name.replace("-", "_") for name in params["modules"] or []))
    problems += no_cpus + no_size + wrong + _module_names(modules) + no_options
    if problems:
        raise ProblemsError(problems, where="boot")
    nohz_full = bool(params["nohz_full"])
    made = Wanted(params["iommu"], isolated, nohz_full, pages, size, free, modules, options)
    _refuse_twice(made)
    return made


def _arguments(texts):
    pairs, problems = [], []
    for index, text in enumerate(texts):
        try:
            pairs.append(cmdline.argument(str(text)))
        except EngineError as error:
            problems.append(Problem("arguments[%d]" % index, error.what, error.advice, text))
    return list(dict.fromkeys(pairs)), problems


def _cpus(text):
    try:
        return cpuset.parse(text), []
    except EngineError as error:
        return [], [Problem("isolated_cpus", error.what, error.advice, text)]


def _default_size(text):
    try:
        return (hugepages.size_text(hugepages.size_kib(text)) if text else None), []
    except ValueError:
        return None, [Problem("default_hugepagesz", "is no size", "Write 2M or 1G", text)]


def _module_names(names):
    return [
        Problem("modules[%d]" % index, "is no name of a kernel module", "Write it as lsmod shows it", name)
        for index, name in enumerate(names)
        if not NAME.fullmatch(name)
    ]


def _options(asked):
    """({module: {option: text}}, [Problem])."""
    made, problems = {}, []
    for module, options in sorted(asked.items()):
        path = "module_options.%s" % module
        if not NAME.fullmatch(module) or not isinstance(options, dict):
            problems.append(Problem(path, "is no module with a dictionary of options", "Write {module: {option: 1}}"))
            continue
        name = module.replace("-", "_")  # as sysfs has it; modprobe takes both
        made[name] = {str(key): text(value) for key, value in sorted(options.items())}
        problems += [
            Problem("%s.%s" % (path, key), "cannot be written into a modprobe.d file", "See modinfo -p", value)
            for key, value in made[name].items()
            if not NAME.fullmatch(key) or not VALUE.fullmatch(value)
        ]
    return {module: options for module, options in made.items() if options}, problems


def text(value):
    """An option's value as modprobe takes it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(map(text, value)) if isinstance(value, (list, tuple)) else str(value)


def _refuse_twice(wanted):
    """An argument that an option of its own makes, and an argument given twice with other values."""
    made = {cmdline.normal(key) for key, dummy in Wanted(**dict(vars(wanted), free=[])).pairs("intel")}
    keys = [cmdline.normal(key) for key, dummy in wanted.free]
    problems = [
        Problem("arguments", "%s is made by an option of its own" % key, "Give it in one place only")
        for key in sorted(set(keys) & made - {"hugepagesz", "hugepages"})
    ] + [
        Problem("arguments", "%s is given twice; the last one would win" % key, "Give it once")
        for key in sorted(set(keys))
        if keys.count(key) > 1 and key not in cmdline.REPEATED
    ]
    if problems:
        raise ProblemsError(problems, where="boot")
