# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The container runtime of a node as a subsystem: kernel, configuration, mirrors, and images out of archives."""

from __future__ import annotations

import re

from .. import own_files
from ..baseline import Baseline
from ..converge import Subsystem
from ..errors import EngineError, Problem, ProblemsError
from ..steps import DRAIN, NONE, Step
from . import config, images, kernel, observe

LOAD, SET, RESTART, IMPORT, DROP = "load-module", "set-sysctl", "restart-unit", "import-images", "remove-images"
CONFIGURE = "configure-containerd"
# Keys of the baseline: a module that was not loaded, a file of mirrors, and that containerd has not read its files yet.
MODULE, MIRROR, UNREAD = "module:", "mirror:", "unread"
REGISTRY = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?|_default")
WHY = "it reads its configuration when it starts; containers go on"


class Runtime(Subsystem):
    """What containerd shall be, as the parameters of module gedge.engine.runtime ask for it."""

    def __init__(self, params, system):
        """Raises ProblemsError for what is wrong on any node."""
        self.system, self.params = system, params
        self.absent = params["state"] == "absent"
        self.images = [] if self.absent else params["images"]
        self.keep = params["keep_images"] and not self.absent
        self.baseline = Baseline(system, "runtime")
        self.recorded = []
        if not self.absent:
            _check(params)

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node, with the files of mirrors that are asked for or were ours."""
        records = self.baseline.load()
        hosts = set() if self.absent else set(config.hosts(self.params, config.CERTS))
        hosts |= {key[len(MIRROR) :] for key in records if key.startswith(MIRROR)}
        with_images = self.images or any(key.startswith(images.KEY) for key in records)
        return observe.read(self.system, sorted(hosts), with_images)

    def plan(self, state):
        """Kernel first, then files and a start, then images; refuses before anything is touched."""
        files = self._files(state)
        self._refuse(state)
        written = own_files.steps(state.files, files)
        steps = self._kernel_steps(state) + written
        if not state.installed and not self.absent:
            steps.append(Step(config.UNIT, CONFIGURE, "it is not installed yet", before=None, after="as asked for"))
        restart = self._restart(state, files, written)
        steps += restart + self._image_steps(state)
        return steps + self.baseline.forget_steps(self._past(state))

    def notes(self, state):
        """What will not hold as one might expect, and what containerd it is."""
        warnings = []
        cdi = bool(state.base) and config.value(state.base, "cdi") is not None
        if state.installed and not self.absent and not cdi:
            warnings.append(
                "containerd %s has no CDI (1.7 has): devices of DRA drivers and CDI device plugins do not reach pods"
                % state.version
            )
        return {"warnings": warnings, "version": state.version, "cdi": cdi}

    def doubts(self, state):
        """What would keep a run from going back: check mode foretells what comes once it has left its cluster."""
        return [_in_use().text()] if self._is_needed(state) else []

    def record(self, state):
        """Keep each sysctl that is about to change, which modules and files of mirrors are ours."""
        if self._is_needed(state):
            raise _in_use()
        if self.absent:
            return
        keys = {path: text for path, text in state.values.items() if text != kernel.VALUES[path]}
        keys.update({MODULE + name: None for name in kernel.NEEDED if name not in state.modules})
        hosts = config.hosts(self.params, config.CERTS)
        keys.update({MIRROR + path: None for path in hosts if path not in state.files})
        if self._restart(state, self._files(state), own_files.steps(state.files, self._files(state))):
            keys[UNREAD] = None
        self.recorded = self.baseline.add(keys)

    def apply(self, step):
        """Carry one step out."""
        if step.action == LOAD:
            self.system.run(["modprobe", step.target])
        elif step.action == SET:
            self.system.write_kernel(step.target, step.after)
        elif step.action in own_files.ACTIONS:
            self._change_file(step)
        elif step.action == RESTART:
            self._start()
        elif step.action == CONFIGURE:
            raise EngineError("is not installed", config.UNIT, "Install the packages containerd and runc first")
        elif step.action == IMPORT:
            record = images.bring(self.system, step.target, step.after, images.listed(self.system))
            self.baseline.forget([images.KEY + step.after])  # of images that somebody has removed since
            self.baseline.add({images.KEY + step.after: record})
        elif step.action == DROP:
            images.drop(self.system, self.baseline.load()[step.target], images.listed(self.system))
            self.baseline.forget([step.target])
        else:
            self.baseline.apply(step)

    def put_back(self, state):
        """Files, sysctls and containerd as they were. Images and modules that came stay: they do no harm."""
        now = self.observe()
        for step in own_files.steps(now.files, state.files):
            self._change_file(step)
        for path, text in state.values.items():
            if self.system.read(path) != text:
                self.system.write_kernel(path, text)
        if state.active and UNREAD in self.recorded:
            self._start()
        self.baseline.forget([key for key in self.recorded if not key.startswith(MODULE)])

    def _files(self, state):
        """{path: text} of what shall be there."""
        if self.absent:
            return {}
        texts = dict(kernel.files(), **config.hosts(self.params, config.CERTS))
        if state.installed:
            texts.update(config.files(state.base, config.asked(self.params), state.path, state.command))
        return texts

    def _is_needed(self, state):
        return self.absent and state.joined and config.ROOT in state.files

    def _refuse(self, state):
        if self.absent:
            return
        problems = config.problems(state.base, config.asked(self.params)) if state.installed else []
        ours = self.baseline.load()
        for path, text in config.hosts(self.params, config.CERTS).items():
            if state.files.get(path, text) != text and MIRROR + path not in ours:
                problems.append(Problem("mirrors", "%s is there and is not ours" % path, "Take it out of mirrors"))
        if not problems and state.installed and state.pods and not state.with_ours:
            made = config.changes(state.base, config.asked(self.params))
            if "systemd_cgroup" in made:
                what = "containers of Kubernetes run under another cgroup driver"
                problems.append(Problem("SystemdCgroup", what, "Drain the node and stop its pods, then run again"))
        if problems:
            raise ProblemsError(problems, where="runtime")

    def _kernel_steps(self, state):
        if self.absent:
            records = self.baseline.load()
            made = {path: text for path, text in records.items() if path in state.values}
        else:
            made = kernel.VALUES
        steps = [
            Step(name, LOAD, "Kubernetes needs it", before="absent", after="loaded")
            for name in kernel.NEEDED
            if name not in state.modules and not self.absent
        ]
        return steps + [
            Step(path, SET, "differs from what is asked for", before=state.values.get(path), after=made[path])
            for path in sorted(made)
            if state.values.get(path) != made[path]
        ]

    def _restart(self, state, files, written):
        """[the step that starts containerd], where it has not read what its files say."""
        ours = (config.ROOT, config.PART, config.DROP_IN)
        changed = any(step.target in ours for step in written)
        unread = UNREAD in self.baseline.load() or state.with_ours != (config.ROOT in files)
        stopped = not state.active and not self.absent
        if not state.installed or not (changed or stopped or (unread and state.active)):
            return []
        before = "running" if state.active else "stopped"
        cgroups = state.pods and "systemd_cgroup" in config.changes(state.base, config.asked(self.params))
        return [Step(config.UNIT, RESTART, WHY, DRAIN if cgroups and self.absent else NONE, before, "running anew")]

    def _image_steps(self, state):
        records, found = self.baseline.load(), state.images or {}
        wanted = {digest: "%s/%s.tar" % (self.params["images_dir"], digest) for digest in self.images}
        steps = [
            Step(key, DROP, "no longer asked for", before=sorted(record["new"]), after=[])
            for key, record in sorted(records.items())
            if key.startswith(images.KEY) and key[len(images.KEY) :] not in wanted and state.active and not self.keep
        ]
        return steps + [
            Step(path, IMPORT, "containerd does not have its images", before=None, after=digest)
            for digest, path in sorted(wanted.items(), key=lambda pair: pair[1])
            if not images.is_there(records.get(images.KEY + digest), found)
        ]

    def _past(self, state):
        """Keys that nothing needs any more. Images have a step of their own where containerd runs."""
        records = self.baseline.load()
        if not self.absent:
            hosts = config.hosts(self.params, config.CERTS)
            return [key for key in records if key.startswith(MIRROR) and key[len(MIRROR) :] not in hosts]
        return [key for key in records if not (key.startswith(images.KEY) and state.active)]

    def _change_file(self, step):
        own_files.apply(self.system, step)
        if step.target == config.DROP_IN:
            self.system.run(["systemctl", "daemon-reload"])
        if step.action == own_files.REMOVE:
            for folder in config.FOLDERS + (step.target.rsplit("/", 1)[0], config.CERTS):
                self.system.remove_folder(folder)

    def _start(self):
        self.system.run(["systemctl", "daemon-reload"])
        self.system.run(["systemctl", "restart", config.UNIT])
        self.baseline.forget([UNREAD])


def _in_use():
    what = "a kubelet uses containerd as this collection set it"
    return EngineError(what, config.UNIT, "Take the node out of its cluster first (cluster_worker)")


def _check(params):
    """Refuse what would be wrong on any node. Raises ProblemsError."""
    problems = []
    for registry, urls in params["mirrors"].items():
        path = "mirrors.%s" % registry
        if not REGISTRY.fullmatch(str(registry)):
            problems.append(Problem(path, "is no registry", "Write its host, such as docker.io, or _default"))
        if not isinstance(urls, list) or not all(re.match(r"https?://[^\s\"]+\Z", str(url)) for url in urls):
            problems.append(Problem(path, "is no list of addresses", "Write such as [https://mirror.example]", urls))
    for number, digest in enumerate(params["images"]):
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            problems.append(Problem("images[%d]" % number, "is no SHA-256", "Write 64 digits, 0-9 and a-f", digest))
    if problems:
        raise ProblemsError(problems, where="runtime")
