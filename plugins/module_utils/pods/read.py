# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What each pod of a node really got, read from the kernel: nothing of it comes from what was asked for."""

from __future__ import annotations

from ..errors import EngineError
from . import cgroup, devices, network


def read(system, pods):
    """{"pods": [{uid, namespace, name, problem, pid, interfaces, containers}]}.

    pods: [{uid, namespace, name, containers: {name: id}}]; the ids are those of the runtime, "containerd://4f.." or
    bare. problem: "" or why a pod could not be read; containers: {name: {cpus, mems, memory, rdma, gpus, vfio}}.
    Raises EngineError for a node that cannot be read at all."""
    cgroup.refuse_v1(system)
    ports = network.Ports(system)
    return {"pods": [_pod(system, ports, pod) for pod in pods]}


def _pod(system, ports, pod):
    found = {key: pod[key] for key in ("uid", "namespace", "name")}
    try:
        return dict(found, problem="", **_facts(system, ports, pod))
    except EngineError as error:
        return dict(found, problem=error.text(), pid=None, interfaces=[], containers={})


def _facts(system, ports, pod):
    folders = cgroup.containers(system, cgroup.find(system, pod["uid"]))
    containers, first = {}, None
    for name, told in sorted(pod["containers"].items()):
        folder = folders.get(told.rpartition("/")[2])
        if folder is None:
            raise EngineError("container %s (%s) has no cgroup" % (name, told or "without an id"), pod["name"],
                              "It does not run; see why, then run again")  # fmt: skip
        facts = cgroup.read(system, folder)
        processes = facts.pop("pids")
        if not processes:
            raise EngineError("container %s has no process" % name, pod["name"], "It has just ended; run again")
        first = first or processes[0]
        containers[name] = dict(
            facts,
            rdma=devices.rdma(system, processes[0]),
            gpus=devices.gpus(system, processes[0]),
            vfio=[_with_port(ports, one) for one in devices.vfio(system, processes[0])],
        )
    return {
        "pid": first,
        "interfaces": [_with_port(ports, one) for one in network.interfaces(system, first)] if first else [],
        "containers": containers,
    }


def _with_port(ports, one):
    """The interface or device with what the PF knows of its VF."""
    vf = one["vf"]
    return dict(one, vf=dict(vf, port=ports.vf(vf["pf"], vf["number"]))) if vf else one
