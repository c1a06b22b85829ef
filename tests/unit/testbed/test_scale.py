# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A site of 1,000 nodes loads in seconds, and twice the nodes take about twice the time."""

from __future__ import annotations

import pytest
from bench.bench_testbed import list_time, read_time, site_of


@pytest.mark.slow
def test_a_thousand_nodes_are_listed_in_under_five_seconds(tmp_path):
    """CPU time of the whole command: other work on the machine says nothing about the plugin."""
    path = tmp_path / "testbed.yml"
    path.write_text(site_of(1000), encoding="utf-8")
    _wall, spent = list_time(path, 1000)
    assert spent < 5


def test_the_cost_per_node_stays_the_same():
    small, large = site_of(100), site_of(800)
    read_time(small)
    assert min(read_time(large) for dummy in range(2)) < 8 * 2.5 * min(read_time(small) for dummy in range(3))
