# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""When a boot counts as hung, and what happens then."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.lab import boot
from ansible_collections.gedge.engine.plugins.module_utils.progress import Progress


@pytest.mark.parametrize(
    ("alive", "answers", "age", "silence", "verdict"),
    [
        (True, False, 5, 5, boot.WAIT),
        (True, True, 20, 2, boot.UP),
        (True, True, 400, 99, boot.UP),
        (True, False, 95, 90, boot.HUNG),
        (True, False, 300, 1, boot.HUNG),
        (False, False, 1, 1, boot.DEAD),
    ],
)
def test_judge(alive, answers, age, silence, verdict):
    assert boot.judge(alive, answers, age, silence, boot.Limits(90, 300, 3))[0] == verdict


class Vm:
    """A VM of which the test decides at which start it comes up (-1: never)."""

    name = "node1"

    def __init__(self, folder, good):
        self.folder, self.good, self.starts, self.kills = folder, good, 0, 0
        self.log = str(folder / "serial.log")

    def begin(self):
        """Start it."""
        self.starts += 1
        return 2222, None

    def running(self):
        """It never ends by itself."""
        return True

    def answers(self, port, wait):
        """It comes up at the good start."""
        return port == 2222 and self.starts == self.good

    def kill(self):
        """End it."""
        self.kills += 1

    def file(self, name):
        """A file of it."""
        return str(self.folder / name)

    def log_size(self):
        """It never says a word."""
        return 0

    def last_words(self):
        """What a person gets to see."""
        return "LAST WORDS"


LIMITS = boot.Limits(silence=0, timeout=300, attempts=3)


@pytest.mark.parametrize("good", [1, 2, 3])
def test_a_hung_vm_is_started_again(tmp_path, monkeypatch, good):
    monkeypatch.setattr(boot.time, "sleep", lambda seconds: None)
    vm = Vm(tmp_path, good)
    one = boot.Boot(vm, None, vm.begin)
    boot.watch([one], LIMITS, Progress(tmp_path / "progress"))
    assert (vm.starts, vm.kills, one.attempt) == (good, good - 1, good)
    assert "node1: SSH answers" in (tmp_path / "progress").read_text()


def test_the_limit_is_kept_and_the_message_says_where_to_look(tmp_path, monkeypatch):
    monkeypatch.setattr(boot.time, "sleep", lambda seconds: None)
    vm = Vm(tmp_path, -1)
    with pytest.raises(EngineError) as caught:
        boot.watch([boot.Boot(vm, None, vm.begin)], LIMITS, Progress())
    assert vm.starts == 3
    for words in ("node1 did not come up in 3 attempt(s)", "no SSH", str(tmp_path / "serial.log"), "LAST WORDS"):
        assert words in str(caught.value)


def test_a_running_vm_is_not_started_while_it_is_awaited(tmp_path, monkeypatch):
    monkeypatch.setattr(boot.time, "sleep", lambda seconds: None)
    vm = Vm(tmp_path, -1)
    one = boot.Boot(vm, 2222, vm.begin)
    assert vm.starts == 0
    assert one.look(boot.Limits())[0] == boot.WAIT


def test_each_stage_is_told_once(tmp_path):
    vm = Vm(tmp_path, -1)
    one = boot.Boot(vm, 2222, vm.begin)
    (tmp_path / "serial.log").write_text("Loading Linux 6.1.0 ...\n")
    assert one.news() == ["boot loader"]
    (tmp_path / "serial.log").write_text("Loading Linux 6.1.0 ...\n[0.0] Linux version 6.1.0\n")
    assert one.news() == ["kernel started"]
    assert one.news() == []
