# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the kernel's values shall be: {path: text} out of what is asked for and what was before."""

from __future__ import annotations

from .. import cpuset
from . import knobs


def housekeeping(wanted, state):
    """The CPUs that are left for IRQs, [] where none are isolated."""
    return sorted(set(state.cpus) - set(wanted.isolated)) if wanted.isolated else []


def pages(system, wanted, state):
    """{nr_hugepages file: text} of all sizes that the boot does not give."""
    nodes, found = sorted(state.memory), {}
    for page in wanted.pages:
        if page.size_kib >= 1024 * 1024:
            continue
        share, more = divmod(page.count, len(nodes) or 1)
        spread = {node: share + (index < more) for index, node in enumerate(nodes)}
        for node, count in spread.items() if page.numa_node is None else [(page.numa_node, page.count)]:
            found[knobs.pages_path(system, node, page.size_kib)] = str(count)
    return found


def sysctls(wanted, state):
    """{path: text} of those asked for, and of those of the profile that this kernel has."""
    known = {path: text for path, text in wanted.of_profile.items() if path in state.values}
    return dict(known, **wanted.sysctls)


def governors(wanted, state):
    """{path: text} of the CPUs that can have the governor."""
    if not wanted.governor:
        return {}
    return {path: wanted.governor for path, choices in state.governors.items() if wanted.governor in choices}


def irqs(wanted, state):
    """{path: text}: what is on isolated CPUs moves to the others it may use, else to all that are left."""
    left = housekeeping(wanted, state)
    if not left:
        return {}
    found = {knobs.DEFAULT_AFFINITY: knobs.mask(left)}
    for number in state.irqs:
        path = knobs.irq_path(number)
        now = cpuset.parse(state.values[path])
        if set(now) & set(wanted.isolated) and number not in state.refused:
            found[path] = cpuset.render(sorted(set(now) & set(left)) or left)
    return found


def asked(system, wanted, state):
    """{path: text} of all that is asked for."""
    found = pages(system, wanted, state)
    found.update(sysctls(wanted, state))
    found.update(governors(wanted, state))
    found.update(irqs(wanted, state))
    return found


def key_of(path, state):
    """Under which key the baseline keeps a value. An IRQ's number may mean another device after a boot."""
    hit = knobs.IRQ.match(path)
    return path if not hit else "%s %s" % (path, state.irqs.get(int(hit.group(1)), ""))


def restored(wanted, state, records, made):
    """{path: text} of what the baseline has and nothing asks for now. made: asked()."""
    found = {}
    for path in state.values:
        text = records.get(key_of(path, state))
        if path not in made and text is not None and not _still_moved(path, wanted):
            found[path] = text
    if not wanted.isolated and knobs.DEFAULT_AFFINITY in records:
        found.update(_new_irqs(state, records))
    return found


def _still_moved(path, wanted):
    """An IRQ that sits right already appears in no plan, and must not be moved back while CPUs are isolated."""
    return bool(wanted.isolated and knobs.IRQ.match(path))


def _new_irqs(state, records):
    """IRQs that appeared later follow our default: they get the earlier one."""
    before = knobs.mask_cpus(records[knobs.DEFAULT_AFFINITY])
    ours = knobs.mask_cpus(state.values[knobs.DEFAULT_AFFINITY])
    fresh = [knobs.irq_path(number) for number in state.irqs]
    return {
        path: cpuset.render(before)
        for path in fresh
        if key_of(path, state) not in records and cpuset.parse(state.values[path]) == ours != before
    }
