"""From what a node has to steps: pure tables."""

import dataclasses

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.control_plane import certificates, planning, units, wanted
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError

from .conftest import MEMBERS, NOW, bare, made

PKI = "/etc/kubernetes/pki/"


def short(steps):
    """[(action, last name of the target)]."""
    return [(step.action, step.target.rsplit("/", 1)[-1]) for step in steps]


def starts(steps):
    """The units that are stopped and started, in order."""
    return [(step.action, step.target) for step in steps if step.action in (planning.START, planning.STOP)]


def test_a_bare_node_gets_all_in_the_order_in_which_it_works(ask):
    asked = ask()
    steps = planning.present(bare(), asked)
    actions = [step.action for step in steps]
    order = ["set-link", "make-certificate", "make-keys", "make-kubeconfig", "write-file", "reload-units", "begin-etcd"]
    assert list(dict.fromkeys(actions)) == [*order, "start-unit", "upload-configuration"]
    assert [step.target for step in steps if step.action == planning.START] == [
        f"{name}.service" for name in wanted.COMPONENTS
    ]
    assert {step.disruption for step in steps} == {"none"}


def test_what_is_right_is_left_alone(ask):
    asked = ask()
    assert planning.present(made(asked), asked) == []


def test_a_second_node_takes_keys_and_joins(ask):
    asked = ask(name="node2", members=MEMBERS)
    steps = planning.present(bare(), asked)
    taken = [step.target for step in steps if step.action == planning.TAKE]
    assert taken == [PKI + name for name in certificates.SHARED]
    made_here = {step.target for step in steps if step.action == planning.CERTIFICATE}
    assert not made_here & {certificates.path(name) for name in certificates.CAS}
    names = {name for action, name in short(steps)}
    assert "super-admin.conf" not in names
    assert ("join-etcd", "etcd") in short(steps)
    assert not [step for step in steps if step.action in (planning.UPLOAD, planning.BEGIN, planning.KEYS)]
    assert planning.present(dataclasses.replace(made(asked), objects=None), asked) == []


