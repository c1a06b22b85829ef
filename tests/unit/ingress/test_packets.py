"""What the filter does to packets: a node, a peer on its data network and one on its management network."""

import json
import os
import subprocess
import sys

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import errors
from ansible_collections.gedge.engine.plugins.module_utils.ingress.subject import Ingress

from .conftest import NamespaceSystem

PREFIX = f"gedge-{os.getpid()}"
DATA, MANAGEMENT = "10.30.0", "10.20.0"
PEER, NODE = f"{DATA}.2", f"{DATA}.1"
RULES = [
    {"from": [f"{DATA}.0/24"], "protocol": "tcp", "ports": "5201,8000-8010"},
    {"from": ["10.99.0.0/16"], "protocol": "tcp", "ports": "22"},
    {"protocol": "udp", "ports": "53"},
    {"protocol": "udp", "ports": "60", "rate": "3/minute"},
    {"from": [f"{DATA}.0/24"], "protocol": "icmp"},
]
KNOCK = (
    "import json, sys; from ansible_collections.gedge.engine.plugins.module_utils.probe.ports import knock;"
    "print(json.dumps([row['answer'] for row in knock(json.loads(sys.argv[1]), float(sys.argv[2]))]))"
)

# One request after the other in one flow; a reply is awaited for 0.3 s.
ECHO = """
import select, socket, struct, sys, time
one = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
replies = 0
for number in range(int(sys.argv[2])):
    head = struct.pack("!BBHHH", 8, 0, 0, 77, number)
    total = sum(struct.unpack("!4H", head))
    one.sendto(head[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + head[4:], (sys.argv[1], 0))
    end = time.monotonic() + 0.3
    while select.select([one], [], [], max(0, end - time.monotonic()))[0]:
        answer = one.recv(2048)[20:]
        if answer[0] == 0 and answer[4:8] == head[4:8]:
            replies += 1
            break
    if len(sys.argv) > 3:
        print("", flush=True)
        time.sleep(0.1)
print(replies)
"""


def ip(words):
    """Run ip on this machine."""
    subprocess.run(["ip", *words.replace("@", PREFIX).split()], check=True)


WIRING = f"""
netns add @n
netns add @d
netns add @m
link add data type veth peer name eth0 netns @d
link set data netns @n
link add mgmt type veth peer name eth0 netns @m
link set mgmt netns @n
-n @n addr add {NODE}/24 dev data
-n @n addr add {MANAGEMENT}.1/24 dev mgmt
-n @d addr add {PEER}/24 dev eth0
-n @m addr add {MANAGEMENT}.2/24 dev eth0
-n @n link set data up
-n @n link set mgmt up
-n @n link set lo up
-n @d link set eth0 up
-n @m link set eth0 up
-n @d route add default via {NODE}
-n @m route add default via {MANAGEMENT}.1
netns exec @n sysctl -q net.ipv4.ip_forward=1
"""


@pytest.fixture
def net(kernel, tmp_path):
    """The node as a System, its filter loaded; peers are reached by knock and ping below."""
    try:
        for line in WIRING.strip().splitlines():
            ip(line)
        (tmp_path / "usr/sbin").mkdir(parents=True)
        (tmp_path / "usr/sbin/nft").touch()
        node = NamespaceSystem(tmp_path, PREFIX + "n")
        load(node, RULES)
        yield node
    finally:
        for name in "ndm":
            subprocess.run(["ip", "netns", "delete", PREFIX + name], check=False, capture_output=True)


def load(node, rules):
    """The filter of the data network; the management network is only kept apart."""
    items = [
        {"network": "data", "interfaces": ["data"], "allow": rules},
        {"network": "management", "interfaces": ["mgmt"]},
    ]
    ingress = Ingress(items, node)
    for step in ingress.plan(ingress.observe()):
        ingress.apply(step)


def knock(place, *targets, wait=1.5):
    """Answers to (protocol, address, port) from a place: "d", "m" or "n"."""
    device = {"n": "data"}.get(place, "eth0")
    rows = [
        {"interface": device, "protocol": protocol, "address": address, "port": port}
        for protocol, address, port in targets
    ]
    return json.loads(run(place, KNOCK, json.dumps(rows), str(wait)))


