# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The life of light nodes in a lab of their own, without any VM. The tests follow each other. Needs root."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import (
    container,
    image,
    lifecycle,
    process,
    recipe,
    sshaccess,
)
from ansible_collections.gedge.engine.plugins.module_utils.lab.light import cgroup
from ansible_collections.gedge.engine.plugins.module_utils.progress import Progress
from ansible_collections.gedge.engine.plugins.module_utils.system import System

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gedge-engine"
SUITES = {"light1": "bookworm", "light2": "trixie"}
ADDRESS = {"light1": "192.168.10.98", "light2": "192.168.10.99"}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="light nodes need root")


def variables(number):
    """The host variables of a node with one port in the management network."""
    port = {"nic": "nic0", "port": "1", "interface": "lan0", "switch": "tor", "switch_port": str(number)}
    lab = {"machine": "container", "suite": SUITES["light%d" % number]}
    return {"ansible_host": "198.51.100.%d" % number, "testbed_lab": lab, "testbed_ports": [port]}


@pytest.fixture(scope="module")
def params():
    """The parameters of the module `lab`; what they started is gone afterwards."""
    images = {}
    for suite in SUITES.values():
        made = recipe.recipe(suite)
        images[suite] = image.folder(str(CACHE), made)
        image.Builder(System(), made, images[suite], Progress()).build()
    with tempfile.TemporaryDirectory(prefix="gedge-light-test-", dir="/var/tmp") as parent:
        values = {
            "folder": parent + "/lab",
            "cache": str(CACHE),
            "nodes": {"light1": variables(1), "light2": variables(2)},
            "switches": {"tor": {"ports": {str(n): {"vlan": 20, "peer": "light%d/nic0/1" % n} for n in (1, 2)}}},
            "defaults": {"cpus": 2, "memory": 1024, "suite": "bookworm"},
            "images": images,
            "accel": "auto",
            "boot_silence": 600,
            "boot_timeout": 600,
            "boot_attempts": 2,
            "stop_patience": 120,
            "progress_file": parent + "/progress",
        }
        yield values
        converge(dict(values, nodes={}), "absent")


def converge(params, state="started"):
    """What the module does."""
    return lifecycle.converge(lifecycle.from_params(params), state, check_mode=False)


def actions(result):
    """The steps as short texts."""
    return ["%s %s" % (step["target"], step["action"]) for step in result["steps"]]


def on(params, node, command, check=True):
    """What a command on a node prints."""
    rc, text = sshaccess.login(params["folder"], node, [command], 300)
    assert rc == 0 or not check, text
    return text


def programs(params):
    """The pids of the nodes' programs."""
    return [pid for node in SUITES for pid in process.find("python", params["folder"] + "/" + node + "/light.json")]


def left(params):
    """What is on this machine of the lab's nodes: mounts, links, control groups, processes."""
    short = [container.short(params["folder"], node) for node in SUITES]
    links = json.loads(subprocess.run(["ip", "-j", "link"], capture_output=True, check=True).stdout)
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    loops = subprocess.run(["losetup", "-l", "-n", "-O", "REF"], capture_output=True, text=True, check=False).stdout
    return (
        [line for line in mounts if params["folder"] in line]
        + [link["ifname"] for link in links if link["ifname"][5:] in short]
        + [name for name in os.listdir(cgroup.hierarchy()) if name[len("gedge-lab-") :] in short]
        + programs(params)
        + [line for line in loops.splitlines() if params["folder"] in line]
    )


def set_address(params):
    """Give both nodes their address by hand, as node_network does it for good."""
    for node, address in ADDRESS.items():
        on(params, node, "ip address replace %s/28 dev lan0; ip link set lan0 up" % address)


def pings(params):
    """True where light1 reaches light2 over the switch."""
    return "1 received" in on(params, "light1", "ping -c 1 -W 10 -n %s" % ADDRESS["light2"], check=False)


