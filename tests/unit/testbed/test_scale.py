# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A site of 1,000 nodes: read and expanded whole. How long it takes is the matter of tests/bench/bench_testbed.py."""

from __future__ import annotations

from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed
from bench.bench_testbed import site_of


def test_a_thousand_nodes():
    made = expand(read_testbed(site_of(1000), "testbed.yml"))
    assert len(made.hosts) == 1000
    for network in ("management", "sriov-a"):
        addresses = {variables["testbed_addresses"][network] for variables in made.hosts.values()}
        assert len(addresses) == 1000
    cabled = {(p["switch"], p["switch_port"]) for v in made.hosts.values() for p in v["testbed_ports"] if p["switch"]}
    assert len(cabled) == sum(len(variables["testbed_ports"]) for variables in made.hosts.values())
