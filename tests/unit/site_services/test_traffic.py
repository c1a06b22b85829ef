"""Who is asked over second paths, and what is said of the answers."""

import pytest
from ansible_collections.gedge.engine.plugins.filter.service_heard import service_heard
from ansible_collections.gedge.engine.plugins.filter.service_pings import service_pings


def pod(name, address, vlan=30, interface="net1"):
    """A pod of pod_facts with an overlay and a VF."""
    port = {"mac": "02:00:00:00:00:01", "vlan": vlan, "qos": 0}
    vf = None if vlan is None else {"pf": "0000:21:00.0", "number": 1, "port": port}
    faces = [
        {"name": "eth0", "addresses": ["10.244.0.7/24"], "kind": "veth", "vf": None},
        {"name": interface, "addresses": [address] if address else [], "kind": "vf" if vf else "macvlan", "vf": vf},
    ]
    return {"namespace": "default", "name": name, "pid": 42, "interfaces": faces, "containers": {}, "problem": ""}


def asked(readings, node="node1"):
    """The addresses that a node's pods ask."""
    return [one["address"] for one in service_pings(readings, node)]


CASES = {
    "two": ({"node1": [pod("a", "192.168.20.109/28")], "node2": [pod("b", "192.168.20.110/28")]}, ["192.168.20.110"]),
    "one node only": ({"node1": [pod("a", "192.168.20.109/28"), pod("b", "192.168.20.110/28")]}, []),
    "another network": ({"node1": [pod("a", "192.168.20.109/28")], "node2": [pod("b", "192.168.30.110/28", 40)]}, []),
    "another VLAN": ({"node1": [pod("a", "192.168.20.109/28")], "node2": [pod("b", "192.168.20.110/28", 40)]}, []),
    "no address": ({"node1": [pod("a", "")], "node2": [pod("b", "192.168.20.110/28")]}, []),
    "macvlan": (
        {"node1": [pod("a", "192.168.10.109/28", None)], "node2": [pod("b", "192.168.10.108/28", None)]},
        ["192.168.10.108"],
    ),
    "two at most": (
        {
            "node1": [pod("a", "10.0.0.1/8")],
            "node2": [pod(f"b{number}", f"10.0.0.{number}/8") for number in range(2, 9)],
        },
        ["10.0.0.2", "10.0.0.3"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_who_is_asked(name):
    pods, expected = CASES[name]
    assert asked({node: {"pods": found} for node, found in pods.items()}) == expected


def test_a_node_without_pods_asks_nobody():
    assert asked({"node1": {}, "node2": {"pods": [pod("b", "192.168.20.110/28")]}}) == []


def test_what_is_said():
    (one,) = service_pings({node: {"pods": [pod(name, f"192.168.20.{last}/28")]}
                            for node, name, last in (("node1", "a", 109), ("node2", "b", 110))}, "node1")  # fmt: skip
    assert (one["pid"], one["interface"]) == (42, "net1")
    told = service_heard([dict(one, sent=3, replies=2, rtt_ms=8.44, worst_ms=9.0)])
    assert told["findings"] == [] and told["proof"] == [
        "default/a (node1, vf, VLAN 30) and default/b (vf, VLAN 30) hear each other: 2 of 3 answers, 8.4 ms"
    ]
    seen = {"carrier": True, "sent": 60, "received": 0, "lost": 0, "neighbour": "FAILED"}
    silent = service_heard([dict(one, sent=3, replies=0, rtt_ms=None, worst_ms=None, seen=seen)])
    said = "no answer from 192.168.20.110 (net1: 60 packets sent, 0 received, 0 lost, neighbour FAILED)"
    assert silent["proof"] == [] and said in silent["findings"][0]
