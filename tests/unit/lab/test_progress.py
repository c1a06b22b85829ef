# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the progress callback says, and when."""

import pytest
from ansible_collections.gedge.engine.plugins.callback.progress import CallbackModule
from ansible_collections.gedge.engine.plugins.plugin_utils.progress import Clock, duration, new_lines


def follow(tmp_path, terminal, events, until):
    """[(second, line)] of a task on one host that ends at `until`; events: {second: text appended to the file}."""
    path = tmp_path / "progress"
    path.touch()
    clock, said = Clock(terminal), []
    clock.begin("Start", 0)
    clock.enter("localhost")
    for second in range(1, until + 1):
        with path.open("a") as handle:
            handle.write(events.get(second, ""))
        said += [(second, line) for line in clock.tick(second, str(path))]
    return said + [(until, line) for line in clock.leave("localhost", until, str(path))]


def test_a_fast_task_is_left_alone(tmp_path):
    assert follow(tmp_path, True, {}, 2) == []


def test_a_terminal_sees_lines_as_they_come_and_the_time_when_nothing_comes(tmp_path):
    said = follow(tmp_path, True, {2: "node1: started\n", 4: "node1: up\nnode2: up\n"}, 16)
    assert said == [
        (2, "node1: started"),
        (4, "node1: up"),
        (4, "node2: up"),
        (14, "Start: 14 s so far"),
        (16, "took 16 s"),
    ]


def test_a_log_gets_a_line_every_ten_seconds_at_most(tmp_path):
    said = follow(tmp_path, False, {2: "a\n", 4: "b\n", 12: "c\n"}, 35)
    assert said == [(10, "a; b"), (20, "c"), (30, "Start: 30 s so far"), (35, "took 35 s")]


def test_the_time_comes_when_the_last_host_has_ended(tmp_path):
    clock = Clock(True)
    clock.begin("Start", 0)
    clock.enter("node1")
    clock.enter("node2")
    assert clock.leave("node1", 5, None) == []
    assert clock.leave("node2", 65, None) == ["took 1 min 05 s"]


@pytest.mark.parametrize(
    ("text", "lines", "offset"), [("", [], 0), ("a", [], 0), ("a\nb", ["a"], 2), ("a\nb\n", ["a", "b"], 4)]
)
def test_half_a_line_waits(tmp_path, text, lines, offset):
    (tmp_path / "p").write_text(text)
    assert new_lines(str(tmp_path / "p"), 0) == (lines, offset)


def test_a_file_that_has_gone_has_no_lines(tmp_path):
    assert new_lines(str(tmp_path / "none"), 7) == ([], 7)


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (125, "2 min 05 s")])
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("before", "said"), [(None, ["b"]), ("a\n", ["b"])], ids=["not there yet", "there"])
def test_a_file_that_somebody_names(tmp_path, monkeypatch, before, said):
    """A run that found none yet had no clock, and a warning for each task."""
    path = tmp_path / "p"
    if before is not None:
        path.write_text(before)
    monkeypatch.setenv("GEDGE_PROGRESS_FILE", str(path))
    callback = CallbackModule()
    monkeypatch.setattr(callback, "get_option", {"interval": 10}.get)
    callback.v2_playbook_on_start(None)
    callback.ended.set()
    with path.open("a") as handle:
        handle.write("b\n")
    assert new_lines(str(path), callback.clock.offset)[0] == said
