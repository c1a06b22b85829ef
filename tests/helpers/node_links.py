"""The links that the network tests give a node of the lab, and the whole life of them, whichever backend it has."""

from __future__ import annotations

import json
import time

ADDRESSES = {"node1": 100, "node2": 101}
FILTERS = [
    {"network": "public", "allow": [{"protocol": "icmp"}, {"protocol": "tcp", "ports": "5201"}]},
    {"network": "sriov-a"},
    {"network": "sriov-b", "allow": []},
]


def goal(node):
    """The links of a node: a public port with a router, a tagged network on each of the SR-IOV ports."""
    last = ADDRESSES[node.name]
    return {
        "links": [
            {"pci": "0000:81:00.1", "network": "public", "addresses": [f"198.51.100.{last - 76}/24"], "mtu": 1500}
            | {"gateway": "198.51.100.1", "table": 1010},
            {"pci": "0000:21:00.0", "network": "sriov-a", "vlan": 30, "addresses": [f"192.168.20.{last}/28"]},
            {"interface": "ens2f0", "network": "sriov-b", "vlan": 40, "addresses": [f"192.168.30.{last}/28"]}
            | {"mtu": 1400, "routes": [{"to": "10.99.0.0/16", "via": "192.168.30.97"}]},
        ],
        "filters": FILTERS,
    }


def addresses(node):
    """{interface: [address]} without those of IPv6."""
    shown = json.loads(node.run("ip -j -4 addr show"))
    return {one["ifname"]: [f"{a['local']}/{a['prefixlen']}" for a in one["addr_info"]] for one in shown}


def check(node):
    """What is asked for is there, by iproute2, sysctl and nft."""
    last = ADDRESSES[node.name]
    seen = addresses(node)
    assert seen["ens2f1"] == [f"198.51.100.{last - 76}/24"]
    assert seen["ens1f0.30"] == [f"192.168.20.{last}/28"]
    assert seen["ens2f0.40"] == [f"192.168.30.{last}/28"]
    assert (seen.get("ens1f0", []), seen["mgmt0"]) == ([], ["10.0.2.15/24"])
    links = {one["ifname"]: one for one in json.loads(node.run("ip -j -d link show"))}
    assert (links["ens2f0.40"]["mtu"], links["ens2f1"]["mtu"]) == (1400, 1500)
    assert links["ens1f0.30"]["linkinfo"]["info_data"]["id"] == 30
    rules = node.run("ip rule")
    assert f"1010:\tfrom 198.51.100.{last - 76} lookup 1010" in rules
    assert "default via 198.51.100.1 dev ens2f1" in node.run("ip route show table 1010")
    assert "default via 10.0.2.2 dev mgmt0" in node.run("ip route show default")
    assert "198.51.100.1" not in node.run("ip route show default")
    assert "via 192.168.30.97 dev ens2f0.40" in node.run("ip route show 10.99.0.0/16")
    for name in ("ens1f0.30", "ens2f0.40", "ens2f1", "ens1f0"):
        values = [f"/proc/sys/net/ipv4/conf/{name}/{key}" for key in ("arp_ignore", "arp_announce", "rp_filter")]
        values += [f"/proc/sys/net/ipv6/conf/{name}/{key}" for key in ("accept_ra", "autoconf", "forwarding")]
        assert node.run("cat " + " ".join(values)).split() == ["1", "2", "1", "0", "0", "0"], name
    assert "5201" in node.run("nft list table inet gedge_ingress")


DRIFT = [
    ("ip addr flush dev ens1f0.30", {"ens1f0.30"}),
    ("ip link set ens2f1 mtu 1400", {"ens2f1"}),
    ("ip link del ens2f0.40", {"ens2f0.40"}),
    ("ip rule del pref 1010", {"ens2f1"}),
    ("ip route flush table 1010", {"ens2f1"}),
    ("ip link set ens1f0 down", {"ens1f0"}),
]


def mend(node, file, healed):
    """One piece of drift after the other: foretold by check mode and mended, and nothing else is touched."""
    for command, names in [*DRIFT, (f"rm {file % 'ens1f0.30'}", {"ens1f0.30"})]:
        node.run(command)
        if command in healed:  # at any moment, so that nothing can be foretold
            node.change(**goal(node))
            check(node)
            continue
        foretold = node.module("--check", **goal(node))
        assert not foretold.get("failed"), (command, foretold)
        found = {step["target"] for step in foretold["steps"] if step["action"] == "configure-link"}
        assert names <= found, (command, foretold["steps"])
        result = node.change(**goal(node))
        assert result["steps"] == foretold["steps"], command
        check(node)


def restart(node):
    """An ordinary restart."""
    boot = node.run("cat /proc/sys/kernel/random/boot_id")
    node.run("systemctl reboot", check=False)
    end = time.monotonic() + 900
    while time.monotonic() < end:
        if node.answers() and node.run("cat /proc/sys/kernel/random/boot_id", check=False) not in (boot, ""):
            return
        time.sleep(2)
    raise AssertionError(f"{node.name} does not come back")


def life(both, file, healed=()):
    """Set up, mended, kept over a restart, taken away.

    both: see the fixture; file: of an interface, with %s; healed: what of DRIFT the backend may mend by itself."""
    before = both(lambda node: node.look())
    foretold = both(lambda node: node.module("--check", **goal(node)))
    assert both(lambda node: node.look()) == before
    results = both(lambda node: node.change(**goal(node)))
    assert [one["steps"] for one in results] == [one["steps"] for one in foretold]
    both(check)
    again = both(lambda node: node.module(**goal(node)))
    assert [(one["steps"], one["confirm"]) for one in again] == [([], None)] * len(before)
    both(lambda node: mend(node, file, healed))
    both(restart)
    both(check)
    assert [one["steps"] for one in both(lambda node: node.module("--check", **goal(node)))] == [[]] * len(before)
    gone = both(lambda node: node.module("--check", state="absent"))
    took = both(lambda node: node.change(state="absent"))
    assert [one["steps"] for one in took] == [one["steps"] for one in gone]
    assert [one["steps"] for one in both(lambda node: node.module(state="absent"))] == [[]] * len(before)
    for then, now in zip(before, both(lambda node: node.look()), strict=True):
        assert [line for line in now if line not in then] == []
        assert [line for line in then if line not in now] == []
