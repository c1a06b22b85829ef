# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a changing module would answer in check mode, had it run on a saved system."""

from __future__ import annotations

from ...module_utils.converge import converge
from ...module_utils.errors import EngineError


def answer(make, params, system):
    """The result of a module as a role registers it: steps and all, or failed and msg.

    make: the class of the subsystem; params: its module's parameters, or the EngineError that making them raised."""
    if isinstance(params, EngineError):
        return {"failed": True, "msg": params.text()}
    try:
        found = converge(make(params, system), True)
    except EngineError as error:
        return {"failed": True, "msg": error.text()}
    return found
