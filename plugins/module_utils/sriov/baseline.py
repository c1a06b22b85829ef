# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a PF was before the first change: {PF address: Pf.as_dict() with its files}, so that 'absent' restores it."""

from __future__ import annotations

from ..baseline import Baseline
from .model import UNBOUND, VF_KEYS, WantedPf


def of(system):
    """The Baseline of SR-IOV on a node."""
    return Baseline(system, "sriov", _check)


def wanted_of(record):
    """The WantedPf that brings a recorded PF back."""
    vfs = {vf["index"]: _keys_of(vf) for vf in record["vfs"]}
    return WantedPf(len(record["vfs"]), record["mtu"], record["up"], vfs, where="baseline")


def files_of(record):
    """{path: text} that a recorded PF had of what is kept for boot."""
    return dict(record["files"])


def _check(record):
    wanted_of(record)
    files_of(record)


def _keys_of(vf):
    keys = {key: vf[key] for key in VF_KEYS if key in vf}
    return keys if "driver" in keys else dict(keys, driver=UNBOUND)
