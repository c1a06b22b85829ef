# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""GRUB as Debian sets it up: the drop-in in grub.d, what others set beside it, and the grub.cfg made of both."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field

from ..errors import EngineError
from . import cmdline

DROP_IN = "/etc/default/grub.d/zz-gedge.cfg"
CONFIG = "/boot/grub/grub.cfg"
MAKERS = ("/usr/sbin/update-grub", "/usr/sbin/grub-mkconfig", "/usr/bin/grub-mkconfig")
HEAD = (
    "# Made by gedge.engine.boot: what others set before it is kept. Remove it with state: absent.\n"
    'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX "'
)
# Reads the settings exactly as grub-mkconfig does, one file after the other; prints after each what it left.
SOURCES = (
    "for file in /etc/default/grub /etc/default/grub.d/*.cfg; do"
    ' [ -e "$file" ] && [ "$file" != "%s" ] || continue; . "$file" >/dev/null 2>&1;'
    ' printf "%%s\\n%%s\\n%%s\\n" "$file" "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT"; done' % DROP_IN
)
SECTION = re.compile(r"^### BEGIN /etc/grub\.d/\d+_linux ###$(.*?)^### END ", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^\s*linux(?:16|efi)?\s+(\S*/?vmlinu\S+)\s+(.*)$", re.MULTILINE)


@dataclass
class Source:
    """What one file of others adds: linux goes to all entries and stands before ours, default stands after ours."""

    path: str
    linux: list
    default: list


@dataclass
class Grub:
    """What was found. entries: [[(key, value)]] of each kernel's line; obstacle: why GRUB cannot be used, or ""."""

    obstacle: str = ""
    sources: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    text: str = ""

    def before(self):
        """The pairs of others that stand before ours."""
        return [pair for source in self.sources for pair in source.linux]

    def after(self):
        """The pairs of others that stand after ours, in the entries that are not for recovery."""
        return [pair for source in self.sources for pair in source.default]


def read(system, running):
    """The Grub of a node. running: the pairs of /proc/cmdline."""
    text = _text(system)
    obstacle = _obstacle(system, text, running)
    return Grub(obstacle, [] if obstacle else _sources(system), entries(text), text)


def _obstacle(system, text, running):
    if _loader(system).startswith("systemd-boot"):
        return "systemd-boot starts this node, not GRUB"
    if any(system.exists("/boot/%slinux/%slinux.conf" % (name, name)) for name in ("ext", "sys")):
        return "extlinux or syslinux is set up on this node beside or instead of GRUB"
    if not text or _maker(system) is None:
        return "there is no GRUB on this node (%s)" % ("no %s" % CONFIG if not text else "no update-grub")
    if "blscfg" in text:
        return "GRUB of this node takes its entries from /boot/loader (BLS), which update-grub does not make"
    if not any(key == "BOOT_IMAGE" for key, dummy in running):
        return "GRUB is installed but has not started this node: /proc/cmdline has no BOOT_IMAGE (direct kernel boot?)"
    return ""


def _loader(system):
    name = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
    return (system.read_bytes(name) or b"")[4:].decode("utf-16-le", "replace")


def _maker(system):
    return next((path for path in MAKERS if system.exists(path)), None)


def _sources(system):
    """[Source] in the order of their reading."""
    lines = system.run(["sh", "-c", SOURCES]).out.split("\n")
    found, linux, default = [], [], []
    for path, one, two in zip(lines[::3], lines[1::3], lines[2::3]):
        now_linux, now_default = cmdline.words(one), cmdline.words(two)
        found.append(Source(path, _added(linux, now_linux), _added(default, now_default)))
        if now_linux[: len(linux)] != linux or now_default[: len(default)] != default:
            found = [Source(path, now_linux, now_default)]  # it replaced what was before
        linux, default = now_linux, now_default
    return found


def _added(before, now):
    return now[len(before) :] if now[: len(before)] == before else now


def entries(text):
    """[[(key, value)]]: the arguments of each kernel that the distribution's own entries start."""
    sections = SECTION.findall(text)
    return [cmdline.words(line) for section in sections for dummy, line in ENTRY.findall(section)]


def drop_in(pairs):
    """The text of our file, None for no arguments."""
    return "%s'%s'\n" % (HEAD, cmdline.render(pairs)) if pairs else None


def of_drop_in(text):
    """The pairs that our file adds: the inverse of drop_in."""
    hit = re.search(r"^GRUB_CMDLINE_LINUX=.*?'(.*)'$", text or "", re.MULTILINE)
    return cmdline.words(hit.group(1)) if hit else []


def is_current(grub, ours, stale):
    """True where every entry has all of ours and none of the stale pairs."""
    return bool(grub.entries) and all(
        not cmdline.missing(ours, entry) and not set(stale) & set(entry) for entry in grub.entries
    )


def is_handmade(text):
    """True for a grub.cfg that no grub-mkconfig has written: it would be lost."""
    return bool(text) and "### BEGIN /etc/grub.d/" not in text


def can_start(system, text):
    """True where the kernels that a grub.cfg names are still there."""
    kernels = [path for path, dummy in ENTRY.findall(text)]
    return bool(kernels) and all(system.exists(path) or system.exists("/boot" + path) for path in kernels)


def update(system, ours):
    """Make grub.cfg anew; raises EngineError where an entry then lacks ours. On disk before it returns."""
    maker = _maker(system)
    system.run([maker] if maker.endswith("update-grub") else [maker, "-o", CONFIG])
    made = entries(_text(system))
    wrong = next((left for left in (cmdline.missing(ours, entry) for entry in made) if left), [])
    if not made or wrong:
        what = "holds no kernel" if not made else "has an entry without %s" % cmdline.render(wrong)
        raise EngineError("%s after update-grub" % what, CONFIG, "See /etc/grub.d/10_linux and %s" % DROP_IN)
    system.run(["sync", "-f", CONFIG])  # grub-mkconfig leaves it in the cache; a power cut would leave it empty


def put_back(system, text):
    """Make grub.cfg the text that it was, without running what may have failed."""
    if text and _text(system) != text:
        mode = stat.S_IMODE(os.stat(system.path(CONFIG)).st_mode) if system.exists(CONFIG) else 0o600
        system.write_file(CONFIG, text, mode)


def _text(system):
    return (system.read_bytes(CONFIG) or b"").decode("utf-8", "replace")
