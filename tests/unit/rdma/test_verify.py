"""From the testbed to the module's options, and the independent reading: findings, pairs, proof."""

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter import rdma_asked, rdma_pairs, rdma_reading, rdma_verdict
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils import asked_rdma
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import rdma

PORTS = [
    {"nic": "nic0", "port": "1", "network": "a", "vlan": 30, "tagged": True, "pci": "0000:21:00.0", "interface": None},
    {"nic": "nic0", "port": "2", "network": "b", "vlan": 20, "tagged": False, "pci": None, "interface": "ens1f1"},
    {"nic": "nic1", "port": "1", "network": "c", "vlan": 40, "tagged": False, "pci": None, "interface": None},
]


@pytest.mark.parametrize(
    ("asked", "rxe"),
    [
        ({}, []),
        ({"rxe": [{"interface": "ens1f0v0"}]}, [{"interface": "ens1f0v0"}]),
        ({"rxe": [{"network": "a"}, {"network": "a"}]}, [{"pci": "0000:21:00.0", "vlan": 30}]),
        ({"rxe": [{"network": "b"}]}, [{"interface": "ens1f1"}]),
    ],
)
def test_soft_roce_of_the_testbed(asked, rxe):
    assert asked_rdma.asked(asked, PORTS)["rxe"] == rxe


def test_roce_of_the_testbed():
    found = asked_rdma.asked({"netns": "shared", "roce": {"networks": ["a", "b"], "priority": 4}}, PORTS)
    assert found["netns"] == "shared"
    assert found["roce"] == {"priority": 4, "interfaces": [{"pci": "0000:21:00.0"}, {"interface": "ens1f1"}]}


@pytest.mark.parametrize(("network", "text"), [("z", "no port of this node"), ("c", "which device it is")])
def test_networks_without_a_port_are_refused(network, text):
    with pytest.raises(EngineError, match=text):
        asked_rdma.asked({"rxe": [{"network": network}]}, PORTS)
    with pytest.raises(AnsibleFilterError, match=text):
        rdma_asked.rdma_asked({"rxe": [{"network": network}]}, PORTS)


def link(name, address=None, **more):
    """A link as 'ip -j -d addr show' has it."""
    info = [{"local": "fe80::1", "prefixlen": 64, "scope": "link"}]
    info += [{"local": address, "prefixlen": 28, "scope": "global"}] if address else []
    return dict(more, ifname=name, addr_info=info)


def outputs(*addresses, devices=("ens1f0v0",), mode="shared", limit="unlimited\n"):
    """What a node says."""
    links = [{"ifname": "rxe_" + name, "netdev": name} for name in devices]
    return [json.dumps(links), "netns %s copy-on-fork on\n" % mode, json.dumps(addresses), limit]


VLAN = {"link": "ens1f0", "linkinfo": {"info_kind": "vlan", "info_data": {"id": 30}}}
ASKED = {"rxe": [{"interface": "ens1f0v0"}], "netns": "shared", "memlock": "unlimited"}


def test_all_as_asked():
    found = rdma.read(outputs(link("ens1f0v0", "192.168.20.104")), ASKED)
    assert found["findings"] == []
    assert found["endpoints"] == [
        {"label": "ens1f0v0", "device": "rxe_ens1f0v0", "address": "192.168.20.104", "network": "192.168.20.96/28"}
    ]
    assert "rxe_ens1f0v0 over ens1f0v0; netns shared" in found["lines"][0]


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ({"interface": "ens1f0.30"}, "ens1f0.30"),
        ({"interface": "ens1f0", "vlan": 30}, "ens1f0.30"),
        ({"pci": "0000:21:00.0", "vlan": 30}, "ens1f0.30"),
    ],
)
def test_a_vlan_is_over_the_device_below_and_has_the_address(place, label):
    links = [link("ens1f0", parentdev="0000:21:00.0"), link("ens1f0.30", "192.168.20.100", **VLAN)]
    found = rdma.read(outputs(*links, devices=["ens1f0"]), {"rxe": [place]})
    assert found["findings"] == []
    assert [(end["label"], end["device"], end["address"]) for end in found["endpoints"]] == [
        (label, "rxe_ens1f0", "192.168.20.100")
    ]


@pytest.mark.parametrize(
    ("change", "device"),
    [
        ({"devices": []}, "ens1f0v0"),
        ({"mode": "exclusive"}, "rdma"),
        ({"limit": "8192"}, "memlock"),
    ],
)
def test_each_difference_is_a_finding(change, device):
    found = rdma.read(outputs(link("ens1f0v0", "192.168.20.104"), **change), ASKED)
    assert [row["device"] for row in found["findings"]] == [device]


def test_nothing_asked_is_nothing_read():
    assert rdma.read(["", "", "", ""], {"rxe": [], "netns": None, "memlock": None}) == {
        "findings": [],
        "endpoints": [],
        "lines": [],
    }


def end(network, address, label="vf"):
    """An endpoint."""
    return {"label": label, "device": "rxe_" + label, "address": address, "network": network}


def test_pairs_chain_the_nodes_of_a_network():
    readings = {
        "n1": {"endpoints": [end("a", "1"), end("a", "1b"), end("b", "4")]},
        "n2": {"endpoints": [end("a", "2")]},
        "n3": {"endpoints": [end("a", "3"), end("b", "5")]},
    }
    found = rdma_pairs.rdma_pairs(readings)
    assert [(pair["client"], pair["server"], pair["address"]) for pair in found] == [
        ("n2", "n1", "1"),
        ("n3", "n2", "2"),
        ("n3", "n1", "4"),
    ]
    assert len({pair["port"] for pair in found}) == 3 and all(pair["port"] % 2 == 0 for pair in found)


def test_verdict():
    figures = {"average": 1888.45, "p99": 5287.54, "messages": 200, "bytes": 2}
    answers = [
        {"label": "n2 -> n1", "rping": True, "latency": figures, "error": ""},
        {"label": "n3 -> n2", "rping": False, "latency": None, "error": "rping: timed out"},
    ]
    found = rdma_verdict.rdma_verdict({"findings": [], "lines": ["seen"], "endpoints": []}, answers)
    assert [(row["device"], row["what"]) for row in found["findings"]] == [("n3 -> n2", "rping: timed out")]
    assert found["proof"][0] == "seen" and "1888.5 us on average, p99 5287.5 us" in found["proof"][2].replace(
        "1888.4", "1888.5"
    )


@pytest.mark.parametrize(
    "call", [lambda: rdma_reading.rdma_reading(["{"], {}), lambda: rdma_pairs.rdma_pairs({"n": {}})]
)
def test_noise_is_an_error_with_a_name(call):
    with pytest.raises(AnsibleFilterError, match="rdma_"):
        call()
