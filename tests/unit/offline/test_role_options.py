# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a role hands to its module: the plan on saved topologies and the role's own files say the same."""

from __future__ import annotations

import importlib
import json

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils import offline_plan as offline
from ansible_collections.gedge.engine.plugins.plugin_utils import role_options
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed

INVENTORIES = ("lab", "seoul", "goyang", "seongnam", "daejeon")
PF = {"select": {"address": "0000:18:00.0"}, "count": 4, "vfs": [{"range": "0-2", "vlan": 30}]}
LINK = {"interface": "ens2f0", "network": "sriov-a"}


@pytest.fixture(scope="module")
def hosts(root):
    """{inventory: {node: host variables}}."""
    made = {name: expand(load_testbed(root / "inventories" / name / "testbed.yml")) for name in INVENTORIES}
    return {
        name: {node: {**one.shared, **variables} for node, variables in one.hosts.items()} for name, one in made.items()
    }


def tasks_in(content):
    """The tasks of a list, those in blocks too."""
    for task in content:
        yield task
        yield from tasks_in(task.get("block", []))


def by_the_role(root, role, variables):
    """What the role's task hands to the module, by Ansible's own templating of the role's files."""
    module, loader = "gedge.engine.%s" % role[len("node_") :], DataLoader()
    defaults = loader.load_from_file(str(root / "roles" / role / "defaults" / "main.yml"), trusted_as_template=True)
    content = loader.load_from_file(str(root / "roles" / role / "tasks" / "main.yml"), trusted_as_template=True)
    options = next(task[module] for task in tasks_in(content) if module in task)
    vfs = any(port.get("vfs") for port in variables.get("testbed_ports", []))
    turned_on = variables.get("node_boot_iommu", "on" if vfs else "leave") == "on"
    waits = turned_on and variables.get("node_boot_state") != "absent"
    booted = {"node_boot_result": {"reboot_reasons": ["started without intel_iommu=on"] if waits else []}}
    made = Templar(loader, variables={**defaults, **booted, **variables}).template(options)
    return {option: value for option, value in made.items() if "Omit" not in type(value).__name__}


def complete(role, options):
    """The module's parameters, without what is empty: whether an option is left out or empty says the same."""
    told = role_options.checked(role, options)
    return {option: value for option, value in told.items() if value not in (None, "", [], {})}


@pytest.mark.parametrize("name", INVENTORIES)
@pytest.mark.parametrize("role", role_options.SPECS)
def test_the_defaults_are_those_of_the_role(root, hosts, name, role):
    for variables in hosts[name].values():
        assert complete(role, role_options.handed(role, variables)) == complete(
            role, by_the_role(root, role, variables)
        )


GIVEN = [
    {},
    {"node_boot_state": "absent", "node_sriov_state": "absent", "node_network_state": "absent"},
    {"node_boot_iommu": "on", "node_boot_arguments": ["a=b"], "node_boot_nohz_full": True},
    {"node_sriov_pfs": [PF], "node_sriov_allow_vf_loss": ["ens2f0"], "node_sriov_iommu_at_boot": True},
    {"node_network_links": [LINK], "node_network_filters": [], "node_network_confirm_within": 30},
    {"node_rdma_asked": {"rxe": [{"interface": "a"}], "netns": None, "roce": None}, "node_rdma_memlock": "64"},
    {"node_rdma_rxe": [{"interface": "ens2f0"}], "node_rdma_netns": "", "node_rdma_roce": {}, "node_rdma_memlock": ""},
    {"node_tuning_hugepages": [{"size": "2M", "count": "4"}], "node_tuning_sysctls": {"vm.swappiness": 1}},
    {"testbed_rdma": {"roce": {"networks": ["sriov-a"], "bandwidth": 50}}},
]


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: ",".join(given) or "nothing")
@pytest.mark.parametrize("role", role_options.SPECS)
def test_an_option_goes_over_the_default_as_in_the_role(root, hosts, role, given):
    for variables in (given, {**hosts["seoul"]["seoul-worker1"], **given}):
        if "testbed_rdma" in given and "testbed_ports" not in variables:
            continue  # there is no port to use
        assert complete(role, role_options.handed(role, variables)) == complete(
            role, by_the_role(root, role, variables)
        )


