# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Where the programs of a folder come from: files that were built, archives that were downloaded, a bundle.

Each function gives what Folder.put wants: ({name: program}, {binary: function(path) that writes it}).
"""

from __future__ import annotations

import os
import shutil
import tarfile

from ..errors import EngineError


def from_files(names, binaries):
    """names: {name: {"component", "version", "binary"}}; binaries: {binary: {"path", "sha256"}}, of go_programs."""
    programs = {name: dict(one, sha256=binaries[one["binary"]]["sha256"], origin="") for name, one in names.items()}
    return programs, {one["binary"]: _copy(binaries[one["binary"]]["path"]) for one in names.values()}


def from_archives(names, archives, downloads, folder):
    """archives: as selection.select() tells them, a member of "" is the file itself; downloads: the folder where they
    lie, each by its SHA-256; folder: Folder."""
    programs, bring = {}, {}
    for archive in archives:
        path = os.path.join(downloads, archive["sha256"])
        for name, member in archive["members"].items():
            origin = archive["sha256"]
            digest = folder.known(name, origin) if member else origin
            programs[name] = dict(names[name], sha256=digest, origin=origin)
            bring[names[name]["binary"]] = _extract(path, member) if member else _copy(path)
    return programs, bring


def _copy(source):
    return lambda draft: shutil.copyfile(source, draft)


def _extract(path, member):
    def extract(draft):
        try:
            with tarfile.open(path) as tar:
                write_member(tar, member, draft)
        except tarfile.TarError as error:
            raise EngineError("cannot be unpacked: %s" % error, path, "Is it the release's archive?") from error

    return extract


def write_member(tar, member, draft):
    """Write a regular file of an archive to a path; nothing else of it is looked at."""
    try:
        info = tar.getmember(member)
    except KeyError:
        info = None
    if info is None or not info.isfile():
        raise EngineError("holds no file %s" % member, str(tar.name), "Is it the archive of this version?")
    with tar.extractfile(info) as source, open(draft, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    if os.path.getsize(draft) != info.size:
        raise EngineError("ends within %s" % member, str(tar.name), "Fetch it again")
