# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a PF was before the first change: kept on the node, so that 'absent' restores it."""

from __future__ import annotations

import json

from ..errors import EngineError
from .model import UNBOUND, VF_KEYS, WantedPf

PATH = "/var/lib/gedge/baseline/sriov.json"


def load(system):
    """{PF address: Pf.as_dict()} as recorded, {} where nothing was."""
    text = system.read(PATH)
    if not text:
        return {}
    try:
        records = json.loads(text)
        for record in records.values():
            wanted_of(record), files_of(record)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = "is no baseline that this module has written (%s: %s)" % (type(error).__name__, error)
        raise EngineError(what, PATH, "Remove it if no VF of this node needs restoring") from error
    return records


def save(system, records):
    """Write the records whole; without any the file goes."""
    if records:
        system.write_file(PATH, json.dumps(records, indent=1, sort_keys=True) + "\n")
    else:
        system.remove_file(PATH)


def forget(system, addresses):
    """Drop the records of some PFs."""
    save(system, {key: value for key, value in load(system).items() if key not in addresses})


def wanted_of(record):
    """The WantedPf that brings a recorded PF back."""
    vfs = {vf["index"]: _keys_of(vf) for vf in record["vfs"]}
    return WantedPf(len(record["vfs"]), record["mtu"], record["up"], vfs, where="baseline")


def files_of(record):
    """{path: text} that a recorded PF had of what is kept for boot."""
    return dict(record["files"])


def _keys_of(vf):
    keys = {key: vf[key] for key in VF_KEYS if key in vf}
    return keys if "driver" in keys else dict(keys, driver=UNBOUND)
