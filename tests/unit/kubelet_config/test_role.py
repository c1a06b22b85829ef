"""Role cluster_kubelet with stand-ins for the cluster and for the module: the order of its deeds, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.gedge.engine.plugins.modules.kubelet import argument_spec

ROOT = Path(__file__).resolve().parents[3]
# Each writes down what it was asked, and ends as the script says: {"node1 drain": [...], ...}, one word per call.
FAKE = """\
import json, os
from ansible.module_utils.basic import AnsibleModule
PATH = os.environ["GEDGE_FAKE"]


def play(what):
    with open(PATH) as handle:
        data = json.load(handle)
    words = data["script"].get(what, [])
    said = words.pop(0) if words else "ok"
    data["log"].append(what)
    with open(PATH, "w") as handle:
        json.dump(data, handle)
    return said


"""
DRAIN = """\
module = AnsibleModule(dict(name={}, state={}, kubeconfig={}, delete_options=dict(type="dict")))
said = play("%s %s" % (module.params["name"], module.params["state"]))
if said == "pdb":
    module.fail_json(msg="Failed to delete pod: Cannot evict pod as it would violate the pod's disruption budget.")
if said == "slow":
    module.exit_json(changed=True, warnings=["timeout reached while pods were still running."])
module.exit_json(changed=said == "ok", result=said)
"""
INFO = """\
module = AnsibleModule(dict(api_version={}, kind={}, name={}, kubeconfig={}))
sizes = {"cpu": "4", "memory": "4Gi"}
status = {"capacity": sizes, "allocatable": dict(sizes, cpu="3"), "conditions": [{"type": "Ready", "status": "True"}]}
module.exit_json(changed=False, resources=[{"status": status}])
"""
KUBELET = """\
with open(PATH) as handle:
    spec = json.load(handle)["spec"]
module = AnsibleModule({name: dict(type=kind) for name, kind in spec.items()}, supports_check_mode=True)
node = os.environ["GEDGE_NODE"]
said = play("%s %s" % (node, "look" if module.check_mode else "change"))
steps = [] if said == "nothing" else [{"action": "start-unit"}]
if said in ("back", "broken"):
    module.fail_json(msg="step start-unit failed: it says: no such luck", put_back=said == "back")
if said == "wrong":
    module.fail_json(msg="1 problem", problems=[{"path": "x"}])
module.exit_json(changed=bool(steps), steps=steps, disruption="none" if said in ("nothing", "light") else "drain")
"""
CONFIGZ = {
    "cpuManagerPolicy": "static",
    "topologyManagerPolicy": "none",
    "topologyManagerScope": "container",
    "memoryManagerPolicy": "None",
    "reservedSystemCPUs": "0",
}
PLAY = """\
- hosts: all
  gather_facts: false
  environment: {GEDGE_NODE: "{{ inventory_hostname }}"}
  tasks:
    - ansible.builtin.include_role:
        name: gedge.engine.cluster_kubelet
      vars:
        cluster_kubelet_cpu_manager_policy: static
        cluster_kubelet_reserved_cpus: "0"
        cluster_kubelet_drain_timeout: 1
        cluster_kubelet_kubeconfig: ""
        cluster_kubelet_kubectl: "{{ playbook_dir }}/kubectl"
