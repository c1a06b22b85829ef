# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What hosts get: addresses, groups, the VLANs of ports and VFs, MAC addresses."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.macs import automatic_mac
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed
from helpers.testbed_file import load_testbed
from unit.testbed.edits import FIXTURES, edited, good


def made(**edits):
    """The Inventory of good.yml, edited."""
    return expand(read_testbed(json.dumps(edited(good(), **edits))))


def port(inventory, host, nic, name):
    """One entry of testbed_ports."""
    ports = inventory.hosts[host]["testbed_ports"]
    return next(entry for entry in ports if (entry["nic"], entry["port"]) == (nic, name))


def test_addresses_follow_first_and_index():
    assert made().hosts["node1"]["testbed_addresses"] == {
        "public": "198.51.100.24/24",
        "management": "192.168.10.100/28",
        "sriov-a": "192.168.20.100/28",
        "rdma-6": "fd00:50::1/64",
    }


def test_an_explicit_address_overrules_the_index():
    node2 = made().hosts["node2"]
    assert node2["testbed_addresses"]["sriov-a"] == "192.168.20.103/28"
    assert node2["testbed_addresses"]["management"] == "192.168.10.101/28"


def test_a_port_with_address_false_has_none():
    inventory = made()
    assert inventory.hosts["store"]["testbed_addresses"] == {"management": "192.168.10.104/28"}
    assert port(inventory, "store", "onboard", "2")["address"] is None


FIRST = [
    ("10.1.0.0/24", "10.1.0.1/24"),
    ("10.1.0.0/31", "10.1.0.0/31"),
    ("10.1.0.0/32", "10.1.0.0/32"),
    ("fd00:1::/64", "fd00:1::1/64"),
    ("fd00:1::/127", "fd00:1::/127"),
    ("fd00:1::5/128", "fd00:1::5/128"),
]


@pytest.mark.parametrize(("cidr", "address"), FIRST)
def test_without_first_the_first_usable_address_is_that_of_index_0(cidr, address):
    drop = ["switches/tor/ports/4", "switches/tor/ports/11", "switches/tor/ports/26", "nodes/node2"]
    inventory = made(put={"networks/rdma-6/cidr": cidr}, drop=drop)
    assert inventory.hosts["node1"]["testbed_addresses"]["rdma-6"] == address


def test_a_router_of_ipv6_is_told_by_its_link_local_address():
    inventory = made(put={"networks/rdma-6/gateway": "fe80::1"})
    assert inventory.shared["testbed_networks"]["rdma-6"]["gateway"] == "fe80::1"


def test_groups():
    assert made().groups == {
        "testbed": ["node1", "node2", "store"],
        "site_good": ["node1", "node2", "store"],
        "profile_edge": ["node1", "node2"],
        "profile_storage": ["store"],
        "network_public": ["node1", "node2", "store"],
        "network_management": ["node1", "node2", "store"],
        "network_sriov_a": ["node1", "node2"],
        "network_rdma_6": ["node1", "node2"],
        "accelerator_gpu": ["node1", "node2"],
        "accelerator_nvme": ["node1", "node2"],
        "control_plane": ["node1"],
        "workers": ["node2", "store"],
    }


HOSTS = [
    ("the node's own", {}, [], "node2", "node2.example.org"),
    ("management", {}, [], "node1", "192.168.10.100"),
    ("the first management network", {"networks/sriov-a/purpose": ["management"]}, [], "node1", "192.168.10.100"),
    ("public", {"networks/management/purpose": "macvlan"}, [], "node1", "198.51.100.24"),
    ("none", {"networks/management/purpose": "macvlan"}, [], "store", None),
]


@pytest.mark.parametrize(("name", "put", "drop", "host", "address"), HOSTS, ids=[row[0] for row in HOSTS])
def test_ansible_host(name, put, drop, host, address):
    assert made(put=put, drop=drop).hosts[host].get("ansible_host") == address


