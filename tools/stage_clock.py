"""Which stages of `make test` the time is enough for, on a machine of any speed."""

from __future__ import annotations

import time


class Clock:
    """How long stages on labs may still take, and how slow the machine is."""

    def __init__(self, budget=None, now=time.monotonic):
        """budget: seconds until the last test on a lab may begin, None for no end; now: the time in seconds."""
        self.budget, self.now, self.begun = budget, now, now()
        self.slowness = 1.0

    def gone(self):
        """Seconds since the first stage began."""
        return self.now() - self.begun

    def deadline(self):
        """{GEDGE_DEADLINE: seconds since the epoch} for stages that look at the time themselves (tests/conftest.py)."""
        return {} if self.budget is None else {"GEDGE_DEADLINE": str(time.time() + self.budget - self.gone())}

    def too_late(self, stage):
        """Why a stage on a lab would not end in time; empty where it will, and for others, which are never left out."""
        gone, needed = self.gone(), 60 * stage.minutes * self.slowness
        if self.budget is None or not stage.lab or gone + needed <= self.budget:
            return ""
        gone, needed, name = gone / 60, needed / 60, stage.name.split()[0]
        return f"LEFT OUT: {gone:.0f} min gone, needs {needed:.0f} on this machine; make {name} runs it"

    def ended(self, stage, seconds):
        """A stage has ended after so many seconds."""
        if stage.clock:
            self.slowness = max(1.0, seconds / (60 * stage.minutes))
