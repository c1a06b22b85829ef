# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The check of a user's entry: every fault with its path, what is wrong and what to write instead. Pure."""

from __future__ import annotations

import fnmatch
import re
import shlex

from ..errors import Problem
from ..kinds import called
from ..suggest import advice as nearest

KINDS = ("gpu", "fpga", "accelerator")
# key: (the types that it may have, what to write)
KEYS = {
    "name": ((str,), "Write a name such as Example A100"),
    "kind": ((str,), "Write one of: %s" % ", ".join(KINDS)),
    "vendor": ((str,), 'Write four hexadecimal digits in quotes, such as "1f56"'),
    "devices": ((list,), 'Write a list of ids or ranges in quotes, such as ["0001", "0010-001f"]'),
    "class": ((str, list), 'Write the first digits of the class, such as "12"'),
    "family": ((str,), "Write a word"),
    "driver": ((str,), "Write the name of the kernel driver"),
    "packages": ((list, dict), "Write a list of packages, or one per Debian suite: {bookworm: [...]}"),
    "modules": ((list,), "Write a list of kernel modules"),
    "options": ((dict,), "Write {MODULE: OPTIONS}, such as {vfio-pci: disable_idle_d3=1}"),
    "blacklist": ((list,), "Write a list of kernel modules"),
    "nodes": ((list,), 'Write a list such as [{kernel: "card[0-9]*", mode: "0660", group: video}]'),
    "pod_nodes": ((list,), 'Write a list of globs below the PCI device in sysfs, such as ["uio/uio*"]'),
    "resource": ((str,), "Write DOMAIN/NAME, such as example.com/asic"),
    "health": ((str, list), "Write a command, as text or as a list of words"),
    "archive": ((dict,), "Write {url: ..., sha256: ..., unpack: /opt/NAME}"),
}
REQUIRED = ("name", "kind", "vendor")
# Device nodes that each system has, by subsystem: no accelerator is one of them, and their modes are not ours to set.
SYSTEM_NODES = {
    "mem": ("mem", "kmem", "port", "null", "zero", "full", "random", "urandom", "kmsg"),
    "tty": ("console", "tty", "tty0", "ttyS0", "ptmx"),
    "block": ("sda", "vda", "nvme0n1", "dm-0", "md0", "loop0"),
    "misc": ("fuse", "kvm", "loop-control", "rfkill", "cpu_dma_latency"),
}
NODE_KEYS = ("kernel", "subsystem", "mode", "owner", "group")
ARCHIVE_KEYS = ("url", "sha256", "unpack")
HEX4 = re.compile(r"[0-9a-fA-F]{4}")
MODULE = re.compile(r"[A-Za-z0-9_-]{1,64}")
PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(=[0-9A-Za-z.+~:-]+)?")
RESOURCE = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
# Visible ASCII only; a host with digits as its port, or the path of a file.
URL = re.compile(
    r"(?=[!-~]+\Z)(https?://([^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:[0-9]{1,5})?([/?].*)?|file://[^?#]+)"
)
FORMS = {
    "mode": (re.compile(r"0?[0-7]{3}"), 'Write three or four octal digits in quotes, such as "0660"'),
    "owner": (re.compile(r"[a-z_][a-z0-9_-]*"), "Write a user's name"),
    "group": (re.compile(r"[a-z_][a-z0-9_-]*"), "Write a group's name"),
    "subsystem": (re.compile(r"[A-Za-z0-9_-]+"), "Write the subsystem that udevadm info shows"),
    "kernel": (re.compile(r"[A-Za-z0-9_.\[\]*?!-]+"), "Write a name below /dev, with * ? [] as udev knows them"),
    "url": (URL, "Write an address such as https://files.example.com/sdk.tar.gz, http://... or file:///..."),
    "sha256": (re.compile(r"[0-9a-fA-F]{64}"), "Write the 64 hexadecimal digits that sha256sum prints"),
    "unpack": (
        re.compile(r"/(opt|usr/local|srv|var/lib)/[A-Za-z0-9._/+-]+"),
        "Write a folder below /opt or /usr/local",
    ),
}


def given(raw):
    """The keys that have a value."""
    return {key: value for key, value in raw.items() if value is not None}


def as_list(value):
    """A list of what may be one text, a list or nothing."""
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def id_range(text):
    """(lowest, highest) of "0010-001f" or "0010"."""
    low, dummy, high = text.partition("-")
    return int(low, 16), int(high or low, 16)


def twice(where, user):
    """Names that stand there twice."""
    names = [raw.get("name") for raw in user if isinstance(raw, dict)]
    return [
        Problem("%s[%d].name" % (where, index), "stands there twice", "Write one entry for it", name)
        for index, name in enumerate(names)
        if isinstance(name, str) and name in names[:index]
    ]


def entry(path, raw, base):
    """The problems of one entry. base: the built-in entry of that name, {} for none."""
    if not isinstance(raw, dict):
        return [Problem(path, "is no entry", "Write a mapping with name, kind and vendor", raw)]
    problems = [
        Problem("%s.%s" % (path, key), "is not a key of an entry", nearest(key, KEYS), raw[key])
        for key in raw
        if key not in KEYS
    ]
    keys = given(raw)
    if keys.get("kind") in KINDS and base and keys["kind"] != base["kind"]:
        what = "is another kind than the built-in entry of this name has"
        problems.append(
            Problem(path + ".kind", what, "Leave kind out, or give the entry a name of its own", keys["kind"])
        )
    problems += [
        Problem("%s.%s" % (path, key), "is missing", KEYS[key][1]) for key in REQUIRED if key not in keys | base.keys()
    ]
    for key in KEYS:
        if key in keys:
            problems += _value("%s.%s" % (path, key), key, keys[key])
    return problems


