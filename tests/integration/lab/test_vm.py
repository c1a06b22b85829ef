# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The life of one real VM in a lab of its own: start, start again, hang, stop, remove. The tests follow each other."""

import os
import pathlib
import signal
import tempfile
import threading
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import image, lifecycle, process, recipe, sshaccess
from ansible_collections.gedge.engine.plugins.module_utils.progress import Progress
from ansible_collections.gedge.engine.plugins.module_utils.system import System

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gedge-engine"
SUITE = "bookworm"
NODE = {
    "ansible_host": "198.51.100.9",
    "testbed_lab": {"cpus": 2, "memory": 1024},
    "testbed_ports": [{"nic": "nic0", "port": "1", "pci": "0000:3b:00.0", "switch": "tor", "switch_port": "1"}],
    "testbed_accelerators": [{"kind": "nvme", "numa_node": 1}],
}


@pytest.fixture(scope="module")
def params():
    """The parameters of the module `lab`; what they started is gone afterwards."""
    made = recipe.recipe(SUITE)
    target = image.folder(str(CACHE), made)
    image.Builder(System(), made, target, Progress()).build()
    with tempfile.TemporaryDirectory(prefix="gedge-lab-test-", dir="/var/tmp") as parent:
        values = {
            "folder": parent + "/lab",
            "cache": str(CACHE),
            "nodes": {"node1": NODE},
            "switches": {"tor": {"ports": {"1": {"vlan": 30, "peer": "node1/nic0/1"}}}},
            "defaults": {"cpus": 2, "memory": 1024, "suite": SUITE},
            "images": {SUITE: target},
            "accel": "auto",
            "boot_silence": 60,
            "boot_timeout": 300,
            "boot_attempts": 6,
            "stop_patience": 60,
            "progress_file": parent + "/progress",
        }
        yield values
        converge(dict(values, nodes={}), "absent")


def converge(params, state):
    """What the module does."""
    return lifecycle.converge(lifecycle.from_params(params), state, check_mode=False)


def actions(result):
    """The steps as short texts."""
    return ["%s %s" % (step["target"], step["action"]) for step in result["steps"]]


def on_node(params, command):
    """What a command on the node prints."""
    rc, text = sshaccess.login(params["folder"], "node1", [command], 120)
    assert rc == 0, text
    return text


def qemu(params):
    """The pids of the VM's QEMU."""
    return process.find("qemu-system", params["folder"] + "/node1/pid")


def test_a_start_leads_to_a_node_with_its_name_its_nic_and_its_disk(params):
    assert actions(converge(params, "started")) == ["switch start-switch", "node1 start"]
    assert on_node(params, "hostname; cat /sys/class/net/ens1f0/device/numa_node") == "node1\n0"
    assert "0000:3b:00.0" in on_node(params, "readlink -f /sys/class/net/ens1f0/device")
    assert on_node(params, "cat /sys/class/net/ens1f0/device/sriov_totalvfs") == "7"
    assert on_node(params, "cat /sys/class/nvme/nvme0/numa_node") == "1"
    assert on_node(params, "cat /sys/class/iommu/*/intel-iommu/version | wc -l") != "0"


def test_a_second_start_changes_nothing(params):
    before = qemu(params)
    result = converge(params, "started")
    assert (result["changed"], result["steps"], qemu(params)) == (False, [], before)


def freeze_at_boot(params, old):
    """Stop the next QEMU as soon as its kernel speaks: a boot that hangs."""
    log = pathlib.Path(params["folder"]) / "node1" / "serial.log"
    for dummy in range(1200):
        fresh = [pid for pid in qemu(params) if pid not in old]
        if fresh and log.exists() and b"Linux version" in log.read_bytes():
            os.kill(fresh[0], signal.SIGSTOP)
            return
        time.sleep(0.1)


def test_a_killed_vm_is_started_alone_and_a_boot_that_hangs_is_tried_again(params):
    old = qemu(params)
    switch = process.find("python", params["folder"] + "/switch")
    os.kill(old[0], signal.SIGKILL)
    while qemu(params):
        time.sleep(0.1)
    (pathlib.Path(params["folder"]) / "node1" / "serial.log").unlink()
    freezer = threading.Thread(target=freeze_at_boot, args=(params, old))
    freezer.start()
    result = converge(params, "started")
    freezer.join()
    assert actions(result) == ["node1 start"]
    assert result["nodes"]["node1"]["attempts"] >= 2
    assert "nothing on the serial line for" in pathlib.Path(params["progress_file"]).read_text()
    assert process.find("python", params["folder"] + "/switch") == switch
    assert len(qemu(params)) == 1


def test_a_changed_port_is_put_right_without_touching_the_vm(params):
    before = qemu(params)
    lab = lifecycle.from_params(params)
    lab.fabric.set_table({"tor/1": dict(lab.table["tor/1"], vlan=99)})
    assert actions(converge(params, "started")) == ["switch set-ports"]
    assert (qemu(params), lab.fabric.table()) == (before, lab.table)


def test_a_stop_powers_the_guest_off_and_keeps_its_disk(params):
    on_node(params, "echo kept > /root/note")
    assert actions(converge(dict(params, nodes={}), "stopped")) == ["node1 stop", "switch stop-switch"]
    assert qemu(params) == process.find("python", params["folder"] + "/switch") == []
    assert "Power down" in (pathlib.Path(params["folder"]) / "node1" / "serial.log").read_text(errors="replace")
    converge(params, "started")
    assert on_node(params, "cat /root/note") == "kept"


def test_a_removal_leaves_nothing(params):
    converge(dict(params, nodes={}), "absent")
    assert qemu(params) == process.find("python", params["folder"] + "/switch") == []
    assert not os.path.exists(params["folder"])
    result = converge(dict(params, nodes={}), "absent")
    assert (result["changed"], result["steps"]) == (False, [])
