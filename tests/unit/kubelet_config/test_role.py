"""Role cluster_kubelet with stand-ins for the cluster and for the module: the order of its deeds, and how it ends."""

import pytest
from helpers.kubelet_role import WHOLE, Stage


@pytest.fixture
def run(tmp_path):
    """A function: the play with a script; (rc, what was done, in order, what was printed)."""
    return Stage(tmp_path).play


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
