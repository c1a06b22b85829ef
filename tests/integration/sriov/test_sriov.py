"""Module sriov on a real kernel: exact check mode, nothing touched that is right, refusals, reboot."""

import pathlib
import re

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import qmp

MAC = "02:00:00:00:01:0%d"
ASKED = [
    {
        "select": {"address": "0000:21:00.0"},
        "count": 4,
        "vfs": [
            {"range": "0-1", "vlan": 30, "spoofchk": True},
            {"range": "0", "mac": MAC % 0, "mtu": 2000},
            {"range": "2", "mac": MAC % 2, "vlan": 40, "qos": 5, "trust": True, "spoofchk": False, "max_tx_rate": 200},
            {"range": "3", "driver": "vfio-pci"},
        ],
    },
    {"select": {"address": "0000:81:00.0"}, "count": 4, "vfs": [{"range": "0-3", "vlan": 40}]},
]
LATE = "/etc/systemd/system.conf.d"
ONE_PF = [{"select": {"address": "0000:21:00.0"}, "count": 2, "vfs": [{"range": "0-1", "vlan": 30}]}]


def sriov(lab, pfs, *options, **more):
    """Run the module on node1; its only result."""
    done = lab.module("node1", "gedge.engine.sriov", {"pfs": pfs, **more}, *options)
    return done.tasks[0][2]


def as_asked(vfs):
    """What iproute2 says of the four VFs of the first PF, next to what was asked."""
    assert [vfs[index]["vlan_list"][0].get("vlan", 0) for index in range(4)] == [30, 30, 40, 0]
    assert vfs[2]["vlan_list"][0]["qos"] == 5
    assert [vfs[index]["address"] for index in (0, 2)] == [MAC % 0, MAC % 2]
    assert [vfs[index]["spoofchk"] for index in range(3)] == [True, True, False]
    assert [vfs[index]["trust"] for index in range(3)] == [False, False, True]
    assert [vfs[index]["rate"]["max_tx"] for index in range(3)] == [0, 0, 200]


def devices_as_asked(lab):
    """Drivers, MTU and the VFs' own MACs, from sysfs."""
    script = "cd /sys/bus/pci/devices/0000:21:00.0; readlink virtfn3/driver; cat virtfn0/net/*/mtu"
    lines = lab.run("node1", script + " virtfn0/net/*/address virtfn2/net/*/address").stdout.split()
    assert lines[0].endswith("/vfio-pci")
    assert lines[1:] == ["2000", MAC % 0, MAC % 2]


def test_check_foretells_the_run_and_a_reboot_keeps_it(bare, vfinfo, look):
    foretold = sriov(bare, ASKED, "--check", "--diff")
    before = look()
    assert foretold["changed"] and foretold["disruption"] == "none"
    done = sriov(bare, ASKED, "--diff")
    assert done["steps"] == foretold["steps"]
    assert done["diff"] == foretold["diff"]
    assert look() != before
    as_asked(vfinfo("0000:21:00.0"))
    devices_as_asked(bare)
    settled = look()
    for options in ([], ["--check"]):
        again = sriov(bare, ASKED, *options)
        assert not again["changed"] and again["steps"] == []
    assert look() == settled
    reboot(bare)
    as_asked(vfinfo("0000:21:00.0"))
    devices_as_asked(bare)
    assert [info["vlan_list"][0]["vlan"] for info in vfinfo("0000:81:00.0").values()] == [40] * 4
    assert sriov(bare, ASKED)["steps"] == []


def reboot(lab):
    """A real one where devices come too late for systemd; done when the boot id is another and the boot has ended."""
    lab.run("node1", f"mkdir -p {LATE} && printf '[Manager]\\nDefaultDeviceTimeoutSec=2s\\n' >{LATE}/late.conf")
    done = lab.module("node1", "ansible.builtin.reboot", {"reboot_timeout": 300})
    assert done.rc == 0, done.output
    lab.run("node1", "systemctl is-system-running --wait", check=False, timeout=300)
    lab.run("node1", f"rm {LATE}/late.conf && rmdir --ignore-fail-on-non-empty {LATE}")


