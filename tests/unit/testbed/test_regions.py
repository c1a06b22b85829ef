# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The four regions: one shared profile, each with its site, its number of workers and its access network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed

# region: (title, group of the access network, workers)
REGIONS = {
    "seoul": ("Seoul (Dongjak)", "commercial_network", 2),
    "goyang": ("Goyang (Ilsan)", "commercial_network", 3),
    "seongnam": ("Seongnam (Pangyo)", "open_test_lab", 2),
    "daejeon": ("Daejeon", "open_test_lab", 3),
}


@pytest.fixture(params=REGIONS)
def region(request, root):
    """(name, Inventory) of each region."""
    return request.param, expand(load_testbed(root / "inventories" / request.param / "testbed.yml"))


def test_site_groups_and_nodes(region):
    name, made = region
    title, group, workers = REGIONS[name]
    nodes = [name + "-master"] + ["%s-worker%d" % (name, number) for number in range(1, workers + 1)]
    assert made.shared["testbed_site"] == {"name": name, "title": title}
    assert list(made.hosts) == nodes == made.groups[group]
    assert (made.groups["control_plane"], made.groups["workers"]) == (nodes[:1], nodes[1:])
    assert {"commercial_network", "open_test_lab"} & set(made.groups) == {group}


def test_addresses_follow_the_vlans(region):
    name, made = region
    for index, host in enumerate(made.hosts.values()):
        assert host["testbed_addresses"] == {
            "public": "198.51.100.%d/24" % (24 + index),
            "management": "192.168.10.%d/28" % (100 + index),
            "sriov-a": "192.168.20.%d/28" % (100 + index),
        }, name


def test_every_cable_fits_and_there_is_one_uplink(region):
    dummy, made = region
    ports = made.tables["switches"]["l2"]["ports"]
    assert sorted(map(int, ports)) == list(range(1, 29))
    assert [number for number, port in ports.items() if port["peer"] == "uplink"] == ["1"]
    assert {port["media"] for number, port in ports.items() if int(number) > 24} == {"sfp+"}
    assert {port["media"] for number, port in ports.items() if int(number) <= 24} == {"rj45"}
    for host in made.hosts.values():
        plugged = [(port["nic"], port["port"]) for port in host["testbed_ports"] if port["switch"]]
        assert plugged == [("x722", "1"), ("x722", "2"), ("82599", "1")]


def test_all_four_in_one_run(root):
    command = [Path(sys.executable).parent / "ansible-inventory", "--list"]
    for name in REGIONS:
        command += ["-i", root / "inventories" / name / "testbed.yml"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    assert len(hosts) == sum(workers + 1 for dummy, dummy, workers in REGIONS.values())
