"""What the nodes' kernels say, against the testbed file."""

import json

import pytest


def numbers(text):
    """ "0-1,3" -> [0, 1, 3]."""
    parts = [part.split("-") for part in str(text).split(",")]
    return [number for part in parts for number in range(int(part[0]), int(part[-1]) + 1)]


@pytest.fixture
def ports(variables):
    """The ports of the node that are to have VFs."""
    return [port for port in variables["testbed_ports"] if port.get("vfs")]


def pf_of(host, port):
    """The network device of a port."""
    return host.check_output("ls /sys/bus/pci/devices/%s/net", port["pci"])


def vf_lines(host, port):
    """{index: what iproute2 says of the VF} of a port."""
    link = json.loads(host.check_output("ip -j -d link show dev %s", pf_of(host, port)))[0]
    return {vf["vf"]: vf for vf in link["vfinfo_list"]}


def settings(port):
    """(index, settings) of each VF that the testbed file says something about."""
    return [(index, item) for item in port["vfs"]["config"] for index in numbers(item["range"])]


def test_the_testbed_asks_for_something(ports):
    assert ports


def test_count(host, ports):
    for port in ports:
        assert int(host.file(f"/sys/bus/pci/devices/{port['pci']}/sriov_numvfs").content_string) == port["vfs"]["count"]


def test_vlan(host, ports):
    for port in ports:
        seen = vf_lines(host, port)
        for index, item in settings(port):
            vlans = [entry["vlan"] for entry in seen[index].get("vlan_list", [])]
            assert [vlan for vlan in vlans if vlan] == ([item["vlan"]] if item["vlan"] else []), (port["pci"], index)


def test_trust_and_spoof_check(host, ports):
    for port in ports:
        seen = vf_lines(host, port)
        for index, item in settings(port):
            assert seen[index]["trust"] == item.get("trust", False), (port["pci"], index)
            assert seen[index]["spoofchk"] == item.get("spoofchk", True), (port["pci"], index)


def test_rate(host, ports):
    for port in ports:
        seen = vf_lines(host, port)
        for index, item in settings(port):
            assert seen[index]["rate"]["max_tx"] == item.get("max_tx_rate", 0), (port["pci"], index)


def test_driver(host, ports):
    for port in ports:
        for index, item in settings(port):
            link = host.check_output("readlink /sys/bus/pci/devices/%s/virtfn%s/driver", port["pci"], str(index))
            driver = link.rsplit("/", 1)[-1]
            assert (driver == "vfio-pci") == (item.get("driver") == "vfio-pci"), (port["pci"], index)


def test_the_management_connection_was_not_touched(host):
    assert host.interface("mgmt0").exists
