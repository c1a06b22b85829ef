"""Deliberately broken changes by the role, over the interface that carries SSH, and what becomes of the node.

GEDGE_BROKEN_CHANGES says how many (12, each kind at least once; 50 is the full run), GEDGE_SEED which. A case is good
when a new connection reaches the node in time and all that a person can see of its network is as it was before.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import random
import subprocess
import sys
import time

from helpers.lab import ROOT
from helpers.processes import kill_tree

COUNT = int(os.environ.get("GEDGE_BROKEN_CHANGES", "12"))
SEED = int(os.environ.get("GEDGE_SEED", "4"))
WITHIN = 10
# What the node may need beyond it: networkd, sh and sshd under software emulation, on a machine that does other things.
SLACK = int(os.environ.get("GEDGE_SLACK", "40"))
BOOT = 600
PLAYBOOK = ROOT / "tests" / "integration" / "network" / "change.yml"
RIGHT = {"interface": "mgmt0", "network": "management", "purpose": "management", "table": 1020}
MODULE = "^/usr/bin/python3$"  # read from its stdin: that is all there is of its command line
TOLD = "/run/gedge/network-restored"
ARMED = "journalctl -b -o short-unix -u gedge-network-undo.timer --no-pager | grep -i started | tail -1"


def wrong_address(rng):
    """Another address in the same network."""
    return dict(RIGHT, addresses=[f"10.0.2.{rng.randint(20, 250)}/24"], gateway="10.0.2.2"), None


def wrong_vlan(rng):
    """The right address, tagged with a VLAN that nobody else is in."""
    return dict(RIGHT, addresses=["10.0.2.15/24"], vlan=rng.randint(2, 4094)), None


def gateway_gone(rng):
    """The right address without any route to the other side."""
    return dict(RIGHT, addresses=["10.0.2.15/32"], mtu=rng.choice([1500, 1400, 9000])), None


def interface_down(rng):
    """The interface itself is put down."""
    return dict(RIGHT, addresses=["10.0.2.15/24"], up=False), None


def filtered(rng):
    """Nothing may enter but replies: what is connected stays, nobody new comes in."""
    allow = rng.choice([[], [{"protocol": "icmp"}], [{"from": ["192.0.2.0/24"], "protocol": "tcp", "ports": "22"}]])
    return dict(RIGHT, addresses=["10.0.2.15/24"], gateway="10.0.2.2"), allow


CHANGES = [wrong_address, wrong_vlan, gateway_gone, interface_down, filtered]
ENDS = ["module killed", "controller killed", "node reset"]
KINDS = [change.__name__ for change in CHANGES] + ENDS


def cases():
    """[(number, kind, link, allow, delay)], each kind in turn."""
    rng = random.Random(SEED)
    made = []
    for number in range(max(COUNT, len(KINDS))):
        kind = KINDS[number % len(KINDS)]
        change = next((one for one in CHANGES if one.__name__ == kind), None) or rng.choice(CHANGES)
        link, allow = change(rng)
        name = kind if kind == change.__name__ else f"{kind}, {change.__name__}"
        made.append((number, kind, name, link, allow, rng.uniform(0, 8)))
    return made


def options(node, link, allow):
    """What the role is given: the data networks as they are, and the management interface broken."""
    filters = [] if allow is None else [{"network": "management", "allow": allow}]
    asked = {"links": [*data(node), link], "filters": filters, "allow_management": ["mgmt0"], "confirm_within": WITHIN}
    return {f"node_network_{key}": value for key, value in asked.items()}


def data(node):
    """Two data networks."""
    last = 100 + int(node.name[-1])
    public = {"interface": "ens2f1", "network": "public", "addresses": [f"198.51.100.{last}/24"]}
    tagged = {"interface": "ens1f0", "network": "sriov-a", "vlan": 30, "addresses": [f"192.168.20.{last}/28"]}
    return [dict(public, gateway="198.51.100.1", table=1010), tagged]


def playbook(node, extra):
    """The role, started on its own: Popen with what it says."""
    argv = [os.path.join(os.path.dirname(sys.executable), "ansible-playbook"), "-i", str(node.lab.testbed)]
    argv += ["-l", node.name, str(PLAYBOOK), "-e", json.dumps(extra)]
    env = dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), ANSIBLE_STDOUT_CALLBACK="ansible.builtin.default")
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(argv, cwd=ROOT, env=env, text=True, **pipes)


def until_armed(node, running):
    """Wait until the node has set its clock, or cannot be reached any more, or the role has ended."""
    while running.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            probe = "test -e /var/lib/gedge/network/pending/token && echo armed; true"
            done = node.lab.run(node.name, probe, check=False, timeout=6)
            if done.returncode == 0 and "armed" not in done.stdout:
                time.sleep(0.3)
                continue
        return


def seconds(node):
    """From the clock's start to the end of putting back, as the node itself says; None where it tells no more."""
    lines = node.run(f"{ARMED}; cat {TOLD}", check=False).splitlines()
    stamps = [line.split()[0] for line in lines if " started" in line.lower()]
    told = [line.split()[1] for line in lines if line.endswith((" timer", " held"))]
    if not stamps or not told:
        return None
    end = datetime.datetime.strptime(told[0], "%Y-%m-%dT%H:%M:%S%z").timestamp()
    return round(end - float(stamps[0]), 1)


def broken(node, case):
    """One case. Returns (name, what the node says it took, what the controller saw), all in seconds."""
    dummy, kind, name, link, allow, delay = case
    before = node.look()
    node.run(f"rm -f {TOLD}")
    if kind == "module killed":
        watch = f"until pgrep -f {MODULE} >/dev/null; do sleep 0.1; done; sleep {delay / 2:.2f}; pkill -9 -f {MODULE}"
        node.run(f"setsid nohup sh -c '{watch}' >/dev/null 2>&1 </dev/null &")
    running = playbook(node, options(node, link, allow))
    output = ""
    if kind == "controller killed":
        time.sleep(delay)
        if delay > 3:
            until_armed(node, running)
    elif kind == "node reset":
        until_armed(node, running)
        time.sleep(delay / 4)
        node.reset()
    if kind in ("controller killed", "node reset"):
        kill_tree(running.pid)
        running.communicate()
    else:
        output = running.communicate(timeout=900)[0]
        assert running.returncode == 2, output
    seen = node.wait(BOOT if kind == "node reset" else WITHIN + SLACK)
    took = seconds(node)
    assert took is None or took <= WITHIN + SLACK, name
    if kind in [change.__name__ for change in CHANGES]:
        assert "the node has put back" in output, output
        assert took is not None
    after = node.look()
    assert [line for line in after if line not in before] == [], name
    assert [line for line in before if line not in after] == [], name
    return name, took, round(seen, 1)


def failed(node, todo):
    """Run cases, each with a line of what it took; [(node, case, text)] of those that failed."""
    found = []
    for case in todo:
        begin = time.monotonic()
        try:
            name, took, seen = broken(node, case)
            text = f"put back after {took} s, reached {seen} s after the role's end"
        except AssertionError as error:
            name, text = case[2], f"FAILED: {str(error)[:1500]}"
            found.append((node.name, case, text))
        print(f"{case[0]:2} {node.name} {name}: {text}; {time.monotonic() - begin:.0f} s in all", flush=True)
    return found
