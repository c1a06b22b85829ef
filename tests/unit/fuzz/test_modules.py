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
from ansible_collections.gedge.engine.plugins.plugin_utils import role_options
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.saved_system import SavedSystem
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzz.cases import MANY, near, parameters

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
PLACES = [{"interface": "ens2f0", "vlan": 30}, {"pci": "0000:18:00.1"}]
CARD = {"name": "x", "kind": "accelerator", "vendor": "8086", "devices": ["10fb"], "modules": ["ixgbe"]}
CARD.update(options={"ixgbe": "a=1"}, nodes=[{"kernel": "x*", "mode": "0660"}], resource="example.org/x")
CARD.update(archive={"url": "https://example.org/x.tar", "sha256": "a" * 64, "unpack": "/opt/x"})
# Where the region's testbed asks nothing of a module.
OTHERS = {
    "rdma": {"drivers": True, "rxe": PLACES, "netns": "shared", "memlock": "unlimited", "state": "present",
             "memlock_services": ["kubelet.service"],
             "roce": {"interfaces": PLACES, "priority": 3, "dscp": 26, "pfc": True, "bandwidth": 50, "ecn": True}},
    "accelerator": {"kind": "accelerator", "state": "present", "catalogue": [CARD]},
}  # fmt: skip


def good_parameters(root, name):
    """Parameters that plan steps on the sample."""
    made = expand(load_testbed(root / "inventories" / "seoul" / "testbed.yml"))
    variables = {**made.shared, **made.hosts["seoul-worker1"]}
    return OTHERS.get(name) or role_options.params("node_" + name, variables)


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
def test_any_options(root, name):
    place, class_name = MODULES[name]
    make = getattr(importlib.import_module(PLUGINS + "module_utils." + place), class_name)
    specification = importlib.import_module(PLUGINS + "modules." + name).argument_spec()

    good = good_parameters(root, name)

    @MANY
    @given(st.data())
    def run(data):
        judged(make, data.draw(st.one_of(parameters(specification), near(specification, good))))

    run()
