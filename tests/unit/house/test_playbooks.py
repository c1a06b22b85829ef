"""Each verb stops where there is no testbed: a verification that looked at nothing must not pass."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from unit.house.running import run

FIRST = "gedge.engine.require_testbed"
ROOT = Path(__file__).resolve().parents[3]
VERBS = sorted(path for path in (ROOT / "playbooks").glob("*.yml") if path.stem != "require_testbed")


@pytest.mark.parametrize("path", VERBS, ids=lambda path: path.stem)
def test_a_verb_begins_with_it(path):
    first = yaml.safe_load(path.read_text())[0].get("ansible.builtin.import_playbook")
    assert first in (FIRST, "gedge.engine.discover"), first


FAULTY = {
    "empty": "",
    "no plugin": "site: {name: lab}\n",
    "misspelled": "plugin: gedge.engine.testbed\nsight: {name: lab}\n",
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_a_faulty_file_is_no_success(tmp_path, text):
    """With Ansible's own configuration, as where the collection is installed."""
    (tmp_path / "testbed.yml").write_text(text)
    config = tmp_path / "ansible.cfg"
    config.write_text("[defaults]\nlocalhost_warning = false\n")
    env = dict(os.environ, ANSIBLE_CONFIG=str(config), ANSIBLE_COLLECTIONS_PATH=str(ROOT / "collections"))
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", tmp_path / "testbed.yml", "gedge.engine.verify"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 2 and "No node of a testbed" in done.stdout + done.stderr


def test_verify_needs_no_lab(tmp_path):
    """No layer is asked here, so no node either: what remains is the frame, which has no switch to read."""
    done = run("verify", "--tags", "always", "-e", f"verify_folder={tmp_path}")
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads((tmp_path / "verify.json").read_text())
    assert (verdict["layers"], list(verdict["findings"].values()), verdict["frames"]) == ([], [[]] * 4, [])


@pytest.mark.parametrize("verb", ["discover", "plan", "plan_offline", "report", "require_testbed", "reset", "verify"])
def test_a_tag_leaves_no_play_out(verb):
    """These choose layers themselves, or look at everything; site tags its roles one by one."""
    plays = yaml.safe_load((ROOT / "playbooks" / f"{verb}.yml").read_text())
    assert [play["name"] for play in plays if "hosts" in play and play.get("tags") != ["always"]] == []


def test_a_tag_that_nobody_knows_is_refused():
    """Also with a limit that leaves localhost out."""
    done = run("verify", "--tags", "node_sriv", "--limit", "goyang-worker3")
    assert done.returncode == 2 and 'no layer is called "node_sriv". Did you mean "node_sriov"?' in done.stdout, (
        done.stdout
    )


def test_reset_restores_each_layer():
    plays = [p for p in yaml.safe_load((ROOT / "playbooks" / "reset.yml").read_text()) if "tasks" in p]
    for play, file, name in [(plays[0], "cluster.yml", "cluster_layers"), (plays[1], "layers.yml", "layers")]:
        layers = yaml.safe_load((ROOT / "playbooks" / "vars" / file).read_text())[name]
        (states,) = [task["vars"] for task in play["tasks"] if task.get("loop")]
        assert states == dict.fromkeys([f"{layer}_state" for layer in layers], "absent")


RESET = [
    (
        {},
        "all",
        [
            "cluster_storage",
            "cluster_topology",
            "cluster_gpu",
            "cluster_accelerator",
            "cluster_rdma",
            "cluster_sriov",
            "cluster_networks",
            "cluster_multus",
        ],
        True,
    ),
    ({}, "data", ["cluster_rdma", "cluster_sriov", "cluster_networks"], False),
    (
        {"cluster_there": False},
        "cluster",
        ["cluster_storage", "cluster_gpu", "cluster_accelerator", "cluster_rdma", "cluster_sriov", "cluster_multus"],
        True,
    ),
    (
        {"ansible_play_hosts_all": ["master", "n1"]},
        "all",
        ["cluster_storage", "cluster_topology", "cluster_gpu", "cluster_accelerator", "cluster_rdma", "cluster_sriov"],
        None,
    ),
    ({"ansible_run_tags": ["cluster_networks"], "ansible_play_hosts_all": ["n1"]}, "all", ["cluster_networks"], None),
    ({"groups": {"testbed": ["n1"]}}, "all", [], None),
    ({"groups": {"testbed": ["n1"]}, "ansible_run_tags": ["cluster_rdma"]}, "all", ["cluster_rdma"], None),
]


