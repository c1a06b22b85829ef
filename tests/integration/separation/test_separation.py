"""verify of the networks on the lab: silent when all is right, and each fault is named; the switch is the witness."""

import pathlib

import pytest

pytestmark = pytest.mark.soak

HERE = pathlib.Path(__file__).parent
A, B = "ens1f0.30", "ens2f0.40"
TRUNKS, OTHERS = ("tor/25", "tor/26", "tor/27", "tor/28"), {"tor/2": 10, "tor/3": 10, "tor/10": 20, "tor/11": 20}


@pytest.fixture(scope="module")
def configured(lab):
    """Both nodes with their networks."""
    bring(lab)
    return lab


def bring(lab):
    """Run the role."""
    done = lab.playbook(str(HERE / "network.yml"), "-e", '{"node_network_confirm_within": 600}', timeout=3600)
    assert done.rc == 0, done.output
    return done


def verify(lab):
    """({(node, device, what)}, {node: proof}) of a verification, and the frames by port and VLAN meanwhile."""
    before = lab.switch.ask({"do": "stats"})["stats"]
    done = lab.playbook(str(HERE / "verify.yml"))
    after = lab.switch.ask({"do": "stats"})["stats"]
    assert done.rc == 0, done.output
    shown = {node: done.results("Show what was found", node)[0]["msg"] for node in ("node1", "node2")}
    rows = {(node, row["device"], row["what"]) for node, one in shown.items() for row in one["findings"]}
    return rows, {node: one["proof"] for node, one in shown.items()}, frames(before, after), done


def frames(before, after):
    """{port: {VLAN: frames that left the switch there}} in between."""
    return {
        port: {
            int(vlan): count - before.get(port, {}).get("out", {}).get(vlan, 0)
            for vlan, count in row["out"].items()
            if count != before.get(port, {}).get("out", {}).get(vlan, 0)
        }
        for port, row in after.items()
    }


def test_all_is_right_and_nothing_of_one_vlan_is_on_another(configured):
    rows, proof, out, done = verify(configured)
    assert rows == set()
    assert all(set(out[port]) <= {30, 40} for port in TRUNKS), out
    assert all(set(out[port]) <= {vlan} for port, vlan in OTHERS.items()), out
    assert sum(out[port].get(30, 0) for port in TRUNKS) > 1000  # the load ran over it
    text = "\n".join(proof["node1"])
    assert "8 of 8 echo requests within a network" in text and "Mbit/s sent over " + A in text
    assert "12 of 12 echo requests from one network" in text or "10 of 10 echo requests from one network" in text
    results = [task for task, node, result in done.tasks if node == "node1" and not result.get("skipped")]
    assert len(results) <= 10  # with the argument specification and the debug of this test
    assert configured.run("node1", "pgrep -x ping", check=False).returncode == 1


FAULTS = {
    "node1": f"ip link set {A} mtu 1400; sysctl -q -w net.ipv4.conf.ens2f0/40.arp_ignore=0;"
    " nft insert rule inet gedge_ingress in-sriov-a tcp dport 64000-64999 accept;"
    f" ip route add 192.168.10.101/32 dev {B}",
    "node2": f"ip addr add 192.168.30.109/28 dev {A}; nft delete table inet gedge_ingress",
}
EXPECTED = {
    ("node1", f"{A} (sriov-a)", "MTU 1500 asked for, 1400 found"),
    ("node1", f"{B} (sriov-b)", "answers ARP for addresses of other interfaces (arp_ignore)"),
    ("node1", f"{B} (sriov-b)", "has a route to 192.168.10.101/32, which is network management"),
    ("node1", "filter of sriov-a", "has what nobody asked for: tcp dport 64000-64999 accept"),
    ("node2", f"{A} (sriov-a)", "has 192.168.30.109/28, an address of network sriov-b"),
    ("node2", "filter of sriov-a", "is not loaded"),
    ("node2", "filter of sriov-b", "is not loaded"),
    ("node2", f"node2 {A} (sriov-a) -> node1 {A} (sriov-a)", "tcp port 64999 passes, and nobody allows it"),
    ("node1", f"node1 {B} (sriov-b) -> node2 {B} (sriov-b)", "udp port 64999 passes, and nobody allows it"),
}


def test_faults_by_hand_are_named_and_mended(configured):
    for node, command in FAULTS.items():
        configured.run(node, command)
    try:
        rows = verify(configured)[0]
        assert EXPECTED - rows == set(), rows
    finally:
        undo = f"ip route del 192.168.10.101/32 dev {B}; ip addr del 192.168.30.109/28 dev {A}"
        for node in FAULTS:
            configured.run(node, undo, check=False)
        bring(configured)
    assert verify(configured)[0] == set()


def test_a_switch_port_in_a_wrong_vlan_is_noticed(configured):
    table = configured.switch.table()
    port = next(name for name, row in table.items() if row["peer"] == "node2/nic0/1")
    configured.switch.set_table(dict(table, **{port: dict(table[port], tagged=[40])}))
    try:
        rows, dummy, out, dummy2 = verify(configured)
    finally:
        configured.switch.set_table(table)
    assert ("node1", f"node1 {A} (sriov-a) -> node2 {A} (sriov-a)", "no reply") in rows
    assert ("node2", f"node2 {A} (sriov-a) -> node1 {A} (sriov-a)", "no reply") in rows
    assert 30 not in out[port]