def counters(lab):
    """Of VF 0's device: MAC, frames in and out, and the number by which the kernel knows it."""
    folder = "/sys/bus/pci/devices/0000:21:00.0/virtfn0/net/*"
    names = [f"{folder}/{name}" for name in ("address", "ifindex", "statistics/rx_packets", "statistics/tx_packets")]
    return lab.run("node1", "cat " + " ".join(names)).stdout.split()


def sending(lab):
    """The counters as soon as the kernel has sent its own IPv6 frames, which takes its time on a busy machine."""
    lab.until(lambda: int(counters(lab)[3]) > 0, 60, "VF 0 sends nothing")
    return counters(lab)


def test_one_vf_changes_and_its_neighbours_do_not(bare, vfinfo):
    sriov(bare, ONE_PF)
    bare.run("node1", "ip link set $(ls /sys/bus/pci/devices/0000:21:00.0/virtfn0/net) up")
    before = sending(bare)
    other = [dict(ONE_PF[0], vfs=[{"range": "0", "vlan": 30}, {"range": "1", "vlan": 40}])]
    done = sriov(bare, other)
    touched = [step["target"].split()[-1] for step in done["steps"] if step["action"] == "set-vf"]
    assert touched == ["1"]
    after = counters(bare)
    assert after[:2] == before[:2]
    assert int(after[2]) >= int(before[2]) and int(after[3]) >= int(before[3])
    assert vfinfo("0000:21:00.0")[1]["vlan_list"][0]["vlan"] == 40


USES = {
    "address": ("ip addr add 10.9.9.1/24 dev $V", "ip addr del 10.9.9.1/24 dev $V", "has the address 10.9.9.1/24"),
    "namespace": (
        "ip netns add t; ip link set $V netns t",
        "ip netns exec t ip link set $V netns 1; ip netns del t",
        "was moved into another network namespace",
    ),
    "pod": (
        "mkdir -p /var/lib/kubelet/device-plugins; cat >/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"
        ' <<<\'{"Data":{"PodDeviceEntries":[{"PodUID":"u1","ContainerName":"c","ResourceName":"gedge/vf",'
        '"DeviceIDs":{"0":["0000:21:10.2"]}}],"RegisteredDevices":{}},"Checksum":1}\'',
        "rm -r /var/lib/kubelet/device-plugins",
        "is claimed by pod u1",
    ),
}


@pytest.mark.parametrize("use", USES)
def test_vfs_in_use_are_not_taken_away(bare, look, use):
    begin, end, words = USES[use]
    sriov(bare, ONE_PF)
    name = bare.run("node1", "ls /sys/bus/pci/devices/0000:21:00.0/virtfn1/net").stdout.strip()
    bare.run("node1", ["bash", "-c", f"V={name}; {begin}"])
    before = look()
    more = [dict(ONE_PF[0], count=3)]
    refused = sriov(bare, more)
    assert refused["failed"] and "VF 1 (0000:21:10.2) " + words in refused["msg"]
    assert look() == before
    allowed = sriov(bare, more, allow_vf_loss=["0000:21:00.0"]) if use == "address" else None
    bare.run("node1", ["bash", "-c", f"V={name}; {end}"], check=False)
    assert allowed is None or [s["before"] for s in allowed["steps"] if s["action"] == "set-vf-count"] == [2]


def test_a_failed_step_is_put_back(bare, look):
    """Without a cable the link never comes, and igb takes a rate only with one. (Of a PF that is up, and seen to have
    none, that is said in advance.)"""
    bare.run("node1", "ip link set dev $(ls /sys/bus/pci/devices/0000:21:00.0/net) down")
    before = look()
    cable(bare, plugged=False)
    try:
        failed = sriov(bare, [dict(ONE_PF[0], vfs=[{"range": "0", "max_tx_rate": 100}])])
    finally:
        cable(bare, plugged=True)
    assert failed.get("put_back") is True, failed
    assert failed["failed_step"]["action"] == "set-vf"
    assert "no carrier" in failed["msg"]
    assert look() == before


