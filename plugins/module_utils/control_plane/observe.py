# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node has of a control plane."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from .. import own_files
from ..paths import sha256
from . import certificates, cluster, config, etcd, pods, reading, service, units
from .flags import PKI
from .wanted import BIN, COMPONENTS, TOOLS


@dataclass
class State:
    """files: our own, {path: text}; foreign: paths of units that are not ours; links: {program: target or None};
    digests: {binary: SHA-256 or ""}; certificates, kubeconfigs: {name: what it says or None}; keys: names of those
    files that are there; changed: {path: time of its last change}; units: {component: service.Unit}; data: whether
    etcd has been in a cluster here; objects: those of the API server, None where they cannot be read; ca: the CA's
    text; pods: {path: pods.Manifest} of static pods by the components' names; kubelet, node: pods.Kubelet and what
    pods.node() says, in mode static-pods only; kept: {path: (bytes, mode)} to put back; records: keys of the baseline;
    now: time."""

    files: dict
    foreign: list
    links: dict
    digests: dict
    certificates: dict
    kubeconfigs: dict
    keys: set
    changed: dict
    units: dict
    data: bool
    objects: object
    ca: str
    shared: dict
    now: float
    records: dict
    pods: dict = field(default_factory=dict)
    kubelet: object = None
    node: object = None
    kept: dict = field(repr=False, default_factory=dict)


def read(system, wanted, records, clock=time):
    """State. Waits some seconds where a unit has just been started."""
    paths = [config.PATH, config.SCHEDULER] + [way(one) for one in COMPONENTS for way in (units.path, units.wants)]
    files = own_files.read(system, paths)
    kubelet = pods.kubelet(system) if wanted.pods else None
    if wanted.pods:
        unit = own_files.read(system, [pods.UNIT, pods.WANTS])
        files.update({path: text for path, text in unit.items() if config.HEAD in text or text == pods.LINK})
    foreign = [path for path in map(units.path, COMPONENTS) if config.HEAD not in files.get(path, config.HEAD)]
    made = made_files(wanted)
    known = {name: reading.certificate(system, system.read(certificates.path(name))) for name in certificates.KINDS}
    runner = pods.RUNNER if wanted.pods else service.RUNNER
    running = {one: service.settled(system, one, wanted, clock, runner) for one in COMPONENTS}
    confs = {name: certificates.conf(name) for name in certificates.KUBECONFIGS}
    return State(
        files=files,
        foreign=foreign,
        links={name: system.link("%s/%s" % (BIN, name)) for name in _programs(wanted)},
        digests={path: sha256(system.path(path)) or "" for path in _running(wanted, running)},
        certificates=known,
        kubeconfigs={name: reading.kubeconfig(system, system.read(path)) for name, path in confs.items()},
        keys={path for path in made if system.exists(path)},
        changed={path: _changed(system, path) for path in made + [config.SCHEDULER] if system.exists(path)},
        units=running,
        data=etcd.has_data(system, wanted),
        objects=cluster.observe(system, wanted) if wanted.first and running["kube-apiserver"].well else None,
        pods={path: pods.parse(system.read(path)) for path in map(pods.path, COMPONENTS) if system.exists(path)},
        kubelet=kubelet,
        node=pods.node(system, wanted) if wanted.pods and running["kube-apiserver"].well else None,
        ca=system.read(PKI + "/ca.crt"),
        shared={name: system.read("%s/%s" % (PKI, name)) for name in certificates.SHARED},
        now=clock.time(),
        records=records,
        kept={path: (system.read_bytes(path), system.mode(path)) for path in made if system.exists(path)},
    )


def made_files(wanted):
    """All files that are made here, but for our own texts."""
    more = [pods.CONF] + [pods.path(one) for one in COMPONENTS] if wanted.pods else []
    return certificates.files(wanted) + more


def _programs(wanted):
    return TOOLS + ("kubelet",) if wanted.pods else COMPONENTS + TOOLS


def _running(wanted, running):
    """Paths of the programs whose digests are compared."""
    if not wanted.pods:
        return sorted({wanted.binary(one) for one in COMPONENTS})
    asked = [one for one in COMPONENTS if wanted.programs.get(one, {}).get("sha256")]
    return [wanted.binary("kubelet")] + [running[one].program for one in asked if running[one].program]


def _changed(system, path):
    try:
        return os.stat(system.path(path)).st_mtime
    except OSError:
        return 0.0
