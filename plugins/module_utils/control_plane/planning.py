# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From what a node has to what it shall have: a pure function of state and wish."""

from __future__ import annotations

from .. import own_files
from ..errors import Problem, ProblemsError
from ..steps import NONE, Step
from . import certificates, cluster, config, units
from .flags import PKI
from .wanted import BIN, COMPONENTS, TOOLS

LINK, TAKE, CERTIFICATE = "set-link", "take-shared", "make-certificate"
KEYS, KUBECONFIG = "make-keys", "make-kubeconfig"
RELOAD, STOP, START, BEGIN, JOIN = "reload-units", "stop-unit", "start-unit", "begin-etcd", "join-etcd"
LEAVE, UPLOAD, REMOVE, DISCARD = "leave-etcd", "upload-configuration", "remove-made", "remove-etcd-data"
NEW, GIVEN = "made anew", "that of the first node"


def present(state, wanted):
    """Steps. Raises ProblemsError for what must not be overwritten."""
    refuse(state, wanted)
    made = links(state, wanted, COMPONENTS + TOOLS)
    files = units.files(wanted)
    written = own_files.steps(state.files, files, NONE, "asked for")
    papers = papers_steps(state, wanted)
    again = _units_to_start(state, wanted, written, papers)
    reload_needed = any(step.target.startswith(units.FOLDER) for step in written)
    if reload_needed or any(unit.reload for unit in state.units.values()):
        written = written + [Step("systemd", RELOAD, "a unit has changed", NONE, "", "")]
    return made + papers + written + _starts(state, wanted, again) + objects(state, wanted, papers)


def refuse(state, wanted):
    """What must not be overwritten. Raises ProblemsError."""
    found = _other_mode(state, wanted) + [
        Problem(path, "a unit of somebody else is there", "Remove that etcd or control plane first")
        for path in state.foreign
    ]
    if state.data and state.certificates["etcd/ca"] is None:
        what = "has data of an etcd whose CA is not here"
        advice = "Name another etcd_data_dir, or remove it: state absent with remove_etcd_data"
        found.append(Problem(wanted.data_dir, what, advice))
    for name, text in sorted(wanted.shared.items()):
        if state.shared.get(name) not in (None, (text or "").strip()) and not wanted.first:
            what = "is not that of the first control-plane node"
            found.append(Problem("%s/%s" % (PKI, name), what, "Remove this node (state: absent), then add it again"))
    if found:
        raise ProblemsError(found, where=wanted.name)


def refuse_mode(state, wanted):
    """A control plane of ours in the other mode cannot be taken away by this one. Raises ProblemsError."""
    found = [problem for problem in _other_mode(state, wanted) if problem.path == "mode"]
    if found:
        raise ProblemsError(found, where=wanted.name)


def _other_mode(state, wanted):
    """A control plane of ours in the other mode, and static pods of somebody else. Nothing carries one over."""
    mine = [path for path in state.pods if path in state.records]
    theirs = [path for path in state.pods if path not in mine]
    units_here = [units.path(one) for one in COMPONENTS if units.path(one) in state.files]
    what = "the control plane of this node runs as %s"
    advice = (
        "Mode %s keeps it. Another mode means another cluster: take the workers out, then this control plane (state "
        "absent with mode %s and remove_etcd_data), and make it anew"
    )
    found = []
    if wanted.pods and units_here:
        found.append(Problem("mode", what % "systemd units", advice % ("services", "services"), "static-pods"))
    if not wanted.pods and mine:
        found.append(Problem("mode", what % "static pods", advice % ("static-pods", "static-pods"), "services"))
    return found + [
        Problem(path, "a static pod of somebody else is there", "Remove that etcd or control plane first")
        for path in theirs
    ]


def links(state, wanted, names):
    """A binary is the program by whose name it is called."""
    steps = []
    for name in names:
        binary = wanted.programs.get(name, {}).get("binary") or name
        if binary != name and state.links.get(name) != binary:
            path = "%s/%s" % (BIN, name)
            steps.append(Step(path, LINK, "the program by that name", NONE, state.links.get(name), binary))
    return steps


def papers_steps(state, wanted):
    """Keys, certificates and kubeconfigs, a CA before what it signs."""
    steps, found, ca = [], dict(state.certificates), state.ca
    if not wanted.first:
        steps += [
            Step("%s/%s" % (PKI, name), TAKE, "the cluster has one", NONE, None, GIVEN)
            for name in certificates.SHARED
            if "%s/%s" % (PKI, name) not in state.keys
        ]
        taken = {step.target for step in steps}
        found.update({name: None for name in certificates.CAS if certificates.path(name) in taken})
        ca = None if certificates.path("ca") in taken else ca
    for name, kind in certificates.KINDS.items():
        if not (wanted.first or kind.signer):
            continue
        reason = certificates.reason(name, found, wanted, state.now)
        if reason:
            path, before = certificates.path(name), _names(found[name])
            steps.append(Step(path, CERTIFICATE, reason, NONE, before, _asked(kind, wanted)))
            found[name] = None  # what it signs is made anew, too
    if wanted.first and not {PKI + "/sa.key", PKI + "/sa.pub"} <= state.keys:
        steps.append(Step(PKI + "/sa.key", KEYS, certificates.MISSING, NONE, None, NEW))
    for name in certificates.kubeconfigs(wanted):
        one = state.kubeconfigs[name]
        reason = certificates.kubeconfig_reason(name, one, ca, found, wanted, state.now)
        if reason:
            before = one.server if one else None
            after = certificates.server(name, wanted)
            steps.append(Step(certificates.conf(name), KUBECONFIG, reason, NONE, before, after, {"name": name}))
    return steps


