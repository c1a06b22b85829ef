# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Python of a virtual node keeps what it compiled out of a zip. Lies on the node, where a .pth file imports it.

Ansible brings a module as a zip of about 90 sources. Python compiles them in every task anew, and each one twice, since
zipimport asks for a module's file name by compiling it: more than half of what a task takes on an emulated CPU
(docs/benchmarks.md). What is kept is found by the source's hash, so another source is compiled, and what cannot be read
is, too.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
import zipimport

FOLDER = "/var/cache/gedge-lab/" + str(sys.implementation.cache_tag)
CODE = type(compile("", "", "exec"))


def kept(place):
    """The code that lies there; None where there is none or it is damaged, as after a power cut."""
    try:
        with open(place, "rb") as stream:
            code = marshal.loads(stream.read())
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return code if isinstance(code, CODE) else None


def keep(place, code):
    """Have it lie there, whole or not at all; who may not write goes without."""
    part = "%s.%d" % (place, os.getpid())
    try:
        os.makedirs(os.path.dirname(place), 0o700, exist_ok=True)
        with open(part, "wb") as stream:
            stream.write(marshal.dumps(code))
        os.replace(part, place)
    except OSError:
        pass


def keeping(compile_source, folder):
    """A function as zipimport's own, (path, source bytes) -> code, that compiles what is not in the folder."""

    def compiled(path, source):
        place = os.path.join(folder, _imp.source_hash(0, source).hex())
        code = kept(place)
        if code is None:
            code = compile_source(path, source)
            keep(place, code)
        else:
            _imp._fix_co_filename(code, path)
        return code

    return compiled


def start():
    """Have all imports out of a zip, in this process, take what is kept."""
    zipimport._compile_source = keeping(zipimport._compile_source, FOLDER)
