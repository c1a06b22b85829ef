# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A node's kubelet: pods come in one after the other, are admitted or turned away, and go."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import EngineError
from ..suggest import advice
from . import devices, memory_static
from . import options as known
from .cpu_packed import NotEnough
from .cpu_static import SmtAlignment

ALIGNMENT = "TopologyAffinityError"
SMT = "SMTAlignmentError"
OTHER = "UnexpectedAdmissionError"


@dataclass
class Given:
    """What a container got. affinity: NUMA ids or None; blocks: of memory; devices: {resource: set of names}."""

    affinity: tuple | None = None
    cpus: set = field(default_factory=set)
    blocks: list = field(default_factory=list)
    devices: dict = field(default_factory=dict)


@dataclass
class Verdict:
    """The kubelet's answer. reason: of the pod's status, "" where it is admitted; what: its message."""

    admitted: bool
    reason: str = ""
    what: str = ""
    containers: dict = field(default_factory=dict)


class Node:
    """One kubelet. A missing provider (None) is a manager with the policy none."""

    def __init__(self, manager, scope="container", cpu=None, memory=None, device=None):
        """manager: topology_manager.TopologyManager; scope: container|pod; the rest: of providers."""
        if scope not in known.SCOPES:
            raise EngineError("there is no such scope", "topologyManagerScope: %s" % scope, advice(scope, known.SCOPES))
        self.manager, self.scope = manager, scope
        # The kubelet's order: it decides which of several reasons a refused pod is told.
        self.providers = {
            name: one for name, one in (("devices", device), ("cpus", cpu), ("blocks", memory)) if one is not None
        }
        self.pods = {}

    def admit(self, pod):
        """The Verdict on a pod; a refused one leaves nothing behind. EngineError: the kubelet would hang."""
        if pod.name in self.pods:
            raise EngineError("is on this node already", "pod %s" % pod.name, "Give each pod a name of its own")
        self.pods[pod.name] = pod
        verdict = Verdict(True)
        try:
            self._admit(pod, verdict)
        except EngineError:
            self.remove(pod.name)
            raise
        if not verdict.admitted:
            self.remove(pod.name)
        return verdict

    def remove(self, name):
        """A pod has ended; an unknown one is none."""
        pod = self.pods.pop(name, None)
        for provider in self.providers.values() if pod else ():
            provider.remove(pod)

    def _admit(self, pod, verdict):
        if self.scope == "pod" and self.manager.policy != "none":
            decided = self._decide([one.pod_hints(pod) for one in self.providers.values()], verdict)
        for container in pod.containers:
            if self.manager.policy == "none":
                decided = None, False
            elif self.scope == "container":
                decided = self._decide([one.hints(pod, container) for one in self.providers.values()], verdict)
            if not verdict.admitted or not self._allocate(pod, container, decided, verdict):
                return

    def _decide(self, hints, verdict):
        """(affinity, preferred) by the Topology Manager."""
        word, preferred = self.manager.merge(hints)
        if not preferred and self.manager.policy != "best-effort":
            verdict.admitted, verdict.reason = False, ALIGNMENT
            verdict.what = "Resources cannot be allocated with Topology locality"
        return self.manager.tuple(word), preferred

    def _allocate(self, pod, container, decided, verdict):
        given = verdict.containers[container.name] = Given(decided[0])
        for name, provider in self.providers.items():
            try:
                setattr(given, name, provider.allocate(pod, container, *decided))
            except (NotEnough, memory_static.Refused, devices.Refused, SmtAlignment) as refused:
                verdict.admitted, verdict.what = False, str(refused)
                verdict.reason = SMT if isinstance(refused, SmtAlignment) else OTHER
                return False
        return True
