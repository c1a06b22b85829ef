# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A lock between processes: one builds, the others wait and find it built."""

from __future__ import annotations

import contextlib
import fcntl
import os

from .errors import EngineError


@contextlib.contextmanager
def locked(path, advice):
    """Hold a lock file; yields its descriptor. A child that has it keeps the lock, also when we are killed.

    advice: what to do where the file cannot be made (EngineError)."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = open(path, "a", encoding="ascii")  # noqa: SIM115 (the next line closes it)
    except OSError as error:
        raise EngineError("cannot be made: %s" % error.strerror, path, advice) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle.fileno()
