# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The plan of a site out of saved topologies."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.gedge.engine.plugins.filter.offline_plan import offline_plan
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils import offline_plan as offline
from ansible_collections.gedge.engine.plugins.plugin_utils.offline import topologies
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed

REGIONS = ("seoul", "goyang", "seongnam", "daejeon")
ROLES = list(offline.ROLES)


def hosts_of(root, region="seoul"):
    """{node: host variables} of a region."""
    made = expand(load_testbed(root / "inventories" / region / "testbed.yml"))
    return {node: {**made.shared, **variables} for node, variables in made.hosts.items()}


def plan_of(hosts, **topology):
    """The plan where all nodes have the sample's topology, edited."""
    return offline.site(hosts, {node: {**server(), **topology} for node in hosts})


@pytest.mark.parametrize("region", REGIONS)
def test_each_region_can_be_planned(root, region):
    hosts = hosts_of(root, region)
    plan = plan_of(hosts)
    assert plan["status"] == "changes", [node["errors"] + node["conflicts"] for node in plan["nodes"].values()]
    assert plan["reboots"] == len(hosts) == len(plan["nodes"]) == len(plan["samples"])
    for node in plan["nodes"].values():
        assert (node["errors"], node["conflicts"], node["disruption"]) == ([], [], "reboot")
        assert list(dict.fromkeys(step["role"] for step in node["steps"])) == ROLES


def test_what_is_asked_for_is_in_the_steps(root):
    (node,) = [node for name, node in plan_of(hosts_of(root))["nodes"].items() if name == "seoul-worker1"]
    steps = {(step["target"], step["action"]): step for step in node["steps"]}
    assert steps[("ens2f0", "set-vf-count")]["after"] == 8
    assert steps[("ens2f0 VF 5", "set-vf")]["after"]["vlan"] == 40
    boot = steps[("/boot/grub/grub.cfg", "update-grub")]["after"]
    assert "isolcpus=managed_irq,domain,10-19,50-59" in boot and "intel_iommu=on" in boot
    pages = "/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages"
    assert steps[(pages, "set-hugepages")]["after"] == "1024"
    assert steps[("ens2f0.30", "configure-link")]["after"]["exists"] is True
    files = {target: step["after"] for (target, action), step in steps.items() if action == "write-file"}
    assert "Address=192.168.20.101/28" in files["/etc/systemd/network/50-gedge-ens2f0.30.network"]


def test_a_variable_of_a_role_goes_over_its_default(root):
    hosts = hosts_of(root)
    hosts["seoul-worker1"]["node_boot_iommu"] = "leave"
    nodes = plan_of(hosts)["nodes"]
    reasons = {name: str(node["reboot_reasons"]) for name, node in nodes.items()}
    assert ["intel_iommu" in reasons[name] for name in sorted(reasons)] == [True, False, True]


def test_vfio_pci_waits_for_the_reboot_that_turns_the_iommu_on(root):
    hosts = hosts_of(root)
    for name in ("seoul-worker1", "seoul-worker2"):
        hosts[name]["testbed_ports"][2]["vfs"]["config"][7]["driver"] = "vfio-pci"
    hosts["seoul-worker2"]["node_boot_iommu"] = "leave"
    nodes = plan_of(hosts)["nodes"]
    assert "VFs 7 of ens2f0 get vfio-pci when the IOMMU is on" in str(nodes["seoul-worker1"]["reboot_reasons"])
    (error,) = nodes["seoul-worker2"]["errors"]
    assert error["role"] == "node_sriov" and "has no IOMMU group" in error["msg"]


def test_a_conflict_makes_the_plan_an_error(root):
    hosts = hosts_of(root)
    hosts["seoul-master"]["testbed_isolated_cpus"] = "0,10"
    plan = plan_of(hosts)
    assert plan["status"] == "errors"
    assert [one["where"] for one in plan["nodes"]["seoul-master"]["conflicts"]] == ["testbed_isolated_cpus"]


