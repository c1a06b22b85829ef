"""What playbook cluster says before it reaches a node, and what its document says to set."""

import json
import re

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from unit.house.running import ROOT, run

WRONG = {
    "cluster_control_plane": (
        {"cluster_control_plane_hosts": ["nosuch"]},
        "nosuch: no such host in group control_plane",
    ),
    "cluster_storage": (
        {"cluster_storage_server_node": "nosuch"},
        "server_node: is no node that runs pods (got 'nosuch')",
    ),
}


@pytest.mark.parametrize("layer", WRONG)
def test_cluster_refuses_an_option_before_any_program_is_built(layer):
    given, words = WRONG[layer]
    done = run("cluster", "--check", "--tags", layer, "-e", json.dumps(given), region="seoul")
    text = " ".join(done.stdout.split())
    assert done.returncode == 2 and words in text and "cluster_artifacts" not in text, text


@pytest.mark.parametrize(
    ("check", "there", "ends"), [(True, False, True), (True, True, False), (False, False, False), (False, True, False)]
)
def test_cluster_foretells_nothing_of_programs_that_are_not_there(tmp_path, check, there, ends):
    """Its plays would ask kubeadm, and copy what is no file."""
    if there:
        (tmp_path / "kubeadm").touch()
    loader = DataLoader()
    known = loader.load_from_file(str(ROOT / "playbooks" / "vars" / "cluster.yml"), trusted_as_template=True)
    known.update(ansible_check_mode=check, cluster_artifacts={"kubeadm": {"path": str(tmp_path / "kubeadm")}})
    plays = loader.load_from_file(str(ROOT / "playbooks" / "cluster.yml"), trusted_as_template=True)[2:]
    first = [play["pre_tasks"][0] for play in plays]
    assert [(task["ansible.builtin.meta"], task["tags"]) for task in first] == [("end_play", ["always"])] * 2
    assert [Templar(loader, known).evaluate_conditional(task["when"]) for task in first] == [ends] * 2


def test_who_installs_the_collection_is_told_what_a_cluster_needs_besides():
    """In the versions that the tests have."""
    (wanted,) = re.findall(r"^#   (kubernetes>=.*)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    listed = yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]
    (collection,) = [one["version"] for one in listed if one["name"] == "kubernetes.core"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"pip install '{wanted}'" in text
    assert f"ansible-galaxy collection install 'kubernetes.core:{collection}'" in text
    assert "`kubernetes.core`" in (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")


def test_the_document_says_how_many_roles_a_cluster_of_others_has():
    known = yaml.safe_load((ROOT / "playbooks" / "vars" / "cluster.yml").read_text())
    left = [layer for layer in known["cluster_layers"] if layer not in known["cluster_layers_of_ours"]]
    text = " ".join((ROOT / "docs" / "cluster.md").read_text(encoding="utf-8").split())
    assert len(left) == 9 and "besides `cluster_artifacts` only the last nine of these roles" in text


KUBECONFIGS = {
    # what is there, hosts of group control_plane, cluster_kubeconfig, KUBECONFIG: the fault, whether verify tells of it
    "no cluster": ((), (), None, "", "", False),
    "that of others": (("k",), (), None, "{dir}/k", "", False),
    "from home": (("k",), (), "~/k", "", "", False),
    "relative": (("k",), (), "k", "", "", False),
    "mistyped": ((), (), None, "{dir}/k", "KUBECONFIG names no file that is there ({dir}/k)", False),
    "not made yet": ((), ("h",), None, "{dir}/k", "", True),
    "not made yet, elsewhere": ((), ("h",), "{dir}/k", "", "", True),
    "made": (("facts/cluster/admin.conf",), ("h",), None, "", "", False),
    "made, and mistyped": (
        ("facts/cluster/admin.conf",),
        ("h",),
        "{dir}/k",
        "",
        "cluster_kubeconfig names no file that is there ({dir}/k)",
        True,
    ),
}


@pytest.mark.parametrize("case", KUBECONFIGS)
def test_a_kubeconfig_that_must_be_a_mistake(tmp_path, monkeypatch, case):
    files, ours, option, variable, fault, told = KUBECONFIGS[case]
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", variable.format(dir=tmp_path))
    given = {"cluster_kubeconfig": option.format(dir=tmp_path)} if option else {}
    loader, known = DataLoader(), {}
    for file in ("vars/layers.yml", "vars/cluster.yml"):
        known.update(loader.load_from_file(str(ROOT / "playbooks" / file), trusted_as_template=True))
    known.update(groups={"testbed": ["h"], "control_plane": list(ours)}, hostvars={"h": given}, inventory_dir=tmp_path)
    known.update(given, inventory_hostname="h", ansible_run_tags=["all"], ansible_skip_tags=[])
    assert Templar(loader, known).template(known["cluster_kubeconfig_fault"]) == fault.format(dir=tmp_path)
    verify = loader.load_from_file(str(ROOT / "playbooks" / "verify.yml"), trusted_as_template=True)[1]
    (task,) = [one for one in verify["tasks"] if one["name"] == "Say that a cluster is not looked at"]
    assert Templar(loader, {**known, **task["vars"]}).evaluate_conditional(task["when"]) is told


def test_the_lines_that_the_document_says_to_set_are_options():
    text = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    said = set(re.findall(r"^(?:# )?(cluster_\w+):", "".join(text.split("```yaml")[1:]), re.MULTILINE))
    assert {"cluster_storage_server", "cluster_storage_server_node", "cluster_kubelet_cpu_manager_policy"} <= said
    roles = sorted((ROOT / "roles").glob("cluster_*/defaults/main.yml"))
    assert said - {name for path in roles for name in yaml.safe_load(path.read_text())} == set()
    assert "(examples/shared-storage.yml)" in text
