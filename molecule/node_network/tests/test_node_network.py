"""What the nodes' kernels say, against the testbed file."""

import json

import pytest


@pytest.fixture
def ports(variables):
    """The ports of the node."""
    return variables["testbed_ports"]


def name_of(host, port):
    """The interface that carries a port's address."""
    device = port["interface"] or host.check_output("ls /sys/bus/pci/devices/%s/net", port["pci"])
    return f"{device}.{port['vlan']}" if port["tagged"] else device


def test_the_testbed_asks_for_something(ports):
    assert [port for port in ports if port["address"]]


def test_addresses(host, ports):
    for port in ports:
        shown = json.loads(host.check_output("ip -j addr show dev %s", name_of(host, port)))[0]["addr_info"]
        assert port["address"] in [f"{one['local']}/{one['prefixlen']}" for one in shown], port["network"]


def test_vlans_and_mtus(host, ports, variables):
    for port in ports:
        link = json.loads(host.check_output("ip -j -d link show dev %s", name_of(host, port)))[0]
        assert link["mtu"] == variables["testbed_networks"][port["network"]]["mtu"]
        assert link.get("linkinfo", {}).get("info_data", {}).get("id") == (port["vlan"] if port["tagged"] else None)


def test_gateways_serve_their_own_networks_only(host, ports, variables):
    assert "dev mgmt0" in host.check_output("ip route show default")
    for port in ports:
        gateway = variables["testbed_networks"][port["network"]]["gateway"]
        if gateway:
            table = host.check_output("ip route show table %s", str(1000 + port["vlan"]))
            assert f"default via {gateway} dev {name_of(host, port)}" in table
            assert f"from {port['address'].split('/')[0]} lookup {1000 + port['vlan']}" in host.check_output("ip rule")


def test_no_change_waits_for_its_confirmation(host):
    assert not host.file("/var/lib/gedge/network").exists


def test_the_management_connection_was_not_touched(host):
    assert "10.0.2.15/24" in host.check_output("ip addr show dev mgmt0")
