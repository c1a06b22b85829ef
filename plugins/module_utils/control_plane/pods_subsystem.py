# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The control plane of a node as static pods: the phases of kubeadm init, each by itself, so that a run that was killed
is finished by the next and a change runs only the phases that it is about."""

from __future__ import annotations

import contextlib
import dataclasses
import os

from .. import own_files
from ..errors import EngineError
from ..worker import membership
from . import certificates, cluster, config, etcd, observe, pods, pods_planning, service, subsystem, units, wanted

DRAFT = ".gedge-"
NOWHERE = "/run/gedge-no-certificates"
# etcd's data and the certificates are not reset's: those of our making go by their names, others stay.
RESET = ["--cert-dir", NOWHERE, "--skip-phases", "remove-etcd-member"]


class StaticPods(subsystem.ControlPlane):
    """As ControlPlane, with static pods instead of units.

    touched: components that this run has stopped or started."""

    planning = pods_planning
    programs = pods_planning.TOOLS

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.touched = set()

    def record(self, state):
        """As for units; a kubelet that others brought need not be among the programs."""
        if state.kubelet.theirs:
            self.programs = wanted.TOOLS
        super().record(state)

    def put_back(self, state):
        """Files as they were; pods that ran run with them, and a node that was in no cluster is in none. What this run
        has not touched goes on."""
        now = observe.read(self.system, self.wanted, {}, subsystem.Hurry())
        if state.kubelet.configured:
            self._stop_pods(now, self.touched)
        else:
            self._end_pods(now)
            self._be_forgotten()
            self._leave()
        if now.data and not state.data:
            if not self.wanted.first:
                etcd.leave(self.system, self.wanted)
            etcd.set_aside(self.system, self.wanted, self.clock)
        for step in own_files.steps(now.files, state.files):
            own_files.apply(self.system, step)
        self._put_files_back(observe.read(self.system, self.wanted, {}, subsystem.Hurry()), state)
        self._remove_folders()
        self.system.remove_file(units.FIRST_START)
        self.baseline.forget(self.recorded)
        self.system.run(["systemctl", "daemon-reload"])
        if state.kubelet.active:
            self._kubelet_back(state.files.get(config.PATH))
        for component in wanted.COMPONENTS:
            if state.units[component].well:
                service.wait(self.system, component, self.wanted, self.clock, runner=pods.RUNNER)

    def _end_pods(self, now):
        """Each may end by itself; what does not, reset ends."""
        self.touched.update(wanted.COMPONENTS)
        with contextlib.suppress(EngineError):
            self._stop_pods(now, wanted.COMPONENTS)

    def _stop_pods(self, now, components):
        """The API server before etcd, which it writes to."""
        for component in reversed(wanted.COMPONENTS):
            there = pods.path(component) in now.pods or now.units[component].active
            if component in components and now.kubelet.active and there:
                pods.stop(self.system, component, self.wanted, self.clock)

    def _be_forgotten(self):
        """The others forget a node that did not get in; its own API server has gone. Where theirs is not reached, it
        stays in the cluster as a node that is not ready."""
        if not self.wanted.first:
            self.system.run(["systemctl", "stop", pods.KUBELET], check=False)
            words = ["delete", "node", self.wanted.name, "--ignore-not-found", "--request-timeout=20s"]
            self.system.run([cluster.KUBECTL, "--kubeconfig", certificates.conf("admin")] + words, check=False)

    def _kubelet_back(self, text):
        """The kubelet with what it had. text: what kubeadm was told then. reset takes the kubelet's own files, which
        only kubeadm and the kubelet make."""
        conf = pods.kubelet(self.system).conf
        if text and conf and conf.certificate is None and not self.system.exists(pods.CURRENT):
            self.system.remove_file(pods.CONF)
            self._phase("kubeconfig", "kubelet", text=text)
        if text and not self.system.exists(pods.SETTINGS):
            self._phase("kubelet-start", text=text)
        else:
            self.system.run(["systemctl", "restart", pods.KUBELET])

    def _remove_folders(self):
        self.system.remove_folder(pods.FOLDER)
        super()._remove_folders()

    def _leave(self):
        """kubeadm reset; it takes all static pods of the folder, so those of others are put there again."""
        own = [pods.path(one) for one in wanted.COMPONENTS]
        found = ["%s/%s" % (pods.FOLDER, name) for name in self.system.list(pods.FOLDER)]
        others = {path: self.system.read_bytes(path) for path in found if path not in own and DRAFT not in path}
        kept = {path: self.system.read_bytes(path) for path in map(certificates.conf, certificates.KUBECONFIGS)}
        records = self.baseline.load()
        membership.leave(self.system, RESET)
        others.update({path: data for path, data in kept.items() if path not in records})
        for path, data in others.items():
            if data is not None:
                self._write_secret(path, data.decode("utf-8"), 0o600)

    def _write_secret(self, path, text, mode):
        """The kubelet reads each file of its folder, a draft as well, but for those that begin with a dot."""
        if not path.startswith(pods.FOLDER + "/"):
            super()._write_secret(path, text, mode)
            return
        draft = "%s/%s%s" % (pods.FOLDER, DRAFT, os.path.basename(path))
        super()._write_secret(draft, text, mode)
        os.replace(self.system.path(draft), self.system.path(path))

    # -- the steps, by the names of their actions

    def _check_node(self, step):
        """It asks the kubelet for its version, so the links are there by now."""
        self._phase("preflight")

    def _start_kubelet(self, step):
        """It looks for a folder that was not there at its start seldom only."""
        self.system.run(["mkdir", "-p", self.system.path(pods.FOLDER)])
        self.system.run(["systemctl", "daemon-reload"])
        if self.system.exists(pods.SETTINGS):
            self.system.run(["systemctl", "restart", pods.KUBELET])
        else:
            self._phase("kubelet-start")

    def _stop_pod(self, step):
        component = _component(step)
        self.touched.add(component)
        pods.stop(self.system, component, self.wanted, self.clock)

    def _start_pod(self, step):
        self._stop_pod(step)
        component = _component(step)
        joins = component == "etcd" and not self.wanted.first
        nudge = (lambda: etcd.promote(self.system, self.wanted)) if joins else (lambda: None)
        self._phase(*pods.PHASES[component], text=self._joining() if joins else None)
        service.wait(self.system, component, self.wanted, self.clock, nudge, pods.RUNNER)
        if component == "etcd":
            self.system.remove_file(units.FIRST_START)

    def _joining(self):
        """What kubeadm is told of an etcd that joins others: kubeadm init by itself knows only one that begins."""
        flags = dict(self.wanted.extra_args.get("etcd", {}), **etcd.as_flags(self.system.read(units.FIRST_START)))
        asked = dataclasses.replace(self.wanted, extra_args=dict(self.wanted.extra_args, etcd=flags))
        return config.text(asked, waits=True)

    def _mark_node(self, step):
        """The kubelet registers meanwhile; kubeadm waits for it."""
        self._phase("mark-control-plane")
        if self.wanted.schedulable:
            words = ("taint", "node", self.wanted.name, pods.ROLE + ":NoSchedule-")
            cluster.kubectl(self.system, self.wanted, *words, check=False)

    def _rotate_certificate(self, step):
        self._phase("kubelet-finalize", "enable-client-cert-rotation")

    def _forget_node(self, step):
        cluster.kubectl(self.system, self.wanted, "delete", "node", self.wanted.name, "--ignore-not-found")

    def _reset_node(self, step):
        self._end_pods(observe.read(self.system, self.wanted, {}, subsystem.Hurry()))
        self._leave()


def _component(step):
    return step.target.rsplit("/", 1)[-1][: -len(".yaml")]


def control_plane(params, system):
    """The subsystem for the mode that is asked for."""
    kind = StaticPods if params["mode"] == "static-pods" else subsystem.ControlPlane
    return kind(params, system)
