"""A mistyped option of a role, or variable of a playbook, is told; a variable of the user's own is not."""

import random
import re

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.module_utils.suggest import slip
from ansible_collections.gedge.engine.plugins.plugin_utils import known_options

MEANT = {
    "cluster_kubelet_cpu_manger_policy": "cluster_kubelet_cpu_manager_policy",
    "cluster_kubelet_topology_policy": "cluster_kubelet_topology_manager_policy",
    "cluster_kublet_cpu_manager_policy": "cluster_kubelet_cpu_manager_policy",
    "cluster_artifact_source": "cluster_artifacts_source",
    "cluster_kubeconfg": "cluster_kubeconfig",
    "cluster_kubctl": "cluster_kubectl",
    "node_sriov_allow_vf_los": "node_sriov_allow_vf_loss",
    "benchmark_namepsace": "benchmark_namespace",
    "service_placments": "service_placement",
    "service_fil": "service_file",
    "servcie_file": "service_file",
    "explan": "explain",
    "deploi": "deploy",
    "reset_scop": "reset_scope",
}
# Some of Ansible's own, of a user's, and of what roles keep.
INNOCENT = """
    ansible_host ansible_user ansible_port ansible_connection ansible_become ansible_become_user ansible_become_password
    ansible_ssh_common_args ansible_ssh_private_key_file ansible_python_interpreter ansible_play_hosts_all ansible_facts
    ansible_check_mode ansible_run_tags ansible_version groups group_names hostvars inventory_hostname inventory_dir
    inventory_file inventory_hostname_short playbook_dir role_name omit environment
    employ deployment deployed_by explanation scope dir depot node_count nodes services service servicename
    service_owner lab_contact report_title benchmark_room
    my_service_file testbed_nodes testbed_networks cluster cluster_name cluster_domain cluster_owner kubeconfig kubectl
    kube_config cluster_artifacts node_sriov_result node_topology_facts layers_of_node cluster_worker_result
""".split()


@pytest.mark.parametrize("name", MEANT)
def test_what_was_meant_is_told(name):
    (found,) = known_options.faults([name])
    assert f'"{name}". Did you mean "{MEANT[name]}"?' in found


def test_what_begins_with_a_role_s_name_is_its_option_or_refused():
    (found,) = known_options.faults(["cluster_kubelet_policy"])
    assert found.startswith('no option of role cluster_kubelet is called "cluster_kubelet_policy". Its options: ')
    assert "cluster_kubelet_cpu_manager_policy, " in found


@pytest.mark.parametrize("name", INNOCENT)
def test_a_variable_of_others_is_none_of_ours(name):
    assert known_options.faults([name]) == []


def test_any_slip_in_any_option_is_told():
    dice = random.Random(7)
    known = [one for one in known_options._all() if len(one) > known_options.SHORTEST]
    assert len(known) > 200
    for name in known:
        at = dice.randrange(len(name) - 1)
        for wrong in (name[:at] + name[at + 1 :], name[:at] + "x" + name[at:], name[:at] + "x" + name[at + 1 :],
                      name[:at] + name[at + 1] + name[at] + name[at + 2 :]):  # fmt: skip
            assert wrong in known or wrong == name or known_options.faults([wrong]), wrong


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [("ab", "ba", True), ("aab", "ab", True), ("a", "", True), ("aabb", "abab", True), ("abc", "abd", True),
     ("abc", "abc", False), ("abcd", "abxy", False), ("abcd", "ab", False), ("axb", "ayc", False)],
)  # fmt: skip
def test_a_slip_is_one_letter_or_a_swap(one, other, told):
    assert (slip(one, other), slip(other, one)) == (told, told)


def test_no_name_that_we_write_ourselves_is_refused(root):
    """What inventories and playbooks set, and what documents say to set."""
    names = set()
    for folder in ("inventories", "docs", "playbooks", "molecule", "roles"):
        for path in (root / folder).rglob("*"):
            text = path.read_text(encoding="utf-8") if path.suffix in (".yml", ".md") else ""
            names.update(re.findall(r"-e '?(\w+)=", text))
            if path.suffix == ".yml" and "facts" not in path.parts:
                names.update(re.findall(r"^ *([a-z]+_\w+):", text, re.M))
            names.update(re.findall(r"^ *((?:cluster|node|benchmark|report|lab)_\w+):", text, re.M))
    modules = {path.stem for path in (root / "plugins/modules").glob("*.py")}
    assert len(names) > 500 and known_options.faults(names - modules) == []


def test_each_option_of_each_role_is_known(root):
    for path in (root / "roles").glob("*/meta/argument_specs.yml"):
        doors = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values()
        own = {name for door in doors for name in door.get("options") or {} if name.startswith(path.parts[-3] + "_")}
        assert own <= set(known_options.options(path.parts[-3])), path


def test_what_playbooks_take_is_what_they_read(root):
    texts = [path.read_text(encoding="utf-8") for path in (root / "playbooks").rglob("*.yml")]
    said = {name for text in texts for name in re.findall(r"-e (\w+)=", text)}
    options = {name for role in known_options._roles() for name in known_options.options(role)}
    assert said - options <= set(known_options.PLAYBOOKS)
    assert [name for name in known_options.PLAYBOOKS if not re.search(rf"\b{name}\b", "".join(texts))] == []
