# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""CNI programs and Multus of a node as a subsystem. What others put there stays, and is told."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from .. import own_files, token_kubeconfig
from ..converge import Subsystem
from ..errors import EngineError, Problem, ProblemsError
from . import confs, multus

NO_NETWORK = "has no CNI configuration, so nobody knows which network pods have first"


@dataclass
class State:
    """files: {path: text}, of the kubeconfig what may be told; networks: [Network] of others; kept: names of programs
    that others put there; server: the kubelet's API server."""

    files: dict
    networks: list
    kept: list
    server: str

    def foreign(self):
        """The Network of a Multus that others set up, None for none."""
        return next((one for one in self.networks if confs.is_multus(one)), None)


class Cni(Subsystem):
    """What module gedge.engine.cni asks for."""

    def __init__(self, params, system):
        self.system = system
        self.absent = params["state"] == "absent"
        self.multus, self.brought = params["multus"], params["brought"]
        self.conf_dir, self.bin_dir = params["conf_dir"].rstrip("/"), params["bin_dir"].rstrip("/")
        self.links = {"%s/%s" % (self.bin_dir, name): path for name, path in sorted(params["programs"].items())}
        self.conf = "%s/%s" % (self.conf_dir, multus.CONF)
        self.secret = ""  # the text of the kubeconfig that shall be
        problems = list(_problems(params["programs"]))
        if problems:
            raise ProblemsError(problems, where="cni")

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        ours = self.multus is not None
        kept = [path for path in self.links if self._is_there(path) and not self._is_ours(path)]
        paths = [path for path in self.links if path not in kept] + ([self.conf, multus.LISTED] if ours else [])
        files = own_files.read(self.system, paths)
        if ours:
            files.update(token_kubeconfig.read(self.system, multus.KUBECONFIG))
        networks = [one for one in confs.read(self.system, self.conf_dir) if one.path != self.conf]
        kubelet = self.system.read(self.multus["kubelet_kubeconfig"]) if ours else ""
        return State(files, networks, kept, token_kubeconfig.server_of(kubelet))

    def plan(self, state):
        """Links first: the configuration is used as soon as it is there."""
        made = {} if self.absent else self._made(state)
        steps = own_files.steps(state.files, made, reason="it is asked for")
        return sorted(steps, key=lambda step: (step.action == own_files.WRITE, step.target == self.conf))

    def notes(self, state):
        """What others have set up, and which network pods have first."""
        found, kept = state.foreign(), [] if self.absent else state.kept
        warnings = ["%s is not ours and stays as it is" % path for path in kept]
        if found and self.multus is not None and not self.absent:
            warnings.append("%s is a Multus that others set up; it is left alone" % found.path)
        network = "" if self.multus is None or found or self.absent else self._network(state)
        return {
            "warnings": warnings,
            "found": found.path if found else "",
            "cluster_network": multus.cluster_network(network),
        }

    def apply(self, step):
        """Carry one step out."""
        if step.target == multus.KUBECONFIG and step.action == own_files.WRITE:
            self.system.write_file(step.target, self.secret, token_kubeconfig.MODE)
        else:
            own_files.apply(self.system, step)
        if step.action == own_files.REMOVE and step.target in (*self.links, multus.LISTED):
            # Where nothing else is in it: the folder of programs, which the role has emptied, and that of the link.
            self.system.remove_folder(posixpath.dirname(self.links.get(step.target, multus.LISTED)))

    def put_back(self, state):
        """Links and the configuration as they were; a kubeconfig that was replaced does no harm, a new one goes."""
        now = self.observe()
        kept = {path: text for path, text in now.files.items() if path != multus.KUBECONFIG}
        before = {path: text for path, text in state.files.items() if path != multus.KUBECONFIG}
        for step in own_files.steps(kept, before):
            own_files.apply(self.system, step)
        if multus.KUBECONFIG not in state.files:
            self.system.remove_file(multus.KUBECONFIG)

    def _is_there(self, path):
        return self.system.exists(path) or self.system.link(path) is not None

    def _is_ours(self, path):
        """Whether it is a link to where our programs are."""
        target = self.system.link(path)
        return target is not None and posixpath.dirname(target) == posixpath.dirname(self.links[path])

    def _made(self, state):
        """{path: text} of what shall be there; refuses what is wrong on this node."""
        texts = {path: own_files.LINK + target for path, target in self.links.items() if path not in state.kept}
        lacking = [target for target in self.links.values() if not self.system.exists(target)]
        if lacking and not self.brought:
            raise EngineError("is not on this node", lacking[0], "Copy it there first; the role does")
        if self.multus is None:
            return texts
        if state.foreign():
            return {}  # its program is its own, too
        network = self._network(state)
        if multus.is_list(multus.cluster_network(network)):
            texts[multus.LISTED] = own_files.LINK + multus.cluster_network(network)
        texts[self.conf] = multus.conf(network, self.multus, self.conf_dir, self.bin_dir)
        self.secret = token_kubeconfig.text(multus.NAME, self._server(state), self.multus["ca"], self.multus["token"])
        texts[multus.KUBECONFIG] = token_kubeconfig.shown(self.secret)
        return texts

    def _network(self, state):
        """The Network that pods have first, or its name as the user says it."""
        if self.multus["cluster_network"]:
            return self.multus["cluster_network"]
        if not state.networks:
            raise EngineError(NO_NETWORK, self.conf_dir, "Set up the pod network first, or name multus.cluster_network")
        return state.networks[0]

    def _server(self, state):
        server = self.multus["server"] or state.server
        if not server:
            path = self.multus["kubelet_kubeconfig"]
            raise EngineError("tells no API server", path, "Join the node first, or give multus.server")
        return server


def _problems(programs):
    for name, path in sorted(programs.items()):
        if "/" in name or not name:
            yield Problem("programs", "is no name of a program", "Write the name alone", name)
        if not isinstance(path, str) or not path.startswith("/"):
            yield Problem("programs.%s" % name, "is no absolute path", "Write where it is on the node", path)