def cable(lab, plugged):
    """Pull or plug the cable of node1's first NIC port; QEMU knows it as the first igb's netdev."""
    folder = lab.folder / "node1"
    words = pathlib.Path("/proc", (folder / "pid").read_text().split()[0], "cmdline").read_text().split("\0")
    wire = next(re.search(r"netdev=([^,]+)", word).group(1) for word in words if word.startswith("igb,"))
    qmp.execute(str(folder / "qmp.sock"), "set_link", {"name": wire, "up": plugged})


BAD = {
    "count above the PF's": ([dict(ONE_PF[0], count=99)], "pfs[0].count"),
    "count negative": ([dict(ONE_PF[0], count=-1)], "pfs[0].count"),
    "count no number": ([dict(ONE_PF[0], count="four")], "count"),
    "range beyond count": ([dict(ONE_PF[0], vfs=[{"range": "0-7"}])], "pfs[0].vfs[0].range"),
    "range backwards": ([dict(ONE_PF[0], vfs=[{"range": "1-0"}])], "pfs[0].vfs[0].range"),
    "range no number": ([dict(ONE_PF[0], vfs=[{"range": "a"}])], "pfs[0].vfs[0].range"),
    "range left out": ([dict(ONE_PF[0], vfs=[{"vlan": 3}])], "range"),
    "vlan": ([dict(ONE_PF[0], vfs=[{"range": "0", "vlan": 4095}])], "vlan"),
    "qos": ([dict(ONE_PF[0], vfs=[{"range": "0", "vlan": 3, "qos": 8}])], "qos"),
    "qos without vlan": ([dict(ONE_PF[0], vfs=[{"range": "0", "qos": 3}])], "qos"),
    "mac form": ([dict(ONE_PF[0], vfs=[{"range": "0", "mac": "02:0"}])], "mac"),
    "mac multicast": ([dict(ONE_PF[0], vfs=[{"range": "0", "mac": "01:00:00:00:00:01"}])], "mac"),
    "mac for two": ([dict(ONE_PF[0], vfs=[{"range": "0-1", "mac": MAC % 1}])], "mac"),
    "rates": ([dict(ONE_PF[0], vfs=[{"range": "0", "min_tx_rate": 9, "max_tx_rate": 8}])], "min_tx_rate"),
    "link state that igb lacks": ([dict(ONE_PF[0], vfs=[{"range": "0", "link_state": "enable"}])], "link_state"),
    "link state": ([dict(ONE_PF[0], vfs=[{"range": "0", "link_state": "up"}])], "link_state"),
    "driver": ([dict(ONE_PF[0], vfs=[{"range": "0", "driver": "uio"}])], "driver"),
    "mtu": ([dict(ONE_PF[0], mtu=67)], "mtu"),
    "mtu above the PF's": ([dict(ONE_PF[0], mtu=60000)], "mtu"),
    "vf mtu": ([dict(ONE_PF[0], vfs=[{"range": "0", "mtu": 1}])], "mtu"),
    "misspelled key": ([dict(ONE_PF[0], vfs=[{"range": "0", "vlam": 1}])], "vlam"),
    "no such PF": ([dict(ONE_PF[0], select={"name": "eth99"})], "pfs[0].select"),
    "address form": ([dict(ONE_PF[0], select={"address": "21:00.0"})], "address"),
    "empty select": ([dict(ONE_PF[0], select={})], "select"),
    "unknown network": ([dict(ONE_PF[0], select={"network": "nowhere"})], "network"),
    "PF twice": (ONE_PF + [{"select": {"numa_node": 0, "device": "10c9"}}], "pfs[1].select"),
}


@pytest.mark.soak
def test_bad_values_leave_the_node_unchanged(bare, look):
    before = look()
    for title, (pfs, words) in BAD.items():
        refused = sriov(bare, pfs)
        assert refused.get("failed"), title
        assert words in refused["msg"], (title, refused["msg"])
        assert "Traceback" not in str(refused), title
    assert look() == before


def test_absent_restores(bare, look):
    before = look()
    sriov(bare, ASKED)
    assert look() != before
    gone = sriov(bare, [], state="absent", allow_vf_loss=["0000:21:00.0"])
    assert gone["changed"]
    assert look() == before
    assert not sriov(bare, [], state="absent")["changed"]
