# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Files from elsewhere, pinned by SHA-256: fetched, refused on a mismatch, unpacked whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import urllib.error
import urllib.request

from ..errors import EngineError
from ..steps import Step

FETCH, DROP = "fetch-archive", "remove-archive"
ACTIONS = (FETCH, DROP)
KEY = "archive:"
STORE = "/var/lib/gedge/archives"
STAMP = ".gedge-sha256"  # in an unpacked folder: which archive it is
WAIT_S = 60


def place(archive):
    """Where an archive's content is: its folder, or the file itself where it is not unpacked."""
    return archive.get("unpack") or "%s/%s" % (STORE, archive["sha256"])


def observe(system, archives):
    """{place: SHA-256 of what is there, or None}."""
    found = {}
    for archive in archives:
        where = place(archive)
        found[where] = system.read("%s/%s" % (where, STAMP)) if archive.get("unpack") else _sum(system.path(where))
        if found[where] is None and archive.get("unpack") and system.exists(where):
            found[where] = "unknown"
    return found


def steps(found, archives):
    """Steps that fetch what is not there. Raises EngineError for a folder that is somebody else's."""
    made = []
    for archive in archives:
        where = place(archive)
        if found[where] == "unknown":
            raise EngineError("is there and not ours", where, "Unpack into another folder (archive.unpack)")
        if found[where] != archive["sha256"]:
            detail = dict(archive)
            made.append(Step(where, FETCH, "not there", before=found[where], after=archive["sha256"], detail=detail))
    return made


def restore_steps(system, recorded):
    """Steps that remove what we fetched. recorded: places."""
    return [Step(where, DROP, "was not there before", before=True) for where in recorded if system.exists(where)]


def apply(system, step):
    """Carry out a step of ACTIONS."""
    if step.action == DROP:
        _remove(system.path(step.target))
        for folder in (STORE, STORE.rsplit("/", 1)[0]):
            system.remove_folder(folder)
        return
    archive = step.detail
    fetched = system.path("%s/%s" % (STORE, archive["sha256"]))
    if _sum(fetched) != archive["sha256"]:
        _fetch(archive, fetched)
    if archive.get("unpack"):
        _unpack(fetched, system.path(archive["unpack"]), archive["sha256"])
        _remove(fetched)
        for folder in (STORE, STORE.rsplit("/", 1)[0]):
            system.remove_folder(folder)


def _fetch(archive, target):
    """Download beside the target, check, then put it in place."""
    draft, opener = target + ".gedge-tmp", urllib.request.build_opener()
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with opener.open(archive["url"], timeout=WAIT_S) as source, open(draft, "wb") as copy:
            shutil.copyfileobj(source, copy)
    except (OSError, urllib.error.URLError, ValueError) as error:
        _remove(draft)
        raise EngineError("cannot be fetched: %s" % error, archive["url"], "See that the node reaches it") from error
    found = _sum(draft)
    if found != archive["sha256"]:
        _remove(draft)
        what = "its SHA-256 is %s, %s is pinned" % (found, archive["sha256"])
        raise EngineError(what, archive["url"], "Nothing was kept. Find out which of the two is right")
    os.replace(draft, target)


def _unpack(path, target, digest):
    """Unpack beside the target, then swap: the folder is there whole or not at all."""
    draft = target + ".gedge-tmp"
    _remove(draft)
    try:
        os.makedirs(draft)
        with tarfile.open(path) as tar:
            for member in tar.getmembers():
                _harmless(member, path)
                member.uid = member.gid = 0
                member.uname = member.gname = "root"
            tar.extractall(draft)
        with open(os.path.join(draft, STAMP), "w", encoding="ascii") as stamp:
            stamp.write(digest + "\n")
        _remove(target)
        os.rename(draft, target)
    except (OSError, tarfile.TarError) as error:
        _remove(draft)
        raise EngineError("cannot be unpacked: %s" % error, target, "Is it a tar archive?") from error
    except EngineError:
        _remove(draft)
        raise


def _harmless(member, path):
    """Refuse what would write outside the folder, or a device."""
    parts = member.name.split("/") + (member.linkname.split("/") if member.issym() or member.islnk() else [])
    outside = ".." in parts or member.name.startswith("/") or (member.linkname or "").startswith("/")
    if outside or not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        raise EngineError("holds %s, which does not belong into an archive" % member.name, path, "Nothing was unpacked")


def _sum(path):
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as handle:
            for block in iter(lambda: handle.read(1 << 20), b""):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def _remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