def _names(one):
    return sorted(one.names) if one else None


def _asked(kind, wanted):
    return sorted(kind.names(wanted)) if kind.names else NEW


def _readers(path):
    """The units that read a file when they start."""
    for name, kind in certificates.KINDS.items():
        if path.startswith("%s/%s." % (PKI, name)):
            return kind.readers
    for name, readers in certificates.KUBECONFIGS.items():
        if path == certificates.conf(name):
            return readers
    if path.startswith(PKI + "/sa."):
        return ("kube-apiserver", "kube-controller-manager")
    return ("kube-scheduler",) if path == config.SCHEDULER else ()


def _units_to_start(state, wanted, written, papers):
    """{component: reason} of those that must be started anew."""
    told = {}
    for component in COMPONENTS:
        unit, binary = state.units[component], wanted.binary(component)
        digest = wanted.programs.get(component, {}).get("sha256")
        changed = any(step.target == units.path(component) for step in written) or unit.reload
        replaced = unit.program != binary or (digest and state.digests.get(binary) != digest)
        told[component] = reason(state, component, papers + written, changed and "its unit has changed", replaced)
    return {component: text for component, text in told.items() if text}


def reason(state, component, steps, changed, replaced):
    """Why a component must be started anew, "" where it need not. steps: papers and files; changed: a text where what
    it is started by is another; replaced: whether it runs another program."""
    unit = state.units[component]
    if not unit.active:
        return "it does not run"
    if changed:
        return changed
    if any(component in _readers(step.target) for step in steps):
        return "what it reads at its start has changed"
    if replaced:
        return "its program has changed"
    if any(component in _readers(path) and at > unit.since for path, at in state.changed.items()):
        return "what it reads at its start is younger than its start"
    return "" if unit.well else "it is not well"


def in_order(state, reasons):
    """[(whether it starts, component, reason)]: etcd first; the API server stands still meanwhile: else it holds its
    port for a minute."""
    running = [component for component in COMPONENTS if state.units[component].active]
    rows = []
    if "etcd" in reasons and "etcd" in running and "kube-apiserver" in running:
        rows.append((False, "kube-apiserver", "etcd stops"))
        reasons = dict({"kube-apiserver": "it was stopped for etcd"}, **reasons)
    return rows + [(True, component, reasons[component]) for component in COMPONENTS if component in reasons]


def _starts(state, wanted, reasons):
    steps = []
    if not state.data:
        action = BEGIN if wanted.first else JOIN
        steps.append(Step(wanted.data_dir, action, "etcd starts here for the first time", NONE, None, wanted.name))
    for starts, component, why in in_order(state, reasons):
        before = "running" if state.units[component].active else "stopped"
        start = Step(_service(component), START, why, NONE, before, "ready")
        steps.append(start if starts else _stop(component, why))
    return steps


def _service(component):
    return component + ".service"


def _stop(component, reason):
    return Step(_service(component), STOP, reason, NONE, "running", "stopped")


def objects(state, wanted, papers):
    """What is kept in the API server for those who join, by the first node."""
    if not wanted.first:
        return []
    known = state.objects
    same = known == {"digest": cluster.digest(wanted), "server": wanted.server, "ca": (state.ca or "").strip()}
    if same and not any(step.target == certificates.path("ca") for step in papers):
        return []
    before = known["server"] if known else None
    return [Step("kube-system/kubeadm-config", UPLOAD, "for those who join", NONE, before, wanted.server)]


def absent(state, wanted, records):
    """Steps that take back what was made here; etcd's data only where that is asked for."""
    refuse_mode(state, wanted)
    ours = {} if state.foreign else state.files
    running = [one for one in reversed(COMPONENTS) if state.units[one].active and units.path(one) in ours]
    steps = []
    if len(wanted.members) > 1 and state.data and "etcd" in running:
        steps.append(leave_etcd(wanted))
    steps += [_stop(component, "no longer asked for") for component in running]
    written = own_files.steps(ours, {}, NONE)
    if any(step.target.startswith(units.FOLDER) for step in written):
        written.append(Step("systemd", RELOAD, "a unit has gone", NONE, "", ""))
    return steps + written + made_here(state, wanted, records)


def leave_etcd(wanted):
    """The step that takes this node's member out of etcd's cluster."""
    return Step(wanted.data_dir, LEAVE, "the others go on without it", NONE, wanted.name, None)


def made_here(state, wanted, records):
    """Steps that remove what has been made here, and data where that is asked for."""
    made = [
        Step(path, REMOVE, "it was made here", NONE, "there", None)
        for path in sorted(records)
        if path in state.keys or (path.startswith(BIN + "/") and state.links.get(path[len(BIN) + 1 :]))
    ]
    data = []
    if wanted.remove_data and state.data and not state.foreign:
        data = [Step(wanted.data_dir, DISCARD, "remove_etcd_data", NONE, "there", None)]
    return made + data