def test_the_roles_have_these_options(root):
    """A new option of a module gets a variable of the role and is planned, or is named as one without."""
    for role, spec in role_options.SPECS.items():
        defaults = yaml.safe_load((root / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"))
        named = {role_options.variable(role, option) for option in spec if option not in role_options.NO_VARIABLE}
        assert named <= set(defaults)


ACCEPTED = [
    {"node_sriov_pfs": [PF]},
    {"node_sriov_pfs": [{"select": {"name": "ens2f0"}, "count": 2}]},
    {"node_network_links": [LINK], "node_network_filters": []},
    {"node_boot_iommu": True},
    {"node_tuning_hugepages": [{"size": "2M", "count": "4"}]},
    {"node_tuning_sysctls": {"vm.swappiness": 1}, "node_tuning_governor": "performance"},
    {"node_rdma_netns": "", "node_rdma_memlock": ""},
]


@pytest.mark.parametrize("given", ACCEPTED, ids=",".join)
def test_what_the_module_takes_is_planned(hosts, given):
    node = hosts["seoul"]["seoul-worker1"]
    plan = offline.site({"one": {**node, **given}}, {"one": server()})
    assert plan["nodes"]["one"]["errors"] == []


REFUSED = [
    ("node_network", "links", [{"interface": "ens2f0"}], "missing required arguments: network found in links"),
    ("node_network", "confirm_within", 1, "must be from 5 to 3600"),
    ("node_tuning", "profile", "fast", "value of profile must be one of: none, edge-accelerated, got: fast"),
    ("node_tuning", "sysctls", ["a"], "unable to convert to dict"),
    ("node_tuning", "sysctls", {"1": 1, "": 2}, "is no name of a sysctl"),
    ("node_tuning", "hugepages", [{"count": 1}], "missing required arguments: size found in hugepages"),
    ("node_tuning", "hugepages", [{"size": "2M", "count": 1, "node": 0}], "hugepages.node. Supported parameters"),
    ("node_boot", "hugepages", 5, "must be a list, not 'int'"),
    ("node_boot", "module_options", ["a"], "unable to convert to dict"),
    ("node_boot", "iommu", "maybe", "value of iommu must be one of: on, off, leave, got: maybe"),
    ("node_boot", "state", "presnt", "value of state must be one of: present, absent, got: presnt"),
    ("node_sriov", "pfs", "x", "dictionary requested, could not parse JSON or key=value"),
    ("node_sriov", "pfs", [{"count": 1}], "missing required arguments: select found in pfs"),
    ("node_rdma", "netns", "own", "value of netns must be one of: shared, exclusive, got: own"),
]


@pytest.mark.parametrize(("role", "option", "value", "words"), REFUSED)
def test_what_the_module_refuses_stops_the_plan_of_that_node_in_the_same_words(
    hosts, capsys, role, option, value, words
):
    node = hosts["seoul"]["seoul-worker1"]
    name = role_options.variable(role, option)
    plan = offline.site({"one": {**node, name: value}, "two": node}, {"one": server(), "two": server()})
    (error,) = plan["nodes"]["one"]["errors"]
    assert error["role"] == role
    assert words in error["msg"]
    assert not plan["nodes"]["two"]["errors"]
    with patch_module_args({option: value, "_ansible_check_mode": True}), pytest.raises(SystemExit):
        importlib.import_module("ansible_collections.gedge.engine.plugins.modules.%s" % role[len("node_") :]).main()
    told = json.loads(capsys.readouterr().out)["msg"]
    own = "Correct %s" % name
    of_module = told.replace("(basic.py)", "(gedge.engine.%s)" % role[len("node_") :])
    assert error["msg"] in (of_module, "%s. %s" % (of_module.rstrip("."), own))


def test_a_key_that_is_a_number_is_text_as_on_the_way_to_a_node(hosts):
    node = hosts["seoul"]["seoul-worker1"]
    plan = offline.site({"one": {**node, "node_tuning_sysctls": {1: 2}}}, {"one": server()})
    assert plan["nodes"]["one"]["errors"] == []


def test_a_role_that_hands_back_does_not_ask_which_device_a_port_is():
    port = {"nic": "a", "port": "1", "network": "b", "vfs": {"count": 1}}
    variables = {"testbed_ports": [port], "node_sriov_state": "absent"}
    assert role_options.params("node_sriov", variables)["pfs"] == []


@pytest.mark.parametrize("ports", [5, ["x"], [{}]])
def test_variables_of_no_testbed_are_an_error_of_the_role(ports):
    plan = offline.site({"one": {"testbed_ports": ports}}, {"one": server()}, ["node_network"])
    (error,) = plan["nodes"]["one"]["errors"]
    assert plan["status"] == "errors"
    assert "the testbed's variables cannot be read" in error["msg"]
    assert "Leave the variables testbed_* to the testbed file" in error["msg"]


UNKNOWN = [
    (["node_boot", "node_sriv"], "plan_roles: no such role: node_sriv"),
    ("node_sriv", "plan_roles: no such role: node_sriv"),
    ([["node_boot"]], "no such role: ['node_boot']"),
    ([], "plan_roles: names no role"),
]


@pytest.mark.parametrize(("roles", "what"), UNKNOWN)
def test_a_role_that_is_not_known_is_refused_with_the_list(hosts, roles, what):
    with pytest.raises(EngineError) as caught:
        offline.site(hosts["seoul"], dict.fromkeys(hosts["seoul"], server()), roles)
    assert what in caught.value.text()
    assert "node_boot, node_tuning, node_sriov, node_network, node_rdma" in caught.value.text()


def test_roles_as_text(hosts):
    plan = offline.site(hosts["seoul"], dict.fromkeys(hosts["seoul"], server()), "node_sriov, node_boot")
    roles = [step["role"] for step in plan["nodes"]["seoul-worker1"]["steps"]]
    assert list(dict.fromkeys(roles)) == ["node_boot", "node_sriov"]


def test_the_roles_stand_in_the_order_of_the_site_playbook(root):
    layers = yaml.safe_load((root / "playbooks" / "vars" / "layers.yml").read_text(encoding="utf-8"))["layers"]
    assert list(offline.ROLES) == [layer for layer in layers if layer in offline.ROLES]
