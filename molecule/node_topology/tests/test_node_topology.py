"""What was saved, against lspci and lscpu."""

import json
import os
import pathlib

import pytest

FACTS = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "facts"


@pytest.fixture
def topology(node):
    """The saved topology of the node."""
    return json.loads((FACTS / f"{node}.topology.json").read_text(encoding="utf-8"))


def test_pci_devices_are_those_of_lspci(host, topology):
    lines = [line.split() for line in host.check_output("lspci -Dn").splitlines()]
    listed = {address: ids for address, dummy, ids, *dummy in lines}
    saved = {device["address"]: f"{device['vendor']}:{device['device']}" for device in topology["pci_devices"]}
    assert saved
    assert {address: listed.get(address) for address in saved} == saved


def test_no_network_device_is_missing(host, topology):
    listed = {line.split()[0] for line in host.check_output("lspci -Dn -d ::0200").splitlines()}
    assert {device["address"] for device in topology["pci_devices"] if device["kind"] == "nic"} == listed


def test_cpus_are_those_of_lscpu(host, topology):
    listed = [line for line in host.check_output("lscpu -p=CPU,NODE").splitlines() if not line.startswith("#")]
    assert [f"{cpu['cpu']},{cpu['numa_node']}" for cpu in topology["cpus"]] == listed


@pytest.mark.parametrize("suffix", ["distance.txt", "distance.svg"])
def test_the_matrix_names_every_device(node, topology, suffix):
    text = (FACTS / f"{node}.{suffix}").read_text(encoding="utf-8")
    assert [device["address"] for device in topology["pci_devices"] if device["address"] not in text] == []
