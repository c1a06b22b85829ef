# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Watches nodes come up, all at once. One that hangs is killed and started again, a limited number of times."""

from __future__ import annotations

import time

from ..errors import EngineError
from . import accel, sshaccess

WAIT, UP, HUNG, DEAD = "wait", "up", "hung", "dead"
STAGES = (
    ("Loading Linux", "boot loader"),
    ("Linux version", "kernel started"),
    ("systemd[1]: Detected", "systemd started"),
    ("Name and SSH key", "has its name and key"),
)
# A server that is asked and left before it speaks takes that amiss: OpenSSH from 9.8 on lets nobody in for 15 s after
# 15 of those within as many seconds (PerSourcePenalties), and on a busy machine it needs seconds to speak.
PATIENCE_S = 5.0


class Limits:
    """When a boot counts as hung, and how often it is tried again."""

    def __init__(self, silence=90, timeout=300, attempts=3):
        """silence: seconds without a byte on the serial line; timeout: seconds in all; attempts: starts."""
        self.silence, self.timeout, self.attempts = silence, timeout, attempts


def judge(alive, answers, age, silence, limits):
    """(verdict, why) on one look at a VM that boots. age, silence: seconds."""
    if not alive:
        return DEAD, "its process has ended"
    if answers:
        return UP, "answers"
    if age >= limits.timeout:
        return HUNG, "no SSH after %d s" % age
    if silence >= limits.silence:
        return HUNG, "nothing on the serial line for %d s, no SSH" % silence
    return WAIT, ""


class Boot:
    """One VM on its way up."""

    def __init__(self, vm, port, begin):
        """begin: a function that starts the VM (again) and returns its port and its process, a Popen.

        port: of a VM that runs already; None starts it now."""
        self.vm, self.begin, self.attempt = vm, begin, 1
        self.told = set()
        self.port, self.child = port, None
        self.reset() if port else self.start()

    def start(self):
        """Start it, and look at an empty serial line."""
        self.port, self.child = self.begin()
        self.reset()

    def end(self):
        """End it at once."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
        self.vm.kill()

    def alive(self):
        """Our own child is asked itself: while it begins, its command line still is empty."""
        return self.vm.running() if self.child is None else self.child.poll() is None

    def reset(self):
        """The clock begins now."""
        self.born = self.heard = time.monotonic()
        self.size = 0
        self.told = set()

    def look(self, limits):
        """One look: (verdict, why)."""
        now, size = time.monotonic(), self.vm.log_size()
        if size != self.size:
            self.size, self.heard = size, now
        alive = self.alive()
        answers = alive and self.vm.answers(self.port, wait=PATIENCE_S)
        return judge(alive, answers, now - self.born, now - self.heard, limits)

    def news(self):
        """The stages that the serial line shows and that were not told yet."""
        text = accel.tail(self.vm.log)
        fresh = [stage for mark, stage in STAGES if mark in text and stage not in self.told]
        self.told.update(fresh)
        return fresh

    def seconds(self):
        """Seconds since this attempt began."""
        return time.monotonic() - self.born


def watch(boots, limits, progress):
    """Return when all VMs answer; raises EngineError for those that do not after all attempts."""
    waiting, failed = list(boots), []
    while waiting:
        for boot in list(waiting):
            verdict, why = boot.look(limits)
            tell(boot, progress)
            if verdict == UP:
                progress.say(boot.vm.name, "SSH answers, %d s" % boot.seconds())
                waiting.remove(boot)
            elif verdict in (HUNG, DEAD) and not again(boot, why, limits, progress):
                waiting.remove(boot)
                failed.append((boot, why))
        time.sleep(0.5)
    if failed:
        raise EngineError("\n".join(complaint(boot, why) for boot, why in failed), "the virtual testbed")


def tell(boot, progress):
    """News of a boot, as lines."""
    for stage in boot.news():
        progress.say(boot.vm.name, "%s, %d s" % (stage, boot.seconds()))


def again(boot, why, limits, progress):
    """Start a hung VM again; False where the limit is reached."""
    if boot.attempt >= limits.attempts:
        return False
    boot.attempt += 1
    progress.say(boot.vm.name, "%s: started again (%d of %d)" % (why, boot.attempt, limits.attempts))
    boot.end()
    boot.start()
    return True


def complaint(boot, why):
    """Why a VM did not come up, and where to look."""
    return "%s did not come up in %d attempt(s): %s. Its log: %s\n%s" % (
        boot.vm.name,
        boot.attempt,
        why,
        boot.vm.log,
        boot.vm.last_words(),
    )


def settle(vm, limits):
    """Wait until the guest's own services are up; returns systemd's word: running, or degraded with the units."""
    rc, state = sshaccess.login(vm.lab_folder, vm.name, ["systemctl is-system-running --wait"], limits.timeout)
    if rc is None or rc == 255:
        raise EngineError(
            "SSH answers but a login fails: %s" % state,
            vm.name,
            "Its log: %s\n%s" % (vm.log, vm.last_words()),
        )
    return state
