"""The filters around them: thin, with errors in words."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter import (
    probe_findings,
    probe_targets,
    site_verdict,
    sriov_pfs,
    sriov_reading,
    switch_findings,
)

PORT = {"nic": "82599", "port": "2", "network": "a", "pci": "0000:21:00.0", "interface": None}


def test_what_a_port_asks_for():
    config = [{"range": "0-1", "network": "a", "vlan": 30, "trust": True}, {"range": "2", "driver": "vfio-pci"}]
    ports = [dict(PORT, vfs={"count": 4, "config": config}), dict(PORT, vfs=None)]
    assert sriov_pfs.sriov_pfs(ports) == [
        {
            "select": {"address": "0000:21:00.0"},
            "count": 4,
            "vfs": [{"range": "0-1", "vlan": 30, "trust": True}, {"range": "2", "driver": "vfio-pci"}],
        }
    ]


def test_a_port_by_interface():
    ports = [dict(PORT, pci=None, interface="ens1f1", vfs={"count": 1, "config": None})]
    assert sriov_pfs.sriov_pfs(ports) == [{"select": {"name": "ens1f1"}, "count": 1, "vfs": []}]


def test_a_port_that_no_device_is_known_for_is_named():
    with pytest.raises(AnsibleFilterError, match=r"port 82599/2: nothing says which device it is. Give"):
        sriov_pfs.sriov_pfs([dict(PORT, pci=None, vfs={"count": 1})])


def test_a_reading(fixtures):
    folder = fixtures / "sriov"
    asked = [{"select": {"address": "0000:21:00.0"}, "count": 3}]
    texts = [(folder / name).read_text() for name in ("ip_link_igb.json", "sysfs_links_igb.txt")]
    ports = [dict(PORT, vfs={"count": 4}, switch=None)]
    found = sriov_reading.sriov_reading(*texts, asked, ports)
    assert [row["what"] for row in found["findings"]] == ["3 VFs asked for, 4 found"]
    assert [one["interface"] for one in found["endpoints"]] == ["ens1f0v0", "ens1f0v1", "ens1f0v2"]


@pytest.mark.parametrize("asked", [[{"select": {"name": "ens1f0"}, "vfs": [{"range": "x"}]}], None])
def test_a_reading_that_cannot_be_made_is_an_error_in_words(fixtures, asked):
    text = (fixtures / "sriov" / "ip_link_igb.json").read_text() if asked else "{"
    with pytest.raises(AnsibleFilterError, match="sriov_reading: "):
        sriov_reading.sriov_reading(text, "", asked or [])


def test_the_switch_before_and_after():
    after = {"ports": {"tor/25": {"vlan": 31}}, "stats": {"tor/25": {"in": {"31": 2}, "out": {"31": 2}}}}
    switches = {"tor": {"ports": {"25": {"vlan": 30, "tagged": [], "peer": None}}}}
    ends = [{"switch_port": "tor/25", "network": "a"}]
    found = switch_findings.switch_findings(after, {"stats": {}}, switches, ends, {"a": {"vlan": 30}})
    assert [row["what"] for row in found["findings"]] == [
        "untagged 30 asked for, untagged 31 found",
        "2 frames of VLAN 31 left the switch there",
        "no frame of VLAN 30 came in during the probe",
    ]
    assert found["frames"] == [{"port": "tor/25", "vlan": 31, "frames_in": 2, "frames_out": 2}]


READING = {"ports": {}, "stats": {}}
NO_READING = [({"changed": False, "skipped": True}, READING, "the second reading"), (READING, None, "before")]


@pytest.mark.parametrize(("after", "before", "where"), NO_READING)
def test_a_switch_that_was_not_read_is_an_error_in_words(after, before, where):
    with pytest.raises(AnsibleFilterError, match=f"switch_findings: {where}: is no reading of the switch"):
        switch_findings.switch_findings(after, before, {})


def test_the_probe():
    ends = [{"interface": "v0", "title": "t", "network": "a", "switch_port": None}]
    links = [{"interface": "v0", "carrier": True, "address": "fe80::1"}]
    readings, raised = {n: {"endpoints": ends} for n in "xy"}, {n: {"links": links} for n in "xy"}
    (target,) = probe_targets.probe_targets(readings, raised, "x")
    assert target["expect"] == "reply"
    node = {"endpoints": ends, "links": links, "targets": [dict(target, replies=0)]}
    assert [row["what"] for row in probe_findings.probe_findings(node)] == ["no reply"]


def test_the_verdict():
    rows = {"node1": [{"device": "d", "what": "w", "advice": "a"}], "node2": []}
    text = site_verdict.site_verdict(rows)
    assert text.splitlines()[2].split() == ["node1", "d", "w", "a"]
    assert text.endswith("\n\n1 finding.")
    assert site_verdict.site_verdict({"node1": [], "node2": []}) == "All of node1, node2 is as asked for."