def test_a_start_leads_to_nodes_with_systemd_their_name_and_their_port(params):
    result = converge(params)
    assert actions(result) == ["switch start-switch", "light1 start", "light2 start"]
    assert {one["system"] for one in result["nodes"].values()} == {"running"}
    for node in SUITES:
        assert on(params, node, "hostname; ps -o comm= 1; systemd-detect-virt") == node + "\nsystemd\ncontainer-other"
        assert on(params, node, "ls /sys/class/net").split() == ["lan0", "lo", "mgmt0"]
        mac = next(port["mac"] for port in lifecycle.from_params(params).specs[node]["ports"])
        assert on(params, node, "cat /sys/class/net/lan0/address") == mac


def test_the_hosts_kernel_cannot_be_changed_from_within_but_for_its_own_network(params):
    said = on(params, "light1", "echo 4096 > /proc/sys/kernel/pid_max; date -s 2000-01-01 > /dev/null", check=False)
    assert "Read-only file system" in said
    assert "Operation not permitted" in said
    assert on(params, "light1", "echo 1 > /proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward") == "1"


def test_a_frame_passes_in_its_vlan_and_none_into_another(params):
    set_address(params)
    assert pings(params)
    fabric, table = lifecycle.from_params(params).fabric, lifecycle.from_params(params).table
    fabric.set_table(dict(table, **{"tor/2": dict(table["tor/2"], vlan=30)}))
    before = fabric.ask({"do": "stats"})["stats"]
    assert not pings(params)
    after = fabric.ask({"do": "stats"})["stats"]
    assert after["tor/1"]["in"]["20"] > before["tor/1"]["in"]["20"]
    assert after["tor/2"]["out"].get("20", 0) == before["tor/2"]["out"].get("20", 0)
    assert actions(converge(params)) == ["switch set-ports"]
    assert pings(params)


def test_a_second_start_changes_nothing(params):
    before = programs(params)
    result = converge(params)
    assert (result["changed"], result["steps"], programs(params)) == (False, [], before)


def test_the_cables_come_back_with_a_switch_that_was_killed(params):
    process.stop("python", params["folder"] + "/switch", patience=0)
    assert "NO-CARRIER" in on(params, "light1", "ip link show lan0")
    assert actions(converge(params)) == ["switch start-switch"]
    until(lambda: pings(params))


def until(true):
    """Wait for something that comes by itself."""
    for dummy in range(60):
        if true():
            return
        time.sleep(1)
    pytest.fail("did not come")


def test_a_node_that_reboots_comes_back_with_its_files(params):
    on(params, "light1", "echo old > /run/note; echo kept > /root/note")
    on(params, "light1", "systemctl reboot", check=False)
    until(lambda: on(params, "light1", "cat /run/note /root/note 2> /dev/null", check=False) == "kept")
    assert programs(params)
    assert converge(params)["steps"] == []


def test_a_killed_node_leaves_nothing_and_is_started_alone(params):
    (pid,) = process.find("python", params["folder"] + "/light1/light.json")
    os.kill(pid, signal.SIGKILL)
    group = container.short(params["folder"], "light1")
    until(lambda: "gedge" + group not in os.listdir("/sys/class/net"))
    assert actions(converge(params)) == ["light1 start"]
    assert on(params, "light1", "cat /root/note") == "kept"


def test_a_stop_powers_the_nodes_off_and_keeps_their_files(params):
    assert actions(converge(dict(params, nodes={}), "stopped")) == ["light1 stop", "light2 stop", "switch stop-switch"]
    console = pathlib.Path(params["folder"], "light1", "console.log").read_text(errors="replace")
    assert "Power" in console
    assert left(params) == []
    assert actions(converge(params)) == ["switch start-switch", "light1 start", "light2 start"]
    assert on(params, "light1", "cat /root/note") == "kept"


def test_a_removal_leaves_nothing_not_even_of_a_node_that_was_killed(params):
    for pid in process.find("python", params["folder"] + "/light2/light.json"):
        os.kill(pid, signal.SIGKILL)
    converge(dict(params, nodes={}), "absent")
    until(lambda: left(params) == [])
    assert not os.path.exists(params["folder"])
    assert converge(dict(params, nodes={}), "absent")["steps"] == []
