# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""An independent reading of a node's accelerators, held against what is asked for. Shares no code with the module.

It reads what udev and the kernel say (uevent, /proc/modules, `find /dev`) and NVIDIA's `nvidia-smi -L`. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter

from .findings import finding

LOAD = "Load it, or reboot; see the kernel log where it refuses"
UEVENT = re.compile(r"/([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/uevent:([A-Z_]+)=(.*)$")
GPU = re.compile(r"^GPU \d+: .*\(UUID: (\S+)\)")
MIG = re.compile(r"^\s+MIG (\S+)\s+Device")
VFIO = "vfio-pci"


def read(uevents):
    """{address: {"vendor", "device", "class", "driver"}} of lines 'PATH/uevent:KEY=VALUE'."""
    raw = {}
    for line in uevents.splitlines():
        hit = UEVENT.search(line)
        if hit:
            raw.setdefault(hit.group(1), {})[hit.group(2)] = hit.group(3).strip()
    found = {}
    for address, keys in sorted(raw.items()):
        vendor, colon, device = keys.get("PCI_ID", "").lower().partition(":")
        if colon:
            pci_class = keys.get("PCI_CLASS", "").lower().zfill(6)
            ids = {"vendor": vendor.zfill(4), "device": device.zfill(4), "class": pci_class}
            found[address] = dict(ids, driver=keys.get("DRIVER"))
    return found


def of_kind(found, entries, kind):
    """{address: (what read() gives, entry)} of the devices whose first matching entry is of a kind."""
    chosen = {}
    for address, seen in found.items():
        matching = (one for one in entries if one.matches(seen["vendor"], seen["device"], seen["class"]))
        hit = next(matching, None)
        if hit is not None and hit.kind == kind:
            chosen[address] = (seen, hit)
    return chosen


def findings(devices, modules, nodes, whole=False):
    """List of findings. devices: {address: (what read() gives, entry)}; modules: text of /proc/modules; nodes: lines
    'PATH MODE OWNER GROUP' of /dev; whole: the cards are given to vfio-pci as they are."""
    loaded = {line.split()[0].replace("-", "_") for line in modules.splitlines() if line.strip()}
    rows = []
    for address, (seen, entry) in devices.items():
        title = "%s (%s)" % (address, entry.name)
        driver = VFIO if whole else entry.driver
        if driver and seen["driver"] != driver and not (seen["driver"] == VFIO and not whole):
            rows.append(finding(title, "driver %s asked for, %s found" % (driver, seen["driver"] or "none"), LOAD))
    for entry in _entries(devices):
        rows += [
            finding(entry.name, "module %s is not loaded" % name, LOAD)
            for name in ([] if whole else entry.modules)
            if name.replace("-", "_") not in loaded
        ]
        rows += [
            finding(entry.name, "module %s is loaded and must not be" % name, "Reboot; see modprobe.d")
            for name in entry.blacklist
            if name.replace("-", "_") in loaded
        ]
        rows += _nodes(entry, nodes)
    return rows


def _entries(devices):
    """The entries of the devices, each once."""
    return list({entry.name: entry for dummy, entry in devices.values()}.values())


def _nodes(entry, nodes):
    rows = []
    lines = [line.split() for line in nodes.splitlines()]
    for node in entry.nodes:
        asked = [str(int(node["mode"], 8)), node["owner"], node["group"]]
        for path, mode, owner, group in (line for line in lines if len(line) == 4):
            if fnmatch.fnmatchcase(path, "/dev/" + node["kernel"]):
                found = [str(int(mode, 8)), owner, group]
                words = "%s %s %s asked for, %s %s %s found" % (node["mode"], *asked[1:], mode, owner, group)
                rows += [] if found == asked else [finding(path, words)]
    return rows


def health(devices):
    """[{"name", "argv"}]: the command of each entry, once."""
    return [{"name": entry.name, "argv": entry.health} for entry in _entries(devices) if entry.health]


def health_findings(results):
    """Findings of the commands that failed. results: what Ansible registered of the loop over health()."""
    rows = []
    for result in results:
        if result.get("rc", 0) != 0:
            lines = (result.get("stderr") or result.get("stdout") or result.get("msg") or "no message").strip()
            text = "%s: %s" % (" ".join(result["item"]["argv"]), lines.splitlines()[-1] if lines else "no message")
            rows.append(finding(result["item"]["name"], "health command failed: %s" % text, "See what it says"))
    return rows


def mig_findings(mig, buses, listing):
    """Findings on MIG. mig: the variable node_gpu_mig; buses: lines 'UUID, BUS ID' of nvidia-smi; listing: 'nvidia-smi
    -L', whose MIG devices stand below their GPU."""
    place = {}
    for line in buses.splitlines():
        uuid, comma, bus = (part.strip() for part in line.partition(","))
        if comma:
            place[uuid] = bus.lower()[-12:]
    found, gpu = {}, None
    for line in listing.splitlines():
        start, inside = GPU.match(line), MIG.match(line)
        if start:
            gpu = place.get(start.group(1))
            found[gpu] = Counter()
        elif inside and gpu in found:
            found[gpu][inside.group(1)] += 1
    rows = []
    for item in mig:
        for address in [item["address"].lower()] if item.get("address") else sorted(filter(None, found)):
            asked = Counter(item.get("instances") or {})
            if asked != found.get(address, Counter()):
                words = (_words(asked), _words(found.get(address, {})))
                rows.append(finding("GPU %s" % address, "MIG %s asked for, %s found" % words))
    return rows


def _words(profiles):
    return ", ".join("%d of %s" % (count, name) for name, count in sorted(profiles.items())) or "off"


def fpga_findings(devices, vfs, vfio, bitstreams, reading):
    """Findings on FPGAs. devices: {address: {"driver"}}; reading:
    lines 'PATH:VALUE' of the attributes afu_id and sriov_numvfs below /sys/devices."""
    rows, values = [], {}
    for line in reading.splitlines():
        path, dummy, value = line.rpartition(":")
        values.setdefault(path.rsplit("/", 1)[-1], []).append((path, value.strip()))
    physical = {path.split("/")[-2]: int(value) for path, value in values.get("sriov_numvfs", []) if value.isdigit()}
    for address, seen in devices.items():
        if vfs >= 0 and physical.get(address, vfs) != vfs:
            rows.append(finding(address, "%d VFs asked for, %d found" % (vfs, physical[address])))
        if vfio == "vfs" and address not in physical and seen["driver"] != VFIO:
            rows.append(finding(address, "%s asked for, %s found" % (VFIO, seen["driver"] or "no driver")))
    for item in bitstreams:
        for address in [item["address"].lower()] if item.get("address") else sorted(set(physical) & set(devices)):
            ids = [value.replace("-", "") for path, value in values.get("afu_id", []) if "/%s/" % address in path]
            asked = item["afu_id"].replace("-", "").lower()
            if asked not in ids:
                rows.append(finding(address, "AFU %s asked for, %s found" % (asked, ", ".join(ids) or "none")))
    return rows


def proof(devices, health_results):
    """Sentences of what was read. devices: {address: {"name", "driver"}}."""
    passed = [result for result in health_results if result.get("rc") == 0]
    told = ["%s: %s, driven by %s." % (at, seen["name"], seen["driver"] or "nothing") for at, seen in devices.items()]
    return told + ["Health of %s: %s answered." % (r["item"]["name"], r["item"]["argv"][0]) for r in passed]
