"""What playbooks benchmark and lab_images say before they reach a node, and which nodes they reach."""

import json
import os
import sys

import pytest
from unit.house.running import ROOT, run

FACTS = {"benchmark_facts_dir": str(ROOT / "tests/fixtures/report/facts")}
NOBODY = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_timeout": 1, "cluster_kubeconfig": "/nonexistent"}
# Programs that are asked in check mode: a package list, and what containerd has, which is nothing.
PROGRAMS = {
    "apt-cache": "echo busybox-static",
    "apt-get": f"echo \"'http://localhost/b' b_1_all.deb 1 SHA256:{'0' * 64}\"",
    "ctr": 'echo "$4" >>"$(dirname "$0")/asked"',
}


def said(done):
    """All that it said, on one line."""
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("given", [{}, {"benchmark_state": "absent"}], ids=str)
def test_a_kubeconfig_that_is_not_there_is_told_before_a_node_is_reached(given):
    done = run("benchmark", "-e", json.dumps({**NOBODY, **FACTS, **given}), region="lab")
    text = said(done)
    assert done.returncode == 2 and "benchmark_kubeconfig: there is no file /nonexistent." in text, text
    assert "UNREACHABLE" not in text, text


@pytest.fixture
def kubeconfig(tmp_path):
    """One that is there, of a cluster that is not asked."""
    (tmp_path / "admin.conf").touch()
    return {"cluster_kubeconfig": str(tmp_path / "admin.conf")}


def test_numbers_and_lists_as_a_command_line_gives_them(kubeconfig):
    given = json.dumps({**NOBODY, **FACTS, **kubeconfig, "benchmark_image_build": False})
    words = ["-e", "benchmark_runs=20", "-e", "benchmark_comparisons=same,dual"]
    done = run("benchmark", "--check", "-e", given, *words, region="lab")
    assert done.returncode == 0, said(done)


REFUSED = [
    (
        ["-e", "benchmark_nodes=node1,nope"],
        "benchmark: 1 problem - benchmark_nodes: there is no such worker (got 'nope')",
    ),
    (["-e", "benchmark_wait=-1"], "benchmark_wait: is out of bounds (got -1). Write seconds, 1 or more"),
    (["--limit", "node1"], "benchmark_nodes: node2 is not among the hosts of this play, and nothing was touched."),
]


@pytest.mark.parametrize(("words", "text"), REFUSED, ids=lambda each: " ".join(each)[:60])
def test_what_is_refused_before_a_node_is_reached(kubeconfig, words, text):
    """In check mode, too: what passes there must not be refused in earnest."""
    done = run("benchmark", "--check", "-e", json.dumps({**NOBODY, **FACTS, **kubeconfig}), *words, region="lab")
    assert done.returncode == 2 and text in said(done) and "UNREACHABLE" not in said(done), said(done)


@pytest.mark.parametrize(
    ("verb", "nodes", "count"), [("lab_images", "goyang-worker1", 3), ("benchmark", "goyang-worker2,goyang-worker3", 2)]
)
def test_which_nodes_get_the_image(tmp_path, monkeypatch, kubeconfig, verb, nodes, count):
    """For services all three workers, whatever the proof tool's nodes are; for the proof tool the two that run pods,
    also where the first worker, by which is done what is done once, is none of them."""
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    here = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    folders = {f"benchmark_{name}_dir": str(tmp_path / name) for name in ("cache", "facts")}
    asked = {"benchmark_nodes": nodes, "benchmark_comparisons": "same"}
    recipe = {"benchmark_image_recipe": {"packages": ["busybox-static"], "programs": ["/bin/busybox"]}}
    given = {**here, **folders, **kubeconfig, **recipe, **asked}
    done = run(verb, "--check", "-e", json.dumps(given))
    assert done.returncode == 0, said(done)
    assert (tmp_path / "asked").read_text().splitlines() == ["ls"] * count
