"""The independent reading of addresses, VLANs, routes and sysctls, and what of it is a finding."""

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.network_reading import network_reading
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import network

PARENT = {"ifname": "ens1f0", "parentdev": "0000:21:00.0", "flags": ["UP", "LOWER_UP"], "mtu": 1500, "addr_info": []}
VLAN = {
    "ifname": "ens1f0.30",
    "link": "ens1f0",
    "flags": ["UP", "LOWER_UP"],
    "mtu": 1500,
    "linkinfo": {"info_kind": "vlan", "info_data": {"protocol": "802.1Q", "id": 30}},
    "addr_info": [
        {"family": "inet", "local": "192.168.20.100", "prefixlen": 28, "scope": "global"},
        {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"},
    ],
}
PLAIN = {
    "ifname": "ens1f1",
    "parentdev": "0000:21:00.1",
    "flags": ["UP", "LOWER_UP"],
    "mtu": 1500,
    "addr_info": [{"family": "inet", "local": "192.168.10.100", "prefixlen": 28, "scope": "global"}],
}
ROUTES = [
    {"dst": "default", "gateway": "10.0.2.2", "dev": "mgmt0", "table": "main"},
    {"dst": "192.168.20.96/28", "dev": "ens1f0.30", "table": "main"},
    {"dst": "192.168.10.96/28", "dev": "ens1f1", "table": "main"},
    {"dst": "192.168.10.96/28", "dev": "ens1f1", "table": "1020"},
    {"dst": "default", "gateway": "192.168.10.110", "dev": "ens1f1", "table": "1020"},
    {"type": "local", "dst": "192.168.20.100", "dev": "ens1f0.30", "table": "local"},
]
LINKS = [
    {
        "pci": "0000:21:00.0",
        "network": "a",
        "purpose": "data",
        "vlan": 30,
        "mtu": 1500,
        "addresses": ["192.168.20.100/28"],
    },
    {
        "interface": "ens1f1",
        "network": "m",
        "purpose": "management",
        "mtu": 1500,
        "addresses": ["192.168.10.100/28"],
        "gateway": "192.168.10.110",
    },
]
SYSCTLS = "\n".join(
    f"net.ipv4.conf.{name}.{key} = {value}"
    for name in ("all", "ens1f0/30", "ens1f1")
    for key, value in (("arp_ignore", int(name != "all")), ("arp_announce", 2), ("forwarding", 0))
)
PORTS = [{"pci": "0000:21:00.0", "interface": None, "switch": "tor", "switch_port": "25"}]


def read(links=(PARENT, VLAN, PLAIN), routes=tuple(ROUTES), sysctls=SYSCTLS, asked=tuple(LINKS)):
    """The filter's answer."""
    text = "\n".join(json.dumps(one) for one in (list(links), list(routes), []))
    return network_reading(text, sysctls, "", asked, [], PORTS)


def said(**keys):
    """(device, what) of the findings."""
    return [(row["device"], row["what"]) for row in read(**keys)["findings"]]


def test_nothing_to_say():
    found = read()
    assert found["findings"] == []
    assert found["ends"] == [
        {"network": "a", "purpose": "data", "interface": "ens1f0.30", "addresses": ["192.168.20.100/28"], "mtu": 1500},
        {
            "network": "m",
            "purpose": "management",
            "interface": "ens1f1",
            "addresses": ["192.168.10.100/28"],
            "mtu": 1500,
        },
    ]
    assert [(one["interface"], one["switch_port"]) for one in found["endpoints"]] == [
        ("ens1f0.30", "tor/25"),
        ("ens1f1", None),
    ]


A, M = "ens1f0.30 (a)", "ens1f1 (m)"
OTHER_ID = {"info_kind": "vlan", "info_data": {"id": 31}}
FAULTS = {
    "no VLAN": ({"links": (PARENT, PLAIN)}, (A, "the device is not there")),
    "no port": ({"links": (PLAIN,)}, ("0000:21:00.0 (a)", "the device is not there")),
    "down": ({"links": (PARENT, dict(VLAN, flags=[]), PLAIN)}, (A, "is down")),
    "no cable": ({"links": (PARENT, dict(VLAN, flags=["UP"]), PLAIN)}, (A, "has no link")),
    "wrong VLAN": (
        {"links": (PARENT, dict(VLAN, linkinfo=OTHER_ID), PLAIN)},
        (A, "VLAN 30 of ens1f0 asked for, 31 of ens1f0 found"),
    ),
    "wrong parent": (
        {"links": (PARENT, dict(VLAN, link="ens2f0"), PLAIN)},
        (A, "VLAN 30 of ens1f0 asked for, 30 of ens2f0 found"),
    ),
    "MTU": ({"links": (PARENT, dict(VLAN, mtu=1400), PLAIN)}, (A, "MTU 1500 asked for, 1400 found")),
    "address": (
        {"links": (PARENT, dict(VLAN, addr_info=[]), PLAIN)},
        (A, "address 192.168.20.100/28 asked for, not found"),
    ),
    "prefix": (
        {"links": (PARENT, dict(VLAN, addr_info=[dict(VLAN["addr_info"][0], prefixlen=24)]), PLAIN)},
        (A, "address 192.168.20.100/28 asked for, not found"),
    ),
    "address of another network": (
        {
            "links": (
                PARENT,
                dict(VLAN, addr_info=VLAN["addr_info"] + [dict(PLAIN["addr_info"][0], local="192.168.10.101")]),
                PLAIN,
            )
        },
        (A, "has 192.168.10.101/28, an address of network m"),
    ),
    "default route on a data network": (
        {"routes": [*ROUTES, {"dst": "default", "dev": "ens1f0.30", "table": "77"}]},
        (A, "has a default route, and the network has no gateway"),
    ),
    "route from data to management": (
        {"routes": [*ROUTES, {"dst": "192.168.10.101", "dev": "ens1f0.30"}]},
        (A, "has a route to 192.168.10.101/32, which is network m"),
    ),
    "route from management to data": (
        {"routes": [*ROUTES, {"dst": "192.168.20.0/24", "dev": "ens1f1", "gateway": "192.168.10.110"}]},
        (M, "has a route to 192.168.20.0/24, which is network a"),
    ),
    "any route on a data network": (
        {"routes": [*ROUTES, {"dst": "10.9.0.0/16", "dev": "ens1f0.30"}]},
        (A, "has a route to 10.9.0.0/16 that nobody asked for"),
    ),
    "gateway": ({"routes": ROUTES[:3]}, (M, "no default route by the gateway 192.168.10.110, in no table")),
    "neighbours by the gateway": (
        {"routes": ROUTES[:3] + ROUTES[4:]},
        (M, "table 1020 has a default route and none to 192.168.10.96/28: neighbours are sent to the gateway"),
    ),
    "forwarding": (
        {"sysctls": SYSCTLS.replace("ens1f1.forwarding = 0", "ens1f1.forwarding = 1")},
        (M, "forwards packets, and no filter keeps the networks apart"),
    ),
    "ARP": (
        {"sysctls": SYSCTLS.replace("ens1f0/30.arp_ignore = 1", "ens1f0/30.arp_ignore = 0")},
        (A, "answers ARP for addresses of other interfaces (arp_ignore)"),
    ),
    "ARP's sender": (
        {"sysctls": SYSCTLS.replace("arp_announce = 2", "arp_announce = 0")},
        (A, "names addresses of other interfaces in ARP (arp_announce)"),
    ),
}


@pytest.mark.parametrize("title", FAULTS)
def test_faults(title):
    keys, expected = FAULTS[title]
    assert expected in said(**keys)


QUIET = {
    "ARP ignored on all": {
        "sysctls": SYSCTLS.replace("all.arp_ignore = 0", "all.arp_ignore = 1").replace(
            "30.arp_ignore = 1", "30.arp_ignore = 0"
        )
    },
    "a static route of the management network": {
        "routes": [*ROUTES, {"dst": "10.9.0.0/16", "dev": "ens1f1", "gateway": "192.168.10.110"}]
    },
    "a route that was asked for": {
        "routes": [*ROUTES, {"dst": "10.9.0.0/16", "dev": "ens1f0.30"}],
        "asked": [dict(LINKS[0], routes=[{"to": "10.9.0.0/16", "via": "192.168.20.97"}]), LINKS[1]],
    },
    "the kernel's own routes": {
        "routes": [*ROUTES, {"dst": "fe80::/64", "dev": "ens1f0.30"}, {"dst": "ff00::/8", "dev": "ens1f0.30"}]
    },
    "routes of others": {
        "routes": [*ROUTES, {"dst": "192.168.20.0/24", "dev": "mgmt0"}, {"dst": "10.1.0.0/16", "dev": "cni0"}]
    },
    "another address": {
        "links": (
            PARENT,
            dict(VLAN, addr_info=[*VLAN["addr_info"], dict(PLAIN["addr_info"][0], local="10.0.0.1")]),
            PLAIN,
        )
    },
}


@pytest.mark.parametrize("title", QUIET)
def test_what_is_nobodys_fault(title):
    assert said(**QUIET[title]) == []


@pytest.mark.parametrize("text", ["", "[]", "[] []", "nonsense", "[1] [] []"])
def test_what_is_no_answer_of_iproute2_is_an_error_in_words(text):
    with pytest.raises(AnsibleFilterError, match="network_reading: "):
        network_reading(text, "", "", [])


def test_sysctls():
    text = "net.ipv4.conf.ens1f0/30.arp_ignore = 1\nnet.ipv4.conf.all.rp_filter = 2\nother = 3\n\nbroken"
    assert network.sysctls(text) == {"ens1f0.30.arp_ignore": 1, "all.rp_filter": 2}
