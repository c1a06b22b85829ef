"""The playbooks on saved topologies, as a person runs them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAVED = ROOT / "tests/fixtures/report/facts"


@pytest.fixture
def facts(tmp_path):
    """A folder with the topologies of the lab's nodes."""
    for node in ("node1", "node2"):
        shutil.copy(SAVED / f"{node}.topology.json", tmp_path)
    return tmp_path


def play(name, *options, region="lab", **variables):
    """(exit code, output on one line) of a playbook on a region's testbed."""
    command = [pathlib.Path(sys.executable).parent / "ansible-playbook", "-i", f"inventories/{region}/testbed.yml"]
    command += [f"playbooks/{name}.yml", "-e", json.dumps(variables, default=str), *options]
    env = dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), PWD=str(ROOT), ANSIBLE_NOCOLOR="1")
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=ROOT)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_no_hand_over_of_nothing(tmp_path):
    code, output = play("handover", handover_facts=tmp_path)
    assert code == 2 and "no node has a saved topology: node1, node2. Run playbook discover" in output
    assert list(tmp_path.iterdir()) == []


def test_a_hand_over_is_where_the_command_line_says(facts):
    code, output = play("handover", handover_facts=os.path.relpath(facts, ROOT))
    assert code == 0 and (facts / "handover.json").is_file(), output


def test_a_damaged_ledger_is_refused_and_a_node_that_lacks_is_told(facts):
    (facts / "services").mkdir()
    ledger = facts / "services" / "services.json"
    ledger.write_text("{", encoding="utf-8")
    code, output = play("handover", handover_facts=facts)
    assert code == 2 and "services.json: is no ledger of services" in output
    ledger.unlink()
    (facts / "node2.topology.json").unlink()
    code, output = play("handover", handover_facts=facts)
    assert code == 0 and "handover.json lacks node2, of which there is no topology" in output


def test_a_mistyped_file_is_not_taken_away_in_silence(facts):
    known = {"service_facts_dir": facts, "service_file": "docs/examples/lab.yml"}
    assert play("service", **known)[0] == 0
    code, output = play("service", **{**known, "service_file": "docs/examples/lap.yml", "service_state": "absent"})
    told = f"there is no file {ROOT}/docs/examples/lap.yml, and nothing to take away: the ledger has no services of it."
    assert code == 2 and f'{told} Did you mean "docs/examples/lab.yml"? It has those of docs/examples/lab.yml' in output
    for told in ("Taken away: camera, detector.", "docs/examples/lab.yml: nothing to take away: the ledger has no"):
        code, output = play("service", **{**known, "service_state": "absent"})
        assert code == 0 and told in output, output
    assert "changed=0" in output


def test_paths_are_those_of_the_command_line_and_a_file_is_one_however_it_is_written(facts):
    """A module would write below the playbook what a lookup then seeks elsewhere."""
    known = {"service_facts_dir": os.path.relpath(facts, ROOT), "service_dir": os.path.relpath(facts / "out", ROOT)}
    for file, changes in (("docs/examples/lab.yml", 1), ("./docs/examples/lab.yml", 0), (ROOT / LAB, 0)):
        code, output = play("service", **known, service_file=file)
        assert code == 0 and f"changed={changes}" in output, output
    assert list(json.loads((facts / "out/services.json").read_text(encoding="utf-8"))["sources"]) == [LAB]


@pytest.fixture
def cluster(facts):
    """Variables of a cluster that takes all, and has no pods."""
    kubectl = facts / "kubectl"
    kubectl.write_text("#!/bin/sh\necho '{\"items\": []}'\n", encoding="utf-8")
    kubectl.chmod(0o755)
    known = {"cluster_kubectl": kubectl, "cluster_kubeconfig": kubectl, "cluster_service_timeout": 0, "deploy": True}
    return {**known, "service_facts_dir": facts, "service_file": LAB}


def test_a_limit_leaves_the_other_nodes_out_of_the_proof(facts, cluster):
    assert play("service", "--limit", "node1", **{**cluster, "deploy": False})[0] == 0
    code, output = play("service", "--limit", "node2", **cluster)
    told = "not looked at: node1: nothing is said of default/camera, replica 0, default/detector, replica 0"
    assert code == 0 and told in output, output
    assert json.loads((facts / "services/proof.json").read_text(encoding="utf-8"))["equal"]
    code, output = play("service", "--limit", "node1", **cluster)
    assert code == 2 and "default/camera, replica 0 has no pod" in output, output


