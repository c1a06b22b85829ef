"""plan foretells exactly what site then does, from generated starting states of a node.

GEDGE_STATES: how many states (all 20: make soak); the same seed gives the same states in each run.
"""

import json
import os
import random

import pytest

# 10 minutes for two states; "make soak" runs it.
pytestmark = pytest.mark.soak

STATES = int(os.environ.get("GEDGE_STATES", "2"))
# What can be wrong with a node: by hand, by a crash, by an older run, by another tool. Each is one line of shell.
FAULTS = {
    "a VF in another VLAN": "ip link set ens1f0 vf 0 vlan 99",
    "a VF without spoof check": "ip link set ens2f0 vf 1 spoofchk off",
    "VFs gone": "echo 0 > /sys/bus/pci/devices/0000:81:00.0/sriov_numvfs",
    "another number of VFs": "cd /sys/bus/pci/devices/0000:81:00.0; echo 0 > sriov_numvfs; echo 2 > sriov_numvfs",
    "a PF down": "ip link set ens2f0 down",
    "a .link file gone": "rm -f /etc/systemd/network/01-gedge-sriov-0000:81:00.0.link",
    "a .link file edited": "sed -i s/Functions=4/Functions=3/ /etc/systemd/network/01-gedge-sriov-*.link",
    "a draft of a killed run": "touch /etc/systemd/network/01-gedge-sriov-0000:21:00.0.link.gedge-tmp",
    "a VLAN interface gone": "ip link del ens1f0.30",
    "an address gone": "ip addr flush dev ens1f0.30 scope global",
    "an address too many": "ip addr add 192.168.20.109/28 dev ens1f0.30",
    "an MTU by hand": "ip link set ens2f0.40 mtu 1400",
    "a network file gone": "rm -f /etc/systemd/network/*gedge*.network",
    "the filter gone": "nft delete table inet gedge_ingress",
    "a filter rule gone": "nft flush chain inet gedge_ingress input",
    "ARP of weak hosts": "sysctl -qw net.ipv4.conf.ens1f0/30.arp_ignore=0",
    "forwarding by hand": "sysctl -qw net.ipv4.conf.all.arp_announce=0",
    "fewer huge pages": "echo 1 > /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages",
    "more huge pages": "echo 40 > /sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages",
    "sysctls by hand": "sysctl -qw vm.swappiness=60 kernel.numa_balancing=1",
    "interrupts anywhere": "for i in /proc/irq/[0-9]*/smp_affinity; do echo f > $i; done",
    "new interrupts anywhere": "echo f > /proc/irq/default_smp_affinity",
    "no kernel arguments": "rm -f /etc/default/grub.d/*gedge*",
    "an old grub.cfg": "sed -i 's/isolcpus=[^ ]*//' /boot/grub/grub.cfg",
    "no soft-RoCE": "for d in $(ls /sys/class/infiniband); do rdma link del $d; done",
    "module options gone": "rm -f /etc/modprobe.d/*gedge*",
    "sysctl file gone": "rm -f /etc/sysctl.d/*gedge*",
}
MAKE = "(%s) >/dev/null 2>&1; true"


def state(number):
    """The faults of one state: from a node that is right to one with seven faults."""
    dice = random.Random("gedge state %d" % number)
    return dice.sample(sorted(FAULTS), dice.randint(0, 7))


def taken(play, node):
    """Steps that site took on a node, in their order, with the role; and whether it rebooted."""
    steps, rebooted = [], False
    for dummy, host, result in play.tasks:
        if host != node or rebooted:
            continue
        steps += result.get("steps", [])
        rebooted = bool(result.get("rebooted"))
    return steps, rebooted


def foretold(plan, node):
    """The same out of plan.json."""
    item = plan["nodes"][node]
    return [{key: step[key] for key in step if key != "role"} for step in item["steps"]], bool(item["reboots"])


@pytest.fixture(scope="module")
def settled(lab):
    """The lab with all in place."""
    done = lab.playbook("site")
    assert done.rc == 0, done.output[-4000:]
    return lab


@pytest.mark.parametrize("pair", range((STATES + 1) // 2))
def test_plan_foretells_site(settled, pair):
    faults = {node: state(2 * pair + number) for number, node in enumerate(settled.nodes)}
    for node, names in faults.items():
        for name in names:
            settled.run(node, MAKE % FAULTS[name])
    planned = settled.playbook("plan")
    plan = json.loads((settled.testbed.parent / "facts" / "plan.json").read_text())
    assert planned.rc == (0 if plan["status"] == "clean" else 2), planned.output[-4000:]
    assert plan["status"] != "errors", plan
    done = settled.playbook("site")
    assert done.rc == 0, (faults, done.output[-4000:])
    for node in settled.nodes:
        assert taken(done, node) == foretold(plan, node), faults[node]
    assert settled.playbook("plan").rc == 0
