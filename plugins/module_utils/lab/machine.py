# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a VM and a light node of the lab have alike: a folder of files, a process, a console."""

from __future__ import annotations

import os
import shutil

from . import accel, process

LAST_LINES = 15


class Machine:
    """A node of a lab, by its name.

    program: the word in its process's name; mark: the file's name in its command line by which it is known; console,
    output: names of the files with what it and its program say, and how they are called in an error message."""

    kind = program = mark_name = ""
    console = output = ("", "")

    def __init__(self, system, lab_folder, name):
        self.system, self.lab_folder, self.name = system, lab_folder, name
        self.folder = os.path.join(lab_folder, name)
        self.mark = self.file(self.mark_name)
        self.log = self.file(self.console[0])

    def file(self, name):
        """A file in the node's folder."""
        return os.path.join(self.folder, name)

    def running(self):
        """True where its process is there."""
        return bool(process.find(self.program, self.mark))

    def remove(self):
        """Remove its files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_size(self):
        """Bytes on the console so far."""
        try:
            return os.path.getsize(self.log)
        except OSError:
            return 0

    def last_words(self):
        """What its program and its console said last, for an error message."""
        said = accel.tail(self.file(self.output[0]), 2000).strip()
        lines = [line.strip() for line in accel.tail(self.log, 8000).splitlines() if line.strip()]
        words = ["%s said: %s" % (self.output[1], said)] if said else []
        words.append("last lines of the %s:" % self.console[1])
        return "\n".join(words + ["  | " + line[:160] for line in lines[-LAST_LINES:] or ["(nothing)"]])
