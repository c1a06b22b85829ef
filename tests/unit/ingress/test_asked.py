"""From the testbed's ports and networks to what module network is asked for."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.ingress_filters import ingress_filters
from ansible_collections.gedge.engine.plugins.module_utils.ingress.parse import parse

NETWORKS = {
    "a": {
        "cidr": "192.168.20.96/28",
        "ingress": [{"from": ["a", "10.0.0.0/8"], "protocol": "tcp", "ports": 5201}, {"rate": "5/second"}],
    },
    "b": {"cidr": "192.168.30.96/28", "ingress": []},
    "c": {"cidr": "192.168.40.96/28", "ingress": None},
}
PORTS = [{"network": name} for name in ("c", "a", "b", "a")]


def test_names_become_networks_and_none_is_not_empty():
    asked = ingress_filters(PORTS, NETWORKS)
    assert asked == [
        {
            "network": "a",
            "allow": [
                {"from": ["192.168.20.96/28", "10.0.0.0/8"], "protocol": "tcp", "ports": "5201"},
                {"rate": "5/second"},
            ],
        },
        {"network": "b", "allow": []},
        {"network": "c", "allow": None},
    ]
    assert parse(asked, {"a": ["eth1"], "b": ["eth2"], "c": ["eth3"]})[1] == []


def test_an_unknown_network_is_named():
    with pytest.raises(
        AnsibleFilterError, match=r'networks.a.ingress\[0\].from: there is no network "bb". Did you mean'
    ):
        ingress_filters(PORTS, {"a": dict(NETWORKS["a"], ingress=[{"from": ["bb"]}]), "b": {}})


def test_a_node_without_ports():
    assert ingress_filters([], NETWORKS) == []
