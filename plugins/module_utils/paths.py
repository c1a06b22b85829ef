# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What stands at a path, whatever it is: its digest, and its removal."""

from __future__ import annotations

import hashlib
import os
import shutil


def remove(path):
    """Remove a file or a folder, where it is there."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def sha256(path):
    """The SHA-256 of a file, None where it cannot be read."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as handle:
            for block in iter(lambda: handle.read(1 << 20), b""):
                found.update(block)
    except OSError:
        return None
    return found.hexdigest()
