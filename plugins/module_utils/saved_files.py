# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Texts saved as files of one folder: what is right already is not touched, each file is put in place whole."""

from __future__ import annotations

import contextlib
import fcntl
import fnmatch
import os

from .errors import EngineError


def save(system, folder, texts, check_mode=False, remove=(), unchanged=None):
    """{changed, files, removed, diff} after the texts {file name: text} stand in the folder (a look, in check mode).

    files: names of the files that were (or would be) written; removed: of those that match a pattern of remove and are
    no file of texts; unchanged: {file name: text} of what the texts were made from, "" for a file that was not there:
    refused where it is another by now. Raises EngineError.
    """
    for name in texts:
        if not name or "/" in name or name in (".", ".."):
            raise EngineError('"%s" is no file name' % name, "files", "Write a name without a folder")
    paths = {name: _path(folder, name) for name in texts}
    for name, text in (unchanged or {}).items():
        if (_text(system, _path(folder, name)) or "") != text:
            raise EngineError("was changed by another run since it was read", _path(folder, name), "Run again")
    before = {name: _text(system, path) for name, path in paths.items()}
    stale = sorted(name for name in texts if before[name] != texts[name])
    removed = _unwanted(system, folder, texts, remove)
    if not check_mode:
        for name in stale:
            system.write_file(paths[name], texts[name])
        for name in removed:
            system.remove_file(_path(folder, name))
    diff = [
        {"before_header": paths[name], "after_header": paths[name], "before": before[name] or "", "after": texts[name]}
        for name in stale
    ]
    return {"changed": bool(stale or removed), "files": stale, "removed": removed, "diff": diff}


@contextlib.contextmanager
def one_at_a_time(folder):
    """While it holds, no other run saves into the folder; one that is not there yet has no lock."""
    handle = os.open(folder, os.O_RDONLY) if os.path.isdir(folder) else None
    try:
        if handle is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _unwanted(system, folder, texts, patterns):
    """Names of the folder's files that match a pattern and are not asked for."""
    for pattern in patterns:
        if not pattern.strip("*?") or "/" in pattern:
            raise EngineError('"%s" would match anything' % pattern, "remove", "Write for example *.env")
    names = sorted(set(system.list(folder)) - set(texts)) if patterns else []
    return [name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]


def _path(folder, name):
    return "%s/%s" % (folder.rstrip("/"), name)


def _text(system, path):
    """The whole text of a file, None where there is none."""
    data = system.read_bytes(path)
    return None if data is None else data.decode("utf-8", "replace")