def reset_known(given):
    """The variables of the first play of reset, with others that are given."""
    loader, known = DataLoader(), {}
    for file in ("layers.yml", "cluster.yml"):
        known.update(loader.load_from_file(str(ROOT / "playbooks" / "vars" / file), trusted_as_template=True))
    known.update(loader.load_from_file(str(ROOT / "playbooks" / "reset.yml"), trusted_as_template=True)[1]["vars"])
    groups = {"testbed": ["master", "n1", "n2"], "control_plane": ["master"], "workers": ["n1", "n2"]}
    known.update(ansible_run_tags=["all"], ansible_skip_tags=[], groups=groups, cluster_there=True)
    return {**known, "ansible_play_hosts_all": groups["testbed"], **given}


def reset_variable(name, given):
    """One of them."""
    known = reset_known(given)
    return Templar(DataLoader(), known).template(known[name])


@pytest.mark.parametrize(("given", "scope", "first", "whole"), RESET)
def test_what_reset_takes_of_a_cluster(given, scope, first, whole):
    """whole: whether the control plane goes, None where it stays for the nodes that are not in the run."""
    layers = reset_variable("reset_layers", {**given, "reset_scope": scope})
    assert layers[: len(first)] == first
    assert (layers[-2:] == ["cluster_control_plane", "cluster_runtime"]) == bool(whole)
    assert "cluster_control_plane" not in layers or layers.index("cluster_worker") < layers.index("cluster_pod_network")


RUNTIME = [
    # What there is, the host, whether its containerd goes with a whole reset, and with that of one host.
    ("services", "n1", True, True),
    ("static-pods", "n1", True, True),
    ("static-pods", "master", True, False),
]


@pytest.mark.parametrize(("mode", "host", "whole", "alone"), RUNTIME)
def test_containerd_stays_as_long_as_static_pods(mode, host, whole, alone):
    loader = DataLoader()
    (task,) = loader.load_from_file(str(ROOT / "playbooks" / "tasks" / "restore.yml"), trusted_as_template=True)
    for layers, goes in ((["cluster_control_plane", "cluster_runtime"], whole), (["cluster_runtime"], alone)):
        given = {"layer": "cluster_runtime", "layers_of_node": ["cluster_runtime"], "reset_layers": layers}
        known = reset_known({**given, "cluster_control_plane_mode": mode, "inventory_hostname": host})
        assert all(Templar(loader, known).evaluate_conditional(one) for one in task["when"]) == goes


def pod(name, node="n1", phase="Running", annotations=("k8s.v1.cni.cncf.io/networks",)):
    """What the API server says of a pod."""
    metadata = {"name": name, "namespace": "default", "annotations": dict.fromkeys(annotations, "[]")}
    return {"metadata": metadata, "spec": {"nodeName": node}, "status": {"phase": phase}}