"""
WHOLE = ["cordon", "drain", "change", "uncordon"]


@pytest.fixture
def run(tmp_path):
    """A function: the play with a script; (rc, what was done, in order, what was printed)."""
    collections = tmp_path / "collections" / "ansible_collections"
    ours, theirs = collections / "gedge" / "engine", collections / "kubernetes" / "core"
    for folder in (ours / "plugins" / "modules", theirs / "plugins" / "modules", tmp_path / "home"):
        folder.mkdir(parents=True)
    for name in ("roles", "meta", "galaxy.yml"):
        (ours / name).symlink_to(ROOT / name)
    for name in ("filter", "module_utils", "plugin_utils", "doc_fragments"):
        (ours / "plugins" / name).symlink_to(ROOT / "plugins" / name)
    (ours / "plugins" / "modules" / "kubelet.py").write_text(FAKE + KUBELET)
    (theirs / "plugins" / "modules" / "k8s_drain.py").write_text(FAKE + DRAIN)
    (theirs / "plugins" / "modules" / "k8s_info.py").write_text(FAKE + INFO)
    (tmp_path / "play.yml").write_text(PLAY)
    hosts = [
        f"{node} ansible_connection=local ansible_python_interpreter={sys.executable}" for node in ("node1", "node2")
    ]
    (tmp_path / "hosts").write_text("\n".join(hosts) + "\n")
    (tmp_path / "ansible.cfg").write_text(
        "[defaults]\nforks = 1\nlocalhost_warning = false\ndeprecation_warnings = false\n"
    )

    def play(script, configz=None):
        kubectl = tmp_path / "kubectl"
        kubectl.write_text("#!/bin/sh\necho '%s'\n" % json.dumps({"kubeletconfig": dict(CONFIGZ, **configz or {})}))
        kubectl.chmod(0o755)
        fake = tmp_path / "fake.json"
        spec = {name: option["type"] for name, option in argument_spec().items()}
        fake.write_text(json.dumps({"script": script, "log": [], "spec": spec}))
        env = dict(
            os.environ,
            ANSIBLE_CONFIG=str(tmp_path / "ansible.cfg"),
            ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "collections"),
            GEDGE_FAKE=str(fake),
            ANSIBLE_HOME=str(tmp_path / "home"),
        )
        command = [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts", "play.yml"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=env)
        return done.returncode, json.loads(fake.read_text())["log"], done.stdout + done.stderr

    return play


def deeds(log, node):
    """What was done with a node after it was looked at."""
    return [one.split()[1] for one in log if one.startswith(node) and not one.endswith("look")]


def test_one_node_after_the_other(run):
    rc, log, said = run({})
    assert rc == 0, said
    assert sorted(log[:2]) == ["node1 look", "node2 look"]
    assert log[2:] == [f"{node} {deed}" for node in ("node1", "node2") for deed in WHOLE]


def test_nothing_to_do(run):
    rc, log, said = run({"node1 look": ["nothing"], "node2 look": ["nothing"]})
    assert rc == 0 and sorted(log) == ["node1 look", "node2 look"], said


def test_a_bad_value_is_refused_before_the_drain(run):
    rc, log, said = run({"node1 look": ["wrong"], "node2 look": ["wrong"]})
    assert rc != 0 and sorted(log) == ["node1 look", "node2 look"], said


def test_what_needs_no_drain_gets_none(run):
    rc, log, said = run({"node1 look": ["light"], "node2 look": ["nothing"]})
    assert rc == 0 and deeds(log, "node1") == ["change"], said


def test_a_budget_that_gives_way_is_waited_for(run):
    rc, log, said = run({"node1 drain": ["pdb"], "node2 drain": ["slow"]})
    assert rc == 0, said
    assert deeds(log, "node1") == deeds(log, "node2") == ["cordon", "drain", "drain", "change", "uncordon"]


def test_a_budget_that_does_not_leaves_the_node_as_it_was(run):
    rc, log, said = run({"node1 drain": ["pdb"] * 9})
    assert rc != 0 and deeds(log, "node1")[-1] == "uncordon" and "change" not in deeds(log, "node1"), said
    assert "disruption budget" in said and "node1 is schedulable as before" in said
    assert deeds(log, "node2") == []


def test_a_kubelet_that_was_put_back_is_uncordoned_and_the_next_node_left_alone(run):
    rc, log, said = run({"node1 change": ["back"]})
    assert rc != 0 and deeds(log, "node1") == WHOLE, said
    assert "no such luck" in said and "node1 is schedulable as before" in said
    assert deeds(log, "node2") == []


@pytest.mark.parametrize("how", ["broken", "differs"])
def test_a_kubelet_that_nobody_knows_stays_cordoned_and_that_is_said(run, how):
    script, configz = ({"node1 change": ["broken"]}, None) if how == "broken" else ({}, {"cpuManagerPolicy": "none"})
    rc, log, said = run(script, configz)
    assert rc != 0 and deeds(log, "node1") == ["cordon", "drain", "change"], said
    assert "node1 is LEFT CORDONED by this run: kubectl uncordon node1" in said
    assert deeds(log, "node2") == []


def test_who_was_cordoned_before_stays_so(run):
    rc, log, said = run({"node1 cordon": ["already"]})
    assert rc == 0 and deeds(log, "node1") == ["cordon", "drain", "change"], said
