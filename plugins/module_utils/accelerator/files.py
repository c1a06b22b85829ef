# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Our own files for the devices that were found, {path: text}: pure."""

from __future__ import annotations

HEAD = "# Written by the gedge.engine accelerator module; changes here are lost.\n"
MODPROBE, LOAD = "/etc/modprobe.d/gedge-%s.conf", "/etc/modules-load.d/gedge-%s.conf"
RULES = "/etc/udev/rules.d/70-gedge-%s.rules"
SOURCES, PREFERENCES = "/etc/apt/sources.list.d/gedge-%s.sources", "/etc/apt/preferences.d/gedge-%s"
UNIT, WANTS = "/etc/systemd/system/gedge-%s.service", "/etc/systemd/system/multi-user.target.wants/gedge-%s.service"
ALL = (MODPROBE, LOAD, RULES, SOURCES, PREFERENCES, UNIT, WANTS)


def role(kind):
    """The role's name as it stands in the names of files: node-gpu, node-fpga, node-accelerator."""
    return "node-" + kind


def paths(kind):
    """All paths that may be ours for a kind."""
    return [pattern % role(kind) for pattern in ALL]


def present(kind, texts):
    """{path: text} of {pattern: lines or text}, without what is empty."""
    made = {}
    for pattern, lines in texts.items():
        if lines:
            made[pattern % role(kind)] = lines if isinstance(lines, str) else HEAD + "\n".join(lines) + "\n"
    return made


def merged(found, key):
    """The values of a list of all entries, each once, in order. found: [Entry]."""
    return list(dict.fromkeys(value for entry in found for value in getattr(entry, key)))


def modprobe(found, extra=()):
    """Lines of modprobe.d: what must not load, and the options of modules."""
    lines = ["blacklist %s" % name for name in merged(found, "blacklist")]
    options = {name: text for entry in found for name, text in entry.options.items()}
    return lines + ["options %s %s" % pair for pair in sorted(options.items())] + list(extra)


def rules(found):
    """Lines of a udev rule for the device nodes: 70, before those that act on what is set here (90 and later)."""
    lines = []
    for entry in found:
        for node in entry.nodes:
            words = ['KERNEL=="%s"' % node["kernel"]]
            words += ['SUBSYSTEM=="%s"' % node["subsystem"]] if node["subsystem"] else []
            # := so that a later rule of the distribution does not set it anew.
            words += ['%s:="%s"' % (key.upper(), node[key]) for key in ("owner", "group", "mode")]
            line = ", ".join(words)
            lines += [] if line in lines else [line]
    return lines
