# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What nvidia-smi prints, as data. Pure: saved transcripts of it stand in tests/fixtures/accelerator."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

FIELDS = ("index", "pci.bus_id", "uuid", "name", "driver_version", "persistence_mode")
FIELDS += ("mig.mode.current", "mig.mode.pending")
QUERY = ["nvidia-smi", "--query-gpu=" + ",".join(FIELDS), "--format=csv,noheader"]
APPS = ["nvidia-smi", "--query-compute-apps=gpu_bus_id,pid,process_name", "--format=csv,noheader"]
# "|   0  MIG 1g.5gb+me      20     1/1        4.75 ..." and "|   0  MIG 3g.20gb       9        1          4:4     |"
PROFILE = re.compile(r"(?m)^\s*\|+\s*(\d+)\s+MIG\s+([0-9a-z.+-]+)\s+(\d+)\s+(\d+)/(\d+)\s")
INSTANCE = re.compile(r"(?m)^\s*\|+\s*(\d+)\s+MIG\s+([0-9a-z.+-]+)\s+(\d+)\s+(\d+)\s+(\d+):(\d+)\s*\|")
GPU_LINE = re.compile(r"^GPU (\d+): .*\(UUID: (\S+)\)")
MIG_LINE = re.compile(r"^\s+MIG\s+(\S+)\s+Device\s+\d+:\s+\(UUID: (\S+)\)")


@dataclass
class Gpu:
    """One GPU. address: as sysfs writes it; mig, mig_pending: bool, None where it has no MIG; instances: profiles."""

    index: int
    address: str
    uuid: str
    name: str
    driver: str
    persistence: bool
    mig: bool = None
    mig_pending: bool = None
    instances: tuple = ()
    uuids: tuple = ()
    users: tuple = ()


def gpus(text):
    """[Gpu] of QUERY. A line that is none (a warning) is left out."""
    found = []
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(row) == len(FIELDS) and row[0].strip().isdigit():
            index, bus, uuid, name, driver, persistence, now, pending = (cell.strip() for cell in row)
            found.append(
                Gpu(int(index), address(bus), uuid, name, driver, persistence == "Enabled", _mode(now), _mode(pending))
            )
    return found


def address(bus_id):
    """ "00000000:3B:00.0" as sysfs writes it: "0000:3b:00.0"."""
    domain, dummy, rest = bus_id.lower().partition(":")
    return "%s:%s" % (domain[-4:] if domain.startswith("0000") and len(domain) == 8 else domain, rest)


def profiles(text):
    """{GPU index: {profile: (id, free, total)}} of 'nvidia-smi mig -lgip'."""
    found = {}
    for index, name, number, free, total in PROFILE.findall(text):
        found.setdefault(int(index), {})[name] = (int(number), int(free), int(total))
    return found


def instances(text):
    """{GPU index: sorted profiles} of 'nvidia-smi mig -lgi'."""
    found = {}
    for index, name in (hit[:2] for hit in INSTANCE.findall(text)):
        found.setdefault(int(index), []).append(name)
    return {index: tuple(sorted(names)) for index, names in found.items()}


def uuids(text):
    """{GPU index: UUIDs of the GPU and its MIG devices} of 'nvidia-smi -L'."""
    found, index = {}, None
    for line in text.splitlines():
        gpu, mig = GPU_LINE.match(line), MIG_LINE.match(line)
        if gpu:
            index = int(gpu.group(1))
            found[index] = [gpu.group(2)]
        elif mig and index is not None:
            found[index].append(mig.group(2))
    return found


def apps(text):
    """{address: ["1234 (python3)"]} of APPS."""
    found = {}
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(row) >= 3 and row[1].strip().isdigit():
            found.setdefault(address(row[0].strip()), []).append(
                "%s (%s)" % (row[1].strip(), ",".join(row[2:]).strip())
            )
    return found


def _mode(text):
    return {"Enabled": True, "Disabled": False}.get(text)
