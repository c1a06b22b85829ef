# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Static pods: the manifests that kubeadm's phases write, the processes that a kubelet makes of them, that kubelet."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field

from .. import systemd
from ..errors import EngineError
from . import certificates, cluster, config, flags, reading, service, units

FOLDER = config.FOLDER + "/manifests"
PHASES = {
    "etcd": ("etcd", "local"),
    "kube-apiserver": ("control-plane", "apiserver"),
    "kube-controller-manager": ("control-plane", "controller-manager"),
    "kube-scheduler": ("control-plane", "scheduler"),
}
FIRST_START = ("initial-cluster", "initial-cluster-state")  # etcd needs them once; services tell them by environment
KUBELET = "kubelet.service"
UNIT, WANTS = "%s/%s" % (units.FOLDER, KUBELET), "%s/%s" % (units.WANTS, KUBELET)
LINK = units.LINK + "../" + KUBELET
CONF = certificates.conf("kubelet")
SETTINGS, CURRENT = "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/pki/kubelet-client-current.pem"
ROLE = "node-role.kubernetes.io/control-plane"
LOGS = "/var/log/pods"
OURS = ("=%s/" % config.FOLDER).encode()
HZ = os.sysconf("SC_CLK_TCK")
SHORT_S = 30  # a process of a static pod ends in so many seconds, or is killed
SETTLE_S = 5  # it may have said its last words before anybody has begun to wait


@dataclass
class Manifest:
    """What of a manifest is of our choice; the rest follows from it. flags: {flag: value}."""

    image: str
    flags: dict = field(default_factory=dict)


@dataclass
class Kubelet:
    """unit: path of its unit's file, "" for none; configured: whether kubeadm has written its settings; conf: the
    Kubeconfig by which it registers, None where there is none; rotates: whether it has a certificate of its own, which
    it renews."""

    unit: str = ""
    active: bool = False
    program: str = ""
    reload: bool = False
    configured: bool = False
    conf: certificates.Kubeconfig = None
    rotates: bool = False

    @property
    def theirs(self):
        """Whether somebody else brought it: then it is used as it is."""
        return self.unit not in ("", UNIT)


def path(component):
    """The manifest's file."""
    return "%s/%s.yaml" % (FOLDER, component)


def parse(text):
    """Manifest out of what kubeadm wrote, None where there is none."""
    image = re.search(r"(?m)^    image: (.+)$", text or "")
    if not image:
        return None
    words = [_plain(word) for word in re.findall(r"(?m)^    - (\S.*)$", text)]
    found = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
    return Manifest(_plain(image.group(1)), found)


def _plain(text):
    """A YAML scalar of one line."""
    text = text.strip()
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return json.loads(text) if text.startswith('"') else text


def asked(component, wanted):
    """The Manifest that kubeadm shall write."""
    return Manifest(wanted.images[component], flags.of(component, wanted))


def difference(component, found, wanted):
    """({what: value} of what is, the same of what shall be), of that only that differs."""
    after = asked(component, wanted)
    sides = [dict(one.flags, image=one.image) if one else {} for one in (found, after)]
    keys = {key for side in sides for key in side if key not in FIRST_START or key in after.flags}
    keys = sorted(key for key in keys if sides[0].get(key) != sides[1].get(key))
    return {key: sides[0].get(key) for key in keys}, {key: sides[1].get(key) for key in keys}


def show(system, component):
    """service.Unit of the process that the kubelet has made: by its first word, which in a static pod has no folder,
    and by our folder in its flags: a service on this node may have an etcd of its own."""
    for pid in system.list("/proc"):
        line = system.read_bytes("/proc/%s/cmdline" % pid) if pid.isdigit() else None
        if line and line.split(b"\0")[0] == component.encode() and OURS in line:
            return service.Unit(active=True, since=_since(system, pid), program="/proc/%s/exe" % pid)
    return service.Unit()


def _since(system, pid):
    """When a process started, seconds since the epoch; 0 for one that has just ended."""
    try:
        ticks = int(system.read("/proc/%s/stat" % pid).rpartition(")")[2].split()[19])
        return service.time.time() - float(system.read("/proc/uptime").split()[0]) + ticks / HZ
    except (AttributeError, IndexError, ValueError):
        return 0.0


def last_words(system, component, began):
    """The last errors in the newest log of a component's containers, else the kubelet's."""
    starts = "kube-system_%s-" % component
    folders = ["%s/%s/%s" % (LOGS, pod, component) for pod in system.list(LOGS) if pod.startswith(starts)]
    found = ["%s/%s" % (folder, name) for folder in folders for name in system.list(folder)]
    logs = sorted((_age(system, log), log) for log in found)
    if logs and logs[-1][0] >= began - SETTLE_S:
        lines = (system.read(logs[-1][1]) or "").splitlines()
        return service.telling([line.split(" ", 3)[-1] for line in lines])
    return "kubelet: " + service.telling(systemd.log(system, KUBELET, 400, "--since=@%d" % began))


def _age(system, log):
    try:
        return os.stat(system.path(log)).st_mtime
    except OSError:
        return 0.0


def stop(system, component, wanted, clock):
    """Take the manifest away, and wait until the kubelet has ended the pod: what is started then reads all anew."""
    system.remove_file(path(component))
    end = clock.monotonic() + max(wanted.timeout, SHORT_S)
    while show(system, component).active:
        if clock.monotonic() >= end:
            what = "its process does not end, though its manifest is gone"
            raise EngineError(what, path(component), "See that the kubelet runs: journalctl -u kubelet")
        clock.sleep(0.25)


ADVICE = "Look into " + LOGS + "/kube-system_%s-*, and journalctl -u kubelet"
RUNNER = service.Runner(show, last_words, FOLDER + "/%s.yaml", ADVICE)


def kubelet(system):
    """Kubelet of this node."""
    said = systemd.show(system, KUBELET, ["FragmentPath", "ActiveState", "MainPID", "NeedDaemonReload"])
    pid = said.get("MainPID") or "0"
    return Kubelet(
        unit=said.get("FragmentPath", ""),
        active=said.get("ActiveState") in ("active", "activating", "reloading"),
        program=(system.link("/proc/%s/exe" % pid) or "") if pid != "0" else "",
        reload=said.get("NeedDaemonReload") == "yes",
        configured=system.exists(SETTINGS),
        conf=reading.kubeconfig(system, system.read(CONF)),
        rotates=system.exists(CURRENT),
    )


def node(system, wanted):
    """{"marked", "tainted"} of the Node object, None where it cannot be read."""
    answer = cluster.kubectl(system, wanted, "get", "node", wanted.name, "-o", "json", check=False)
    if answer.rc != 0:
        return None
    told = json.loads(answer.out)
    taints = told.get("spec", {}).get("taints") or ()
    return {
        "marked": ROLE in (told["metadata"].get("labels") or {}),
        "tainted": any((one["key"], one["effect"]) == (ROLE, "NoSchedule") for one in taints),
    }
