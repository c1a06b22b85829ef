# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The two things that module gedge.engine.network does: bring about a change, or keep one that was brought about."""

from __future__ import annotations

from ..converge import converge
from ..errors import Problem, ProblemsError
from . import pending
from .subsystem import Network

LEAST_S, MOST_S = 5, 3600


def act(params, check_mode, system):
    """Result keys for the module's parameters. Raises EngineError."""
    if params["confirm"]:
        return _confirm(params["confirm"], check_mode, system)
    if not LEAST_S <= params["confirm_within"] <= MOST_S:
        what = "must be from %d to %d" % (LEAST_S, MOST_S)
        raise ProblemsError([Problem("confirm_within", what, "", params["confirm_within"])], where="network")
    network = Network(params, system)
    return dict(converge(network, check_mode), confirm=network.promise)


def _confirm(token, check_mode, system):
    if not check_mode:
        with system.lock():
            pending.confirm(system, token)
    return {"changed": False, "steps": [], "disruption": "none", "reboot_reasons": [], "confirm": None}
