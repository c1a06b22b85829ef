# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whatever the options of a module that changes a node are, it plans steps or says what is wrong: no other exception.

The options have the types that Ansible has made sure of. The node is the regions' sample server.
"""

from __future__ import annotations

import importlib

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.saved_system import SavedSystem
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzz.cases import MANY, parameters

PLUGINS = "ansible_collections.gedge.engine.plugins."
# module: (where its subsystem is, its class)
MODULES = {
    "boot": ("boot.subsystem", "Boot"),
    "tuning": ("tuning.subsystem", "Tuning"),
    "sriov": ("sriov.subsystem", "Sriov"),
    "network": ("network.subsystem", "Network"),
    "rdma": ("rdma.subsystem", "Rdma"),
    "accelerator": ("accelerator.subsystem", "Accelerator"),
}
SYSTEM = SavedSystem(server())


def judged(make, params):
    """Plan, and look at what comes: JSON-able steps, or an error that says something."""
    try:
        result = converge(make(params, SYSTEM), True)
    except ProblemsError as error:
        assert error.problems
        assert all(problem.path and problem.what for problem in error.problems), error.text()
    except EngineError as error:
        assert error.what
    else:
        assert all(step["target"] and step["reason"] for step in result["steps"])


@pytest.mark.parametrize("name", MODULES)
def test_any_options(name):
    place, class_name = MODULES[name]
    make = getattr(importlib.import_module(PLUGINS + "module_utils." + place), class_name)
    specification = importlib.import_module(PLUGINS + "modules." + name).argument_spec()

    @MANY
    @given(st.data())
    def run(data):
        judged(make, data.draw(parameters(specification)))

    run()
