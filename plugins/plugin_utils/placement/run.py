# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Placement with the solver that was asked for."""

from __future__ import annotations

from ...module_utils.errors import EngineError
from ...module_utils.placement import place as placing
from ...module_utils.suggest import advice
from . import highs

SOLVERS = ("own", "highs")
OPTIONS = ("weights", "costs", "method", "solver", "candidates")


def place(services, nodes, allocations=None, **options):
    """A module_utils.placement.place.Outcome; options: see OPTIONS. Raises EngineError."""
    for name in options:
        if name not in OPTIONS:
            raise EngineError('there is no option "%s"' % name, "options", advice(name, OPTIONS))
    solver = options.pop("solver", "own")
    if solver not in SOLVERS:
        raise EngineError("%r is no solver" % (solver,), "solver", "Write one of %s" % ", ".join(SOLVERS))
    if solver == "highs":
        highs.check()
        options["solver"] = highs.solve
        options.setdefault("method", "exact")
    return placing.place(nodes, services, allocations, **options)
