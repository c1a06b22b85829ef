# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Static pods: from what a node has to what it shall have. Papers, links and objects are planned as for units."""

from __future__ import annotations

from .. import own_files
from ..errors import Problem, ProblemsError
from ..steps import DRAIN, NONE, Step
from ..worker.files import KUBELET_UNIT
from . import certificates, config, planning, pods, units
from .wanted import COMPONENTS

STOP, START, KUBELET, MARK, RESET = "stop-pod", "start-pod", "start-kubelet", "mark-node", "reset-node"
CHECK, ROTATE, FORGET = "check-node", "rotate-certificate", "forget-node"
PROGRAM = "its program has changed"
TOOLS = ("kubeadm", "kubectl", "kubelet")


def files(wanted, kubelet):
    """{path: text} of our own files: what kubeadm and the scheduler read, and a unit for the kubelet that has none."""
    texts = {config.PATH: config.text(wanted)}
    if wanted.scheduler_config:
        texts[config.SCHEDULER] = config.scheduler(wanted)
    if not kubelet.theirs:
        texts[pods.UNIT] = config.HEAD + KUBELET_UNIT
        texts[pods.WANTS] = pods.LINK
    return texts


def present(state, wanted):
    """Steps. Raises ProblemsError for what must not be overwritten."""
    planning.refuse(state, wanted)
    if pods.CONF in state.keys and pods.CONF not in state.records:
        what, advice = "the node is in a cluster already", "Take it out first (kubeadm reset, or role cluster_worker)"
        raise ProblemsError([Problem(pods.CONF, what, advice)], where=wanted.name)
    own = () if state.kubelet.theirs else ("kubelet",)
    made = planning.links(state, wanted, TOOLS[:2] + own)
    if not state.records:
        made.append(Step(wanted.name, CHECK, "kubeadm's own look at the node", NONE, "", "fit"))
    papers = planning.papers_steps(state, wanted)
    papers += _kubelet_paper(state, wanted, papers)
    written = own_files.steps(state.files, files(wanted, state.kubelet), NONE, "asked for")
    again = _pods_to_start(state, wanted, papers + written)
    kubelet = _kubelet(state, wanted, papers + written)
    starts = _starts(state, wanted, again)
    # It starts before the pods that it makes; a newer kubelet after them: it must not be ahead of its API server.
    runs = starts + kubelet if any(step.reason == PROGRAM for step in kubelet) else kubelet + starts
    if any(step.target.startswith(units.FOLDER) for step in written) or state.kubelet.reload:
        written = written + [Step("systemd", planning.RELOAD, "a unit has changed", NONE, "", "")]
    told = planning.objects(state, wanted, papers) + _mark(state, wanted)
    return made + papers + written + runs + told + _rotate(state, papers, kubelet)


def _kubelet_paper(state, wanted, papers):
    """The kubelet renews its own certificate; its kubeconfig is made anew for another server or CA only."""
    one = state.kubelet.conf
    if one is None:
        why = certificates.MISSING
    elif one.server != wanted.server:
        why = "names the API server %s" % one.server
    elif one.ca.strip() != (state.ca or "").strip() or any(step.target == certificates.path("ca") for step in papers):
        why = "is not of this CA"
    elif one.certificate is None and not state.kubelet.rotates:
        why = "names a certificate that is gone"
    else:
        return []
    before = one.server if one else None
    return [Step(pods.CONF, planning.KUBECONFIG, why, NONE, before, wanted.server, {"name": "kubelet"})]


def _kubelet(state, wanted, steps):
    found, changed = state.kubelet, {step.target for step in steps}
    path = wanted.binary("kubelet")
    digest = wanted.programs.get("kubelet", {}).get("sha256")
    if not found.active:
        why = "it does not run"
    elif not found.configured:
        why = "kubeadm has not written its settings"
    elif pods.UNIT in changed or found.reload:
        why = "its unit has changed"
    elif pods.CONF in changed:
        why = "its kubeconfig has changed"
    elif not found.theirs and (found.program != path or (digest and state.digests.get(path) != digest)):
        why = PROGRAM
    else:
        return []
    return [Step(pods.KUBELET, KUBELET, why, NONE, "running" if found.active else "stopped", "running")]


def _pods_to_start(state, wanted, steps):
    """{component: reason} of those that must be started anew."""
    told = {}
    for component in COMPONENTS:
        path, unit = pods.path(component), state.units[component]
        before, after = pods.difference(component, state.pods.get(path), wanted)
        digest = wanted.programs.get(component, {}).get("sha256")
        replaced = digest and state.digests.get(unit.program) != digest
        changed = "its manifest has changed" if before or after else ""
        told[component] = planning.reason(state, component, steps, changed, replaced)
    return {component: why for component, why in told.items() if why}


def _starts(state, wanted, reasons):
    steps = []
    if not (state.data or wanted.first):  # that of the first node is begun by etcd itself
        why = "etcd starts here for the first time"
        steps.append(Step(wanted.data_dir, planning.JOIN, why, NONE, None, wanted.name))
    for starts, component, why in planning.in_order(state, reasons):
        path = pods.path(component)
        before, after = pods.difference(component, state.pods.get(path), wanted) if starts else ({}, {})
        runs = "running" if state.units[component].active else "stopped"
        steps.append(
            Step(
                path,
                START if starts else STOP,
                why,
                NONE,
                dict(before, state=runs),
                dict(after, state="ready" if starts else "stopped"),
            )
        )
    return steps


def _mark(state, wanted):
    """The label, and kubeadm's taint unless pods may run here."""
    after = {"marked": True, "tainted": not wanted.schedulable}
    if state.node == after:
        return []
    return [Step("node/" + wanted.name, MARK, "it is a control-plane node", NONE, state.node, after)]


def _rotate(state, papers, kubelet):
    """kubeadm gives the kubelet a certificate in its kubeconfig; the kubelet keeps it by itself and renews that one."""
    one = state.kubelet.conf
    inside = any(step.target == pods.CONF for step in papers) or (one and one.certificate)
    if not inside or not (state.kubelet.rotates or kubelet):
        return []
    why = "the kubelet renews its certificate"
    return [Step(pods.CONF, ROTATE, why, NONE, "in the kubeconfig", pods.CURRENT)]


def absent(state, wanted, records):
    """Steps that take back what was made here; etcd's data only where that is asked for."""
    planning.refuse_mode(state, wanted)
    here = state.pods or pods.CONF in state.keys or state.kubelet.configured
    steps = []
    if len(wanted.members) > 1 and state.node:
        steps.append(Step("node/" + wanted.name, FORGET, "the others go on without it", NONE, state.node, None))
    if len(wanted.members) > 1 and state.data and state.units["etcd"].active:
        steps.append(planning.leave_etcd(wanted))
    if pods.CONF in records and here:
        steps.append(Step(wanted.name or "node", RESET, "no longer asked for", DRAIN, "in the cluster", None))
    written = own_files.steps(state.files, {}, NONE)
    if any(step.target.startswith(units.FOLDER) for step in written):
        written.append(Step("systemd", planning.RELOAD, "a unit has gone", NONE, "", ""))
    return steps + written + planning.made_here(state, wanted, records)
