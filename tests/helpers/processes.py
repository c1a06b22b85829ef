"""Processes of the machine that the tests run on."""

import contextlib
import os
import pathlib
import signal


def kill_tree(pid):
    """kill -9 a process and all that it has started, at once.

    Not by its process group: Ansible's workers are in sessions of their own, and one that survives runs its task once
    more as soon as the node answers again."""
    alive = [pid]
    for one in alive:  # grows while it is walked
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGSTOP)
        alive += _children(one)
    for one in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def _children(pid):
    """PIDs of the processes that one has started itself."""
    with contextlib.suppress(OSError):
        texts = [path.read_text(encoding="ascii") for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children")]
        return [int(word) for text in texts for word in text.split()]
    return []
