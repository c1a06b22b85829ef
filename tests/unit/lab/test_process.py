# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A process is known by its own command line."""

import signal
import subprocess
import sys
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import process

SLEEP = "import time; time.sleep(60)"


def sleeper(mark):
    """A process with a mark in its command line, which is empty for a moment after the start."""
    child = subprocess.Popen([sys.executable, "-c", SLEEP, mark])
    while not process.arguments(child.pid):
        time.sleep(0.01)
    return child


@pytest.fixture
def mark(tmp_path):
    """A mark that nobody else has; what has it is gone afterwards."""
    yield str(tmp_path / "pid")
    process.stop("python", str(tmp_path / "pid"), patience=0)


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (["/usr/bin/qemu-system-x86_64", "-pidfile", "/lab/n1/pid"], True),
        (["/usr/bin/qemu-system-x86_64", "-pidfile", "/lab/n1/pid2"], False),
        (["tail", "-f", "/lab/n1/pid"], False),
        (["qemu-system-x86_64"], False),
        ([], False),
    ],
)
def test_program_and_mark_must_both_match(words, known):
    assert process.matches(words, "qemu-system", "/lab/n1/pid") is known


def test_find_reads_a_proc_tree(tmp_path):
    for pid, words in (("7", ["qemu-system-x86_64", "/m/pid"]), ("8", ["bash", "/m/pid"]), ("self", ["x"])):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "cmdline").write_bytes("\0".join(words).encode() + b"\0")
    (tmp_path / "9").mkdir()
    assert process.find("qemu-system", "/m/pid", proc=str(tmp_path)) == [7]
    assert process.marks("qemu-system", "/m/", "pid", proc=str(tmp_path)) == ["/m/pid"]


def test_stop_ends_the_process_with_the_mark_and_no_other(mark):
    ours, other = sleeper(mark), sleeper(mark + "-other")
    try:
        assert process.find("python", mark) == [ours.pid]
        assert process.stop("python", mark) is True
        assert ours.wait(5) == -signal.SIGTERM
        assert other.poll() is None
        assert process.stop("python", mark) is False
    finally:
        other.kill()
        other.wait()


def test_a_stopped_process_is_ended_too(mark):
    child = sleeper(mark)
    child.send_signal(signal.SIGSTOP)
    process.stop("python", mark, patience=0.3)
    # SIGKILL wakes it; which of the two then counts is the kernel's choice. SIGTERM alone would leave it asleep.
    assert child.wait(5) in (-signal.SIGTERM, -signal.SIGKILL)


def test_a_pid_that_now_is_somebody_else_gets_no_signal(mark):
    child = sleeper(mark)
    process.send(child.pid, "python", "/another/mark", signal.SIGKILL)
    assert child.poll() is None
    process.send(2**22 - 1, "python", mark, signal.SIGKILL)


def test_start_outlives_nothing_it_should_not(tmp_path, mark):
    child = process.start([sys.executable, "-c", "print('said')", mark], str(tmp_path / "log"))
    assert child.wait(10) == 0
    assert (tmp_path / "log").read_text() == "said\n"
