# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Pods as the kubelet's managers look at them."""

from __future__ import annotations

from dataclasses import dataclass, field

INIT = "init"
SIDECAR = "sidecar"  # an init container that is restarted: it runs beside the others and gives nothing back


@dataclass(frozen=True)
class Container:
    """What one container asks for."""

    name: str
    cpus: int = 0  # exclusive ones: 0 where the request is not whole
    memory: dict = field(default_factory=dict)  # {"memory": bytes, "hugepages-2Mi": bytes}
    devices: dict = field(default_factory=dict)  # {resource: count}
    role: str = ""  # "", INIT or SIDECAR


@dataclass(frozen=True)
class Pod:
    """Containers in the order in which they start: INIT and SIDECAR ones first."""

    name: str
    containers: tuple
    guaranteed: bool = True  # requests = limits everywhere; else no CPU and no memory is kept for it


def total(pod, value):
    """What the pod needs at most at any time; value: a function of a Container to a number.

    Init containers run one after the other, beside the sidecars that were started before them (KEP-753).
    """
    started, early, late = 0, 0, 0
    for container in pod.containers:
        number = value(container)
        if container.role == SIDECAR:
            started += number
        elif container.role == INIT:
            early = max(early, started + number)
        else:
            late += number
    return max(early, started + late)