def test_what_a_role_refuses_is_its_error(root):
    hosts = hosts_of(root)
    topology = {**server(), "pci_devices": []}
    plan = offline.site(hosts, dict.fromkeys(hosts, topology))
    errors = {error["role"]: error["msg"] for error in plan["nodes"]["seoul-master"]["errors"]}
    assert "matches no PF of this node" in errors["node_sriov"]
    assert "is no network device of this node" in errors["node_network"]
    assert not {"node_boot", "node_tuning"} & set(errors)


def test_a_node_without_a_topology_is_said_to_be_unknown(root):
    hosts = hosts_of(root)
    plan = offline.site(hosts, {"seoul-master": server()})
    assert (plan["unknown"], plan["samples"]) == (["seoul-worker1", "seoul-worker2"], ["seoul-master"])
    assert plan["status"] == "errors"
    assert "no saved topology" in plan["nodes"]["seoul-worker1"]["errors"][0]["msg"]
    assert len([text for text in offline.remarks(plan) if "Playbook discover saves" in text]) == 2


def test_nodes_that_differ_are_planned_apart(root):
    """The same question is answered once, and only the same."""
    hosts = hosts_of(root)
    one, two = server(), copy.deepcopy(server())
    two["pci_devices"][0]["sriov"]["num"] = 8
    two["pci_devices"][0]["sriov"]["vfs"] = ["0000:18:%02x.%d" % (16 + index // 4, index % 4 * 2) for index in range(8)]
    plan = offline.site(hosts, {"seoul-master": one, "seoul-worker1": two, "seoul-worker2": one})
    counted = {
        name: any(step["action"] == "set-vf-count" for step in node["steps"]) for name, node in plan["nodes"].items()
    }
    assert counted == {"seoul-master": True, "seoul-worker1": False, "seoul-worker2": True}


def test_the_sample_of_the_regions_is_the_generated_one(root):
    """Write it anew with tools/sample_topology.py."""
    text = (root / "inventories" / "shared" / "gs-server.topology.json").read_text(encoding="utf-8")
    assert text == json.dumps(server(), indent=4, sort_keys=True) + "\n"
    assert json.loads(text)["root"] == "a generated sample, no real machine"


def test_a_discovered_topology_goes_before_the_sample(tmp_path):
    facts, samples = tmp_path / "facts", tmp_path / "shared"
    facts.mkdir()
    samples.mkdir()
    (samples / "gs.topology.json").write_text(json.dumps(server()), encoding="utf-8")
    (facts / "one.topology.json").write_text(json.dumps({**server(), "root": "/"}), encoding="utf-8")
    found = topologies.load({"one": "gs", "two": "gs", "three": "other"}, str(facts), str(samples))
    assert found["one"]["root"] == "/"
    assert found["two"]["root"] == "a generated sample, no real machine"
    assert found["three"] is None


def test_the_filter(root, tmp_path):
    hosts = hosts_of(root)
    plan = offline_plan(hosts, list(hosts), str(tmp_path), str(root / "inventories" / "shared"), ["node_boot"])
    assert {step["role"] for node in plan["nodes"].values() for step in node["steps"]} == {"node_boot"}
    assert "3 reboots, one node at a time." in plan["table"]
    assert "planned on a generated sample" in plan["table"]
    (tmp_path / "seoul-master.topology.json").write_text("{", encoding="utf-8")
    with pytest.raises(AnsibleFilterError, match="offline_plan"):
        offline_plan(hosts, list(hosts), str(tmp_path), str(tmp_path))


def playbook(root, folder, *arguments):
    """A run for one node, with an address that nobody has and no ssh at all."""
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", root / "inventories/goyang/testbed.yml"]
    command += ["playbooks/plan_offline.yml", "-e", "plan_facts=%s" % folder, "--limit", "goyang-worker3", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_the_playbook_reaches_no_node_and_ends_as_plan_does(root, tmp_path):
    done = playbook(root, tmp_path, "--tags", "node_boot,node_sriov,node_rdma", "-e", "plan_roles=node_boot,node_sriov")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "1 reboot, one node at a time." in done.stdout
    assert "The cluster is not in this plan" in " ".join(done.stdout.split())  # goyang has a control plane
    plan = json.loads((tmp_path / "plan_offline.json").read_text(encoding="utf-8"))
    assert (plan["status"], list(plan["nodes"])) == ("changes", ["goyang-worker3"])
    assert {step["role"] for step in plan["nodes"]["goyang-worker3"]["steps"]} == {"node_boot", "node_sriov"}


@pytest.mark.parametrize(("ours", "there", "said"), [(True, False, True), (False, True, True), (False, False, False)])
def test_a_plan_says_that_the_cluster_is_not_in_it_where_there_is_one(root, ours, there, said):
    loader = DataLoader()
    play = loader.load_from_file(str(root / "playbooks" / "plan_offline.yml"), trusted_as_template=True)[1]
    (message,) = [task["ansible.builtin.debug"]["msg"] for task in play["tasks"] if "ansible.builtin.debug" in task]
    known = {"plan": {"table": "Nothing to do."}, "cluster_is_ours": ours, "cluster_there": there}
    text = Templar(loader, known).template(message)
    assert text.startswith("Nothing to do.") and ("\n\nThe cluster is not in this plan: " in text) == said


def test_the_playbook_refuses_a_role_that_is_none(root, tmp_path):
    done = playbook(root, tmp_path, "-e", '{"plan_roles": ["node_sriv", "node_boot"]}')
    assert done.returncode == 2, done.stdout + done.stderr
    assert 'plan_roles: no layer is called "node_sriv". Did you mean "node_sriov"?' in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_roles_that_cannot_be_planned_so_are_named_with_the_nodes_that_have_work_for_them(root):
    hosts = hosts_of(root)
    assert (plan_of(hosts)["left_out"], "not in this plan" in str(offline.remarks(plan_of(hosts)))) == ({}, False)
    hosts["seoul-master"]["testbed_accelerators"] = [{"kind": "gpu", "numa_node": 0, "count": 1, "id": None}]
    hosts["seoul-worker1"]["node_accelerator_catalogue"] = [{"name": "Example", "vendor": "1f56"}]
    hosts["seoul-worker2"]["node_fpga_state"] = "absent"
    plan = plan_of(hosts)
    assert plan["left_out"] == {
        "node_gpu": ["seoul-master", "seoul-worker1"],
        "node_fpga": ["seoul-worker1", "seoul-worker2"],
        "node_accelerator": ["seoul-worker1"],
    }
    text = "seoul-master, seoul-worker1: node_gpu has something to do, and is not in this plan. A saved"
    assert any(remark.startswith(text) for remark in offline.remarks(plan))
    of_one = offline.site(hosts, dict.fromkeys(hosts, server()), ["node_boot", "node_gpu"])
    assert list(of_one["left_out"]) == ["node_gpu"]
    with pytest.raises(EngineError, match="names no role that can be planned so"):
        offline.site(hosts, dict.fromkeys(hosts, server()), ["node_gpu"])


def test_the_roles_that_are_left_out_are_the_rest_of_the_layers(root):
    layers = yaml.safe_load((root / "playbooks" / "vars" / "layers.yml").read_text(encoding="utf-8"))["layers"]
    assert sorted([*offline.ROLES, *offline.ACCELERATORS]) == sorted(layers)


def test_a_link_that_the_node_may_be_managed_over_is_remarked_on(root):
    hosts = hosts_of(root)
    plan = plan_of(hosts)
    assert plan["management"] == {"eno2": sorted(hosts)}
    (remark,) = [text for text in offline.remarks(plan) if "eno2" in text]
    assert "seoul-master, seoul-worker1, seoul-worker2: eno2 is in a network for management" in remark
    assert "unless node_network_allow_management names it" in remark
    hosts["seoul-master"]["node_network_allow_management"] = ["eno2"]
    link = {"pci": "0000:3d:00.1", "network": "management", "purpose": "management", "vlan": 20}
    hosts["seoul-worker1"].update(node_network_links=[link], node_network_filters=[])
    assert plan_of(hosts)["management"] == {"eno2.20": ["seoul-worker1"], "eno2": ["seoul-worker2"]}
    of_boot = offline.site(hosts, dict.fromkeys(hosts, server()), ["node_boot"])
    assert of_boot["management"] == {}
