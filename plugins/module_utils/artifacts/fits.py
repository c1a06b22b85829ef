# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which versions fit together. Pure: {component: version} -> [Problem]."""

from __future__ import annotations

from ..errors import Problem
from ..suggest import advice
from . import table
from .version import minor, parse

OLDEST = (1, 34)  # resource.k8s.io/v1, which our manifests use, is served from here on
CONTAINERD_FLOOR = (1, 6)  # speaks CRI v1
CONTAINERD_2_FROM = (1, 38)  # the kubelet counts older ones as "CRI losing support" until then
ETCD_FLOOR = (3, 5, 24)  # kubeadm's MinExternalEtcdVersion for 1.34 to 1.37


def fits(versions):
    """What does not fit, all of it. versions: {component: version}, the runtime's too where they are known."""
    problems, numbers = [], {}
    for name, version in versions.items():
        path = "versions.%s" % name
        if name not in table.COMPONENTS and name not in table.RUNTIME:
            known = list(table.COMPONENTS) + list(table.RUNTIME)
            problems.append(Problem(path, "there is no such component", advice(name, known)))
        elif parse(version) is None:
            problems.append(Problem(path, "this is no version", "Write one such as 1.37.2", version))
        else:
            numbers[name] = parse(version)
    if table.DEFAULT in numbers:
        for rule in RULES:
            problems += [problem for problem in [rule(numbers, versions)] if problem]
    return problems


def _kubernetes(numbers, versions):
    if numbers[table.DEFAULT] < OLDEST:
        what = "older than %s, whose API this collection writes" % minor(OLDEST)
        return Problem("versions.kubernetes", what, _offered("kubernetes"), versions["kubernetes"])
    return None


def _containerd(numbers, versions):
    found, kubernetes = numbers.get("containerd"), numbers[table.DEFAULT]
    if found is None:
        return None
    if found < CONTAINERD_FLOOR:
        what, way = "it does not speak CRI v1", "Take Debian 12 or newer, which have 1.6 and 1.7"
    elif found < (2,) and kubernetes >= CONTAINERD_2_FROM:
        what = "Kubernetes %s refuses containerd 1.x" % minor(kubernetes)
        way = "Take containerd 2, or a Kubernetes before %s" % minor(CONTAINERD_2_FROM)
    else:
        return None
    return Problem("versions.containerd", what, way, versions["containerd"])


def _etcd(numbers, versions):
    if numbers.get("etcd", ETCD_FLOOR) < ETCD_FLOOR:
        what = "kubeadm refuses an etcd before %s" % ".".join(map(str, ETCD_FLOOR))
        return Problem("versions.etcd", what, _offered("etcd"), versions["etcd"])
    return None


def _scheduler(numbers, versions):
    """The plugin is compiled with one minor's scheduler: 0.34.x is that of Kubernetes 1.34."""
    found, kubernetes = numbers.get("scheduler-plugins"), numbers[table.DEFAULT]
    if found is None or found[1] == kubernetes[1]:
        return None
    what = "it is the scheduler of Kubernetes 1.%d, the cluster has %s" % (found[1], minor(kubernetes))
    fitting = [one for one in table.COMPONENTS["kubernetes"]["versions"] if parse(one)[1] == found[1]]
    way = "Leave it and cluster_control_plane_scheduler out (the placement's node affinity does the work)"
    if fitting:
        way += ", or take Kubernetes " + fitting[0]
    return Problem("versions.scheduler-plugins", what, way, versions["scheduler-plugins"])


RULES = (_kubernetes, _containerd, _etcd, _scheduler)


def buildable(versions, kubernetes=None):
    """What of these cannot be built here: [Problem]. etcd is built together with one Kubernetes."""
    problems = []
    for name, version in versions.items():
        if name in table.COMPONENTS and version not in table.COMPONENTS[name]["versions"]:
            what = "no modules are pinned for this version"
            problems.append(Problem("versions.%s" % name, what, _offered(name) + ELSEWHERE, version))
    expected = table.versions_with(kubernetes)["etcd"]
    if not problems and kubernetes and versions.get("etcd", expected) != expected:
        what = "Kubernetes %s is built with etcd %s" % (kubernetes, expected)
        problems.append(Problem("versions.etcd", what, "Leave it to the default" + ELSEWHERE, versions["etcd"]))
    return problems


ELSEWHERE = "; another one comes by the sources upstream and bundle"


def _offered(name):
    return "Offered: %s" % ", ".join(table.COMPONENTS[name]["versions"])
