"""verify fails when it should, and names what is wrong; plan and site say and do the same."""

import json

import pytest

pytestmark = pytest.mark.soak

PORT = "tor/26"  # where node1's second SR-IOV port, or another's, is cabled to; any port with a peer would do


@pytest.fixture(scope="module")
def converged(lab):
    """Both nodes as the testbed asks."""
    done = lab.playbook("site")
    assert done.rc == 0, done.output
    return lab


def verdict(lab, *options):
    """(Play, [(node, device, what)]) of a verification of SR-IOV, or of what the options say."""
    done = lab.playbook("verify", *(options or ("--tags", "node_sriov")))
    saved = json.loads((lab.testbed.parent / "facts" / "verify.json").read_text())
    rows = [(node, row["device"], row["what"]) for node, rows in saved["findings"].items() for row in rows]
    return done, rows


def test_plan_site_verify_agree(converged):
    plan = converged.playbook("plan")
    assert plan.rc == 0, plan.output
    again = converged.playbook("site")
    assert again.rc == 0 and again.changed() == 0, again.output
    done, rows = verdict(converged, "--skip-tags", "none")
    assert (done.rc, rows) == (0, []), done.output
    assert done.changed() == 0


def results(play, node, role=""):
    """How many results a node gave, what was skipped or included left out."""
    return sum(
        1
        for name, host, result in play.tasks
        if host == node and role in name and not result.get("skipped") and "include" not in result
    )


def test_a_run_without_changes_costs_few_results(converged):
    """The bars: six results for two PFs with four VFs, 25 for the whole node."""
    done = converged.playbook("site")
    assert done.changed() == 0
    assert 0 < results(done, "node1", "gedge.engine.node_sriov : ") <= 6
    assert 0 < max(results(done, node) for node in converged.nodes) <= 25


def test_a_vlan_changed_by_hand_is_named(converged):
    name = pf(converged, "node1")
    converged.run("node1", f"ip link set dev {name} vf 1 vlan 31")
    done, rows = verdict(converged)
    assert done.rc == 2
    assert ("node1", f"{name} VF 1", "vlan 30 asked for, 31 found") in rows
    plan = converged.playbook("plan")
    saved = json.loads((converged.testbed.parent / "facts" / "plan.json").read_text())
    assert plan.rc == 2 and saved["status"] == "changes"
    steps = [(step["target"], step["action"]) for step in saved["nodes"]["node1"]["steps"]]
    assert steps == [(f"{name} VF 1", "set-vf")] and saved["nodes"]["node2"]["steps"] == []
    site = converged.playbook("site")
    done_steps = site.results("Bring all PFs", "node1")[0]["steps"]
    assert done_steps == [{k: v for k, v in s.items() if k != "role"} for s in saved["nodes"]["node1"]["steps"]]


def test_a_removed_vf_is_named(converged):
    address = "0000:81:00.0"
    script = f"cd /sys/bus/pci/devices/{address}; echo 0 > sriov_numvfs; echo 3 > sriov_numvfs"
    converged.run("node2", script)
    done, rows = verdict(converged)
    name = pf(converged, "node2", address)
    assert done.rc == 2
    assert ("node2", name, "4 VFs asked for, 3 found") in rows
    assert ("node2", f"{name} VF 3", "is not there") in rows
    assert converged.playbook("site").rc == 0


def test_a_switch_port_in_a_wrong_vlan_is_named(converged):
    table = converged.switch.table()
    wrong = {port: dict(row, tagged=[40] if port == PORT else row["tagged"]) for port, row in table.items()}
    converged.switch.set_table(wrong)
    try:
        done, rows = verdict(converged)
    finally:
        converged.switch.set_table(table)
    assert done.rc == 2
    found = [(device, what) for node, device, what in rows if node == "switch"]
    assert (
        f"switch port {PORT} (cabled to {table[PORT]['peer']})",
        "tagged 30, 40 asked for, tagged 40 found",
    ) in found
    assert any(what == "no reply" for dummy, dummy2, what in rows)
    done, rows = verdict(converged)
    assert (done.rc, rows) == (0, []), done.output


def pf(lab, node, address="0000:21:00.0"):
    """The network device of a PF."""
    return lab.run(node, f"ls /sys/bus/pci/devices/{address}/net").stdout.strip()
