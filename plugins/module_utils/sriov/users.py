# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Who uses a VF. A VF in use is not taken away unless its PF is named in allow_vf_loss."""

from __future__ import annotations

import json
import re

from ..errors import EngineError
from .model import VFIO
from .observe import PCI

CHECKPOINT = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"


class Users:
    """Looks the users of VFs up; the slow sources are read once and only when first needed."""

    def __init__(self, system):
        self.system = system
        self._pods = None
        self._addresses = None
        self._openers = None

    def of(self, vf, but_bound=False):
        """Texts that say who uses the VF, [] for nobody. but_bound: a bare vfio-pci binding does not count."""
        found = self._pod_claims(vf) + self._vfio(vf, but_bound)
        return found + (self._netdev_users(vf) if vf.driver not in (None, VFIO) else [])

    def _pod_claims(self, vf):
        if self._pods is None:
            self._pods = pod_claims(self.system.read(CHECKPOINT))
        return self._pods.get(vf.address, [])

    def _netdev_users(self, vf):
        if vf.netdev is None:
            return ["was moved into another network namespace"]
        if self._addresses is None:
            self._addresses = addresses(self.system.run(["ip", "-j", "addr", "show"]).out)
        return ["has the address %s on %s" % (text, vf.netdev) for text in self._addresses.get(vf.netdev, [])]

    def _vfio(self, vf, but_bound):
        if vf.driver != VFIO:
            return []
        group = self.system.link_name("%s/%s/iommu_group" % (PCI, vf.address))
        if self._openers is None:
            self._openers = open_vfio_groups(self.system)
        opened = ["is open in process %s" % who for who in self._openers.get(group, [])]
        return opened or ([] if but_bound else ["is bound to vfio-pci"])


def pod_claims(text):
    """{VF address: ["claimed by pod UID (container, resource)"]} from the kubelet's device checkpoint, {} without one.

    The format is that of k8s.io/kubernetes/pkg/kubelet/cm/devicemanager/checkpoint: DeviceIDs by NUMA node."""
    try:
        entries = (json.loads(text)["Data"]["PodDeviceEntries"] or []) if text else []
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(
            "cannot be read, so nobody knows which VFs pods hold", CHECKPOINT, "Ask the kubelet"
        ) from error
    claims = {}
    for entry in entries:
        who = "is claimed by pod %s (%s, %s)" % (
            entry.get("PodUID"),
            entry.get("ContainerName"),
            entry.get("ResourceName"),
        )
        ids = entry.get("DeviceIDs") or {}
        for device in [one for node in ids.values() for one in node or ()] if isinstance(ids, dict) else ids:
            claims.setdefault(device, []).append(who)
    return claims


def addresses(ip_json):
    """{netdev: ["10.0.0.1/24"]} from 'ip -j addr'. Link-local IPv6 is the kernel's own doing and means no user."""
    found = {}
    for link in json.loads(ip_json or "[]"):
        texts = [
            "%s/%s" % (one["local"], one["prefixlen"])
            for one in link.get("addr_info", [])
            if one.get("scope") != "link" and "local" in one
        ]
        if texts and "ifname" in link:
            found[link["ifname"]] = texts
    return found


def open_vfio_groups(system):
    """{IOMMU group: ["1234 (qemu)"]} of the processes that hold /dev/vfio/GROUP open."""
    found = {}
    for pid in filter(str.isdigit, system.list("/proc")):
        for number in system.list("/proc/%s/fd" % pid):
            target = system.link("/proc/%s/fd/%s" % (pid, number)) or ""
            hit = re.match(r"^/dev/vfio/(\d+)$", target)
            if hit:
                found.setdefault(hit.group(1), []).append("%s (%s)" % (pid, system.read("/proc/%s/comm" % pid)))
    return found
