# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The control plane of a node as static pods: the phases of kubeadm init, each by itself, so that a run that was killed
is finished by the next and a change runs only the phases that it is about."""

from __future__ import annotations

import os

from .. import own_files
from ..worker import membership
from . import certificates, cluster, etcd, observe, pods, pods_planning, service, subsystem, wanted

NOWHERE = "/run/gedge-no-certificates"
# etcd's data and the certificates are not reset's: those of our making go by their names, others stay.
RESET = ["--cert-dir", NOWHERE, "--skip-phases", "remove-etcd-member"]


class StaticPods(subsystem.ControlPlane):
    """As ControlPlane, with static pods instead of units."""

    planning = pods_planning
    programs = pods_planning.TOOLS

    def record(self, state):
        """As for units; a kubelet that others brought need not be among the programs."""
        if state.kubelet.theirs:
            self.programs = wanted.TOOLS
        super().record(state)

    def put_back(self, state):
        """Files as they were; pods that ran run with them, and a node that was in no cluster is in none."""
        now = observe.read(self.system, self.wanted, {}, subsystem.Hurry())
        for component in reversed(wanted.COMPONENTS):
            if now.kubelet.active and (pods.path(component) in now.pods or now.units[component].active):
                pods.stop(self.system, component, self.wanted, self.clock)
        if not state.kubelet.configured:
            self._leave()
        if now.data and not state.data:
            etcd.set_aside(self.system, self.wanted, self.clock)
        for step in own_files.steps(now.files, state.files):
            own_files.apply(self.system, step)
        self._put_files_back(observe.read(self.system, self.wanted, {}, subsystem.Hurry()), state)
        self._remove_folders()
        self.baseline.forget(self.recorded)
        self.system.run(["systemctl", "daemon-reload"])
        if state.kubelet.active:
            self.system.run(["systemctl", "restart", pods.KUBELET])
        for component in wanted.COMPONENTS:
            if state.units[component].well:
                service.wait(self.system, component, self.wanted, self.clock, runner=pods.RUNNER)

    def _remove_folders(self):
        self.system.remove_folder(pods.FOLDER)
        super()._remove_folders()

    def _leave(self):
        """kubeadm reset; it takes all static pods of the folder, so those of others are put there again."""
        names = [name for name in self.system.list(pods.FOLDER) if name[: -len(".yaml")] not in wanted.COMPONENTS]
        others = {name: self.system.read_bytes("%s/%s" % (pods.FOLDER, name)) for name in names}
        kept = {path: self.system.read_bytes(path) for path in map(certificates.conf, certificates.KUBECONFIGS)}
        records = self.baseline.load()
        membership.leave(self.system, RESET)
        mine = {path: data for path, data in kept.items() if data is not None and path not in records}
        for path, data in mine.items():
            self._write_secret(path, data.decode("utf-8"), 0o600)
        for name, data in others.items():
            os.makedirs(self.system.path(pods.FOLDER), exist_ok=True)
            self.system.write_file("%s/%s" % (pods.FOLDER, name), data.decode("utf-8"), 0o600)

    # -- the steps, by the names of their actions

    def _check_node(self, step):
        """It asks the kubelet for its version, so the links are there by now."""
        self._phase("preflight")

    def _start_kubelet(self, step):
        self.system.run(["systemctl", "daemon-reload"])
        if self.system.exists(pods.SETTINGS):
            self.system.run(["systemctl", "restart", pods.KUBELET])
        else:
            self._phase("kubelet-start")

    def _stop_pod(self, step):
        pods.stop(self.system, _component(step), self.wanted, self.clock)

    def _start_pod(self, step):
        component = _component(step)
        pods.stop(self.system, component, self.wanted, self.clock)
        self._phase(*pods.PHASES[component])
        service.wait(self.system, component, self.wanted, self.clock, runner=pods.RUNNER)

    def _mark_node(self, step):
        """The kubelet registers meanwhile; kubeadm waits for it. Its certificate is one that it renews from then on."""
        self._phase("mark-control-plane")
        if self.wanted.schedulable:
            words = ("taint", "node", self.wanted.name, pods.ROLE + ":NoSchedule-")
            cluster.kubectl(self.system, self.wanted, *words, check=False)
        self._phase("kubelet-finalize", "enable-client-cert-rotation")

    def _reset_node(self, step):
        self._leave()


def _component(step):
    return step.target.rsplit("/", 1)[-1][: -len(".yaml")]


def control_plane(params, system):
    """The subsystem for the mode that is asked for."""
    kind = StaticPods if params["mode"] == "static-pods" else subsystem.ControlPlane
    return kind(params, system)
