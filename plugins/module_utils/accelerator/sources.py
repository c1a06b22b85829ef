# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Debian's non-free areas, from the node's own apt sources: no archive's address stands in the collection. Pure."""

from __future__ import annotations

import re

AREAS = ("contrib", "non-free", "non-free-firmware")
ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<areas>.+)$")


def wanted(texts, suite):
    """Lines of a deb822 file that adds what is missing of AREAS, [] where nothing is.

    texts: {path: text} of the apt sources of others; suite: Debian codename, its updates and security come along."""
    rows = [row for path, text in sorted(texts.items()) for row in _rows(path, text or "")]
    suites = {suite, suite + "-updates", suite + "-security"}
    lines, seen = [], set()
    for uri, name, areas, extra in rows:
        others = {area for one in rows if one[:2] == (uri, name) for area in one[2]}
        lacking = [area for area in AREAS if area not in others]
        if name in suites and "main" in areas and lacking and (uri, name) not in seen:
            seen.add((uri, name))
            lines += [] if not lines else [""]
            lines += ["Types: deb", "URIs: %s" % uri, "Suites: %s" % name, "Components: %s" % " ".join(lacking)] + extra
    return lines


def _rows(path, text):
    """[(uri, suite, areas, further lines)] of one file."""
    return _deb822(text) if path.endswith(".sources") else _one_line(text)


def _one_line(text):
    found = []
    for line in text.splitlines():
        hit = ONE_LINE.match(line.split("#")[0].strip())
        if hit:
            signed = re.search(r"signed-by=(\S+)", hit.group("options") or "")
            extra = ["Signed-By: %s" % signed.group(1)] if signed else []
            extra += ["Trusted: yes"] if re.search(r"trusted=yes", hit.group("options") or "") else []
            found.append((hit.group("uri"), hit.group("suite"), hit.group("areas").split(), extra))
    return found


def _deb822(text):
    found = []
    for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        keys, name = {}, None
        for line in stanza.splitlines():
            if line[:1] in (" ", "\t") and name:
                keys[name] += "\n" + line  # a key of several lines, such as an embedded signature
            elif ":" in line:
                name = line.split(":")[0].strip().lower()
                keys[name] = line.split(":", 1)[1].strip()
        if "deb" in keys.get("types", "").split() and keys.get("enabled", "yes").lower() not in ("no", "false"):
            extra = ["%s: %s" % (word, keys[word.lower()]) for word in ("Signed-By", "Trusted") if word.lower() in keys]
            found += [
                (uri, suite, keys.get("components", "").split(), extra)
                for uri in keys.get("uris", "").split()
                for suite in keys.get("suites", "").split()
            ]
    return found
