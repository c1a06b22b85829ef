# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The two files of a device plugin: its configuration and its unit. Pure.

The plugins of others look at devices once, when they start. So the unit has a digest of what there was to see: where
devices change, the unit does, and the plugin starts anew; where nothing changes, it stays.
"""

from __future__ import annotations

import hashlib
import json

from ..own_files import LINK
from . import pools

UNITS = "/etc/systemd/system"
DIGEST = "GEDGE_READ"
BOOT_S = 120  # VFs come with their PF's driver; under emulation that takes a while
UNIT = """\
# Made by gedge.engine.device_plugin; it goes with state: absent.
[Unit]
Description=%(title)s (gedge.engine)
After=kubelet.service containerd.service
StartLimitIntervalSec=0

[Service]
# What it has read: another value means that it must start anew.
Environment=%(digest)s
%(wait)sExecStart=%(program)s %(flags)s
Restart=always
RestartSec=5
TimeoutStartSec=%(limit)d

[Install]
WantedBy=multi-user.target
"""
WAIT = """\
# At boot devices may come later than this; it looks at them once.
ExecStartPre=-/usr/bin/timeout %(boot)d /bin/sh -c 'until %(tests)s; do sleep 1; done'
"""


def config(kind, given):
    """Text of the plugin's configuration. One selector is no list: the plugin of 2022-11 would leave the pool out."""
    rows = []
    for pool in given:
        found = pools.selectors(pool)
        rows.append(dict(pool, selectors=found[0]) if len(found) == 1 else pool)
    return json.dumps({kind.key: rows}, indent=1, sort_keys=True) + "\n"


def wanted(kind, given, devices, program, verbosity):
    """{path: text}, {} for no pool: a plugin without any would end at once.

    given: entries of its configuration; devices: [pci device] in the pools, as a topology has them."""
    if not given:
        return {}
    text = config(kind, given)
    tests = " && ".join("test -e %s" % path for path in bound(devices))
    values = {
        "title": kind.title,
        "digest": "%s=%s" % (DIGEST, digest(text, devices)),
        # A card that is sick at boot is no reason for the others to wait.
        "wait": WAIT % {"boot": BOOT_S, "tests": tests} if kind.once else "",
        "limit": BOOT_S + 60,
        "program": program,
        "flags": kind.flags % {"config": kind.config, "verbosity": verbosity},
    }
    return {kind.config: text, unit_path(kind): UNIT % values, wants_path(kind): LINK + "../" + kind.unit}


def resources(kind, word, texts):
    """Names of the resources in the plugin's configuration, of {path: text}."""
    try:
        return [pools.resource(pool, word) for pool in json.loads(texts.get(kind.config, "{}")).get(kind.key, ())]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # it is written anew


def unit_path(kind):
    """Where its unit is."""
    return "%s/%s" % (UNITS, kind.unit)


def wants_path(kind):
    """The link that starts it at boot."""
    return "%s/multi-user.target.wants/%s" % (UNITS, kind.unit)


def all_paths(kind):
    """All files that are ours."""
    return [kind.config, unit_path(kind), wants_path(kind)]


def bound(devices):
    """Paths that exist once each device has its driver."""
    rows = sorted((device["address"], device["driver"]) for device in devices)
    return ["/sys/bus/pci/drivers/%s/%s" % (driver, address) for address, driver in rows]


def digest(text, devices):
    """What the plugin reads, in one word: its configuration and its devices. No names of interfaces or RDMA devices:
    these go into a pod with the VF and come back."""
    rows = [
        [
            device["address"],
            device["vendor"],
            device["device"],
            device["driver"],
            device["numa_node"],
            device.get("iommu_group") if device["driver"] == "vfio-pci" else None,
        ]
        for device in sorted(devices, key=lambda one: one["address"])
    ]
    return hashlib.sha256((text + json.dumps(rows)).encode()).hexdigest()[:16]
