# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Kernel modules: which are loaded, which could be, with which options; the steps to what is asked for."""

from __future__ import annotations

import re

from ..errors import EngineError
from ..steps import Step

LOAD, UNLOAD = "load-module", "unload-module"
KEY = "module:"
RELEASE = "/proc/sys/kernel/osrelease"


def observe(system, names):
    """{name: {"loaded", "available", "users"}} of modules; users: how many but other modules of these."""
    loaded, found, index = _loaded(system), {}, None
    for name in names:
        there = system.exists("/sys/module/%s" % _under(name))
        known = there or _under(name) in loaded
        if not known and index is None:  # some hundred KiB: read once, and only where needed
            index = _index(system)
        found[name] = {
            "loaded": known,
            "available": known or _is_in(index, name),
            "users": loaded.get(_under(name), 0) - len(_holders(system, name, names)),
            "holders": _holders(system, name, names),
        }
    return found


def parameters(system, options):
    """{(module, parameter): the running value or None} for {module: "a=1 b=2"}."""
    return {
        (module, name): system.read("/sys/module/%s/parameters/%s" % (_under(module), name))
        for module, text in options.items()
        for name, dummy in split(text)
    }


def split(text):
    """[("a", "1")] of "a=1 b=2"; a word without '=' switches on."""
    pairs = [word.partition("=") for word in text.split()]
    return [(name, value if equals else "1") for name, equals, value in pairs]


def steps(found, names):
    """Steps that load what is not loaded. What no package has brought yet is left out; see missing()."""
    return [
        Step("module " + name, LOAD, "the device needs it", before=False, after=True)
        for name in names
        if not found[name]["loaded"] and found[name]["available"]
    ]


def missing(found, names):
    """The modules that this kernel does not have."""
    return [name for name in names if not found[name]["available"]]


def option_reasons(found, running, options):
    """Texts: a loaded module that runs with other options than asked for. running: of parameters()."""
    reasons = []
    for module, text in sorted(options.items()):
        for name, value in split(text):
            now = running.get((module, name))
            if found.get(module, {}).get("loaded") and now is not None and _plain(now) != _plain(value):
                reasons.append("module %s runs with %s=%s, %s is asked for" % (module, name, now, value))
    return reasons


def blacklist_reasons(found, names):
    """Texts: a module that must not run and does."""
    return ["module %s is loaded and holds the device" % name for name in names if found[name]["loaded"]]


def restore_steps(found, recorded):
    """Steps that unload what we loaded and nobody uses. recorded: names."""
    left = [name for name in recorded if found[name]["loaded"] and not found[name]["users"]]
    order = []
    while left:  # those first that no other one needs
        free = [name for name in left if not set(found[name]["holders"]) & set(left)] or left[:1]
        order += free
        left = [name for name in left if name not in free]
    return [Step("module " + name, UNLOAD, "it was not loaded before", before=True, after=False) for name in order]


def apply(system, step):
    """Carry out a step of LOAD or UNLOAD."""
    name = step.target.split(" ", 1)[1]
    if step.action == LOAD:
        # What udev's rules do with a new device is part of it: a node that appears later would be without its mode.
        system.run(["modprobe", name])
        system.run(["udevadm", "settle", "--timeout=30"], check=False)
    else:
        system.run(["modprobe", "-r", name])


def put_back(system, found):
    """Unload what was not loaded in an earlier observation."""
    now = observe(system, list(found))
    for name in reversed(list(found)):
        ours = now[name]["loaded"] and not found[name]["loaded"]
        if ours and system.run(["modprobe", "-r", name], check=False).rc:
            raise EngineError("module %s cannot be unloaded again" % name, "modprobe")


def _loaded(system):
    """{module: number of users} of /proc/modules."""
    rows = [line.split() for line in (system.read("/proc/modules") or "").splitlines()]
    return {row[0]: int(row[2]) for row in rows if len(row) > 2 and row[2].isdigit()}


def _index(system):
    """The lists of what the running kernel has as modules and built in."""
    folder = "/lib/modules/%s" % (system.read(RELEASE) or "")
    return "\n".join(system.read("%s/%s" % (folder, name)) or "" for name in ("modules.dep", "modules.builtin"))


def _is_in(index, name):
    pattern = r"(?m)(?:^|/)%s\.ko(?:\.\w+)?(?::|$)" % re.sub("[-_]", "[-_]", name)
    return re.search(pattern, index) is not None


def _holders(system, name, names):
    """Those of the names that need a module."""
    there = system.list("/sys/module/%s/holders" % _under(name))
    return [one for one in names if _under(one) in there]


def _under(name):
    return name.replace("-", "_")


def _plain(value):
    return {"y": "1", "n": "0"}.get(value.lower(), value.lower())