USERS = [
    ([], []),
    ([pod("a"), pod("b", phase="Pending"), pod("c", phase="Succeeded")], ["default/a", "default/b"]),
    ([pod("a", node="other"), pod("b", annotations=["k8s.v1.cni.cncf.io/network-status"])], []),
    ([{"metadata": {"name": "a", "namespace": "b"}, "spec": {}, "status": {"phase": "Pending"}}], []),
    ([{"metadata": {"name": "a", "namespace": "b"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Pending"}}], []),
]
WHICH = [
    (
        {"groups": {"testbed": ["n1"]}},
        "cluster",
        ["cluster_rdma", "cluster_sriov", "cluster_networks", "cluster_multus"],
    ),
    ({"groups": {"testbed": ["n1"]}, "ansible_run_tags": ["cluster_topology"]}, "all", []),
    ({"groups": {"testbed": ["n1"]}}, "all", []),
    ({}, "cluster", []),
]


def role_tasks(role, name):
    """Tasks of a role's file."""
    return DataLoader().load_from_file(str(ROOT / "roles" / role / "tasks" / f"{name}.yml"), trusted_as_template=True)


@pytest.mark.parametrize(("pods", "users"), USERS)
def test_who_still_uses_the_networks_that_would_be_taken_away(pods, users):
    task = role_tasks("cluster_multus", "in_use")[1]
    known = {**reset_known({}), **task["vars"], "__cluster_multus_pods": {"resources": pods}}
    assert Templar(DataLoader(), known).template(task["vars"]["__cluster_multus_users"]) == users


# By a run of playbook cluster, and where reset drains nobody, as with its scope data.
FIRST_TASKS = {
    "cluster_sriov": ("gedge.engine.device_plugin", None),
    "cluster_rdma": ("ansible.builtin.include_role", {"in_use_kinds": ["sriov"]}),
    "cluster_multus": ("ansible.builtin.include_tasks", {"in_use_layers": ["cluster_multus"]}),
}


@pytest.mark.parametrize("role", FIRST_TASKS)
def test_a_role_asks_who_holds_it_before_it_removes_anything(role):
    module, given = FIRST_TASKS[role]
    tasks = role_tasks(role, "absent")
    assert module in tasks[0] and tasks[0].get("vars") == given
    plugin = next((number for number, task in enumerate(tasks) if "gedge.engine.device_plugin" in task), 0)
    assert plugin < min(number for number, task in enumerate(tasks) if "ansible.builtin.file" in task)
    drained = [f"{role}_drained" in str(task) for task in tasks[: plugin + 1]]
    assert all(drained)


DRAINS = [
    ({}, "cluster", True),
    ({}, "data", False),
    ({"ansible_run_tags": ["cluster_sriov"]}, "all", False),
    ({"groups": {"testbed": ["n1"]}}, "cluster", False),
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("given", "scope", "drains"), DRAINS)
def test_reset_asks_who_holds_devices_where_it_drains_nobody(given, scope, drains, check):
    known = reset_known({**given, "reset_scope": scope, "ansible_check_mode": check})
    known["layers_of_node"] = known["cluster_layers"]
    templar, loader = Templar(DataLoader(), known), DataLoader()
    names = [f"cluster_{layer}_drained" for layer in ("multus", "sriov", "rdma")]
    assert [templar.template(known[name]) for name in names] == [drains] * 3
    assert templar.template(known["cluster_gpu_drained"]) == (drains and check)
    tasks = loader.load_from_file(str(ROOT / "playbooks" / "reset.yml"), trusted_as_template=True)[1]["tasks"]
    (task,) = [task for task in tasks if "in_use_kinds" in task.get("vars", {})]
    assert templar.evaluate_conditional(task["when"]) is not drains
    kinds = templar.template(task["vars"]["in_use_kinds"])
    cards = [] if scope == "data" or "ansible_run_tags" in given else ["accelerators", "gpus"]
    assert kinds == [*cards, "sriov", *(["rdma-shared"] if "ansible_run_tags" not in given else [])]


@pytest.mark.parametrize(("given", "scope", "layers"), WHICH)
def test_where_reset_asks_who_uses_it(given, scope, layers):
    assert reset_variable("reset_used", {**given, "reset_scope": scope}) == layers


def test_cluster_is_refused_where_nobody_knows_of_one():
    """Before any program is built. The lab has no control plane of its own."""
    done = run("cluster", region="lab")
    text = " ".join(done.stdout.split())
    assert done.returncode == 2 and "KUBECONFIG names no file that is there (it is empty)" in text, text


@pytest.mark.parametrize(
    ("verb", "given", "environment", "told"),
    [
        ("verify", (), {"KUBECONFIG": "/nosuch"}, "KUBECONFIG names no file that is there (/nosuch), so nothing of a"),
        (
            "plan",
            ("-e", "cluster_kubeconfig=~/no"),
            {"HOME": "/x"},
            "cluster_kubeconfig names no file that is there (~/no",
        ),
        (
            "cluster",
            ("-e", "cluster_kubeconfig=/no"),
            {"KUBECONFIG": "/"},
            "and cluster_kubeconfig names no file that is",
        ),
    ],
)
def test_a_kubeconfig_that_is_not_there_is_refused_before_a_node_is_reached(verb, given, environment, told):
    """Else the layers of the cluster are left out, and that passes."""
    done = run(verb, *given, region="lab", **environment)
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2 and told in text and "UNREACHABLE" not in text, text


def test_site_runs_the_layers_in_their_order():
    layers = yaml.safe_load((ROOT / "playbooks" / "vars" / "layers.yml").read_text())["layers"]
    plays = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text())
    roles = next(play["roles"] for play in plays if "roles" in play)
    assert [(role["role"], role["tags"]) for role in roles] == [(f"gedge.engine.{name}", [name]) for name in layers]


def test_cluster_runs_the_layers_in_their_order():
    layers = yaml.safe_load((ROOT / "playbooks" / "vars" / "cluster.yml").read_text())["cluster_layers"]
    plays = yaml.safe_load((ROOT / "playbooks" / "cluster.yml").read_text())
    roles = [role for play in plays for role in play.get("roles", []) if role["tags"] != ["always"]]
    assert [(role["role"], role["tags"]) for role in roles] == [(f"gedge.engine.{name}", [name]) for name in layers]


def test_the_lists_of_the_cluster_s_layers_agree():
    known = yaml.safe_load((ROOT / "playbooks" / "vars" / "cluster.yml").read_text())
    plays = yaml.safe_load((ROOT / "playbooks" / "cluster.yml").read_text())
    roles = [role for play in plays for role in play.get("roles", []) if role["tags"] != ["always"]]
    ours = [role["tags"][0] for role in roles if role.get("when") == "cluster_is_ours"]
    assert known["cluster_layers_of_ours"] == [known["cluster_layers"][0], *ours]
    assert sorted(known["cluster_layers_back"]) == sorted(known["cluster_layers"])
    parts = known["cluster_layers_of_objects"] + known["cluster_layers_for_all"]
    assert set(parts) <= set(known["cluster_layers"])


@pytest.mark.parametrize("layer", yaml.safe_load((ROOT / "playbooks/vars/cluster.yml").read_text())["cluster_layers"])
def test_each_layer_of_the_cluster_can_be_verified(layer):
    text = (ROOT / "roles" / layer / "tasks" / "verify.yml").read_text()
    assert [name for name in ("_findings:", "_proof:") if layer + name not in text] == []
    assert f"{layer}_state" in yaml.safe_load((ROOT / "roles" / layer / "defaults" / "main.yml").read_text())


def test_a_layer_of_a_cluster_that_is_not_there_is_refused(tmp_path):
    """Else nothing would be looked at, and that would pass."""
    done = run("verify", "--tags", "cluster_sriov", "-e", f"verify_folder={tmp_path}")
    assert done.returncode == 2 and "--tags cluster_sriov: nobody knows of a cluster" in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "roles").glob("*/tasks/*.yml")), ids=lambda path: f"{path.parts[-3]}-{path.stem}"
)
def test_no_task_takes_its_check_mode_from_the_command_line(path):
    """ansible_check_mode knows nothing of the check_mode of a play: a task that went by it changed nodes there."""
    assert 'check_mode: "{{' not in path.read_text(encoding="utf-8")
