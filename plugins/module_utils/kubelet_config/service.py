# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kubelet's unit: what systemd says of it, stop, start, whether it is well, and its last words."""

from __future__ import annotations

import re

from .. import systemd
from ..errors import EngineError
from . import checkpoint
from .launch import UNIT

PROPERTIES = "LoadState FragmentPath DropInPaths ActiveState SubState MainPID NRestarts NeedDaemonReload".split()
# It answers before its container manager has looked at the state files, and does so every 5 s.
SETTLE_S = 6
# One crash can be a runtime that starts at the same time; a second one is a loop.
CRASHES = 2
LINES = 3
KLOG = re.compile(r"^[IWEF][0-9]{4} [0-9:.]+ +[0-9]+ ([^\]]+\] .*)$")
HEALTHZ = ("127.0.0.1", 10248)


def show(system):
    """{property: text} of the unit."""
    return systemd.show(system, UNIT, PROPERTIES)


def runs(unit):
    """True unless it is stopped for good; a crash loop runs too."""
    return unit.get("ActiveState") in ("active", "activating", "reloading", "deactivating")


def address(config, flags):
    """(host, port) of the kubelet's healthz, None where it has none."""
    host = flags.get("healthz-bind-address") or config.get("healthzBindAddress") or HEALTHZ[0]
    port = flags.get("healthz-port", config.get("healthzPort"))
    port = HEALTHZ[1] if port is None else int(port)
    return ("127.0.0.1" if host in ("0.0.0.0", "::") else host, port) if port else None


def answers(system, where):
    """Whether healthz says ok; a kubelet without it counts as well."""
    if where is None:
        return True
    host = "[%s]" % where[0] if ":" in where[0] else where[0]
    return system.fetch("http://%s:%d/healthz" % (host, where[1])) == "ok"


def stop(system):
    """Stop it; pods go on."""
    system.run(["systemctl", "stop", UNIT])


def restart(system):
    """Start it anew without waiting, with its counter of crashes at 0 and no limit to starts in its way."""
    system.run(["systemctl", "reset-failed", UNIT], check=False)
    system.run(["systemctl", "--no-block", "restart", UNIT])


def wait(system, clock, timeout, where, config, root):
    """Wait until the kubelet is well and stays so: healthz answers, its managers have taken up their state files, and
    it has not crashed since. Raises EngineError with its last words where it crashes again or the time is over."""
    began, since = clock.time(), None
    end = clock.monotonic() + timeout
    while True:
        unit, now = show(system), clock.monotonic()
        crashes = int(unit.get("NRestarts") or 0)
        if unit.get("ActiveState") == "failed" or crashes >= CRASHES:
            raise _dead(system, "crashes when it starts", began)
        well = unit.get("ActiveState") == "active" and answers(system, where) and _took_up(system, config, root)
        run = (unit.get("MainPID"), crashes)
        if not well or (since and since[1] != run):
            since = (now, run) if well else None
        elif since is None:
            since = (now, run)
        elif now - since[0] >= SETTLE_S:
            return
        if now >= end:
            raise _dead(system, "is not well within %d s" % timeout, began)
        clock.sleep(1)


def _took_up(system, config, root):
    """The managers write their state files when they start."""
    return all(
        checkpoint.policy(system.read("%s/%s" % (root, name)) or "") == policy
        for name, policy in checkpoint.policies(config).items()
    )


def _dead(system, what, began):
    text = last_words(system, began)
    said = "it says: %s" % text if text else "it says nothing"
    return EngineError("the kubelet %s; %s" % (what, said), UNIT, "journalctl -u kubelet has the rest")


def last_words(system, began):
    """The last errors in the kubelet's log since a time, else its last lines."""
    lines = systemd.log(system, UNIT, 400, "--since=@%d" % began)
    wrong = [line for line in lines if line[:1] in "EF" and KLOG.match(line)]
    chosen = list(dict.fromkeys(KLOG.sub(r"\1", line)[:300] for line in wrong or lines))
    return " | ".join(chosen[-LINES:])
