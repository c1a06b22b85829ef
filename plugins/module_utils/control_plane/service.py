# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The units at work: what systemd says of them, start and stop, whether a component is well, and its last words."""

from __future__ import annotations

import calendar
import json
import re
import time
from dataclasses import dataclass

from .. import systemd
from ..errors import EngineError
from . import https
from .flags import PKI

PROPERTIES = "Id ActiveState MainPID NRestarts NeedDaemonReload ExecMainStartTimestamp".split()
STAMP = re.compile(r"\w+ (\d+-\d+-\d+ \d+:\d+:\d+)(\.\d+)? UTC")
KLOG = re.compile(r"^[EF][0-9]{4} [0-9:.]+ +[0-9]+ ([^\]]+\] .*)$")
SETTLE_S = 10  # a unit that has just been started by systemd is given these to be well
CRASHES = 3
LINES = 3


@dataclass
class Runner:
    """How components run. show(system, component): Unit; words(system, component, began): the last of its log; where,
    advice: texts with a place for the component."""

    show: object
    words: object
    where: str
    advice: str


@dataclass
class Unit:
    """A unit. active: systemd has it running or starting; since: start, seconds since the epoch; program: the file
    that runs; well: whether its health says ok."""

    active: bool = False
    since: float = 0.0
    program: str = ""
    well: bool = False
    reload: bool = False
    crashes: int = 0


def show(system, component):
    """Unit, its health not asked."""
    said = systemd.show(system, component + ".service", PROPERTIES, "--timestamp=us+utc")
    pid = said.get("MainPID", "0")
    hit = STAMP.match(said.get("ExecMainStartTimestamp", ""))
    since = calendar.timegm(time.strptime(hit.group(1), "%Y-%m-%d %H:%M:%S")) + float(hit.group(2) or 0) if hit else 0.0
    return Unit(
        active=said.get("ActiveState") in ("active", "activating", "reloading"),
        since=since,
        program=(system.link("/proc/%s/exe" % pid) or "") if pid != "0" else "",
        reload=said.get("NeedDaemonReload") == "yes",
        crashes=int(said.get("NRestarts") or 0),
    )


def well(system, component, wanted):
    """Whether a component says that it is ready."""
    address, port, path, ca = {
        "etcd": ("127.0.0.1", 2381, "/readyz", None),
        "kube-apiserver": (wanted.address, wanted.port, "/readyz", PKI + "/ca.crt"),
        "kube-controller-manager": ("127.0.0.1", 10257, "/healthz", ""),
        "kube-scheduler": ("127.0.0.1", 10259, "/healthz", ""),
    }[component]
    return https.status(system, address, port, path, ca) == 200


def settled(system, component, wanted, clock, runner=None):
    """Unit with its health; one that has just been started is given a moment."""
    look = (runner or RUNNER).show
    unit = look(system, component)
    end = clock.monotonic() + SETTLE_S
    while unit.active:
        unit.well = well(system, component, wanted)
        if unit.well or clock.monotonic() >= end:
            break
        clock.sleep(0.5)
        unit = look(system, component)
    return unit


def stop(system, component):
    """Stop it."""
    system.run(["systemctl", "stop", component + ".service"])


def restart(system, component):
    """Start it anew without waiting, its counter of crashes at 0."""
    system.run(["systemctl", "reset-failed", component + ".service"], check=False)
    system.run(["systemctl", "--no-block", "restart", component + ".service"])


def wait(system, component, wanted, clock, nudge=lambda: None, runner=None):
    """Until it is well; nudge() is called while it is not.

    Raises EngineError with its last words where it keeps crashing or the time is over."""
    runner = runner or RUNNER
    began, end = clock.time(), clock.monotonic() + wanted.timeout
    while True:
        unit = runner.show(system, component)
        if unit.active and unit.program and well(system, component, wanted):
            return
        nudge()
        if unit.crashes >= CRASHES:
            raise _dead(system, runner, component, "crashes when it starts", began)
        if clock.monotonic() >= end:
            raise _dead(system, runner, component, "is not ready within %d s" % wanted.timeout, began)
        clock.sleep(0.25)


def _dead(system, runner, component, what, began):
    text = runner.words(system, component, began)
    said = "it says: %s" % text if text else "it says nothing"
    return EngineError("it %s; %s" % (what, said), runner.where % component, runner.advice % component)


def last_words(system, component, began):
    """The last errors in a component's log since a time, else its last lines."""
    return telling(systemd.log(system, component + ".service", 400, "--since=@%d" % began))


def telling(lines):
    """The last errors among the lines of a log, else the last lines."""
    wrong = [text for text in map(_fault, lines) if text]
    return " | ".join(list(dict.fromkeys(text[:300] for text in wrong or lines))[-LINES:])


def _fault(line):
    """The text of a line that tells a fault (klog's, or etcd's JSON), "" for any other."""
    if line.startswith("{"):
        try:
            said = json.loads(line)
        except ValueError:
            return ""
        if said.get("level") in ("error", "fatal", "panic"):
            return " ".join(str(said[key]) for key in ("msg", "error") if said.get(key))
        return ""
    hit = KLOG.match(line)
    return hit.group(1) if hit else (line if line.startswith(("Error:", "error:")) else "")


RUNNER = Runner(show, last_words, "%s.service", "journalctl -u %s has the rest")
