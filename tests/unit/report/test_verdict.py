"""What the report says at its top: proven, drift or not verified, and never more than what was saved allows."""

import pytest

MINUTE = 60


def add_finding(verify):
    verify["findings"]["node1"].append({"device": "ens1f0 VF 1", "what": "vlan 30 asked for, 31 found", "advice": "x"})


def forget_node(verify):
    del verify["findings"]["node2"]


def clean(plan):
    plan["status"] = "clean"
    plan["nodes"]["node1"]["steps"] = []


def fail(plan):
    clean(plan)
    plan["nodes"]["node2"]["errors"] = [{"role": "node_sriov", "msg": "unreachable"}]


def contradict(plan):
    clean(plan)
    plan["nodes"]["node2"]["conflicts"] = ["CPU 1 is isolated and reserved"]


def lose_vf(topology):
    topology["pci_devices"] = [item for item in topology["pci_devices"] if item["address"] != "0000:21:10.0"]


def reboot(plan):
    clean(plan)
    plan["nodes"]["node2"].update(reboots=1, reboot_reasons=["hugepages at boot"])


def leave_out(verify):
    verify["layers"] = ["node_boot", "node_sriov", "node_tuning", "node_rdma"]


def look_at_all(verify):
    verify["layers"] = ["node_boot", "node_sriov", "node_network", "node_tuning", "node_rdma"]


def same(dummy):
    pass


# what was done to the saved files: {file: (change, seconds after noon)} -> state, part of a reason
CASES = {
    "verified last": ({}, "proven", None),
    "a finding": ({"verify.json": (add_finding, 180)}, "drift", "has 1 finding: node1"),
    "a plan after it has a step": ({"plan.json": (same, 240)}, "drift", "has 1 step: node1"),
    "a plan after it is clean": ({"plan.json": (clean, 240)}, "proven", None),
    "a plan after it could not ask": ({"plan.json": (fail, 240)}, "unverified", "has errors: node2"),
    "a plan after it has a conflict": ({"plan.json": (contradict, 240)}, "drift", "has 1 conflict: node2"),
    "a node was not looked at": ({"verify.json": (forget_node, 180)}, "unverified", "did not look at node2"),
    "a plan after it needs a reboot": ({"plan.json": (reboot, 240)}, "drift", "needs a reboot: node2"),
    "a role was left out": (
        {"verify.json": (leave_out, 180)},
        "unverified",
        "did not look at what is asked of node_network",
    ),
    "all roles were looked at": ({"verify.json": (look_at_all, 180)}, "proven", None),
    "another topology after it": ({"node1.topology.json": (same, 240)}, "unverified", "topology of node1 changed"),
    "a VF is gone after it": ({"node1.topology.json": (lose_vf, 240)}, "drift", "differs in 1 place"),
    "a VF was gone before it": ({"node1.topology.json": (lose_vf, 60)}, "unverified", "said nothing: node1"),
}


@pytest.mark.parametrize(("edits", "state", "reason"), CASES.values(), ids=CASES)
def test_verdict(region, edits, state, reason):
    region.asks_nothing_new()
    for name, (change, seconds) in edits.items():
        region.edit(name, change, seconds)
    said = region.document()["verdict"]
    assert said["state"] == state, said
    assert reason in " / ".join(said["reasons"]) if reason else said["reasons"] == []


def test_no_verification(region):
    said = region.asks_nothing_new().edit("plan.json", clean).remove("verify.json").document()["verdict"]
    assert (said["state"], said["time"]) == ("unverified", None)
    assert said["reasons"] == ["No verification has been saved: run playbook verify"]


def test_a_damaged_verification(region):
    (region.facts / "verify.json").write_text("{", encoding="utf-8")
    said = region.asks_nothing_new().edit("plan.json", clean).document()["verdict"]
    assert said["state"] == "unverified" and "cannot be read" in said["reasons"][0]


def test_the_file_was_changed_since(region):
    region.asks_nothing_new().at("testbed.yml", 240)
    said = region.document()["verdict"]
    assert said["state"] == "unverified" and "testbed.yml was changed at 2026-11-25 12:04:00Z" in said["reasons"][0]


def test_what_it_includes_counts_too(region):
    region.asks_nothing_new()
    (region.folder / "shared.yml").write_text("", encoding="utf-8")
    inventory = region.inventory()
    region.testbed.write_text("include: shared.yml\n" + region.testbed.read_text(encoding="utf-8"), encoding="utf-8")
    region.at("testbed.yml", 0)
    region.at("shared.yml", 240)
    said = region.document(inventory=inventory)["verdict"]
    assert said["state"] == "unverified" and "shared.yml was changed" in said["reasons"][0]


def test_the_verification_may_tell_its_time_itself(region):
    def tell(verify):
        verify["time"] = "2026-11-25 12:09:00Z"

    region.asks_nothing_new().edit("verify.json", tell).at("testbed.yml", 240)
    said = region.document()["verdict"]
    assert (said["state"], said["time"]) == ("proven", "2026-11-25 12:09:00Z")


def test_two_sites_are_no_region(region):
    found, hosts = region.inventory()
    hosts["node2"]["testbed_site"] = {"name": "other"}
    with pytest.raises(Exception, match="has 2 sites: lab, other"):
        region.document(inventory=(found, hosts))
