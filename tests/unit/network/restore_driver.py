"""Runs in a network namespace of its own: breaks real links, seeded, and lets the real restore functions mend them.

python3 restore_driver.py SEED COUNT FOLDER; prints one JSON line per case: what was done, and what is not as before.
"""

import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "collections"))
from ansible_collections.gedge.engine.plugins.module_utils.network import networkd, script, snapshot
from ansible_collections.gedge.engine.plugins.module_utils.system import System

NAMES = ["data0", "data1", "mgmt0"]
SETUP = """
link set lo up
link add name data0 type veth peer name far0
link add name data1 type veth peer name far1
link add name mgmt0 type veth peer name far2
link set far0 up
link set far1 up
link set far2 up
link set data0 up
link set mgmt0 up
link set data1 mtu 1400
addr add 10.1.0.1/24 brd + dev data0
addr add 10.1.0.2/24 dev data0
addr add fd00:1::1/64 nodad dev data0
addr add 10.5.0.1/24 dev data0 noprefixroute
route add 10.5.0.0/24 dev data0 proto kernel scope link src 10.5.0.1 metric 100
route add 10.98.0.0/16 via 10.5.0.9 proto static
addr add 10.3.0.1/28 dev mgmt0
route add default via 10.3.0.9 proto static
route add default via 10.1.0.9 table 1010 proto static
route add 10.99.0.0/16 via 10.1.0.8 metric 50
-6 route add fd99::/16 via fd00:1::9
rule add pref 1010 from 10.1.0.1 lookup 1010 proto static
"""
PRIORITIES = {1010, 1020}


def ip(line):
    """One command; a refusal is part of the game."""
    subprocess.run(["ip", *line.split()], check=False, capture_output=True)


def damage(rng):
    """Some of what a wrong change does, as ip commands and sysctls."""
    name = rng.choice(NAMES)
    some = [
        f"link set {name} down",
        f"link set {name} up",
        f"link set {name} mtu {rng.choice([68, 1280, 1400, 1500, 9000])}",
        f"addr flush dev {name}",
        f"addr add 10.{rng.randint(1, 9)}.0.{rng.randint(1, 250)}/{rng.choice([24, 28, 32])} dev {name}",
        f"addr del 10.1.0.{rng.randint(1, 2)}/24 dev data0",
        f"addr add fd00:{rng.randint(1, 9)}::5/64 nodad dev {name}",
        "route del default",
        "route del 10.5.0.0/24",
        f"route add 10.5.0.0/24 dev data0 proto kernel scope link src 10.5.0.1 metric {rng.randint(101, 109)}",
        "route flush table 1010",
        f"route add default via 10.3.0.{rng.randint(2, 9)} table 1020 proto static",
        f"route add 10.{rng.randint(50, 99)}.0.0/16 via 10.3.0.2",
        "rule del pref 1010",
        f"rule add pref 1020 from 10.1.0.{rng.randint(1, 9)} lookup 1020",
        f"sysctl ipv4/conf/{name}/arp_ignore {rng.randint(0, 2)}",
        f"sysctl ipv4/conf/{name}/rp_filter {rng.randint(0, 2)}",
        f"sysctl ipv6/conf/{name}/disable_ipv6 {rng.randint(0, 1)}",
        f"sysctl ipv6/conf/{name}/accept_ra {rng.randint(0, 2)}",
        f"sysctl ipv6/conf/data1/addr_gen_mode {rng.randint(0, 1)}",
        f"addr add fe80::{rng.randint(1, 9)}/64 nodad dev data1",
    ]
    return rng.choice(some)


def state(system):
    """What has to be the same again."""
    return snapshot.take(system, NAMES), snapshot.rules(system, PRIORITIES)


def main():
    """COUNT cases, each from the state that the last one was mended to."""
    rng, count, folder = random.Random(int(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
    for line in SETUP.strip().splitlines():
        ip(line)
    pathlib.Path("/proc/sys/net/ipv6/conf/data1/addr_gen_mode").write_text("1")
    ip("addr flush dev data1")
    system = System()
    before, rules = state(system)
    assert before["data0"]["routes6"], "the setup does not work here"
    text = script.only_state(networkd, before, rules, PRIORITIES).replace("/run/gedge/network-work", folder)
    text = text.replace("sleep 0.3", ":").replace("networkctl", "true")
    for _number in range(count):
        done = [damage(rng) for _one in range(rng.randint(1, 6))]
        for line in done:
            if line.startswith("sysctl"):
                path, value = line.split()[1:]
                target = pathlib.Path("/proc/sys/net", path)
                if target.exists():
                    target.write_text(value)
            else:
                ip(line)
        harm = state(system) != (before, rules)
        subprocess.run(["dash", "-s"], input=text, text=True, check=True)
        shots, left = state(system)
        wrong = {name: snapshot.differences(before[name], shots[name]) for name in NAMES}
        wrong = {name: diff for name, diff in wrong.items() if diff}
        print(json.dumps({"done": done, "harm": harm, "wrong": wrong, "rules": left == rules}), flush=True)


main()
