# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Kernel modules: what is loaded with which options, and what a person wrote about them in modprobe.d."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

LOAD = "/etc/modules-load.d/gedge.conf"
OPTIONS = "/etc/modprobe.d/gedge.conf"
# Of files of the same name the first folder's counts, as in modprobe.d(5).
FOLDERS = ("/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d")
HEAD = "# Made by gedge.engine.boot; it goes with state: absent.\n"
YES = {"y", "yes", "1", "true", "on"}
NO = {"n", "no", "0", "false", "off"}


@dataclass
class Module:
    """What is known of a module. values: {option: (text, whether it can be changed now)} of those that can be read;
    options: {names} as modinfo tells, None where there is no such module."""

    name: str
    loaded: bool = False
    builtin: bool = False
    users: int = 0
    values: dict = field(default_factory=dict)
    options: set = None


def folder(name):
    """Where sysfs has a module."""
    return "/sys/module/%s" % name.replace("-", "_")


def read(system, name):
    """The Module of that name."""
    told = system.run(["modinfo", name], check=False)
    path = folder(name)
    loadable = system.exists(path + "/initstate")
    builtin = bool(re.search(r"^filename:\s+\(builtin\)", told.out, re.MULTILINE))
    options = set(re.findall(r"^parm:\s+(\w+):", told.out, re.MULTILINE)) if told.rc == 0 else None
    users = int(system.read(path + "/refcnt") or 0)
    return Module(name, loadable, builtin, users, _values(system, path + "/parameters"), options)


def _values(system, path):
    found = {name: system.read("%s/%s" % (path, name)) for name in system.list(path)}
    return {
        name: (text, bool(os.stat(system.path("%s/%s" % (path, name))).st_mode & 0o200))
        for name, text in found.items()
        if text is not None
    }


def same(found, asked):
    """True where two texts of an option mean the same: Y and 1, 0x10 and 16."""
    one, two = found.strip().lower(), asked.strip().lower()
    if one == two or {one, two} <= YES or {one, two} <= NO:
        return True
    try:
        return int(one, 0) == int(two, 0)
    except ValueError:
        return False


def load_file(names):
    """The text for modules-load.d, None for no module."""
    return HEAD + "".join("%s\n" % name for name in names) if names else None


def options_file(options):
    """The text for modprobe.d of {module: {option: text}}, None for none."""
    lines = [
        "options %s %s\n" % (module, " ".join(_option(*pair) for pair in sorted(values.items())))
        for module, values in sorted(options.items())
    ]
    return HEAD + "".join(lines) if lines else None


def _option(key, value):
    return "%s=%s" % (key, '"%s"' % value if re.search(r"\s", value) else value)


def others(system):
    """[(file, module, option, value)] of what other files of modprobe.d set, in the order in which modprobe reads."""
    files = {}
    for place in reversed(FOLDERS):
        files.update({name: "%s/%s" % (place, name) for name in system.list(place) if name.endswith(".conf")})
    return [
        (path, *row)
        for name, path in sorted(files.items())
        if path != OPTIONS
        for row in _rows(system.read(path) or "")
    ]


def _rows(text):
    for line in text.replace("\\\n", " ").splitlines():
        words = line.split()
        if len(words) > 2 and words[0] == "options":
            for word in words[2:]:
                key, dummy, value = word.partition("=")
                yield words[1].replace("-", "_"), key, value.strip('"')
