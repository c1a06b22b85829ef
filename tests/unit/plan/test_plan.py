"""The plan of a site, from the registered results of check mode."""

import pytest
from ansible_collections.gedge.engine.plugins.filter.site_plan import site_plan
from ansible_collections.gedge.engine.plugins.plugin_utils import plan


def result(*disruptions):
    """A module's result in check mode, one step for each disruption."""
    steps = [
        {"target": "ens1f0", "action": "act%d" % i, "reason": "why", "disruption": one, "before": 0, "after": 1}
        for i, one in enumerate(disruptions)
    ]
    return {"changed": bool(steps), "steps": steps}


FAILED = {"failed": True, "msg": "sriov: no PF"}
SUMMARIES = [
    ("no nodes", {}, "clean", "none", {}),
    ("clean", {"r": {"n1": result(), "n2": result()}}, "clean", "none", {}),
    ("changes", {"r": {"n1": result("none", "link"), "n2": result()}}, "changes", "link", {}),
    ("the worst of all roles", {"r": {"n1": result("reboot")}, "s": {"n1": result("drain")}}, "changes", "reboot", {}),
    ("an error", {"r": {"n1": FAILED, "n2": result("none")}}, "errors", "none", {"n1": "sriov: no PF"}),
    ("a failure with steps", {"r": {"n1": dict(result("link"), **FAILED)}}, "errors", "none", {"n1": "sriov: no PF"}),
    ("unreachable", {"r": {"n1": {"unreachable": True, "msg": "ssh"}}}, "errors", "none", {"n1": "unreachable: ssh"}),
    ("no result", {"r": {"n1": {}}}, "errors", "none", {"n1": plan.NO_ANSWER}),
    ("skipped", {"r": {"n1": {"skipped": True, "changed": False}}}, "errors", "none", {"n1": plan.NO_ANSWER}),
    ("skipped, with words", {"r": {"n1": {"skipped": True, "msg": "x"}}}, "errors", "none", {"n1": plan.NO_ANSWER}),
]


@pytest.mark.parametrize(
    ("results", "status", "disruption", "errors"), [pytest.param(*c[1:], id=c[0]) for c in SUMMARIES]
)
def test_summary(results, status, disruption, errors):
    found = plan.summary(results)
    assert (found["status"], found["disruption"]) == (status, disruption)
    assert {node: item["errors"][0]["msg"] for node, item in found["nodes"].items() if item["errors"]} == errors


def test_steps_keep_the_order_of_the_roles_and_say_their_role():
    found = plan.summary({"boot": {"n1": result("reboot")}, "sriov": {"n1": result("none", "link")}})
    steps = found["nodes"]["n1"]["steps"]
    assert [(s["role"], s["action"]) for s in steps] == [("boot", "act0"), ("sriov", "act0"), ("sriov", "act1")]
    assert found["nodes"]["n1"]["disruption"] == "reboot"


TABLE = """\
node  role   target  step  disruption  reason
----  -----  ------  ----  ----------  ------
n1    sriov  ens1f0  act0  none        why
n1    sriov  ens1f0  act1  link        why

n2, sriov: sriov: no PF

2 steps on 1 of 2 nodes; worst disruption: link. Errors on 1 node."""


def test_the_table():
    assert site_plan({"sriov": {"n1": result("none", "link"), "n2": FAILED}})["table"] == TABLE


def test_the_table_of_nothing():
    assert site_plan({"sriov": {"n1": result()}})["table"] == "Nothing to do on 1 node: all is as asked for."
