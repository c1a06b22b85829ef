# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""containerd's configuration as "containerd config dump" prints it: sections of lines, read and written as text.

The dump is canonical TOML with one key a line, so that no parser is needed that older Pythons do not have.
{section: {key: text of the value}}; a section is a tuple of names, () is the top.
"""

from __future__ import annotations

import re

HEADER = re.compile(r"^\s*\[(?!\[)(.*)\]\s*$")
NAME = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.|$)""")
LINE = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*=\s*(.*?)\s*$")


def parse(text):
    """{section: {key: text}} in the order of the text."""
    found, section = {(): {}}, ()
    for line in text.splitlines():
        header = HEADER.match(line)
        if header:
            section = names(header.group(1))
            found.setdefault(section, {})
            continue
        pair = LINE.match(line)
        if pair and not line.lstrip().startswith("#"):
            found[section][pair.group(1).strip("\"'")] = pair.group(2)
    return found


def names(text):
    """'plugins."io.containerd.grpc.v1.cri".cni' -> ("plugins", "io.containerd.grpc.v1.cri", "cni")."""
    parts, position = [], 0
    while position < len(text):
        hit = NAME.match(text, position)
        if not hit:
            return (text,)
        parts.append(next(part for part in hit.groups()[:3] if part is not None))
        position = hit.end()
    return tuple(parts)


def text_of(sections):
    """The TOML text of sections."""
    lines = []
    for section, pairs in sections.items():
        if section:
            lines.append("[%s]" % ".".join(_quoted(name) for name in section))
        lines += ["%s = %s" % (_quoted(key), value) for key, value in pairs.items()]
        lines.append("")
    return "\n".join(lines)


def _quoted(name):
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else '"%s"' % name


def string(value):
    """The text of a string."""
    return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')


def same(one, other):
    """Whether two texts of a value mean the same: containerd 2 prints strings with single quotes."""
    return one is not None and other is not None and one.replace("'", '"') == other.replace("'", '"')


def plain(value):
    """The string of a text, "" for none."""
    return (value or "").strip("\"'")
