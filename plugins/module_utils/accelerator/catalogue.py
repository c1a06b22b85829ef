# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the collection knows about accelerators by their PCI id: data, no decisions.

Each entry is what a user may write in `node_accelerator_catalogue` (see entry.py for the keys); a user's entry of the
same name changes single keys, any other is looked at first. The first entry that matches a device counts.
NVIDIA's device ids count up by architecture; the ranges are read off pci.ids of 2025-06-09 (chip names in it).
"""

from __future__ import annotations

NVIDIA = "10de"
INTEL = "8086"
DISPLAY, PROCESSING = "03", "12"

# (architecture, ranges of device ids), oldest first. What a range has no GPU at, the class leaves out (audio, USB).
NVIDIA_FAMILIES = (
    ("kepler", ["0fc0-0fff", "1000-103f", "1180-11ff", "1280-12ff"]),
    ("maxwell", ["1340-143f", "1610-167f", "174d-179c", "17c0-17ff"]),
    ("pascal", ["15f0-15ff", "1725-172f", "1b00-1cff", "1d00-1d7f"]),
    ("volta", ["1d80-1dff"]),
    ("turing", ["1e00-1fff", "2180-21ff"]),
    ("ampere", ["2080-20ff", "2200-22a2", "2400-25ff"]),
    ("hopper", ["22a3-22b9", "2300-23ff"]),
    ("ada", ["22ba-22ff", "2600-28ff"]),
    ("blackwell", ["2900-2fff", "3180-31ff"]),
)


def _nvidia(family, devices):
    return {
        "name": "NVIDIA %s" % family.capitalize(),
        "kind": "gpu",
        "vendor": NVIDIA,
        "devices": devices,
        "class": [DISPLAY],
        "family": family,
        "driver": "nvidia",
        "modules": ["nvidia", "nvidia-uvm"],
        "blacklist": ["nouveau"],
        "resource": "nvidia.com/gpu",
        "health": ["nvidia-smi", "-L"],
    }


def _dfl(name, devices, family):
    return {
        "name": name,
        "kind": "fpga",
        "vendor": INTEL,
        "devices": devices,
        # A network card has the OFS id too, as its subsystem; its class tells them apart.
        "class": [PROCESSING],
        "family": family,
        "driver": "dfl-pci",
        "modules": ["dfl-pci", "dfl-fme", "dfl-fme-mgr", "dfl-fme-region", "dfl-fme-br", "dfl-afu"],
        # OPAE's own rule gives the ports to a group; here root keeps the engine and a group gets the ports.
        "nodes": [{"kernel": "dfl-port.[0-9]*", "subsystem": "dfl-port", "mode": "0660", "group": "root"}],
        # The ports, which are the users'; the engine (dfl-fme) stays the node's.
        "pod_nodes": ["fpga_region/region*/dfl-port.*"],
        "resource": "intel.com/fpga_dfl",
        "health": ["fpgainfo", "fme"],
    }


BUILT_IN = tuple(_nvidia(family, devices) for family, devices in NVIDIA_FAMILIES) + (
    # Linux drivers/fpga/dfl-pci.c: PF and VF.
    _dfl("Intel FPGA PAC D5005", ["0b2b", "0b2c"], "stratix10"),
    _dfl("Intel OFS FPGA", ["bcce", "bccf"], "ofs"),
    {
        # pci.ids knows the vendor (SAPEON Inc.) and none of its devices, and no public source that could be found
        # names the X220's device id, its packages or its modules (looked for on 2026-11-24). So the vendor alone
        # decides here; a user sets `devices`, `modules`, `archive`, `nodes` and `health` from the vendor's manual
        # by an entry of this name.
        "name": "SAPEON X220",
        "kind": "accelerator",
        "vendor": "1f56",
        "family": "x200",
        "resource": "sapeon.com/x220",
    },
)
