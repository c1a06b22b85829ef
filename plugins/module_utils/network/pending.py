# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A change that waits for its confirmation: armed before the first change, disarmed by the one who came back."""

from __future__ import annotations

import os
import time

from .. import own_files
from ..errors import EngineError
from . import script

SLACK_S = 60  # what putting back may take after its timer has run out: 10 to 17 s were seen on a busy emulated node
RESTORE = script.PENDING + "/restore"
PROCESS = script.PENDING + "/process"


def token(system):
    """The token of the change that waits for its confirmation, None for none."""
    return system.read(script.TOKEN) or None


def arm(system, text, name, within):
    """Put the restore script in place, whole, and set the clock. Nothing of the change may come before this.

    text: the script; name: the token; within: seconds."""
    system.write_file(RESTORE, text, 0o700)
    system.write_file(PROCESS, _process(system) + "\n")
    for path, content in script.UNITS.items():
        if content.startswith(own_files.LINK):
            system.write_link(path, content[len(own_files.LINK) :])
        else:
            system.write_file(path, content)
    system.write_file(script.TOKEN, name + "\n")
    system.run(["sync"])  # a reset of the machine must find it
    system.run(["systemctl", "reset-failed", script.TIMER + ".service"], check=False)
    system.run(
        ["systemd-run", "--quiet", "--collect", "--unit=" + script.TIMER, "--on-active=%d" % within]
        + ["--timer-property=AccuracySec=100ms", "/bin/sh", RESTORE]
    )


def confirm(system, name):
    """Keep the change of that token: from here on nothing puts it back. Raises EngineError where it is gone."""
    found = token(system)
    if found != name:
        what = "waits for another token" if found else "is not waiting any more: %s" % told(system)
        raise EngineError("the change %s %s" % (name, what), "network", "Run again for a new change")
    system.remove_file(script.TOKEN)
    system.run(["sync"])
    disarm(system)


def disarm(system):
    """Stop the clock and take away what is left of a change that nothing waits for any more."""
    system.run(["systemctl", "stop", script.TIMER + ".timer"], check=False)
    for path in list(script.UNITS)[::-1] + [RESTORE, PROCESS, script.TOKEN]:
        system.remove_file(path)
    for folder in (script.PENDING, script.PENDING.rsplit("/", 1)[0], "/var/lib/gedge"):
        system.remove_folder(folder)


def put_back(system):
    """Run the restore script now, in the run that made the change. Raises EngineError where it did not end."""
    system.run(["/bin/sh", RESTORE, "held"], check=False)
    if token(system):
        raise EngineError("the restore script did not come to its end", RESTORE)


def told(system):
    """What the last restoration on this node since its start says, in words."""
    text = system.read(script.TOLD)
    if not text:
        return "nothing on the node says when it ended"
    words = text.splitlines()[0].split()
    how = {"timer": "its time ran out", "boot": "the node was restarted", "held": "a step of it failed"}
    return "the node put the old state of change %s back at %s, as %s" % (
        words[0],
        words[1],
        how.get(words[2], words[2]),
    )


def wait(system, patience):
    """Wait for a change of somebody else, which ends by itself. To be called with the lock held by nobody.

    patience: seconds. One whose clock is not running any more is put back here. Raises EngineError."""
    end = time.monotonic() + patience + SLACK_S
    while token(system):
        units = [script.TIMER + ".timer", script.TIMER + ".service"]
        # Of several units one line each; rc 0 where any is active.
        states = system.run(["systemctl", "is-active"] + units, check=False).out.split()
        if not {"active", "activating"} & set(states):
            system.run(["/bin/sh", RESTORE, "timer"], check=False)
        elif time.monotonic() > end:
            raise EngineError(
                "a change of the network (token %s) waits for its confirmation" % token(system),
                "network",
                "Confirm it, or wait until the node has put it back; then run again",
            )
        else:
            time.sleep(0.5)


def _process(system):
    """ "PID START" of this process: a PID alone may be somebody else's by then."""
    stat = system.read("/proc/self/stat") or ""
    fields = stat.rsplit(")", 1)[-1].split()
    return "%d %s" % (os.getpid(), fields[19] if len(fields) > 19 else "0")
