# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Slow results kept by what they are made of: whole or not there, made once, old ones forgotten, right when empty."""

from __future__ import annotations

import hashlib
import os
import shutil

from ..errors import EngineError
from ..locked import locked
from ..paths import remove

KEPT = 4  # results of a kind: of other versions, of other checkouts and of the last changes
ADVICE = "Give the cache folder to this user, or set another one"


def usual():
    """The cache of this user, where the images of the lab lie too."""
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "gedge-engine")


def digest(*parts, **options):
    """A key of everything that a result is made of. parts: with a repr that says so; files: whose content counts."""
    found = hashlib.sha256(repr(parts).encode())
    for path in sorted(options.get("files", ())):
        with open(path, "rb") as handle:
            found.update(os.path.basename(path).encode() + b"\0" + handle.read() + b"\0")
    return found.hexdigest()[:16]


def place(cache, kind, key):
    """Where a result lies, or would."""
    return os.path.join(cache, "programs", kind, key, kind)


def kept(cache, kind, key, make):
    """The path of a result (a file or a folder) that make(path) makes where it is not there yet."""
    target = place(cache, kind, key)
    if not os.path.exists(target):
        with locked(os.path.join(os.path.dirname(target), "lock"), ADVICE):
            if not os.path.exists(target):
                _make(target, make)
                forget(os.path.join(cache, "programs", kind))
    try:
        os.utime(os.path.dirname(target))  # the oldest are those that nobody has asked for
    except OSError:
        pass  # somebody else's cache
    return target


def _make(target, make):
    draft = target + ".new"
    remove(draft)
    try:
        make(draft)
        os.rename(draft, target)
    except OSError as error:
        raise EngineError("cannot be made: %s" % error.strerror, target, ADVICE) from error
    finally:
        remove(draft)


def forget(folder):
    """Remove all results of a kind but the last ones."""
    found = [os.path.join(folder, name) for name in os.listdir(folder)]
    for old in sorted(found, key=os.path.getmtime, reverse=True)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
