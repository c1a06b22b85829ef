# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The RDMA devices that pods share: which ports a pool of the shared plugin has. Pure."""

from __future__ import annotations

from ..errors import Problem
from . import pools

MOST = 1000
ADVICE = "Name a port with an RDMA NIC; the plugin does not see soft-RoCE, which belongs to no PCI device"


def members(given, devices):
    """({resource: number of shares}, [Problem]). devices: pci_devices of a topology."""
    found, faults = {}, []
    for number, pool in enumerate(given):
        name = pools.resource(pool, "rdma-shared")
        path = "pools[%d] %s" % (number, name)
        most = pool.get("rdmaHcaMax", MOST)
        if not isinstance(most, int) or not 0 < most <= MOST:
            faults.append(Problem(path + ".rdmaHcaMax", "is not from 1 to %d" % MOST, "Write for example 63", most))
            continue
        fitting = {
            device["address"]
            for one in pools.selectors(pool)
            for device in devices
            if device["rdma"] and _fits(device, one)
        }
        found[name] = most * len(fitting)
        if not fitting:
            faults.append(Problem(path, "no port that it names has an RDMA device of its own on this node", ADVICE))
    return found, faults


def _fits(device, selector):
    own = {"vendors": "vendor", "deviceIDs": "device", "drivers": "driver"}
    return all(
        bool(set(device["net"]) & set(value)) if key == "ifNames" else device[own[key]] in value
        for key, value in selector.items()
    )
