# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A worker as a subsystem: programs, units, VFs first, then into the cluster; and out of it without leftovers."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import time

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import Problem, ProblemsError
from ..steps import DRAIN, NONE, Step
from . import files, membership, observe

BRING, JOIN, START, LEAVE, TOKEN = "bring-program", "join-cluster", "start-unit", "leave-cluster", "write-token"
OURS = "ours"  # of the baseline: this node is in the cluster by us
BROUGHT = "brought:"  # a program, with the digest of ours
NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
HASH = re.compile(r"sha256:[0-9a-f]{64}")
ENDPOINT = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")


class Worker(Subsystem):
    """What a node is to a cluster, as the parameters of module gedge.engine.worker ask for it."""

    def __init__(self, params, system, clock=time):
        """clock: has monotonic() and sleep(). Raises ProblemsError for what is wrong on any node."""
        self.system, self.params, self.clock = system, params, clock
        self.absent = params["state"] == "absent"
        self.baseline = Baseline(system, "worker")
        self.recorded, self.tried = [], False
        if not self.absent:
            _check(params)
        self.paths = {} if self.absent else files.binaries(params["programs"], params["cni_programs"])

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        brought = [key[len(BROUGHT) :] for key in self.baseline.load() if key.startswith(BROUGHT)]
        paths = brought if self.absent else self.paths
        return observe.read(self.system, paths, [one["pci"] for one in self.params["vfs"]])

    def plan(self, state):
        """Programs and files, then the cluster; out of it in the opposite order."""
        if self.absent:
            return self._way_out(state)
        if self._of_others(state):
            return []
        self._refuse(state)
        made = files.wanted(self.params)
        written = own_files.steps(state.files, made)
        steps = [
            Step(path, BRING, "is not the program that is asked for", before=state.binaries[path], after=digest)
            for path, digest in sorted(self.paths.items())
            if not state.binaries[path] or digest not in ("", state.binaries[path])
        ]
        changed = {step.target for step in steps + written}
        return steps + written + self._token_steps(state) + self._starts(state, changed)

    def notes(self, state):
        """Which programs the node lacks, and whether it is somebody else's."""
        lacking = [step.target for step in self.plan(state) if step.action == BRING]
        alone = not self.absent and self._of_others(state)
        warnings = ["it is in a cluster (%s) that others made: left alone" % state.server] if alone else []
        return {"missing": lacking, "left_alone": alone, "joined": bool(state.server), "warnings": warnings}

    def doubts(self, state):
        """What would keep a run from starting the kubelet."""
        return [problem.text() for problem in self._missing_vfs(state)]

    def record(self, state):
        """Keep that it is ours, before the first change; the kubelet does not start before the VFs are there."""
        if self.absent:
            return
        steps = self.plan(state)
        problems = [
            Problem("programs", "%s is not the one that is asked for" % step.target, "Copy it there first")
            for step in steps
            if step.action == BRING
        ]
        if any(step.action in (JOIN, START) and step.target != files.PROXY for step in steps):
            problems += self._missing_vfs(state)
        if problems:
            raise ProblemsError(problems, where=self.params["name"])
        brought = {BROUGHT + path: state.binaries[path] for path in self.paths}
        now = self.baseline.load()
        self.baseline.forget([key for key, digest in brought.items() if now.get(key, digest) != digest])
        self.recorded = self.baseline.add(dict(brought, **{OURS: self.params["name"]}))

    def apply(self, step):
        """Carry one step out."""
        if step.action in own_files.ACTIONS:
            self._change_file(step)
        elif step.action == TOKEN:
            self._put_token(self.params["kube_proxy"]["token"] if step.after else "")
        elif step.action == JOIN:
            self.system.run(["systemctl", "daemon-reload"])
            self.tried = True
            membership.join(self.system, self.params)
            membership.wait(self.system, self.clock, self.params)
        elif step.action == START:
            self._start(step.target)
        elif step.action == LEAVE:
            membership.leave(self.system)
        elif step.action == FORGET:
            self.baseline.apply(step)

    def put_back(self, state):
        """A node that did not get in is as before; one that was in keeps its place and gets its old files."""
        if self.tried and not state.server:
            membership.leave(self.system)
        now = self.observe()
        for step in own_files.steps(now.files, state.files):
            self._change_file(step)
        self.system.run(["systemctl", "daemon-reload"])
        for unit in (files.KUBELET, files.PROXY):
            if state.active(unit):
                self.system.run(["systemctl", "restart", unit])
        self.baseline.forget(self.recorded)

    def _of_others(self, state):
        return bool(state.server) and OURS not in self.baseline.load()

    def _refuse(self, state):
        problems = []
        asked = self.params["join"]["endpoint"]
        if state.server and asked and state.server.rpartition("//")[2] != asked:
            what = "the node is in the cluster of %s" % state.server
            problems.append(Problem("join.endpoint", what, "Take it out first, with state: absent", asked))
        made = files.wanted(self.params)
        for path in state.strangers:
            if path in made:
                what = "%s is a program that others put there" % path
                problems.append(Problem("programs", what, "Remove it, or leave that node to others"))
        if problems:
            raise ProblemsError(problems, where=self.params["name"])

    def _missing_vfs(self, state):
        return [
            Problem("vfs", "PF %s has %d of %d VFs" % (pci, state.vfs[pci], count), "Run role node_sriov first")
            for pci, count in [(one["pci"], one["count"]) for one in self.params["vfs"]]
            if not self.absent and state.vfs[pci] < count
        ]

    def _token_steps(self, state):
        proxy = self.params["kube_proxy"]
        asked = hashlib.sha256(proxy["token"].encode()).hexdigest() if proxy else ""
        if asked == state.token:
            return []
        return [Step(files.PROXY_TOKEN, TOKEN, "another credential", before=state.token[:12], after=asked[:12])]

    def _is_replaced(self, state, unit, written):
        """Whether the unit runs, or will run, another program than the one that is in its place."""
        program = self.params["programs"].get(unit.partition(".")[0]) or {}
        return unit in state.replaced or "%s/%s" % (files.BIN, program.get("binary")) in written

    def _starts(self, state, written):
        """Joining starts the kubelet; a unit whose files or program have changed is started anew. written: paths."""
        steps, unit = [], files.UNITS + files.KUBELET
        if not state.server:
            endpoint = self.params["join"]["endpoint"]
            steps.append(Step(self.params["name"], JOIN, "it is in no cluster", before="", after=endpoint))
        elif not state.active(files.KUBELET) or self._is_replaced(state, files.KUBELET, written) or unit in written:
            steps.append(self._start_step(state, files.KUBELET))
        folder = [path for path in written if path.startswith(files.PROXY_FOLDER) or path == files.UNITS + files.PROXY]
        stale = folder or self._is_replaced(state, files.PROXY, written) or not state.active(files.PROXY)
        if self.params["kube_proxy"] and (stale or self._token_steps(state)):
            steps.append(self._start_step(state, files.PROXY))
        return steps

    @staticmethod
    def _start_step(state, unit):
        before = state.units[unit].get("ActiveState") or "not known"
        return Step(unit, START, "it must run, with what its files say", before=before, after="active")

    def _way_out(self, state):
        records = self.baseline.load()
        if OURS not in records:
            return self.baseline.forget_steps(records)
        leave = [Step(records[OURS], LEAVE, "no longer asked for", DRAIN if state.server else NONE, state.server, "")]
        left = bool(state.server) or any(state.active(unit) for unit in (files.KUBELET, files.PROXY)) or state.token
        programs = [
            Step(path, own_files.REMOVE, "no longer asked for", before=records[BROUGHT + path], after=None)
            for path, digest in sorted(state.binaries.items())
            if digest and digest == records[BROUGHT + path]
        ]
        gone = own_files.steps({path: text for path, text in state.files.items() if not _goes_by_itself(path)}, {})
        return (leave if left else []) + gone + programs + self.baseline.forget_steps(records)

    def _change_file(self, step):
        own_files.apply(self.system, step)
        if step.action == own_files.REMOVE:
            self.system.remove_folder(files.GATE.rsplit("/", 1)[0])
        if step.target.startswith(files.UNITS):
            self.system.run(["systemctl", "daemon-reload"])

    def _put_token(self, token):
        if token:
            self.system.write_file(files.PROXY_TOKEN, token, 0o600)
        else:
            self.system.remove_file(files.PROXY_TOKEN)

    def _start(self, unit):
        self.system.run(["systemctl", "daemon-reload"])
        self.system.run(["systemctl", "restart", unit])
        if unit == files.KUBELET:
            membership.wait(self.system, self.clock, self.params)