CHANGES = {
    # name: (options, what must be made anew, units started anew, whether those who join are told)
    "another name": (
        {"certificate_names": ["edge.example"]},
        [("make-certificate", "apiserver.crt")],
        ["kube-apiserver"],
        True,
    ),
    "another endpoint": (
        {"endpoint": "10.0.0.99"},
        [
            ("make-certificate", "apiserver.crt"),
            ("make-kubeconfig", "admin.conf"),
            ("make-kubeconfig", "super-admin.conf"),
        ],
        ["kube-apiserver"],
        True,
    ),
    "a flag": ({"extra_args": {"kube-scheduler": {"v": 4}}}, [], ["kube-scheduler"], False),
    "a profile": ({"scheduler_config": {"profiles": []}}, [], ["kube-scheduler"], False),
    "another port": (
        {"port": 7443},
        [
            ("make-kubeconfig", "admin.conf"),
            ("make-kubeconfig", "super-admin.conf"),
            ("make-kubeconfig", "controller-manager.conf"),
            ("make-kubeconfig", "scheduler.conf"),
        ],
        ["kube-apiserver", "kube-controller-manager", "kube-scheduler"],
        True,
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_touches_only_what_it_is_about(ask, name):
    options, papers, restarted, told = CHANGES[name]
    steps = planning.present(made(ask()), ask(**options))
    assert [one for one in short(steps) if one[0].startswith("make-")] == papers
    assert starts(steps) == [("start-unit", f"{unit}.service") for unit in restarted]
    assert any(step.action == planning.UPLOAD for step in steps) == told


def test_etcd_never_stops_below_an_api_server(ask):
    steps = planning.present(made(ask()), ask(extra_args={"etcd": {"snapshot-count": 5000}}))
    assert starts(steps) == [
        ("stop-unit", "kube-apiserver.service"),
        ("start-unit", "etcd.service"),
        ("start-unit", "kube-apiserver.service"),
    ]


AGES = {
    "apiserver": ["kube-apiserver"],
    "etcd/server": ["kube-apiserver", "etcd", "kube-apiserver"],
    "etcd/healthcheck-client": [],
}


@pytest.mark.parametrize("name", AGES)
@pytest.mark.parametrize(("days", "reason"), [(29.9, "expires within 30 days"), (-1, "has expired"), (30.1, "")])
def test_a_certificate_that_ends_soon_is_made_anew(ask, name, days, reason):
    found = made(ask())
    found.certificates[name].until = NOW + days * 86400
    steps = planning.present(found, ask())
    assert [(step.action, step.reason) for step in steps if step.target == certificates.path(name)] == (
        [("make-certificate", reason)] if reason else []
    )
    assert [target.split(".")[0] for action, target in starts(steps)] == (AGES[name] if reason else [])


def test_a_kubeconfig_that_ends_soon_is_made_anew(ask):
    found = made(ask())
    found.kubeconfigs["scheduler"].certificate.until = NOW + 86400
    steps = planning.present(found, ask())
    assert short(steps) == [("make-kubeconfig", "scheduler.conf"), ("start-unit", "kube-scheduler.service")]


def test_another_ca_makes_all_anew_that_it_signed(ask):
    found = made(ask())
    found.certificates["etcd/ca"].key = "another"
    names = {name for action, name in short(planning.present(found, ask())) if action == "make-certificate"}
    assert names == {"server.crt", "peer.crt", "healthcheck-client.crt", "apiserver-etcd-client.crt"}


SICK = {
    "stopped": ({"active": False}, "it does not run"),
    "not well": ({"well": False}, "it is not well"),
    "its unit was written by a killed run": ({"reload": True}, "its unit has changed"),
    "its binary was replaced": (
        {"program": "/usr/local/bin/kubernetes-control-plane (deleted)"},
        "its program has changed",
    ),
    "its files are younger": ({"since": NOW - 200}, "what it reads at its start is younger than its start"),
}


@pytest.mark.parametrize("name", SICK)
def test_a_component_is_started_anew_for_a_reason(ask, name):
    change, reason = SICK[name]
    found = made(ask())
    found.units["kube-scheduler"] = dataclasses.replace(found.units["kube-scheduler"], **change)
    (step,) = [step for step in planning.present(found, ask()) if step.action == planning.START]
    assert (step.target, step.reason) == ("kube-scheduler.service", reason)


def test_another_program_is_foretold_by_its_digest(ask):
    found = made(ask())
    found.digests = {"/usr/local/bin/kubernetes-control-plane": "old"}
    programs = {"kube-scheduler": {"binary": "kubernetes-control-plane", "sha256": "new"}}
    steps = planning.present(found, ask(programs={**ask().programs, **programs}))
    assert starts(steps) == [("start-unit", "kube-scheduler.service")]


REFUSED = {
    "a unit of somebody else": ({"foreign": [units.path("etcd")]}, {}, "a unit of somebody else is there"),
    "data without its CA": ({"data": True}, {}, "has data of an etcd whose CA is not here"),
    "keys of another cluster": (
        {"shared": {"ca.crt": "one"}},
        {"name": "node2", "members": MEMBERS, "shared": {"ca.crt": "another"}},
        "is not that of the first control-plane node",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_overwritten_is_refused(ask, name):
    change, options, what = REFUSED[name]
    with pytest.raises(ProblemsError) as error:
        planning.present(dataclasses.replace(bare(), **change), ask(**options))
    assert [problem.what for problem in error.value.problems] == [what]


def test_absent_takes_back_what_was_made_and_no_data(ask):
    asked = ask(state="absent")
    found = made(ask())
    records = dict.fromkeys([*certificates.files(asked), f"{wanted.BIN}/etcd"])
    steps = planning.absent(found, asked, records)
    assert starts(steps)[0] == ("stop-unit", "kube-scheduler.service")
    assert starts(steps)[-2:] == [("stop-unit", "kube-apiserver.service"), ("stop-unit", "etcd.service")]
    assert {step.target for step in steps if step.action == planning.REMOVE} == set(records)
    assert not any(step.action == planning.DISCARD for step in steps)
    steps = planning.absent(found, ask(state="absent", remove_etcd_data=True), records)
    assert [step.target for step in steps if step.action == planning.DISCARD] == ["/var/lib/etcd"]


def test_absent_leaves_what_others_made(ask):
    found = made(ask())
    found.foreign = [units.path("etcd")]
    assert planning.absent(found, ask(state="absent", remove_etcd_data=True), {}) == []


def test_one_of_three_leaves_the_others(ask):
    asked = ask(state="absent", name="node2", members=MEMBERS)
    assert planning.absent(made(asked), asked, {})[0].action == planning.LEAVE
