# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Programs that the controller brings to a node: what differs comes in one archive, and all of it or nothing."""

from __future__ import annotations

import os
import tarfile
import zlib

from .errors import EngineError
from .paths import sha256
from .steps import Step
from .system import DRAFT, write_draft

MODE = 0o755
# What a damaged or cut off archive makes of tarfile and gzip, and what a full disk does.
REFUSED = (OSError, EOFError, tarfile.TarError, zlib.error)


def differing(system, digests):
    """The sorted paths out of {path on the node: SHA-256} at which there is no such file that all may run."""
    return sorted(
        path for path, digest in digests.items() if sha256(system.path(path)) != digest or system.mode(path) != MODE
    )


def steps(paths):
    """A step for each program that is brought."""
    return [Step(path, "bring-program", "is not the program that is asked for").as_dict() for path in paths]


def unpack(system, archive, digests):
    """Put the programs {path: SHA-256} in place out of a tar archive whose members are named by these digests.

    A running program goes on with the file that it was started from. Raises EngineError, and then none is replaced.
    """
    drafts = {path: system.path(path) + DRAFT for path in digests}
    for path in digests:
        if os.path.isdir(system.path(path)):
            raise EngineError("a folder is where the program should be", path, "Move it away, then run again")
    try:
        _write_drafts(archive, {drafts[path]: digest for path, digest in digests.items()})
        for path, draft in drafts.items():
            os.replace(draft, system.path(path))
    except REFUSED as error:
        raise EngineError("the programs cannot be unpacked: %s" % error, archive) from error
    finally:
        for draft in drafts.values():
            if os.path.lexists(draft):
                os.unlink(draft)


def running(system, pid):
    """(path, open file) of the program that a process runs and that was replaced meanwhile, else None.

    The kernel keeps its text as long as the file is open here, also when the process has ended."""
    path, replaced = system.link("/proc/%s/exe" % pid) or "", " (deleted)"
    if not path.endswith(replaced):
        return None
    try:
        return path[: -len(replaced)], open(system.path("/proc/%s/exe" % pid), "rb")
    except OSError:  # it has just ended
        return None


def _write_drafts(archive, drafts):
    """Write {file: SHA-256 of its text} in one pass: to go back in a compressed archive is to unpack it once more."""
    missing = {}
    for draft, digest in drafts.items():
        missing.setdefault(digest, []).append(draft)
    with tarfile.open(archive, "r|gz") as packed:
        for member in packed:
            same = missing.pop(member.name, [])
            for draft in same:
                with packed.extractfile(member) if draft is same[0] else open(same[0], "rb") as source:
                    _write(source, draft, member.name)
    if missing:
        raise EngineError("the archive has not all programs", archive, "Run again")


def _write(source, draft, digest):
    """Write a program beside the place that it is meant for, and be sure that it is the one."""
    write_draft(draft, source, MODE)
    if sha256(draft) != digest:
        raise EngineError("what came is not what was announced", draft, "Run again; it changed meanwhile")
