# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Files from elsewhere, pinned by SHA-256: fetched, refused on a mismatch, unpacked whole."""

from __future__ import annotations

import http.client
import os
import shutil
import tarfile
import urllib.request
import zlib

from ..errors import EngineError
from ..paths import remove, sha256
from ..steps import Step

try:
    from lzma import LZMAError
except ImportError:  # a Python that was built without it unpacks no .xz either
    LZMAError = EOFError

FETCH, DROP = "fetch-archive", "remove-archive"
ACTIONS = (FETCH, DROP)
KEY = "archive:"
STORE = "/var/lib/gedge/archives"
STAMP = ".gedge-sha256"  # in an unpacked folder: which archive it is
WAIT_S = 60
# What urllib and tarfile raise for an address or an archive that is no good.
UNFETCHED = (OSError, ValueError, http.client.HTTPException)
UNPACKED_NOT = (OSError, EOFError, ValueError, tarfile.TarError, zlib.error, LZMAError)


def place(archive):
    """Where an archive's content is: its folder, or the file itself where it is not unpacked."""
    return archive.get("unpack") or "%s/%s" % (STORE, archive["sha256"])


def observe(system, archives):
    """{place: SHA-256 of what is there, or None}."""
    found = {}
    for archive in archives:
        where = place(archive)
        found[where] = system.read("%s/%s" % (where, STAMP)) if archive.get("unpack") else sha256(system.path(where))
        if found[where] is None and archive.get("unpack") and system.exists(where):
            found[where] = "unknown"
    return found


def steps(found, archives):
    """Steps that fetch what is not there. Raises EngineError for a folder that is somebody else's.

    archives: {"url", "sha256", "unpack", "where": path of the key}."""
    made = []
    for archive in archives:
        where = place(archive)
        if found[where] == "unknown":
            raise _fault(archive, "unpack", "is there and not ours", "Unpack into another folder")
        if found[where] != archive["sha256"]:
            detail = dict(archive)
            made.append(Step(where, FETCH, "not there", before=found[where], after=archive["sha256"], detail=detail))
    return made


def restore_steps(system, recorded):
    """Steps that remove what we fetched. recorded: places."""
    return [Step(where, DROP, "was not there before", before=True) for where in recorded if system.exists(where)]


def apply(system, step):
    """Carry out a step of ACTIONS; a folder for archives stays only where one is kept in it."""
    try:
        if step.action == DROP:
            remove(system.path(step.target))
        else:
            _bring(system, step.detail)
    finally:
        for folder in (STORE, STORE.rsplit("/", 1)[0]):
            system.remove_folder(folder)


def _bring(system, archive):
    fetched = system.path("%s/%s" % (STORE, archive["sha256"]))
    if sha256(fetched) != archive["sha256"]:
        _fetch(archive, fetched)
    if archive.get("unpack"):
        try:
            _unpack(archive, fetched, system.path(archive["unpack"]))
        finally:
            remove(fetched)


def _fault(archive, key, what, advice):
    """EngineError with the path of the key and its value."""
    return EngineError("%s: %s" % (archive[key], what), "%s.%s" % (archive["where"], key), advice)


def _fetch(archive, target):
    """Download beside the target, check, then put it in place."""
    draft, opener = target + ".gedge-tmp", urllib.request.build_opener()
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with opener.open(archive["url"], timeout=WAIT_S) as source, open(draft, "wb") as copy:
            shutil.copyfileobj(source, copy)
    except UNFETCHED as error:
        remove(draft)
        raise _fault(archive, "url", "cannot be fetched: %s" % error, "See that the node reaches it") from error
    found = sha256(draft)
    if found != archive["sha256"]:
        remove(draft)
        what = "is pinned; what came from %s has %s" % (archive["url"], found)
        raise _fault(archive, "sha256", what, "Nothing was kept. Find out which of the two is right")
    os.replace(draft, target)


def _unpack(archive, path, target):
    """Unpack beside the target, then swap: the folder is there whole or not at all."""
    draft = target + ".gedge-tmp"
    remove(draft)
    try:
        os.makedirs(draft)
        with tarfile.open(path) as tar:
            for member in tar.getmembers():
                _harmless(member, archive)
                member.uid = member.gid = 0
                member.uname = member.gname = "root"
            tar.extractall(draft)
        with open(os.path.join(draft, STAMP), "w", encoding="ascii") as stamp:
            stamp.write(archive["sha256"] + "\n")
        remove(target)
        os.rename(draft, target)
    except UNPACKED_NOT as error:
        remove(draft)
        what = "cannot be unpacked into %s: %s" % (archive["unpack"], error)
        raise _fault(archive, "url", what, "Is it a whole tar archive?") from error
    except EngineError:
        remove(draft)
        raise


def _harmless(member, archive):
    """Refuse what would write outside the folder, or a device."""
    parts = member.name.split("/") + (member.linkname.split("/") if member.issym() or member.islnk() else [])
    outside = ".." in parts or member.name.startswith("/") or (member.linkname or "").startswith("/")
    if outside or not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        what = "holds %s, which does not belong into an archive" % member.name
        raise _fault(archive, "url", what, "Nothing was unpacked")
