# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a change consists of: steps, each with the disruption that it causes and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, field

NONE, LINK, DRAIN, REBOOT = "none", "link", "drain", "reboot"
DISRUPTIONS = (NONE, LINK, DRAIN, REBOOT)


@dataclass
class Step:
    """One change of one thing: pure data; a subsystem's apply looks the function up by action.

    target: the device or file; action: verb, such as "set-vf"; reason: why, for a person; disruption: one of
    DISRUPTIONS; before, after: the value that changes, JSON-able; detail: what only apply needs, not shown."""

    target: str
    action: str
    reason: str
    disruption: str = NONE
    before: object = None
    after: object = None
    detail: dict = field(default_factory=dict)

    def as_dict(self):
        """Plain data for a result."""
        return {
            "target": self.target,
            "action": self.action,
            "reason": self.reason,
            "disruption": self.disruption,
            "before": self.before,
            "after": self.after,
        }


def worst(steps):
    """The worst disruption among the steps, "none" for no step."""
    return max((step.disruption for step in steps), key=DISRUPTIONS.index, default=NONE)
