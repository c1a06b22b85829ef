# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From the testbed's host variables to VMs and a port table."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.lab import names, places, spec

DEFAULTS = {"cpus": 4, "memory": 2048, "suite": "bookworm"}
FOLDER = "/var/tmp/gedge-lab-00000000"


def port(nic, number, **keys):
    """A line of testbed_ports."""
    return dict({"nic": nic, "port": number, "numa_node": 0, "switch": None, "switch_port": None, "pci": None}, **keys)


def test_devices_have_the_places_that_the_inventory_relies_on():
    ports = [port("x722", "1"), port("x722", "2"), port("82599", "1", numa_node=1), port("82599", "2", numa_node=1)]
    accelerators = [{"kind": "fpga", "numa_node": 1}, {"kind": "gpu", "count": 2}, {"kind": "nvme", "numa_node": 0}]
    devices = places.place("node1", ports, accelerators)
    assert [(one["kind"], one["pci"], one["slot"]) for one in devices] == [
        ("nic", "0000:21:00.0", 1),
        ("nic", "0000:81:00.0", 2),
        ("nvme", "0000:22:00.0", 3),
        ("gpu", "0000:23:00.0", 4),
        ("gpu", "0000:24:00.0", 5),
        ("fpga", "0000:82:00.0", 6),
    ]
    assert [one["pci"] for one in devices[1]["ports"]] == ["0000:81:00.0", "0000:81:00.1"]


@pytest.mark.parametrize(
    ("listed", "functions"), [(["2"], [1]), (["1", "2"], [0, 1]), (["2", "1"], [1, 0]), (["a", "b"], [0, 1])]
)
def test_a_port_is_the_function_that_its_number_says(listed, functions):
    devices = places.place("node1", [port("nic0", number) for number in listed], [])
    assert [one["function"] for one in devices[0]["ports"]] == functions


def problems_of(ports=(), accelerators=(), **size):
    """The problems of one node, as {path: advice}."""
    host = {"testbed_ports": list(ports), "testbed_accelerators": list(accelerators), "testbed_lab": size}
    with pytest.raises(ProblemsError) as caught:
        spec.node_specs({"node1": host}, DEFAULTS, FOLDER)
    return {problem.path: problem.advice for problem in caught.value.problems}


def test_a_nic_gets_the_address_that_the_testbed_gives_it():
    ports = [port("x722", "1", pci="0000:B5:00.0"), port("x722", "2", pci="0000:b5:00.1"), port("82599", "1")]
    devices = places.place("node1", ports, [{"kind": "nvme"}])
    assert [(one["pci"], one["index"], one.get("own_bridge", False)) for one in devices] == [
        ("0000:b5:00.0", 0, True),
        ("0000:21:00.0", 0, False),
        ("0000:22:00.0", 1, False),
    ]


@pytest.mark.parametrize(
    ("ports", "found"),
    [
        ([("nic0", "1", "0000:3b:00.1")], {"node1/nic0/1.pci": 'Write pci: "0000:3b:00.0"'}),
        (
            [("nic0", "1", "0000:3b:00.0"), ("nic0", "2", "0000:3c:00.1")],
            {"node1/nic0/2.pci": 'Write pci: "0000:3b:00.1"'},
        ),
        ([("nic0", "1", "0001:21:00.0")], {"node1/nic0/1.pci": 'Write pci: "0000:21:00.0"'}),
        ([("nic0", "1", "eth0")], {"node1/nic0/1.pci": 'Write pci: "0000:21:00.0"'}),
        ([("nic0", "1", "0000:20:00.0")], {"node1/nic0.pci": 'Write pci: "0000:21:00.0", or leave it out'}),
        ([("nic0", "1", "0000:01:00.0")], {"node1/nic0.pci": 'Write pci: "0000:21:00.0", or leave it out'}),
        (
            [("nic0", "1", "0000:3b:00.0"), ("nic1", "1", "0000:3c:00.0")],
            {"node1/nic1.pci": 'Write pci: "0000:21:00.0", or leave it out'},
        ),
    ],
)
def test_an_address_that_cannot_be_had_names_the_right_one(ports, found):
    assert problems_of([port(nic, number, pci=pci) for nic, number, pci in ports]) == found


def test_what_the_lab_cannot_build_is_said_all_at_once():
    found = problems_of(
        [port("nic0", number) for number in "1234"] + [port("nic1", "1", numa_node=2)],
        [{"kind": "tpu"}],
    )
    assert set(found) == {"node1/nic0", "node1/nic1.numa_node", "node1/accelerators[0].kind"}


@pytest.mark.parametrize(
    ("key", "value"), [("cpus", 3), ("cpus", 0), ("cpus", True), ("memory", 512), ("memory", "2G"), ("suite", "sid")]
)
def test_a_size_that_cannot_be_built_is_refused(key, value):
    assert list(problems_of(**{key: value})) == ["node1.lab." + key]


@pytest.mark.parametrize("name", ["switch", "cp", "../x", "-a", "a b", ""])
def test_a_node_cannot_be_named_like_something_of_the_lab(name):
    with pytest.raises(ProblemsError):
        spec.node_specs({name: {}}, DEFAULTS, FOLDER)


def test_mac_addresses_are_stable_unique_and_local():
    ports = [port("nic%d" % nic, number) for nic in range(4) for number in "12"]
    hosts = {"node%d" % number: {"testbed_ports": ports} for number in range(50)}
    specs = spec.node_specs(hosts, DEFAULTS, FOLDER)
    macs = [one["mac"] for node in specs.values() for nic in node["devices"] for one in nic["ports"]]
    macs += [node["mac"] for node in specs.values()]
    assert len(set(macs)) == 50 * 9
    assert all(int(mac[:2], 16) & 3 == 2 for mac in macs)
    assert specs == spec.node_specs(hosts, DEFAULTS, FOLDER)
    assert names.mac(FOLDER, "node1", 0) != names.mac(FOLDER[:-1] + "1", "node1", 0)


def test_the_digest_follows_hardware_and_image_but_not_the_address():
    one = spec.node_specs({"node1": {"ansible_host": "192.168.10.100"}}, DEFAULTS, FOLDER)["node1"]
    assert spec.digest(one, "/i") == spec.digest(dict(one, address="192.168.10.101"), "/i")
    assert spec.digest(one, "/i") != spec.digest(one, "/j")
    assert spec.digest(one, "/i") != spec.digest(dict(one, cpus=8), "/i")


def test_the_port_table_is_that_of_the_testbed():
    ports = {
        "1": {"media": "rj45", "vlan": 10, "peer": "uplink"},
        "17": {"media": "sfp+", "tagged": [40, 30], "peer": "node1/82599/2"},
    }
    assert spec.port_table({"tor": {"ports": ports}}) == {
        "tor/1": {"vlan": 10, "tagged": [], "lag": None, "peer": "uplink"},
        "tor/17": {"vlan": None, "tagged": [30, 40], "lag": None, "peer": "node1/82599/2"},
    }


def test_the_folder_belongs_to_one_file_and_one_name(tmp_path):
    (tmp_path / "real.yml").touch()
    (tmp_path / "link.yml").symlink_to(tmp_path / "real.yml")
    real = names.lab_dir(str(tmp_path / "real.yml"))
    assert real == names.lab_dir(str(tmp_path / "link.yml"), "main")
    assert real != names.lab_dir(str(tmp_path / "real.yml"), "other")
    assert real.startswith("/var/tmp/gedge-lab-")