def test_a_port_in_full():
    entry = port(made(), "node1", "82599", "1")
    vfs = entry.pop("vfs")
    assert entry == {
        "nic": "82599",
        "port": "1",
        "media": "sfp+",
        "numa_node": 1,
        "network": "sriov-a",
        "vlan": 30,
        "tagged": True,
        "switch": "tor",
        "switch_port": "25",
        "switch_mtu": 9216,
        "interface": None,
        "pci": "0000:81:00.0",
        "address": "192.168.20.100/28",
    }
    assert vfs["count"] == 8
    own = [{key: value for key, value in entry.items() if key != "mac"} for entry in vfs["config"]]
    assert own == [
        {"range": "0", "network": "sriov-a", "vlan": 30, "qos": 3},
        {"range": "1", "network": "sriov-a", "vlan": 30, "qos": 3},
        {
            "range": "2",
            "network": "sriov-b",
            "vlan": 40,
            "trust": True,
            "spoofchk": False,
            "min_tx_rate": 100,
            "max_tx_rate": 200,
        },
        {"range": "3", "network": "sriov-b", "vlan": 40, "link_state": "enable", "mtu": 1500},
        {"range": "4-5", "network": "sriov-a", "vlan": 30, "driver": "vfio-pci"},
    ]


def test_an_access_port_is_not_tagged_and_its_vfs_have_vlan_0():
    entry = port(made(), "node1", "82599", "2")
    assert (entry["tagged"], entry["switch_port"], entry["vlan"]) == (False, "27", 50)
    assert [vf["vlan"] for vf in entry["vfs"]["config"]] == [0, 0]


def test_a_port_that_is_not_plugged_in():
    entry = port(made(), "node2", "82599", "2")
    assert (entry["tagged"], entry["switch"], entry["switch_port"]) == (False, None, None)
    assert [vf["vlan"] for vf in entry["vfs"]["config"]] == [0, 0]


def test_a_vlan_by_number_is_taken_as_written():
    config = [{"range": "0", "vlan": 0}, {"range": "1", "vlan": 30}, {"range": "2"}]
    inventory = made(put={"profiles/edge/nics/82599/ports/1/vfs/config": config})
    assert [(vf["network"], vf["vlan"]) for vf in port(inventory, "node1", "82599", "1")["vfs"]["config"]] == [
        ("sriov-a", 0),
        ("sriov-a", 30),
        ("sriov-a", 30),
    ]


def test_ports_without_vfs_and_media_per_port():
    inventory = made()
    assert port(inventory, "node1", "x722", "1")["vfs"] is None
    assert port(inventory, "store", "onboard", "1")["media"] == "rj45"
    assert port(inventory, "store", "onboard", "2")["media"] == "sfp+"


def test_what_the_profile_says():
    node1 = made().hosts["node1"]
    assert node1["testbed_accelerators"] == [
        {"kind": "gpu", "numa_node": 0, "count": 2, "id": "10de:2330"},
        {"kind": "nvme", "numa_node": None, "count": 1, "id": None},
    ]
    assert node1["testbed_reserved_cpus"] == "0-1"
    assert node1["testbed_hugepages"] == [
        {"size": "2M", "count": 64, "numa_node": 0},
        {"size": "1G", "count": 1, "numa_node": None},
    ]
    assert node1["testbed_lab"] == {"machine": "vm", "cpus": 4, "memory": 2048, "suite": "trixie"}
    assert (node1["testbed_node"], node1["testbed_index"], node1["testbed_profile"]) == ("node1", 0, "edge")


def test_what_the_profile_says_of_the_system():
    node1 = made().hosts["node1"]
    assert node1["testbed_isolated_cpus"] == "2-3"
    assert node1["testbed_kernel_arguments"] == ["pci=realloc", "quiet"]
    assert node1["testbed_tuning"] == "edge-accelerated"
    assert node1["testbed_rdma"] == {
        "netns": "exclusive",
        "rxe": [{"network": "sriov-a"}, {"interface": "eno1"}],
        "roce": {"networks": ["sriov-a"], "priority": 3, "dscp": 26, "pfc": True, "bandwidth": 50, "ecn": False},
    }


SAID = {
    "reserved_cpus": ("0", "0"),
    "isolated_cpus": ("3", "3"),
    "hugepages": ([{"size": "2M", "count": 16}], [{"size": "2M", "count": 16, "numa_node": None}]),
    "kernel_arguments": (["mitigations=off"], ["mitigations=off"]),
    "tuning": ("none", "none"),
    "rdma": ({"netns": "shared"}, {"netns": "shared"}),
}


@pytest.mark.parametrize("key", SAID)
def test_a_node_overrules_its_profile_key_by_key(key):
    said, given = SAID[key]
    profile, node = made().hosts["node1"], made(put={"nodes/node2/" + key: said}).hosts["node2"]
    differing = {name for name in node if name.startswith("testbed_") and node[name] != profile[name]}
    assert node["testbed_" + key] == given
    assert differing - {"testbed_node", "testbed_index", "testbed_addresses", "testbed_ports", "testbed_lab"} == {
        "testbed_" + key
    }


