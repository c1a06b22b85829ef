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


def test_a_budget_that_allows_nothing_leaves_the_node_as_it_was(run):
    rc, log, said = run({"node1 drained": ["pdb"]})
    assert rc != 0 and "change" not in deeds(log, "node1"), said
    assert "disruption budget" in said and "node1 is schedulable as before" in said
    assert deeds(log, "node2") == []


def test_pods_that_may_not_go_are_told_with_the_variable_that_lets_them(run):
    rc, dummy_log, said = run({"node1 drained": ["emptydir"]})
    assert rc != 0 and "cluster_kubelet_drain_delete_emptydir_data=true lets them go" in said, said
    assert "node1 is schedulable as before" in said


def test_a_node_that_an_earlier_run_has_left_cordoned_is_uncordoned(run):
    rc, log, said = run({"node1 look": ["nothing"], "node2 look": ["nothing"]}, left=["node1"])
    assert rc == 0 and deeds(log, "node1") == ["change", "schedulable"] and deeds(log, "node2") == [], said


def test_not_while_its_kubelet_is_not_as_asked_for(run):
    script = {"node1 look": ["nothing"], "node2 look": ["nothing"]}
    rc, log, said = run(script, {"cpuManagerPolicy": "none"}, left=["node1"])
    assert rc != 0 and deeds(log, "node1") == ["change"] and "node1 is LEFT CORDONED" in said, said


def test_a_drain_that_fails_leaves_the_cordon_of_an_earlier_run(run):
    rc, log, said = run({"node1 drained": ["pdb"]}, left=["node1"])
    assert rc != 0 and deeds(log, "node1") == ["drained"] and "node1 is LEFT CORDONED" in said, said


def test_a_node_that_cannot_be_uncordoned_is_told(run):
    rc, log, said = run({"node1 schedulable": ["away"]})
    assert rc != 0 and "the API server does not answer" in said and "node1 is LEFT CORDONED" in said, said
    assert deeds(log, "node2") == []


def test_a_node_that_is_lost_meanwhile_stays_cordoned_and_the_next_one_is_left_alone(run):
    rc, log, said = run({"node1 change": ["lost"]})
    assert rc != 0 and deeds(log, "node1") == ["drained", "change"], said
    assert "cannot be reached any more" in said and "node1 is LEFT CORDONED" in said
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
    assert rc != 0 and deeds(log, "node1") == ["drained", "change"], said
    assert "node1 is LEFT CORDONED by this role: kubectl uncordon node1" in said
    assert deeds(log, "node2") == []


def test_who_was_cordoned_before_stays_so(run):
    """The module knows whose cordon it is."""
    rc, log, said = run({"node1 drained": ["already"]})
    assert rc == 0 and deeds(log, "node1") == WHOLE, said
