# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Who uses a device: pods by the kubelet's own checkpoint, processes by their open files."""

from __future__ import annotations

import json
import re

from ..errors import EngineError

CHECKPOINT = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"


def pods(system):
    """{device id: ["pod UID (container, resource)"]}, {} where no kubelet wrote one. Raises EngineError.

    The format is that of k8s.io/kubernetes/pkg/kubelet/cm/devicemanager/checkpoint: DeviceIDs by NUMA node."""
    text = system.read(CHECKPOINT)
    try:
        rows = (json.loads(text)["Data"]["PodDeviceEntries"] or []) if text else []
        claims = {}
        for row in rows:
            who = "pod %s (%s, %s)" % tuple(row.get(key) for key in ("PodUID", "ContainerName", "ResourceName"))
            ids = row.get("DeviceIDs") or {}
            for device in [one for node in ids.values() for one in node or ()] if isinstance(ids, dict) else ids:
                claims.setdefault(device, []).append(who)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = "cannot be read, so nobody knows which devices pods hold"
        raise EngineError(what, CHECKPOINT, "Ask the kubelet") from error
    return claims


def openers(system, pattern):
    """{path: ["1234 (qemu)"]} of the processes that hold a file open whose path matches the regular expression."""
    wanted, found = re.compile(pattern), {}
    for pid in filter(str.isdigit, system.list("/proc")):
        for number in system.list("/proc/%s/fd" % pid):
            target = system.link("/proc/%s/fd/%s" % (pid, number)) or ""
            if wanted.fullmatch(target):
                who = "process %s (%s)" % (pid, system.read("/proc/%s/comm" % pid))
                found.setdefault(target, []).append(who)
    return {path: list(dict.fromkeys(who)) for path, who in found.items()}