def test_a_limit_takes_the_nodes_and_lasts(facts):
    known = {"service_facts_dir": facts, "service_file": "docs/examples/lab.yml"}
    ledger = facts / "services" / "services.json"
    assert play("service", "--limit", "node2", **known)[0] == 0
    first = json.loads(ledger.read_text(encoding="utf-8"))
    assert {row["node"] for row in first["placements"]} == {"node2"}
    networks = {device["network"] for row in first["placements"] for device in row["devices"]}
    assert len(networks) == 1, "they talk to each other"
    code, output = play("service", **known)
    assert code == 0 and "changed=0" in output
    assert json.loads(ledger.read_text(encoding="utf-8")) == first


LAB = "docs/examples/lab.yml"
REFUSED = {
    "state": ({"service_state": "gone"}, (), "value of service_state must be one of: present, absent, got: gone"),
    "deploy": ({"deploy": "yess"}, (), 'deploy: must be true or false (got "yess")'),
    "a variable": ({"deploi": True}, (), 'nothing takes a variable "deploi". Did you mean "deploy"?'),
    "strict": ({"service_strict": "yess"}, (), "argument 'service_strict' is of type"),
    "a list of files": ({"service_file": ["a", "b"]}, (), "service_file: must be the path of one file. Write the path"),
    "no file": ({"service_file": ""}, (), "service_file: is empty. Write the path of a file with services"),
    "explain": (
        {"explain": "nosuch"},
        (),
        "explain (service_explain): there is no service nosuch. Write true for the first of the file, or one of camera,"
        " detector",
    ),
    "tag": ({}, ("--tags", "nosuch"), 'no tag is called "nosuch": this playbook has none. Leave it out'),
    "no cluster": (
        {"deploy": True, "service_state": "absent"},
        (),
        "admin.conf. Run playbook cluster, or name the kubeconfig of a cluster in KUBECONFIG. Nothing was changed",
    ),
}


@pytest.fixture(scope="module")
def placed(tmp_path_factory):
    """A folder of topologies with the lab's services placed."""
    folder = tmp_path_factory.mktemp("placed")
    for node in ("node1", "node2"):
        shutil.copy(SAVED / f"{node}.topology.json", folder)
    code, output = play("service", service_facts_dir=folder, service_file=LAB)
    assert code == 0, output
    return folder


@pytest.mark.parametrize(("given", "options", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_mistyped_is_refused_and_no_promise_is_lost(placed, given, options, told):
    """Where the options of an entry point are not checked, "gone" takes all promises away."""
    before = {path.name: path.read_bytes() for path in (placed / "services").iterdir()}
    known = {"service_facts_dir": placed, "service_file": LAB, "cluster_kubeconfig": placed / "admin.conf"}
    code, output = play("service", *options, **{**known, **given})
    assert code == 2 and told in output, output
    assert {path.name: path.read_bytes() for path in (placed / "services").iterdir()} == before


def test_a_node_that_runs_no_pods_is_not_said_to_be_missing(tmp_path):
    wrong = tmp_path / "edge.yml"
    wrong.write_text("services: [{name: camera, containers: [{image: a}], nodes: [seoul-master]}]\n", encoding="utf-8")
    known = {"region": "seoul", "service_facts_dir": tmp_path, "service_file": wrong}
    code, output = play("service", **known)
    assert code == 2 and "camera: nodes: seoul-master runs no pods: it is not in group workers. Name others" in output
    assert "Nodes that take services: seoul-worker1, seoul-worker2" in output, output
    wrong.write_text("services: [{name: camera, imag: a}]\n", encoding="utf-8")
    code, output = play("service", **known)
    assert code == 2 and f"service_normalize: {wrong}: " in output, output


def test_each_entry_point_that_the_playbook_takes_checks_its_options():
    """Ansible checks those of an entry point by the specification of its own name only."""
    plays = yaml.safe_load((ROOT / "playbooks/service.yml").read_text(encoding="utf-8"))
    taken = [
        task["ansible.builtin.include_role"]
        for play in plays
        for task in play.get("tasks", [])
        if len(task) > 1 and "ansible.builtin.include_role" in task
    ]
    assert len(taken) == 5
    for one in taken:
        role = ROOT / "roles" / one["name"].rpartition(".")[2]
        specified = yaml.safe_load((role / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
        assert one["tasks_from"] in specified and specified[one["tasks_from"]]["options"], one


def examples():
    """(name, inventory) of the examples that say where they find a place."""
    for path in sorted((ROOT / "docs/examples").glob("*.yml")):
        head = path.read_text(encoding="utf-8").split("\n", 12)
        (told,) = [line for line in head if re.match("# (Finds a place on|Needs) ", line)]
        yield from ((path.name, name) for name in re.findall(r"inventories/(\w+)", told))


@pytest.mark.parametrize(("name", "region"), list(examples()))
def test_an_example_finds_its_place_where_it_says(facts, name, region):
    known = {} if region == "seoul" else {"service_facts_dir": facts}
    code, output = play("service", "--check", region=region, service_file=f"docs/examples/{name}", **known)
    assert code == 0 and "No place for" not in output, output
