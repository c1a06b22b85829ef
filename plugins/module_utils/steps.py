# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a change consists of: steps, each with the disruption that it causes and the reason for it."""

from __future__ import annotations

NONE, LINK, DRAIN, REBOOT = "none", "link", "drain", "reboot"
DISRUPTIONS = (NONE, LINK, DRAIN, REBOOT)


class Step:
    """One change of one thing. Pure data plus the function that a subsystem's apply looks up by action."""

    def __init__(self, target, action, reason, disruption=NONE, before=None, after=None):
        """target: the device or file; action: verb, such as "create-vfs"; reason: why, for a person;
        disruption: one of DISRUPTIONS; before, after: the value that changes, JSON-able."""
        self.target = target
        self.action = action
        self.reason = reason
        self.disruption = disruption
        self.before = before
        self.after = after

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
