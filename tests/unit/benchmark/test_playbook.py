"""What playbook benchmark says before it reaches a node."""

import json

import pytest
from unit.house.running import ROOT, run

NOBODY = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_timeout": 1, "cluster_kubeconfig": "/nonexistent"}


@pytest.mark.parametrize("given", [{}, {"benchmark_state": "absent"}], ids=str)
def test_a_kubeconfig_that_is_not_there_is_told_before_a_node_is_reached(given):
    facts = {"benchmark_facts_dir": str(ROOT / "tests/fixtures/report/facts")}
    done = run("benchmark", "-e", json.dumps({**NOBODY, **facts, **given}), region="lab")
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2 and "benchmark_kubeconfig: there is no file /nonexistent." in text, text
    assert "UNREACHABLE" not in text, text
