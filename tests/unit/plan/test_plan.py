"""The plan of a site, from the registered results of check mode."""

import pytest
from ansible_collections.gedge.engine.plugins.filter.site_plan import site_plan
from ansible_collections.gedge.engine.plugins.plugin_utils import plan, registered, told_steps


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
    ("nothing asked: skipped", {"r": {"n1": {"skipped": True, "changed": False}}}, "clean", "none", {}),
    ("a reboot without a step", {"r": {"n1": dict(result(), reboot_reasons=["x"])}}, "changes", "reboot", {}),
]


def wrapped(results):
    """Each node's one result as the list of what its role registered: packages, then the subsystem."""
    return {role: {node: [{}, one] for node, one in by_node.items()} for role, by_node in results.items()}


@pytest.mark.parametrize(
    ("results", "status", "disruption", "errors"), [pytest.param(*c[1:], id=c[0]) for c in SUMMARIES]
)
def test_summary(results, status, disruption, errors):
    found = plan.summary(wrapped(results))
    assert (found["status"], found["disruption"]) == (status, disruption)
    assert {node: item["errors"][0]["msg"] for node, item in found["nodes"].items() if item["errors"]} == errors


def test_steps_keep_the_order_of_the_roles_and_say_their_role():
    found = plan.summary(wrapped({"boot": {"n1": result("reboot")}, "sriov": {"n1": result("none", "link")}}))
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


def configure(target, **lacking):
    """A step of node_network; lacking: key=(found, asked)."""
    before, after = ({key: pair[side] for key, pair in lacking.items()} for side in (0, 1))
    made = {"target": target, "action": "configure-link", "disruption": "none", "before": before, "after": after}
    return dict(made, reason="differs in %s" % ", ".join(sorted(lacking)))


def test_what_is_down_with_its_pf_is_no_step_of_its_own():
    """As seen on a node of the lab: site took the first step, and the one for the MTU."""
    raised = {"target": "ens2f0", "action": "link-up", "disruption": "none", "before": "down", "after": "up"}
    down, other = (False, True), configure("ens1f0.30", up=(False, True))
    steps = [
        configure("ens2f0", up=down),
        configure("ens2f0.40", up=down, routes=([], ["default"])),
        configure("ens2f0.41", up=down, mtu=(1400, 1500)),
        other,
    ]
    found = {"node_sriov": {"n1": {"steps": [dict(raised, reason="why")]}}, "node_network": {"n1": {"steps": steps}}}
    (node,) = plan.summary(wrapped(found))["nodes"].values()
    mtu = configure("ens2f0.41", mtu=(1400, 1500))
    assert [{key: one[key] for key in one if key != "role"} for one in node["steps"][1:]] == [mtu, other]
    alone = plan.summary(wrapped({"node_network": {"n1": {"steps": steps}}}))["nodes"]["n1"]
    assert len(alone["steps"]) == len(steps)


def test_the_table():
    assert site_plan(wrapped({"sriov": {"n1": result("none", "link"), "n2": FAILED}}))["table"] == TABLE


def test_the_table_of_nothing():
    assert site_plan(wrapped({"sriov": {"n1": result()}}))["table"] == "Nothing to do on 1 node: all is as asked for."


def test_packages_come_before_their_subsystem():
    apt = {"steps": [{"target": "apt", "action": "install-packages", "disruption": "none", "reason": "x"}]}
    found = plan.summary({"rdma": {"n1": [apt, result("none")]}})
    assert [step["action"] for step in found["nodes"]["n1"]["steps"]] == ["install-packages", "act0"]


def test_packages_that_failed_are_the_error_of_the_role():
    found = plan.summary({"rdma": {"n1": [{"failed": True, "msg": "no apt"}, {}]}})
    assert found["nodes"]["n1"]["errors"] == [{"role": "rdma", "msg": "no apt"}]


def reboots(*reasons):
    """A result that a reboot must complete."""
    return dict(result("none"), reboot_reasons=list(reasons))


REBOOTS = """\
node  role       target  step    disruption  reason
----  ---------  ------  ------  ----------  ----------------------
n1    boot       ens1f0  act0    none        why
n1    rdma       ens1f0  act0    none        why
n1    node_boot  n1      reboot  reboot      at the end, once: a; b

2 steps on 1 of 1 node; worst disruption: reboot. 1 reboot, one node at a time."""


def test_all_reasons_of_a_node_are_one_reboot():
    found = site_plan(wrapped({"boot": {"n1": reboots("a")}, "rdma": {"n1": reboots("b")}}))
    assert (found["reboots"], found["nodes"]["n1"]["reboots"]) == (1, 1)
    assert found["table"].split() == REBOOTS.split()


def test_conflicts_are_errors():
    conflict = {"where": "testbed_hugepages", "what": "too many", "advice": "Take less"}
    found = site_plan(wrapped({"boot": {"n1": result()}}), {"n1": [conflict]})
    assert found["status"] == "errors"
    assert found["table"].startswith("n1, testbed_hugepages: too many. Take less")
    assert found["table"].endswith("Conflicts on 1 node.")


HOSTVARS = {
    "n1": {"a_packages": {"steps": []}, "a_result": {"steps": [1]}, "a_findings": [], "a_proof": ["x"]},
    "n2": {"a_findings": [{"device": "d", "what": "w", "advice": "v"}]},
}


def test_what_roles_registered():
    assert registered.results(HOSTVARS, ["n1", "n2"], ["a"]) == {
        "a": {"n1": [{"steps": []}, {}, {"steps": [1]}], "n2": [{}, {}, {}]}
    }


