# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The cgroups of pods: found by the pod's UID, as the kubelet names them for systemd and cgroup v2."""

from __future__ import annotations

import re

from ..errors import EngineError

TOP = "/sys/fs/cgroup"
PODS = TOP + "/kubepods.slice"
# Guaranteed pods lie in kubepods.slice itself, the others one below.
CLASSES = ("", "kubepods-burstable.slice", "kubepods-besteffort.slice")
SCOPE = re.compile(r"(?:cri-containerd|crio|docker)-([0-9a-f]+)\.scope")
NODE = re.compile(r"N(\d+)=(\d+)")
# What a container has for itself. Pages of files may be of whoever read them first.
OWN_MEMORY = ("anon", "shmem")


def refuse_v1(system):
    """Raises EngineError where the machine has no cgroup v2."""
    if not system.exists(TOP + "/cgroup.controllers"):
        raise EngineError(
            "the node has cgroup v1 or both: the CPUs and NUMA nodes of its pods are not read there",
            TOP,
            "Boot it with systemd.unified_cgroup_hierarchy=1; the kubelet itself refuses cgroup v1 from 1.35 on",
        )


def find(system, uid):
    """The folder of a pod. Raises EngineError."""
    tail = "pod%s.slice" % uid.replace("-", "_")
    for place in CLASSES:
        stem = place[: -len(".slice")] if place else "kubepods"
        path = "%s/%s-%s" % ("%s/%s" % (PODS, place) if place else PODS, stem, tail)
        if system.exists(path):
            return path
    what = "the pod %s has no cgroup" % uid
    if not system.exists(PODS):
        what += ", and there is no kubepods.slice at all"
    raise EngineError(what, PODS, "See that the pod runs on this node, and that cgroupDriver of the kubelet is systemd")


def containers(system, folder):
    """{container id: folder of its cgroup}, that of the sandbox too."""
    hits = [(SCOPE.fullmatch(name), name) for name in system.list(folder)]
    return {hit[1]: "%s/%s" % (folder, name) for hit, name in hits if hit}


def read(system, folder):
    """{cpus, mems (texts), memory: {NUMA node: bytes}, pids} of a container."""
    return {
        "cpus": system.read(folder + "/cpuset.cpus.effective") or "",
        "mems": system.read(folder + "/cpuset.mems.effective") or "",
        "memory": memory(system, folder),
        "pids": pids(system, folder),
    }


def memory(system, folder):
    """{"0": bytes} that are resident on each NUMA node: the container's own, hugepages too."""
    found = {}
    for line in (system.read(folder + "/memory.numa_stat") or "").splitlines():
        name, dummy, rest = line.partition(" ")
        if name in OWN_MEMORY:
            _add(found, rest)
    for name in system.list(folder):
        if name.startswith("hugetlb.") and name.endswith(".numa_stat"):
            _add(found, system.read("%s/%s" % (folder, name)) or "")
    return {node: amount for node, amount in sorted(found.items()) if amount}


def _add(found, text):
    for node, amount in NODE.findall(text):
        found[node] = found.get(node, 0) + int(amount)


def pids(system, folder):
    """The processes of a cgroup, those of cgroups below it too (an init system in a container makes some)."""
    found = [int(word) for word in (system.read(folder + "/cgroup.procs") or "").split() if word.isdigit()]
    for name in system.list(folder):
        if system.exists("%s/%s/cgroup.procs" % (folder, name)):
            found += pids(system, "%s/%s" % (folder, name))
    return sorted(found)
