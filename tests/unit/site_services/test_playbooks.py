"""The playbooks on saved topologies, as a person runs them."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAVED = ROOT / "tests/fixtures/report/facts"


@pytest.fixture
def facts(tmp_path):
    """A folder with the topologies of the lab's nodes."""
    for node in ("node1", "node2"):
        shutil.copy(SAVED / f"{node}.topology.json", tmp_path)
    return tmp_path


def play(name, *options, **variables):
    """(exit code, output on one line) of a playbook on the lab's testbed."""
    command = [pathlib.Path(sys.executable).parent / "ansible-playbook", "-i", "inventories/lab/testbed.yml"]
    command += [f"playbooks/{name}.yml", "-e", json.dumps(variables, default=str), *options]
    env = dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), PWD=str(ROOT), ANSIBLE_NOCOLOR="1")
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=ROOT)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_no_hand_over_of_nothing(tmp_path):
    code, output = play("handover", handover_facts=tmp_path)
    assert code == 2 and "no node has a saved topology: node1, node2. Run playbook discover" in output
    assert list(tmp_path.iterdir()) == []


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
    told = "docs/examples/lap.yml: nothing to take away: the ledger has no services of it."
    assert code == 0 and f'{told} Did you mean "docs/examples/lab.yml"? It has those of docs/examples/lab.yml' in output
    assert "changed=0" in output
    code, output = play("service", **{**known, "service_state": "absent"})
    assert code == 0 and "Taken away: camera, detector." in output


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
