# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kernel's command line as text and as words: read as the kernel reads it, compared by what it means."""

from __future__ import annotations

import re

from ..errors import EngineError

# What the shell that reads grub.d, GRUB's own script language and the kernel all take as it stands.
SAFE = re.compile(r"[A-Za-z0-9_.,:=/+@%^~-]+")
# Inside double quotes these are still special for the shell or for GRUB; there is no way to write them for all three.
FORBIDDEN = re.compile(r"[\"'\\$`\x00-\x1f\x7f-\U0010ffff]")
KEY = re.compile(r"[A-Za-z0-9_.+-]+")
# Keys of which each occurrence counts; of all others the last one does.
REPEATED = {
    "console", "earlycon", "hugepagesz", "hugepages", "memmap", "video", "modprobe.blacklist", "module_blacklist",
    "systemd.setenv", "rd.driver.blacklist", "blacklist", "acpi_osi", "acpi_mask_gpe", "pci", "crashkernel",
}  # fmt: skip
# Of these a second one with other CPUs is dropped by the kernel, together with what it says of all other flags.
FIRST_ONLY = {"isolcpus", "nohz_full"}


def words(text):
    """[(key, value or None)] of a command line; double quotes hold blanks, as in the kernel's next_arg()."""
    found = []
    for word in _split(text):
        key, sign, value = word.partition("=")
        found.append((_plain(key), _plain(value) if sign else None))
    return found


def _split(text):
    parts, word, quoted = [], "", False
    for char in text:
        if char == '"':
            quoted = not quoted
        if char.isspace() and not quoted:
            parts.append(word)
            word = ""
        else:
            word += char
    return [part for part in parts + [word] if part]


def _plain(text):
    return text.replace('"', "")


def render(pairs):
    """The text of [(key, value or None)], quoted where a value needs it; words() of it gives the pairs again."""
    return " ".join(_word(key, value) for key, value in pairs)


def _word(key, value):
    if value is None:
        return key
    return "%s=%s" % (key, value if SAFE.fullmatch(value) or not value else '"%s"' % value)


def argument(text):
    """(key, value or None) of one argument as a person writes it. Raises EngineError that says what is wrong."""
    found = words(text)
    if len(found) != 1:
        what = "is empty" if not found else "holds %d arguments" % len(found)
        raise EngineError(what, advice='One argument per item; a value with blanks in double quotes: key="a b"')
    key, value = found[0]
    if not KEY.fullmatch(key):
        raise EngineError("%r is no name of an argument" % key, advice="Write key or key=value")
    if value is not None and FORBIDDEN.search(value):
        raise EngineError(
            "has a character that GRUB cannot hand over: %r" % FORBIDDEN.search(value).group(),
            advice="Set it by a modprobe.d file or by sysctl",
        )
    return key, value


def normal(key):
    """A key as the kernel compares it: "-" and "_" are the same."""
    return key.replace("-", "_")


def lacks(asked, running):
    """The pairs of asked, those of hugepages left out, that are not in effect in running; both [(key, value)]."""
    return [pair for pair in asked if not _holds(pair, running)]


def _holds(pair, running):
    key, value = pair
    values = [other for name, other in running if normal(name) == normal(key)]
    if key in REPEATED:
        return value in values
    return bool(values) and values[-1] == value and (key not in FIRST_ONLY or set(values) == {value})


def pages(pairs):
    """{size: value of hugepages=} of a command line; "" stands for the default size."""
    sizes, size = {}, ""
    for key, value in pairs:
        if key == "hugepagesz":
            size = value
        elif key == "hugepages" and size not in sizes:  # the kernel ignores a size that is given again
            sizes[size] = value
    return sizes


def without_pages(pairs):
    """The pairs but for those that pages() reads."""
    return [pair for pair in pairs if pair[0] not in ("hugepagesz", "hugepages")]


def missing(asked, running):
    """The pairs of asked that are not in effect in running; the two words of hugepages of a size belong together."""
    has = pages(running)
    left = lacks(without_pages(asked), running)
    for size, count in pages(asked).items():
        if has.get(size) != count:
            left += [("hugepagesz", size), ("hugepages", count)]
    return left
