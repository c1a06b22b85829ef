# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How this node's kubelet is started: its unit without our drop-in, the command line that it makes, its folder.

The kubelet reads drop-ins only from the folder that --config-dir names, which is unset by default. Where it is, a
systemd drop-in of ours repeats the unit's own ExecStart with that one flag behind it: kubeadm's unit and its
variables ($KUBELET_KUBEADM_ARGS ...) stay as they are, and an upgrade that changes ExecStart shows as a change of
ours at the next run. KUBELET_EXTRA_ARGS would not do: it is the operator's, and not every unit has it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from ..errors import EngineError

UNIT = "kubelet.service"
UNIT_FOLDER = "/etc/systemd/system/kubelet.service.d"
DROP_IN = UNIT_FOLDER + "/zz-gedge.conf"
FOLDER = "/etc/kubernetes/kubelet.conf.d"
NAME = "99-gedge.conf"
FILE = "%s/%s" % (FOLDER, NAME)
ROOT = "/var/lib/kubelet"
TEXT = """\
# Made by gedge.engine.kubelet: the unit's own command with the folder of drop-ins behind it.
# It goes with state: absent.
[Service]
ExecStart=
ExecStart=%s --config-dir=%s
"""
# systemd carries out lines with "!" only while it boots. No container outlives a boot, and the state of before may keep
# the kubelet from starting: the kernel's own memory on a NUMA node differs by some pages from boot to boot, and the
# memory manager then refuses its file ("the expected machine state is different from the real one": seen on a node).
BOOT = "/etc/tmpfiles.d/gedge-kubelet.conf"
FORGOTTEN = ("cpu_manager_state", "memory_manager_state")
VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
CONFIG_DIR = "config-dir"


@dataclass
class Launch:
    """command: the unit's own ExecStart; argv: what it makes of it; flags: {name: value}; later: drop-ins of others
    that are read after ours and set another command."""

    command: str
    argv: list
    flags: dict
    later: list = field(default_factory=list)

    def folder(self):
        """Where drop-ins are read from."""
        return (self.flags.get(CONFIG_DIR) or FOLDER).rstrip("/")

    def file(self):
        """Our drop-in."""
        return "%s/%s" % (self.folder(), NAME)

    def unit_drop_in(self):
        """The text of our systemd drop-in, None where others name a folder already."""
        return None if self.flags.get(CONFIG_DIR) else TEXT % (self.command, FOLDER)

    def boot(self):
        """The text of the file that forgets at boot what the managers had given."""
        lines = ["r! %s/%s" % (self.root(), name) for name in FORGOTTEN]
        return "\n".join(["# Made by gedge.engine.kubelet. It goes with state: absent.", *lines]) + "\n"

    def root(self):
        """Where the kubelet keeps its state."""
        return self.flags.get("root-dir", ROOT).rstrip("/")


def read(system, fragment, drop_ins):
    """The Launch of a unit. fragment, drop_ins: the paths of its files, in the order of systemd. Raises EngineError."""
    commands, variables, files, later = [], {}, [], []
    for path in [fragment, *(path for path in drop_ins if path != DROP_IN)]:
        for key, value in _settings(system.read(path) or ""):
            if key == "ExecStart":
                commands = commands + [value] if value else []
                if value and path != fragment and path.rsplit("/", 1)[1] > DROP_IN.rsplit("/", 1)[1]:
                    later.append(path)
            elif key == "Environment":
                variables.update(_assignments(value))
            elif key == "EnvironmentFile":
                files = files + [value] if value else []
    for path in files:
        variables.update(_file(system, path.lstrip("-")))
    if not commands:
        raise EngineError("has no ExecStart", fragment, "Install the kubelet's unit first")
    argv = _expand(commands[-1], variables, fragment)
    if "kubelet" not in argv[0].rsplit("/", 1)[-1]:
        raise EngineError(
            "starts %s, not a kubelet" % argv[0], fragment, "Only a kubelet with a unit of its own is known"
        )
    return Launch(commands[-1], argv, flags(argv), later)


def _settings(text):
    """[(key, value)] of section [Service]."""
    found, section = [], ""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped
        elif section == "[Service]" and "=" in stripped and stripped[0] not in "#;":
            key, dummy, value = stripped.partition("=")
            found.append((key.strip(), value.strip()))
    return found


def _assignments(value):
    try:
        words = shlex.split(value)
    except ValueError:
        return {}  # systemd ignores such a line too
    return dict(word.split("=", 1) for word in words if "=" in word)


def _file(system, path):
    found = {}
    for line in re.sub(r"\\\n", "", system.read(path) or "").splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and not name.startswith(("#", ";")):
            value = value.strip()
            found[name.strip()] = value[1:-1] if value[:1] in ("'", '"') and value[-1:] == value[:1] else value
    return found


def _expand(command, variables, where):
    """The words of a command: $NAME alone becomes as many words as it holds, ${NAME} is part of one."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise EngineError("has an ExecStart that cannot be read: %s" % error, where) from None
    found = []
    for word in words:
        alone = VARIABLE.fullmatch(word)
        if alone:
            found += variables.get(alone.group(1), "").split()
        else:
            found.append(BRACED.sub(lambda hit: variables.get(hit.group(1), ""), word).replace("$$", "$"))
    found[0] = found[0].lstrip("@-:+!")
    return found


def flags(argv):
    """{name: value} of a kubelet's command line, "true" for a flag without a value."""
    found, words = {}, list(argv[1:])
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            continue
        name, sign, value = word.lstrip("-").partition("=")
        if not sign:
            value = words.pop(0) if words and not words[0].startswith("-") else "true"
        found[name.replace("_", "-")] = value
    return found