def test_a_role_that_says_nothing_is_a_finding():
    found = registered.findings(HOSTVARS, ["n1", "n2"], ["a", "b"])
    assert [row["what"] for row in found["n1"]] == ["no answer"]
    assert [(row["role"], row["what"]) for row in found["n2"]] == [("a", "w"), ("b", "no answer")]


def test_evidence_names_its_node():
    assert registered.proof(HOSTVARS, ["n1", "n2"], ["a", "b"]) == ["n1: x"]


BY_NODE = {"n1": ["a", "b"], "n2": ["b"]}


def test_not_each_node_has_the_same_roles():
    told = {
        "n1": {"a_result": {"steps": []}, "b_packages": ["an option"], "b_packages_result": {"steps": [2]}},
        "n2": {"b_result": {"steps": [3]}, "b_proof": ["z"], "b_findings": ["only words"]},
    }
    found = registered.results(told, ["n1", "n2"], BY_NODE)
    assert found["a"] == {"n1": [{}, {}, {"steps": []}]}
    assert found["b"] == {"n1": [{}, {"steps": [2]}, {}], "n2": [{}, {}, {"steps": [3]}]}
    assert registered.proof(told, ["n1", "n2"], BY_NODE) == ["n2: z"]
    rows = registered.findings(told, ["n1", "n2"], BY_NODE)
    assert [(row["role"], row["what"]) for row in rows["n1"]] == [("a", "no answer"), ("b", "no answer")]
    assert rows["n2"] == [{"device": "node", "what": "only words", "advice": registered.ADVICE, "role": "b"}]
    assert plan.summary(registered.results({"n1": {}, "n2": {}}, ["n1", "n2"], BY_NODE))["nodes"]["n2"]["errors"] == [
        {"role": "b", "msg": plan.NO_ANSWER}
    ]


def test_what_nobody_can_ask_yet_is_one_step_of_the_node():
    later = {"later": "there is no cluster yet"}
    found = plan.summary(wrapped({"a": {"n1": result("link")}, "b": {"n1": later}, "c": {"n1": later}}))
    assert (found["status"], found["disruption"]) == ("changes", "link")
    step = found["nodes"]["n1"]["steps"][-1]
    assert (step["role"], step["action"]) == ("b", "plan-again")
    assert step["reason"] == "there is no cluster yet, so not foretold: b, c"


def object_of(kind, name, changed=True, namespace=None):
    """The result of kubernetes.core.k8s for one object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"changed": changed, "method": "apply", "result": {"kind": kind, "metadata": metadata}}


TOLD = [
    ("one object", object_of("Node", "n1"), ["Node n1"]),
    ("in a namespace", object_of("Secret", "s", namespace="kube-system"), ["Secret kube-system/s"]),
    ("nothing changes", object_of("Node", "n1", False), []),
    (
        "a list of objects",
        {"changed": True, "result": {"results": [object_of("Node", "n1", False), object_of("Node", "n2")]}},
        ["Node n2"],
    ),
    ("a loop", {"changed": True, "results": [object_of("Node", "n1"), {"changed": False}]}, ["Node n1"]),
    ("a file", {"changed": True, "path": "/usr/local/lib/gedge/sriov"}, ["/usr/local/lib/gedge/sriov"]),
    ("skipped", {"changed": False, "skipped": True}, []),
    ("nothing ran", {}, []),
]


@pytest.mark.parametrize(("given", "targets"), [pytest.param(*one[1:], id=one[0]) for one in TOLD])
def test_steps_of_modules_that_tell_none(given, targets):
    steps = told_steps.steps(given, "apply-object", "why")
    assert [step["target"] for step in steps] == targets
    assert all((step["action"], step["disruption"]) == ("apply-object", "none") for step in steps)


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ({"changed": True, "path": "/x", "item": "y"}, "/x"),
        ({"changed": True, "results": [{"changed": True, "item": "etcd"}]}, "etcd"),
        ({"changed": True, "results": [{"changed": True, "item": {"key": "etcd"}}]}, "etcd"),
        ({"changed": True, "results": [{"changed": True, "ansible_loop_var": "name", "name": "etcd"}]}, "etcd"),
    ],
)
def test_what_a_task_was_at(given, target):
    assert [step["target"] for step in told_steps.steps(given, "remove-program", "why")] == [target]


def test_what_runs_once_for_all_is_told_once():
    steps = told_steps.steps(object_of("Node", "n1"), "apply-object", "why", once=True)
    own = result("none")["steps"]
    found = plan.summary(wrapped({"a": {"n1": {"steps": steps + own}, "n2": {"steps": steps + own}}}))
    assert [len(node["steps"]) for node in found["nodes"].values()] == [2, 1]
    assert all("once" not in step for node in found["nodes"].values() for step in node["steps"])


@pytest.mark.parametrize(
    ("given", "first", "last", "targets"),
    [
        ({"changed": False, "steps": []}, [], [], []),
        ({"changed": False, "steps": []}, ["a"], ["b"], ["a", "b"]),
        ({"changed": True, "steps": ["m"]}, ["a"], ["b"], ["a", "m", "b"]),
        ({"changed": False, "skipped": True}, [], ["b"], ["b"]),
    ],
)
def test_a_role_tells_the_steps_of_all_its_tasks(given, first, last, targets):
    before = dict(given)
    told = told_steps.beside(given, first, last)
    assert (told["steps"], told["changed"]) == (targets, bool(targets)) and given == before
