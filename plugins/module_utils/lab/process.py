# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Processes that outlive the module that starts them.

A process is known by a mark in its own command line (a path that only it has), never by a stored number: the answer
is right after a crash between its start and a note about it, and a recycled pid is never taken for it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time

PROC = "/proc"


def arguments(pid, proc=PROC):
    """The command line of a process as a list, [] where it has gone or is a zombie."""
    try:
        with open("%s/%s/cmdline" % (proc, pid), "rb") as handle:
            return handle.read().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def matches(words, program, mark):
    """True for a command line whose program's name begins with `program` and that has the word `mark`."""
    return bool(words) and os.path.basename(words[0]).startswith(program) and mark in words[1:]


def find(program, mark, proc=PROC):
    """The pids, ascending, of the processes of that program with that mark."""
    pids = [int(name) for name in os.listdir(proc) if name.isdigit()]
    return sorted(pid for pid in pids if matches(arguments(pid, proc), program, mark))


def marks(program, prefix, suffix, proc=PROC):
    """The words that begin and end so in the command lines of a program's processes."""
    lines = [arguments(name, proc) for name in os.listdir(proc) if name.isdigit()]
    return sorted(
        word
        for words in lines
        if words and os.path.basename(words[0]).startswith(program)
        for word in words[1:]
        if word.startswith(prefix) and word.endswith(suffix)
    )


def start(argv, log, cwd=None, env=None):
    """Start a program that goes on after us, its output in the file `log`; returns the Popen."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
            close_fds=True,
        )


def send(pid, program, mark, number):
    """Send a signal if, and only if, the pid still is that process."""
    try:
        handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    except OSError:
        return
    try:
        if matches(arguments(pid), program, mark):
            if handle is None:
                os.kill(pid, number)
            else:
                signal.pidfd_send_signal(handle, number)
    except OSError:
        pass
    finally:
        if handle is not None:
            os.close(handle)


def stop(program, mark, patience=5.0):
    """End all such processes: SIGTERM, and SIGKILL after `patience` seconds. True if any was there."""
    found = find(program, mark)
    for number, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 10.0)):
        for pid in find(program, mark):
            send(pid, program, mark, number)
        if gone(program, mark, wait):
            break
    return bool(found)


def gone(program, mark, wait):
    """Wait until no such process is left; False after `wait` seconds."""
    end = time.monotonic() + wait
    while find(program, mark):
        if time.monotonic() >= end:
            return False
        time.sleep(0.1)
    return True
