# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The edge to nft: the table as it runs, the table as a text would make it, loading and removing."""

from __future__ import annotations

from ..errors import EngineError
from .ruleset import NAME, RESET

LIST = "nft -s list table " + NAME
# A network namespace of its own ends with the command: nothing of the node's rules is touched by the trial.
TRIAL = ["unshare", "-n", "sh", "-c", "nft -f - && exec " + LIST]


def is_installed(system):
    """True where there is nft."""
    return system.exists("/usr/sbin/nft")


def read(system):
    """The table that runs, as 'nft -s list' writes it: without counts and handles. "" where there is none."""
    return system.run(LIST.split(), check=False).out if is_installed(system) else ""


def expected(system, text):
    """How this node's nft and kernel list the table that the text makes, so that no difference is one of spelling."""
    if not text or not is_installed(system):
        return text
    result = system.run(TRIAL, check=False, stdin=text)
    if result.rc != 0:
        lines = (result.err or result.out).strip().splitlines()
        advice = "The kernel needs nf_tables with ct, fib and limit; see 'nft -c -f'"
        raise EngineError("the filter cannot be loaded: %s" % (lines[0] if lines else "no message"), "nft", advice)
    return result.out


def load(system, listing):
    """Put a table (any text of it) in the place of the one that runs, in one transaction."""
    system.run(["nft", "-f", "-"], stdin=RESET + listing)


def remove(system):
    """Take the table away, where it is there."""
    if is_installed(system):
        system.run(["nft", "-f", "-"], stdin=RESET)
