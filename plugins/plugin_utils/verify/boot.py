# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node was not booted with, though it is asked for. Reads lines FILE:TEXT as grep -H prints them."""

from __future__ import annotations

import re
import shlex

from ...module_utils import cpuset
from .findings import finding

REBOOT = "Run the site playbook and let it reboot the node; see which file of GRUB says otherwise"
GIGANTIC = re.compile(r"[1-9][0-9]*G")


def values(lines):
    """{file: text} of lines FILE:TEXT; the last line of a file counts."""
    return {path: text for path, dummy, text in (line.partition(":") for line in lines)}


def boot(lines, names, asked):
    """List of findings. lines: see values; names: paths of modules and IOMMUs; asked: the options of module boot."""
    found = values(lines)
    try:
        words = shlex.split(found.get("/proc/cmdline", ""))
    except ValueError:
        words = found.get("/proc/cmdline", "").split()
    return (
        _arguments(words, asked.get("arguments") or [])
        + _cpus(found, asked)
        + _iommu(names, asked.get("iommu", "leave"))
        + pages(found, [item for item in asked.get("hugepages") or [] if GIGANTIC.fullmatch(str(item["size"]))])
        + _modules(found, names, asked)
    )


def _arguments(words, asked):
    """Findings on arguments; words: the running ones, without quotes."""
    wanted = [(argument, str(argument).replace('"', "")) for argument in asked]
    return [finding("kernel", "was started without %s" % text, REBOOT) for text, bare in wanted if bare not in words]


def _cpus(found, asked):
    rows, wanted = [], cpuset.parse(asked.get("isolated_cpus") or "")
    for name in ("isolated", "nohz_full") if asked.get("nohz_full") else ("isolated",):
        text = found.get("/sys/devices/system/cpu/%s" % name, "").strip()
        has = cpuset.parse(text if re.fullmatch(r"[0-9,-]*", text) else "")
        if wanted and not set(wanted) <= set(has):
            what = "%s: %s asked for, %s found" % (name, cpuset.render(wanted), cpuset.render(has) or "none")
            rows.append(finding("CPUs", what, REBOOT))
    return rows


def _iommu(names, asked):
    there = any(name.startswith("/sys/class/iommu/") for name in names)
    if asked == "leave" or there == (asked == "on"):
        return []
    return [finding("IOMMU", "%s asked for, it is %s" % (asked, "on" if there else "off"), REBOOT)]


def pages(found, asked):
    """Findings on hugepages; asked: [{size, count, numa_node}]."""
    rows = []
    for item in asked:
        size, node = str(item["size"]), item.get("numa_node")
        kib = int(size[:-1]) * {"K": 1, "M": 1024, "G": 1024 * 1024}[size[-1]]
        place = "node%s/" % (r"\d+" if node is None else node)
        file = re.compile(r"/sys/devices/system/node/%shugepages/hugepages-%dkB/nr_hugepages" % (place, kib))
        has = sum(int(text) for path, text in found.items() if file.fullmatch(path))
        if has != int(item["count"]):
            title = "hugepages %s%s" % (size, "" if node is None else " on NUMA node %s" % node)
            rows.append(finding(title, "%s asked for, %d found" % (item["count"], has)))
    return rows


def option_files(asked):
    """Paths of the parameters of {module: {option: value}}."""
    return [_option_file(module, key) for module, options in asked.items() for key in options]


def _option_file(module, key):
    return "/sys/module/%s/parameters/%s" % (module.replace("-", "_"), key)


def _modules(found, names, asked):
    missing = [name for name in asked.get("modules") or [] if "/sys/module/%s" % name.replace("-", "_") not in names]
    rows = [finding("module %s" % name, "is not loaded") for name in missing]
    for module, options in (asked.get("module_options") or {}).items():
        for key, value in options.items():
            text = found.get(_option_file(module, key))
            if text is not None and _plain(text) != _plain(value):
                rows.append(finding("module %s" % module, "%s=%s asked for, %s found" % (key, value, text), REBOOT))
    return rows


def _plain(value):
    """One word for each way to write a value: y, 1 and true; 16 and 0x10."""
    text = str(value).strip().lower()
    text = {"y": "1", "yes": "1", "true": "1", "on": "1", "n": "0", "no": "0", "false": "0", "off": "0"}.get(text, text)
    try:
        return str(int(text, 0))
    except ValueError:
        return text
