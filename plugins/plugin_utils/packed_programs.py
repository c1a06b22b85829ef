# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Programs of the controller as one archive, made once for all nodes of a run that lack the same."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tarfile

from ..module_utils.errors import EngineError, Problem, ProblemsError
from ..module_utils.paths import sha256

FASTEST = 1  # of gzip: a third of the size; more would take longer than sending it


def digests(programs):
    """{path on the node: SHA-256 of the file} of {path on the node: file here}. Raises EngineError."""
    problems = [
        Problem("programs.%s" % path, "is no absolute path", "Write for example /usr/local/bin/kubelet")
        for path in programs
        if not os.path.isabs(str(path))
    ]
    found = {path: sha256(str(source)) for path, source in programs.items()}
    problems += [
        Problem("programs.%s" % path, "is no file on the controller that can be read", "Build or download it", source)
        for path, source in programs.items()
        if found[path] is None
    ]
    if problems:
        raise ProblemsError(problems)
    return found


def archive(files, folder):
    """The path of a compressed tar archive in the folder, of {SHA-256: file}; made where it is not there yet."""
    name = hashlib.sha256("".join(sorted(files)).encode()).hexdigest()[:16]
    path = os.path.join(folder, "programs-%s.tar.gz" % name)
    try:
        with open(path + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the forks of the other nodes
            if not os.path.exists(path):
                _write(files, path)
    except OSError as error:
        raise EngineError("cannot be written: %s" % error.strerror, path, "Have room for the programs there") from error
    return path


def _write(files, path):
    draft = path + ".part"
    with tarfile.open(draft, "w:gz", compresslevel=FASTEST) as packed:
        for digest, source in sorted(files.items()):
            packed.add(os.path.realpath(source), digest)
    os.replace(draft, path)
