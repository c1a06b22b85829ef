# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Pinning needs a Guaranteed pod with whole CPUs: what is not so is put right and told, or refused where strict."""

from __future__ import annotations

from ..quantities import cpu_text, millicores
from .derived import has_pinned, pinned
from .needs import greater

WHOLE = "pinned CPUs are whole ones"
EQUAL = "pinning needs requests = limits"
POD = "beside a pinned container, requests = limits too"


def pin(service, needs, report):
    """Put the amounts of a service's containers right; needs: the Needs of each container."""
    if not has_pinned(service):
        return
    for container, need in zip(service["containers"], needs):
        if pinned(container):
            _own_cpus(container, need, report)
        else:
            _guarantee(container, need, report)


def _own_cpus(container, need, report):
    resources, limits = container["resources"], container["limits"]
    _defaulted(need, report)
    for word in ("cpu", "memory"):
        limit = limits[word]
        limits[word] = None
        raised = greater(word, resources[word], limit)
        if limit and raised != resources[word]:
            place, advice = need.place(word), "Write %s in resources and no limit" % raised
            report.amend(place, EQUAL, advice, resources[word], raised)
        resources[word] = raised
    whole = cpu_text(-(-millicores(resources["cpu"]) // 1000) * 1000)
    if whole != resources["cpu"]:
        if need.given("cpu") or not report.strict:
            report.amend(need.place("cpu"), WHOLE, 'Write "%s"' % whole, resources["cpu"], whole)
        resources["cpu"] = whole


def _defaulted(need, report):
    """Where strict, what is pinned must be said."""
    for word in ("cpu", "memory"):
        if report.strict and not need.given(word) and need.known(word):
            report.problem(need.place(word), "is missing, and the container is pinned", "Say how much")


def _guarantee(container, need, report):
    """Limits where there are none: a Burstable pod has no pinned container."""
    resources, limits = container["resources"], container["limits"]
    for word in ("cpu", "memory"):
        limit = limits[word]
        resources[word] = limits[word] = greater(word, resources[word], limit)
        if limit != limits[word]:
            report.amend(need.limit_place(word), POD, "Write %s" % limits[word], limit, limits[word])
