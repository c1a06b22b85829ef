# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: aggregate
short_description: Shows what a long task does while it works, and how long it took
version_added: 0.1.0
description:
  - Works beside the callback that writes to stdout. Tasks that end within three seconds are left alone.
  - A longer task gets a line with its time at the end, and one at least every O(interval) seconds on the way.
  - Output that goes to a file or a pipe is flushed every second, so that a log can be followed.
  - A module may append lines to the file that the environment variable E(GEDGE_PROGRESS_FILE) names; they are shown as
    they come, on a terminal at once, elsewhere in one line per interval.
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - Enabled in the configuration, C(callbacks_enabled = gedge.engine.progress).
options:
  interval:
    description: Seconds between two lines about a task that still works.
    type: int
    default: 10
    env:
      - name: GEDGE_PROGRESS_INTERVAL
    ini:
      - section: callback_gedge_progress
        key: interval
"""

EXAMPLES = r"""
ansible.cfg: |
  [defaults]
  callbacks_enabled = gedge.engine.progress
"""

import atexit
import os
import sys
import tempfile
import threading
import time

from ansible.plugins.callback import CallbackBase

from ..plugin_utils import warm
from ..plugin_utils.progress import Clock

FILE_VARIABLE = "GEDGE_PROGRESS_FILE"


class CallbackModule(CallbackBase):
    """Feeds a Clock with the events of the run, and shows what it says; a thread looks in between."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "gedge.engine.progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display=None, options=None):
        super().__init__(display=display, options=options)
        self.clock, self.path, self.own_file = None, None, False
        self.lock, self.ended = threading.Lock(), threading.Event()

    def v2_playbook_on_start(self, playbook):
        """Make the file for the modules' lines, and start to look at it."""
        warm.filters()  # for inventories that are not ours too
        self.path = os.environ.get(FILE_VARIABLE)
        if not self.path:
            handle, self.path = tempfile.mkstemp(prefix="gedge-progress-")
            os.close(handle)
            atexit.register(self.forget, os.getpid())
            os.environ[FILE_VARIABLE], self.own_file = self.path, True
        self.clock = Clock(sys.stdout.isatty(), self.get_option("interval"), size(self.path))
        threading.Thread(target=self.look, name="gedge-progress", daemon=True).start()

    def look(self):
        """Once a second, until the run ends."""
        while not self.ended.wait(1.0):
            with self.lock:
                self.show(self.clock.tick(time.monotonic(), self.path))
            flush()

    def show(self, lines):
        """Print lines; Display may be called from any thread."""
        for line in lines:
            self._display.display("  " + line)

    def v2_playbook_on_task_start(self, task, is_conditional):
        """Another task begins."""
        with self.lock:
            self.clock.begin(task.get_name(), time.monotonic())

    def v2_runner_on_start(self, host, task):
        """It begins on a host."""
        with self.lock:
            self.clock.enter(host.get_name())

    def finished(self, result):
        """It has ended on a host."""
        with self.lock:
            self.show(self.clock.leave(result._host.get_name(), time.monotonic(), self.path))

    def v2_runner_on_ok(self, result):
        """Ended well."""
        self.finished(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """Ended badly."""
        self.finished(result)

    def v2_runner_on_skipped(self, result):
        """Not run."""
        self.finished(result)

    def v2_runner_on_unreachable(self, result):
        """The host did not answer."""
        self.finished(result)

    def v2_playbook_on_stats(self, stats):
        """The run has ended."""
        self.ended.set()
        self.forget(os.getpid())

    def forget(self, maker):
        """Remove the file where it is ours; also at an end by Ctrl-C, but not when a forked worker ends."""
        if self.own_file and maker == os.getpid():
            self.own_file = False
            os.environ.pop(FILE_VARIABLE, None)
            os.unlink(self.path)


def size(path):
    """Bytes of the file that somebody else has named: what stood there before the run is not shown. 0 for none yet."""
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def flush():
    """Ansible leaves this to the end of the run, so that a log or a pipe would show nothing until then."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        pass