def ping(place, address, count=3):
    """Replies to echo requests."""
    return int(run(place, ECHO, address, str(count)))


def run(place, script, *args):
    """Run a script in a place; what it prints."""
    return subprocess.run(command(place, script, *args), capture_output=True, text=True, check=True).stdout


def command(place, script, *args):
    """The words that run a script in a place."""
    path = str(errors.__file__).split("/ansible_collections/", maxsplit=1)[0]
    return ["ip", "netns", "exec", PREFIX + place, "env", "PYTHONPATH=" + path, sys.executable, "-c", script, *args]


def counted(node, comment):
    """Packets that a rule of the filter has counted."""
    rows = json.loads(node.run(["nft", "-j", "list", "table", "inet", "gedge_ingress"]).out)["nftables"]
    rules = [row["rule"] for row in rows if row.get("rule", {}).get("comment") == comment]
    return sum(part["counter"]["packets"] for rule in rules for part in rule["expr"] if "counter" in part)


def test_what_is_allowed_passes_and_the_rest_does_not(net):
    answers = knock(
        "d",
        ("tcp", NODE, 5201),
        ("tcp", NODE, 8005),
        ("udp", NODE, 53),
        ("tcp", NODE, 5202),
        ("tcp", NODE, 22),
        ("udp", NODE, 54),
    )
    assert answers == ["refused"] * 3 + ["silent"] * 3
    assert ping("d", NODE) == 3
    assert counted(net, "data allow[0]") >= 2 and counted(net, "data not allowed") >= 3
    assert counted(net, "data allow[1]") == 0


def test_replies_to_what_the_node_began_come_in(net):
    load(net, [])
    assert knock("d", ("tcp", NODE, 5201), ("udp", NODE, 53)) == ["silent", "silent"] and ping("d", NODE) == 0
    assert knock("n", ("tcp", PEER, 5201), ("udp", PEER, 53)) == ["refused", "refused"]
    assert ping("n", PEER) == 3


def test_other_interfaces_are_untouched(net):
    load(net, [])
    assert knock("m", ("tcp", f"{MANAGEMENT}.1", 22), ("udp", f"{MANAGEMENT}.1", 99)) == ["refused", "refused"]
    assert ping("m", f"{MANAGEMENT}.1") == 3


def test_an_address_of_another_interface_is_not_reached_through_this_one(net):
    """The weak host: without the filter the node answers for its management address on the data network."""
    target = ("tcp", f"{MANAGEMENT}.1", 5201)
    assert knock("d", target) == ["silent"]
    assert counted(net, "data another interface's address") > 0
    net.run(["nft", "flush ruleset"])
    assert knock("d", target) == ["refused"]


def test_nothing_is_forwarded_between_networks(net):
    """Though ip_forward is on, as Kubernetes sets it, and both peers have routes."""
    load(net, [{}])
    assert ping("d", f"{MANAGEMENT}.2") == 0 and ping("m", PEER) == 0
    assert counted(net, "data to another network") == 3 and counted(net, "management to another network") == 3
    net.run(["nft", "flush ruleset"])
    assert ping("d", f"{MANAGEMENT}.2") == 3


def test_a_rate_is_of_packets_and_what_is_above_is_counted(net):
    answers = [knock("d", ("udp", NODE, 60), wait=0.4)[0] for dummy in range(5)]
    assert answers[:3] == ["refused"] * 3 and answers[3:] == ["silent"] * 2
    assert counted(net, "data allow[3]") == 3 and counted(net, "data allow[3] above rate") >= 2


def test_the_first_rule_that_matches_decides(net):
    """A rate further down does not slow what an earlier rule lets in."""
    load(net, [{"protocol": "icmp"}, {"rate": "1/hour"}])
    assert ping("d", NODE, 10) == 10
    assert counted(net, "data allow[1] above rate") == 0


def test_what_is_no_longer_allowed_ends_at_once(net):
    """Also a flow that conntrack knows."""
    assert ping("d", NODE) == 3
    with subprocess.Popen(command("d", ECHO, NODE, "20", "slowly"), stdout=subprocess.PIPE, text=True) as flow:
        flow.stdout.readline()
        load(net, [])
        text = flow.communicate()[0]
    assert int(text) < 20 and counted(net, "data not allowed") > 0
