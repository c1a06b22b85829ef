# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about CPUs, huge pages and kernel arguments: of each profile, and of each node that says otherwise."""

from __future__ import annotations

from ....module_utils.cpuset import parse, render
from ....module_utils.errors import EngineError
from ..problems import Finding

# Kernel arguments that another key brings along: {argument: key}.
OWNED = {
    "isolcpus": "isolated_cpus",
    "nohz_full": "isolated_cpus",
    "rcu_nocbs": "isolated_cpus",
    "hugepages": "hugepages",
    "hugepagesz": "hugepages",
    "default_hugepagesz": "hugepages",
}


def check(testbed):
    """Findings about the settings of a Testbed."""
    for settings in testbed.all_settings():
        yield from _cpus(settings)
        yield from _hugepages(settings)
        yield from _arguments(settings)


def _cpus(settings):
    isolated, reserved = (_numbers(settings, key) for key in ("isolated_cpus", "reserved_cpus"))
    both = set(isolated) & set(reserved)
    if both:
        keys = settings.keys("isolated_cpus", "reserved_cpus")
        one, other = ("isolated", "reserved_cpus") if keys[-1] == "isolated_cpus" else ("reserved", "isolated_cpus")
        what = "CPU %s is in %s too" % (render(both), other)
        advice = "Take it out of one of the two: what is %s is not for the other use" % one
        yield Finding(keys, what, advice, settings.get(keys[-1]))


def _numbers(settings, key):
    try:
        return parse(settings.get(key) or "")
    except EngineError:
        return []  # said when it was read


def _hugepages(settings):
    """A size is given once for each NUMA node, or once for all."""
    keys, seen = settings.keys("hugepages"), {}
    for place, pool in enumerate(settings.get("hugepages") or []):
        if not pool or "size" not in pool:
            continue
        owners = seen.setdefault(pool["size"], {})
        node = pool.get("numa_node")
        if node in owners:
            where = "" if node is None else " on NUMA node %d" % node
            what = "pages of %s%s are given twice" % (pool["size"], where)
            yield Finding(keys + (place,), what, "Write one entry with the sum")
        elif owners and (node is None) != (None in owners):
            what = "pages of %s are given both by NUMA node and for all" % pool["size"]
            yield Finding(keys + (place,), what, 'Give "numa_node" in each entry of the size, or in none')
        owners[node] = place


def _arguments(settings):
    keys = settings.keys("kernel_arguments")
    for place, argument in enumerate(settings.get("kernel_arguments") or []):
        owner = OWNED.get(argument.partition("=")[0]) if argument else None
        if owner:
            what = 'belongs to the key "%s"' % owner
            yield Finding(keys + (place,), what, 'Leave it out and set "%s"' % owner, argument)
