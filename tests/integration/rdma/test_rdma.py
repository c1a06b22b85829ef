"""Module rdma and role node_rdma on real kernels: soft-RoCE over a VF with a VLAN, namespaces, reboot, measurement."""

import pathlib

import pytest

pytestmark = pytest.mark.soak

HERE = pathlib.Path(__file__).resolve().parent
VF = "ens1f0v0"
ASKED = {"rxe": [{"interface": VF}], "memlock": "unlimited", "memlock_services": ["kubelet.service"]}
DATA_PORTS = ("tor/25", "tor/26", "tor/27", "tor/28")
DEVICES = "ls /sys/class/infiniband"


def rdma(lab, node, args, *options):
    """Run the module; its only result."""
    return lab.module(node, "gedge.engine.rdma", args, *options).tasks[0][2]


def frames(before, after, vlan):
    """Frames of a VLAN that went in or out at any data port between two looks at the counters."""
    return sum(
        after[port][way].get(str(vlan), 0) - before[port][way].get(str(vlan), 0)
        for port in DATA_PORTS
        if port in after
        for way in ("in", "out")
    )


@pytest.mark.parametrize("node", ["node1", "node2"])
def test_check_foretells_the_run_and_absent_restores(vfs, look, node):
    before = look(vfs, node)
    asked = dict(ASKED, netns="exclusive", roce={"interfaces": [{"interface": VF}], "dscp": 26})
    foretold = rdma(vfs, node, asked, "--check", "--diff")
    assert look(vfs, node) == before
    done = rdma(vfs, node, asked, "--diff")
    assert done["steps"] == foretold["steps"] and done["diff"] == foretold["diff"]
    assert [(row["device"], row["interface"]) for row in done["devices"]] == [("rxe_" + VF, VF)]
    # The emulated NIC has no traffic classes: said, not failed.
    assert {row["setting"] for row in done["unsupported"]} == {"pfc", "dscp", "trust", "ecn"}
    tos = vfs.run(node, f"cat /sys/kernel/config/rdma_cm/rxe_{VF}/ports/1/default_roce_tos").stdout
    assert int(tos) == 26 * 4 + 2
    assert "unlimited" in vfs.run(node, 'su -l root -c "ulimit -l"').stdout
    for options in ([], ["--check"]):
        assert rdma(vfs, node, asked, *options)["steps"] == []
    gone = rdma(vfs, node, {"state": "absent"}, "--check")
    assert rdma(vfs, node, {"state": "absent"})["steps"] == gone["steps"]
    assert look(vfs, node) == before
    assert rdma(vfs, node, {"state": "absent"})["steps"] == []


def test_a_vf_with_a_vlan_carries_rdma_and_nothing_else_is_on_the_wire(vfs):
    before = vfs.switch.ask({"do": "stats"})["stats"]
    play = vfs.playbook(str(HERE / "prove.yml"))
    after = vfs.switch.ask({"do": "stats"})["stats"]
    assert play.rc == 0, play.output
    shown = {node: play.results("Show findings and proof", node)[0]["msg"] for node in vfs.nodes}
    assert [shown[node]["findings"] for node in vfs.nodes] == [[], []]
    (answer,) = shown["node2"]["answers"]
    assert answer["rping"] and answer["latency"]["messages"] == 200 and answer["latency"]["average"] > 0
    print("\n".join(shown["node1"]["proof"] + shown["node2"]["proof"]))
    assert frames(before, after, 30) > 400  # 200 messages each way at least
    assert (frames(before, after, 20), frames(before, after, 40)) == (0, 0)
    for node in vfs.nodes:
        assert vfs.run(node, "pgrep -x 'rping|ib_send_lat'", check=False).stdout == ""


def test_in_exclusive_mode_a_namespace_does_not_see_the_device(vfs):
    for mode, seen in (("shared", "rxe_" + VF), ("exclusive", "")):
        assert rdma(vfs, "node1", dict(ASKED, netns=mode))["reboot_reasons"] == []
        vfs.run("node1", "ip netns add away")
        assert vfs.run("node1", "ip netns exec away " + DEVICES, check=False).stdout.strip() == seen
        assert vfs.run("node1", "ip netns exec away ibv_devices", check=False).stdout.count("rxe_") == (
            1 if seen else 0
        )
        vfs.run("node1", "ip netns del away; sleep 1")


def test_a_namespace_puts_the_mode_off_to_the_next_boot(vfs):
    rdma(vfs, "node2", dict(ASKED, netns="shared"))
    vfs.run("node2", "ip netns add away")
    foretold = rdma(vfs, "node2", dict(ASKED, netns="exclusive"), "--check")
    done = rdma(vfs, "node2", dict(ASKED, netns="exclusive"))
    assert done["steps"] == foretold["steps"] and done["reboot_reasons"] == foretold["reboot_reasons"]
    assert done["disruption"] == "reboot" and "namespace away" in done["reboot_reasons"][0]
    assert rdma(vfs, "node2", dict(ASKED, netns="exclusive"))["steps"] == []


def test_a_device_in_use_is_not_taken_away(vfs):
    rdma(vfs, "node1", ASKED)
    vfs.run("node1", f"systemd-run --quiet --unit holder ib_send_lat -d rxe_{VF} && sleep 3")
    refused = rdma(vfs, "node1", {"rxe": []})
    assert "ib_send_lat (pid" in refused["msg"] and vfs.run("node1", DEVICES).stdout.split() == ["rxe_" + VF]
    vfs.run("node1", "systemctl stop holder")
    assert [step["action"] for step in rdma(vfs, "node1", {"rxe": []})["steps"]].count("remove-rxe") == 1


def test_a_reboot_keeps_it(vfs):
    asked = dict(ASKED, netns="exclusive", roce={"interfaces": [{"interface": VF}]})
    rdma(vfs, "node1", asked)
    play = vfs.module("node1", "ansible.builtin.reboot", {"reboot_timeout": 600})
    assert play.rc == 0, play.output
    vfs.run("node1", "udevadm settle; systemctl is-system-running --wait", check=False, timeout=300)
    assert vfs.run("node1", DEVICES).stdout.split() == ["rxe_" + VF]
    assert "exclusive" in vfs.run("node1", "rdma system show").stdout
    assert rdma(vfs, "node1", asked)["steps"] == []
