# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""`include: FILE`: what sites share stands once, in a file of its own, below what a site's own file says.

A mapping that both have is merged key by key; of all else the site's own is taken, lists whole. Each key remembers its
file, so that a fault is named where it stands.
"""

from __future__ import annotations

import os

from ...module_utils.errors import EngineError
from ...module_utils.suggest import nearest
from .problems import Finding
from .source import read_source

KEY = "include"
# An included file may be a site of its own: that it is an inventory too is nothing that it shares.
PLUGIN = "plugin"


def read_text(path):
    """The text of a UTF-8 file. Raises EngineError."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError("cannot be read: %s" % error, str(path), "Give a UTF-8 file that you may read") from None


def read_sources(text, where, fetch=read_text):
    """Source of a YAML text, with what it includes. where: its path; fetch: path -> text, raises EngineError."""
    source = _read(text, where)
    name = source.document.get(KEY) if isinstance(source.document, dict) else None
    if not isinstance(name, str) or not name.strip():
        return source  # none, or the schema says what is wrong
    path = os.path.normpath(os.path.join(os.path.dirname(str(where)), name))
    _merge_in(source, _included(path, fetch, "%s line %d: %s" % (where, source.lines[(KEY,)], KEY)), path)
    return source


def _read(text, where):
    try:
        return read_source(text)
    except EngineError as error:
        raise EngineError(error.what, " ".join(part for part in (where, error.where) if part), error.advice) from None


def _included(path, fetch, place):
    if os.path.isdir(path):
        raise EngineError("%s is a folder" % path, place, "Give the path of a file")
    if not os.path.isfile(path):
        raise EngineError("there is no file %s" % path, place, _near(path))
    try:
        text = fetch(path)
    except EngineError as error:
        raise EngineError(error.what, "%s %s" % (place, error.where), error.advice) from None
    shared = _read(text, path)
    if not isinstance(shared.document, dict):
        raise EngineError("must be a mapping of sections", path, 'Begin with for example "profiles:"')
    return shared


def _near(path):
    folder = os.path.dirname(path) or "."
    names = os.listdir(folder) if os.path.isdir(folder) else []
    hit = nearest(os.path.basename(path), names)
    return 'Did you mean "%s"?' % hit if hit else "Give a path from the folder of this file"


def _merge_in(source, shared, path):
    _foreign(source, shared, path)
    taken = set()
    _merge(source.document, shared.document, (), taken)
    for keys, line in shared.lines.items():
        if any(keys[:length] in taken for length in range(1, len(keys) + 1)):
            source.lines[keys] = line
            source.files[keys] = path


def _foreign(source, shared, path):
    """Findings of the shared file itself: keys written twice, and one that only a site's own file has."""
    shared.document.pop(PLUGIN, None)
    if shared.document.pop(KEY, shared) is not shared:
        what = "an included file includes no other"
        shared.findings.append(Finding((KEY,), what, "Include both in one file"))
    for finding in shared.findings:
        finding.file, finding.line = path, shared.lines.get(finding.keys)
    source.findings += shared.findings


def _merge(own, base, keys, taken):
    for key, value in base.items():
        if key not in own:
            own[key] = value
            taken.add(keys + (key,))
        elif isinstance(own[key], dict) and isinstance(value, dict):
            _merge(own[key], value, keys + (key,), taken)
