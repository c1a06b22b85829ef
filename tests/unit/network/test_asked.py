"""From a node's ports in the testbed to the links of the module."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.network_links import network_links

NETWORKS = {
    "public": {"vlan": 10, "gateway": "198.51.100.1", "mtu": 1500, "purpose": ["public"]},
    "management": {"vlan": 20, "gateway": None, "mtu": 1500, "purpose": ["management", "macvlan"]},
    "sriov-a": {"vlan": 30, "gateway": None, "mtu": 9000, "purpose": ["sriov"]},
}
PORT = {"nic": "nic0", "port": "1", "interface": None, "pci": "0000:21:00.0", "tagged": False}


@pytest.mark.parametrize(
    ("port", "link"),
    [
        (
            {"network": "public", "vlan": 10, "address": "198.51.100.24/24"},
            {"addresses": ["198.51.100.24/24"], "gateway": "198.51.100.1", "table": 1010, "mtu": 1500},
        ),
        ({"network": "public", "vlan": 10, "address": None}, {"addresses": [], "mtu": 1500}),
        (
            {"network": "sriov-a", "vlan": 30, "address": "192.168.20.100/28", "tagged": True},
            {"addresses": ["192.168.20.100/28"], "vlan": 30, "mtu": 9000},
        ),
        (
            {"network": "management", "vlan": 20, "address": "192.168.10.100/28"},
            {"addresses": ["192.168.10.100/28"], "purpose": "management", "mtu": 1500},
        ),
    ],
)
def test_a_port_becomes_a_link(port, link):
    wanted = dict({"pci": "0000:21:00.0", "network": port["network"], "purpose": "data"}, **link)
    assert network_links([dict(PORT, **port)], NETWORKS) == [wanted]


def test_a_name_is_preferred_to_a_pci_address():
    port = dict(PORT, interface="ens1f0", network="sriov-a", vlan=30, address=None)
    assert network_links([port], NETWORKS)[0]["interface"] == "ens1f0"


def test_a_port_that_nothing_names_is_refused():
    port = dict(PORT, pci=None, network="sriov-a", vlan=30, address=None)
    with pytest.raises(AnsibleFilterError, match=r"port nic0/1: nothing says which device it is\. Give the port"):
        network_links([port], NETWORKS)
