# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What of the asked for a node cannot give, and where others ask for something else."""

from __future__ import annotations

from .. import cpuset, hugepages
from ..errors import Problem
from . import cmdline, grub, modules
from .cmdline import normal
from .wanted import is_gigantic


def problems(wanted, state):
    """All Problems of a Wanted on a node."""
    return (
        _cpus(wanted, state)
        + _iommu(wanted, state)
        + _pages(wanted, state)
        + _of_others(wanted, state)
        + _modules(wanted, state)
    )


def warnings(wanted, state):
    """Texts: what will not hold as one might expect, though the asking is right."""
    pairs = wanted.pairs(state.iommu_kind)
    texts = ["%s sets %s; ours stands after it and wins" % row[:2] for row in _clashes(pairs, state, ("before",))]
    texts += _not_from_grub(pairs, state)
    if wanted.isolated and wanted.nohz_full and not state.nohz_full:
        texts.append("this kernel is built without CONFIG_NO_HZ_FULL: nohz_full= and rcu_nocbs= may have no effect")
    if wanted.iommu == "on" and not state.has_iommu:
        texts.append("the firmware shows no IOMMU: switch on VT-d or AMD-Vi in its setup")
    texts += ["module %s, which has options, is not there yet" % name for name in _absent(wanted.options, state)]
    return texts + ["%s sets options of %s; ours win" % row for row in _options_of_others(wanted, state, False)]


def _cpus(wanted, state):
    missing = sorted(set(wanted.isolated) - set(state.cpus))
    text = cpuset.render(wanted.isolated)
    found = []
    if missing:
        what = "CPU %s is not there" % cpuset.render(missing)
        found.append(Problem("isolated_cpus", what, "The node has %s" % cpuset.render(state.cpus), text))
    elif wanted.isolated and set(state.cpus) <= set(wanted.isolated):
        found.append(Problem("isolated_cpus", "isolates all CPUs", "Leave one or more to the system", text))
    if 0 in wanted.isolated and wanted.nohz_full:
        found.append(Problem("isolated_cpus", "CPU 0 keeps the time and cannot be in nohz_full", "Leave it out", text))
    return found


def _iommu(wanted, state):
    if wanted.iommu == "leave" or state.iommu_kind:
        return []
    return [Problem("iommu", "no argument is known for this CPU", "Write it into arguments", wanted.iommu)]


def _pages(wanted, state):
    found = hugepages.shortage(wanted.pages, state.memory)
    gigantic = [page for page in wanted.pages if is_gigantic(page)]
    if gigantic and not state.gigantic:
        found.append(Problem(gigantic[0].path, "this CPU has no pages of 1 GiB (pdpe1gb)", "Ask for 2M pages"))
    return found


def _of_others(wanted, state):
    pairs = wanted.pairs(state.iommu_kind)
    first = [row for row in _clashes(pairs, state, ("before", "after")) if row[2] in cmdline.FIRST_ONLY]
    last = [row for row in _clashes(pairs, state, ("after",)) if row[2] not in cmdline.FIRST_ONLY]
    return (
        [
            Problem(path, "sets %s; the kernel drops the second %s with other CPUs" % (text, key), "Take it out there")
            for path, text, key in first
        ]
        + [
            Problem(path, "sets %s; it stands after ours and would win" % text, "Take it out there")
            for path, text, dummy in last
        ]
        + _isolation_of_others(wanted, state)
        + _pages_of_others(pairs, state)
    )


def _clashes(pairs, state, places):
    """[(file, their argument, key)] of others' arguments that say something else than ours of the same key."""
    ours = {normal(key): (key, value) for key, value in pairs if key not in cmdline.REPEATED}
    rows = []
    for source in state.grub.sources:
        theirs = (source.linux if "before" in places else []) + (source.default if "after" in places else [])
        for key, value in theirs:
            mine = ours.get(normal(key))
            if mine and mine[1] != value:
                rows.append((source.path, cmdline.render([(key, value)]), mine[0]))
    return rows


def _isolation_of_others(wanted, state):
    """Others' nohz_full= beside our isolcpus= alone, with other CPUs: the kernel takes only the first of both."""
    if not wanted.isolated or wanted.nohz_full:
        return []
    text = cpuset.render(wanted.isolated)
    return [
        Problem(
            source.path, "sets nohz_full=%s; isolcpus=%s must name the same CPUs" % (value, text), "Take it out there"
        )
        for source in state.grub.sources
        for key, value in source.linux + source.default
        if key == "nohz_full" and value != text
    ]


def _pages_of_others(pairs, state):
    ours, rows = cmdline.pages(pairs), []
    for source in state.grub.sources:
        for size, count in cmdline.pages(source.linux + source.default).items():
            if ours.get(size, count) != count:
                what = "sets hugepagesz=%s hugepages=%s; the kernel ignores a size that is given again" % (size, count)
                rows.append(Problem(source.path, what, "Take it out there"))
    return rows


def _not_from_grub(pairs, state):
    """Texts on running arguments that no file of GRUB gives, with the keys of ours: they go with a reboot."""
    if state.grub.obstacle:
        return []
    known = set(state.grub.before() + state.grub.after() + grub.of_drop_in(state.files.get(grub.DROP_IN)))
    keys = {normal(key) for key, dummy in pairs if key not in cmdline.REPEATED}
    strange = [pair for pair in state.running if normal(pair[0]) in keys and pair not in known and pair not in pairs]
    known_entries = {pair for entry in state.grub.entries for pair in entry}
    return [
        "the node runs with %s, which no file of GRUB sets; it is gone after a reboot" % cmdline.render([pair])
        for pair in strange
        if pair not in known_entries
    ]


# -- modules


def _absent(names, state):
    return [name for name in names if state.modules[name].options is None]


def _modules(wanted, state):
    found = [
        Problem("modules", "there is no module %s for this kernel" % name, "Install its package first", name)
        for name in _absent(wanted.modules, state)
    ]
    for name, options in wanted.options.items():
        module = state.modules[name]
        if module.options is None:
            continue
        path = "module_options.%s" % name
        if module.builtin:
            advice = "Write %s into arguments" % ", ".join("%s.%s=%s" % (name, *pair) for pair in options.items())
            found.append(Problem(path, "is built into the kernel, which reads no modprobe.d", advice))
            continue
        advice = "It has %s" % (", ".join(sorted(module.options)) or "none")
        found += [
            Problem("%s.%s" % (path, key), "the module has no such option", advice)
            for key in sorted(set(options) - module.options)
        ]
    return found + [
        Problem(path, "sets other options of %s and is read after %s" % (name, modules.OPTIONS), "Take them out there")
        for path, name in _options_of_others(wanted, state, True)
    ]


def _options_of_others(wanted, state, later):
    """[(file, module)] of other files with another value for an option of ours; later: of those that win."""
    own = {name.replace("-", "_"): options for name, options in wanted.options.items()}
    name = modules.OPTIONS.rsplit("/", 1)[1]
    return list(
        dict.fromkeys(
            (path, module)
            for path, module, key, value in state.others
            if key in own.get(module, {})
            and not modules.same(value, own[module][key])
            and (path.rsplit("/", 1)[1] > name) == later
        )
    )