def test_sizes_of_huge_pages_are_written_as_the_kernel_does():
    pool = {"size": "64k", "count": 2}
    assert made(put={"profiles/edge/hugepages": [pool]}).hosts["node1"]["testbed_hugepages"] == [
        {"size": "64K", "count": 2, "numa_node": None}
    ]


def test_where_nothing_is_said_of_the_system():
    drop = ["nodes/store/" + key for key in SAID]
    store = made(drop=drop).hosts["store"]
    assert {key: store["testbed_" + key] for key in SAID} == {
        "reserved_cpus": "",
        "isolated_cpus": "",
        "hugepages": [],
        "kernel_arguments": [],
        "tuning": "none",
        "rdma": {},
    }


def test_ingress_and_what_no_key_and_an_empty_list_mean():
    networks = made().shared["testbed_networks"]
    assert networks["sriov-a"]["ingress"] == [
        {"from": ["sriov-a", "10.9.0.0/16"], "protocol": "tcp", "ports": "5201,8000-8010", "rate": "1000/second"},
        {"from": ["sriov-a"], "protocol": "udp", "ports": "4791"},
        {"protocol": "icmp"},
    ]
    assert (networks["sriov-b"]["ingress"], networks["management"]["ingress"]) == ([], None)


def test_reserved_cpus_as_a_number_become_text():
    assert made(put={"profiles/edge/reserved_cpus": 0}).hosts["node1"]["testbed_reserved_cpus"] == "0"


def test_shared_variables_and_tables():
    inventory = made()
    assert inventory.shared["testbed_site"] == {"name": "good", "title": "A good site"}
    assert inventory.shared["testbed_networks"]["public"] == {
        "vlan": 10,
        "cidr": "198.51.100.0/24",
        "prefix": 24,
        "gateway": "198.51.100.1",
        "mtu": 1500,
        "purpose": ["public"],
        "ranges": {
            "load_balancer": "198.51.100.200-198.51.100.219",
            "spare": "198.51.100.220-198.51.100.229",
        },
        "ingress": None,
    }
    assert inventory.shared["testbed_networks"]["sriov-a"]["mtu"] == 9000
    assert inventory.tables["nodes"]["store"] == {"management": "192.168.10.104/28"}
    tor = inventory.tables["switches"]["tor"]
    assert list(tor["ports"]) == [str(number) for number in range(1, 29)]
    assert tor["ports"]["2"] == {"media": "rj45", "vlan": 10, "tagged": [], "peer": "uplink", "lag": "up", "mtu": None}
    assert tor["ports"]["25"] == {
        "media": "sfp+",
        "vlan": None,
        "tagged": [30, 40],
        "peer": "node1/82599/1",
        "lag": None,
        "mtu": 9216,
    }


@pytest.mark.parametrize("name", ["good.yml", "deck-corrected.yml"])
def test_all_is_plain_data(name):
    inventory = expand(load_testbed(FIXTURES / name))
    for part in (inventory.hosts, inventory.groups, inventory.shared, inventory.tables):
        assert json.loads(json.dumps(part)) == part


def macs(inventory):
    """All VF MACs of all hosts."""
    return [
        vf["mac"]
        for host in inventory.hosts.values()
        for entry in host["testbed_ports"]
        for vf in (entry["vfs"] or {"config": []})["config"]
        if "mac" in vf
    ]


def test_automatic_macs_are_stable_and_unique():
    """2 nodes x (2 + 1 + 2) VFs with `mac: auto`; the first value guards against a change of the rule."""
    all_macs = macs(made())
    assert len(all_macs) == 10
    assert len(set(all_macs)) == 10
    assert macs(made()) == all_macs
    assert automatic_mac("lab", "node1", "nic0", "1", 0) == "b2:4d:9d:2f:94:c5"


def test_automatic_macs_are_local_unicast():
    for number in range(500):
        mac = automatic_mac("lab", "node1", "nic0", "1", number)
        assert re.fullmatch("([0-9a-f]{2}:){5}[0-9a-f]{2}", mac)
        assert int(mac[:2], 16) & 3 == 2


def test_a_mac_depends_on_site_node_nic_port_and_vf():
    place = ["lab", "node1", "nic0", "1", 0]
    others = [place[:index] + ["x"] + place[index + 1 :] for index in range(5)]
    assert len({automatic_mac(*one) for one in [place, *others]}) == 6