def _goes_by_itself(path):
    return path.startswith(files.PROXY_FOLDER)  # with the folder, when the cluster is left


def _check(params):
    """Refuse what would be wrong on any node. Raises ProblemsError."""
    problems, join = [], params["join"]
    if not NAME.fullmatch(params["name"]):
        way = "Write lower-case letters, digits, - and ."
        problems.append(Problem("name", "is no name of a node", way, params["name"]))
    try:
        ipaddress.ip_address(params["address"])
    except ValueError:
        way = "Write the node's address in the management network"
        problems.append(Problem("address", "is no address", way, params["address"]))
    if not ENDPOINT.fullmatch(join["endpoint"]):
        way = "Write such as 192.168.10.100:6443"
        problems.append(Problem("join.endpoint", "is no host:port", way, join["endpoint"]))
    if not HASH.fullmatch(join["ca_cert_hash"]):
        way = "Write sha256: and 64 digits, as kubeadm token create --print-join-command prints it"
        problems.append(Problem("join.ca_cert_hash", "is no digest of a CA", way, join["ca_cert_hash"]))
    for name in ("kubelet", "kubeadm", "kubectl"):
        if not (params["programs"].get(name) or {}).get("binary"):
            problems.append(Problem("programs.%s" % name, "is missing", "Write {binary: file, sha256: digest}"))
    if problems:
        raise ProblemsError(problems, where=params["name"] or "worker")