def _value(path, key, value):
    types, advice = KEYS[key]
    if not isinstance(value, types):
        return [Problem(path, "is %s" % called(value), advice, value)]
    return CHECKS[key](path, value, advice) if key in CHECKS else []


def _matching(pattern):
    def check(path, value, advice):
        """One text, or each of a list."""
        if isinstance(value, list):
            return [
                Problem("%s[%d]" % (path, index), "is not written right", advice, one)
                for index, one in enumerate(value)
                if not (isinstance(one, str) and pattern.fullmatch(one))
            ]
        return [] if pattern.fullmatch(value) else [Problem(path, "is not written right", advice, value)]

    return check


def _devices(path, value, advice):
    problems = []
    for index, text in enumerate(value):
        place = "%s[%d]" % (path, index)
        parts = text.split("-") if isinstance(text, str) else [""]
        if len(parts) > 2 or not all(HEX4.fullmatch(part) for part in parts):
            problems.append(Problem(place, "is no device id and no range", advice, text))
        elif int(parts[0], 16) > int(parts[-1], 16):
            problems.append(Problem(place, "runs backwards", "Write the lower id first", text))
    return problems


def _kind(path, value, advice):
    return [] if value in KINDS else [Problem(path, "is no kind of accelerator", nearest(value, KINDS), value)]


def _packages(path, value, advice):
    if isinstance(value, list):
        return _matching(PACKAGE)(path, value, advice)
    problems = []
    for suite, names in value.items():
        place = "%s.%s" % (path, suite)
        known = isinstance(names, list)
        problems += _matching(PACKAGE)(place, names, advice) if known else [Problem(place, "is no list", advice, names)]
    return problems


def _options(path, value, advice):
    return [
        Problem("%s.%s" % (path, name), "is no text of options for a module", advice, text)
        for name, text in value.items()
        if not (isinstance(name, str) and MODULE.fullmatch(name)) or not _one_line(text)
    ]


def _one_line(text):
    """True for a line of modprobe.d, where a backslash at the end would take in the next one."""
    if not isinstance(text, (str, int)) or isinstance(text, bool):
        return False
    return str(text).isprintable() and str(text).strip() != "" and not str(text).rstrip().endswith("\\")


def _nodes(path, value, advice):
    problems = []
    for index, node in enumerate(value):
        place = "%s[%d]" % (path, index)
        if not isinstance(node, dict) or not node.get("kernel") or not node.get("mode"):
            problems.append(Problem(place, "needs kernel and mode at least", advice, node))
        else:
            problems += _parts(place, node, NODE_KEYS) or _too_wide(place, node)
    return problems


def _too_wide(path, node):
    """The problem of a pattern that means nodes of the system, too."""
    subsystem, pattern = node.get("subsystem"), node["kernel"]
    chosen = [names for key, names in SYSTEM_NODES.items() if subsystem in (None, key)]
    hit = next((name for names in chosen for name in names if fnmatch.fnmatchcase(name, pattern)), None)
    if hit is None:
        return []
    what = "means /dev/%s, too" % hit
    return [Problem(path + ".kernel", what, "Write more of the name of the accelerator's own nodes", pattern)]


def _archive(path, value, advice):
    missing = [key for key in ("url", "sha256") if not value.get(key)]
    if missing:
        return [Problem(path, "lacks %s" % " and ".join(missing), advice, value)]
    return _parts(path, value, ARCHIVE_KEYS)


def _parts(path, value, keys):
    problems = []
    for key, text in given(value).items():
        place = "%s.%s" % (path, key)
        if key not in keys:
            problems.append(Problem(place, "is not a key here", nearest(key, keys), text))
        elif not isinstance(text, str) or not FORMS[key][0].fullmatch(text) or ".." in text.split("/"):
            problems.append(Problem(place, "is not written right", FORMS[key][1], text))
    return problems


def _health(path, value, advice):
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:
        return [Problem(path, "cannot be split into words: %s" % error, advice, value)]
    if words and all(isinstance(word, str) and word and word.isprintable() for word in words):
        return []
    return [Problem(path, "is no command", advice, value)]


CHECKS = {
    "kind": _kind,
    "name": _matching(re.compile(r"[^\n\r\x00-\x1f]{1,80}")),
    "vendor": _matching(HEX4),
    "class": _matching(re.compile(r"[0-9a-fA-F]{2,6}")),
    "family": _matching(re.compile(r"[A-Za-z0-9._-]{1,40}")),
    "driver": _matching(MODULE),
    "modules": _matching(MODULE),
    "blacklist": _matching(MODULE),
    "pod_nodes": _matching(re.compile(r"(?!.*\.\.)[A-Za-z0-9_.:*?\[\]-]+(/[A-Za-z0-9_.:*?\[\]-]+)*")),
    "resource": _matching(RESOURCE),
    "devices": _devices,
    "packages": _packages,
    "options": _options,
    "nodes": _nodes,
    "archive": _archive,
    "health": _health,
}
