# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The ingress filter of a node as a part of a subsystem: observe, plan, apply, put back."""

from __future__ import annotations

from .. import own_files
from ..errors import ProblemsError
from ..steps import Step
from . import boot, hardware, parse, ruleset, table

LOAD, REMOVE = "load-filter", "remove-filter"
TARGET = "nft table %s" % ruleset.NAME


class State:
    """files: ours, {path: text}; table: the running one as nft lists it, "" for none."""

    def __init__(self, files, listing):
        self.files = files
        self.table = listing

    def as_dict(self):
        """Plain data, for a snapshot."""
        return {"files": self.files, "table": self.table}

    @classmethod
    def from_dict(cls, data):
        """The State of a snapshot."""
        return cls(data["files"], data["table"])

    def restore(self):
        """What brings the state back without this code: files to write or link, files to remove, text for nft."""
        absent = sorted(set(boot.PATHS) - set(self.files))
        return {"files": self.files, "absent": absent, "nft": ruleset.RESET + self.table}


class Ingress:
    """What may enter the node on its data networks. Without filters: what we made goes."""

    def __init__(self, items, system, interfaces_of=None, absent=False):
        """items: the option "filters"; interfaces_of: {network: [names]} for items without interfaces.

        Raises ProblemsError with every fault."""
        self.system = system
        self.filters, problems = parse.parse([] if absent else items, interfaces_of)
        if problems:
            raise ProblemsError(problems, where="ingress")
        self.text = ruleset.text(self.filters)

    def observe(self):
        """State of the node."""
        return State(own_files.read(self.system, boot.PATHS), table.read(self.system))

    def plan(self, state):
        """Files first, the table last: a run that was killed between them still has the table to load."""
        steps = own_files.steps(state.files, boot.files(self.text), reason="the filter must be there at boot")
        wanted = table.expected(self.system, self.text)
        if wanted != state.table:
            action = LOAD if wanted else REMOVE
            steps.append(
                Step(TARGET, action, _reason(state.table, wanted), before=state.table or None, after=wanted or None)
            )
        elif steps:
            steps[-1].detail["reload"] = True
        return steps

    @staticmethod
    def acts(step):
        """True for a step of this part."""
        return step.target == TARGET or step.target.replace(own_files.DRAFT, "") in boot.PATHS

    def apply(self, step):
        """Carry one step out."""
        if step.action == LOAD:
            table.load(self.system, step.after)
        elif step.action == REMOVE:
            table.remove(self.system)
        else:
            own_files.apply(self.system, step)
        if step.target == TARGET or step.detail.get("reload"):
            self._end()

    def put_back(self, state):
        """Files and table exactly as they were, and with them what somebody had changed by hand."""
        now = self.observe()
        for step in own_files.steps(now.files, state.files):
            own_files.apply(self.system, step)
        if now.table != state.table and state.table:
            table.load(self.system, state.table)
        elif now.table != state.table:
            table.remove(self.system)
        self._end()

    def report(self):
        """[{network, interface, where, reason}]: what filters each interface, "nftables" or "none", and why."""
        return [
            {
                "network": one.network,
                "interface": name,
                "where": "none" if one.rules is None else "nftables",
                "reason": self._why(one, name),
            }
            for one in self.filters
            for name in one.interfaces
        ]

    def _why(self, one, name):
        return "nothing is asked for" if one.rules is None else hardware.reason(self.system, name)

    def _end(self):
        for folder in boot.FOLDERS:
            self.system.remove_folder(folder)
        self.system.run(["systemctl", "daemon-reload"])


def _reason(found, wanted):
    if not wanted:
        return "no longer asked for"
    return "differs from what is asked for" if found else "what may enter is not filtered yet"
