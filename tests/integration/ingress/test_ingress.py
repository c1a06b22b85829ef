"""The filter on the nodes of the lab, Debian 12 and 13: drift, nftables.service, reboot, and packets between them."""

import json
import pathlib

import pytest

pytestmark = pytest.mark.soak

HERE = pathlib.Path(__file__).parent
TABLE = "inet gedge_ingress"
LISTING = f"nft -s list table {TABLE}"
VLAN = "ens1f0.30"
NODES = ("node1", "node2")


@pytest.fixture(scope="module")
def filtered(lab):
    """Both nodes with the filters that the testbed asks for."""
    done = lab.playbook(str(HERE / "network.yml"), "-e", '{"node_network_confirm_within": 600}', timeout=3600)
    assert done.rc == 0, done.output
    return lab


def steps(lab, node, *options):
    """What the role says that is to be done, in check mode."""
    done = lab.playbook(str(HERE / "network.yml"), "--check", "--limit", node, *options)
    assert done.rc == 0, done.output
    return [(step["target"], step["action"]) for step in done.results("Bring all links of the node", node)[0]["steps"]]


@pytest.mark.parametrize("node", NODES)
def test_nothing_to_do_and_drift_by_hand_is_found(filtered, node):
    right = filtered.run(node, LISTING).stdout
    assert steps(filtered, node) == []
    for change in (f"insert rule {TABLE} in-sriov-a tcp dport 22 accept", f"delete table {TABLE}"):
        filtered.run(node, ["nft", change])
        assert steps(filtered, node) == [(f"nft table {TABLE}", "load-filter")], change
        filtered.run(node, "systemctl start gedge-ingress")
        assert filtered.run(node, LISTING).stdout == right


@pytest.mark.parametrize("node", NODES)
def test_nftables_service_does_not_take_it_away(filtered, node):
    """Debian's /etc/nftables.conf begins with 'flush ruleset', and the unit ends with it."""
    filtered.run(node, "systemctl stop nftables")
    right = filtered.run(node, LISTING).stdout
    assert "flush ruleset" in filtered.run(node, "cat /etc/nftables.conf").stdout
    for verb in ("start", "restart", "reload", "stop"):
        filtered.run(node, f"nft add table inet witness; systemctl {verb} nftables")
        assert filtered.run(node, LISTING).stdout == right, verb
        assert "witness" not in filtered.run(node, "nft list tables").stdout, verb


@pytest.mark.parametrize("node", NODES)
def test_a_reboot_keeps_it_before_the_network(filtered, node):
    """With nftables.service enabled, which flushes all that was loaded before it."""
    right = filtered.run(node, LISTING).stdout
    filtered.run(node, "systemctl enable -q nftables")
    try:
        done = filtered.module(node, "ansible.builtin.reboot", {"reboot_timeout": 600})
        assert done.rc == 0, done.output
        assert filtered.run(node, LISTING).stdout == right
        order = "systemctl show -p ActiveEnterTimestampMonotonic --value network-pre.target;"
        order += "systemctl show -p ExecMainExitTimestampMonotonic -p ExecMainStatus --value gedge-ingress"
        network, *loaded = filtered.run(node, order).stdout.split()
        assert sorted(loaded)[0] == "0" and max(int(one) for one in loaded) <= int(network)
    finally:
        filtered.run(node, "systemctl disable -q nftables")
    assert steps(filtered, node) == []


def address(lab, node):
    """The node's address on VLAN 30."""
    return lab.json(node, f"ip -j -4 addr show dev {VLAN}")[0]["addr_info"][0]["local"]


def knock(lab, node, target, *ports):
    """Answers to (protocol, port) from a node."""
    rows = [{"interface": VLAN, "address": target, "protocol": protocol, "port": port} for protocol, port in ports]
    done = lab.module(node, "gedge.engine.network_probe", {"ports": rows})
    assert done.rc == 0, done.output
    return [one["answer"] for one in done.tasks[0][2]["ports"]]


def counted(lab, node, comment):
    """Packets that the rules of that comment have counted."""
    rows = json.loads(lab.run(node, f"nft -j list table {TABLE}").stdout)["nftables"]
    rules = [row["rule"] for row in rows if row.get("rule", {}).get("comment") == comment]
    assert rules, comment
    return sum(part["counter"]["packets"] for rule in rules for part in rule["expr"] if "counter" in part)


@pytest.mark.parametrize("sender, receiver", [NODES, NODES[::-1]])
def test_what_is_allowed_passes_and_the_rest_is_dropped(filtered, sender, receiver):
    names = [f"sriov-a {what}" for what in ("allow[1]", "allow[2]", "not allowed")]
    before = [counted(filtered, receiver, name) for name in names]
    answers = knock(
        filtered, sender, address(filtered, receiver), ("tcp", 5201), ("tcp", 22), ("udp", 4791), ("udp", 53)
    )
    after = [counted(filtered, receiver, name) for name in names]
    # Where soft-RoCE listens at 4791 nobody refuses; the counter of the rule tells.
    assert (answers[:2], answers[3]) == (["refused", "silent"], "silent")
    assert after[0] > before[0] and after[1] > before[1] and after[2] >= before[2] + 2


def test_a_listener_behind_an_allowed_port_is_reached(filtered):
    """A listener makes no difference to what the filter does."""
    target = address(filtered, "node2")
    filtered.run("node2", "systemd-run -q --collect --unit gedge-test-iperf timeout 120 iperf3 -s -1 -p 5201; sleep 3")
    try:
        assert knock(filtered, "node1", target, ("tcp", 5201), ("tcp", 5202)) == ["open", "silent"]
    finally:
        filtered.run("node2", "systemctl stop gedge-test-iperf", check=False)


def test_a_rate_is_kept_and_counted(filtered):
    """Ten pings in a second where two a minute are allowed, of a rule that comes first."""
    rule = 'icmp type echo-request limit rate over 2/minute burst 2 packets counter drop comment "test"'
    filtered.run("node2", ["nft", f"insert rule {TABLE} in-sriov-a {rule}"])
    try:
        said = filtered.run("node1", f"ping -c 10 -i 0.2 -W 2 {address(filtered, 'node2')}", check=False).stdout
        assert " 2 received" in said
        assert counted(filtered, "node2", "test") == 8
    finally:
        filtered.run("node2", "systemctl start gedge-ingress")


def test_the_management_path_is_not_filtered(filtered):
    listing = filtered.run("node1", f"nft -j list table {TABLE}").stdout
    assert "mgmt0" not in listing


def test_an_address_of_another_network_is_not_reached(filtered):
    """The weak host, with the way there forced: a neighbour entry instead of ARP."""
    mac = filtered.json("node2", f"ip -j link show dev {VLAN}")[0]["address"]
    other = "192.168.30.101"
    assert other in filtered.run("node2", "ip -4 addr").stdout
    force = f"ip neigh replace {other} lladdr {mac} dev {VLAN};"
    before = counted(filtered, "node2", "sriov-a another interface's address")
    filtered.run("node1", f"{force} ping -c 3 -i 0.3 -W 2 -I {VLAN} {other}", check=False)
    try:
        assert counted(filtered, "node2", "sriov-a another interface's address") >= before + 3
    finally:
        filtered.run("node1", f"ip neigh del {other} dev {VLAN}", check=False)
