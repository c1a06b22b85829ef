# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The edge to apt and dpkg: what is installed, what an installation would bring, install, purge."""

from __future__ import annotations

import re

from ..errors import EngineError

QUERY = ["dpkg-query", "-W", "-f", "${Package}\t${db:Status-Status}\t${Version}\n"]
APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
# Configuration files of others stay; a package that would have to go for ours is not taken away.
INSTALL = ["--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "--no-remove", "install"]
# apt-get -s: "Inst NAME (VERSION ...)" for a new package, "Inst NAME [OLD] (NEW ...)" for one that is upgraded.
NEW = re.compile(r"^Inst (\S+) \((\S+)", re.MULTILINE)
GONE = re.compile(r"^(?:Remv|Purg) (\S+)", re.MULTILINE)
INTERRUPTED = "/var/lib/dpkg/updates"


def installed(system):
    """{package: version} of what is installed. Raises EngineError where there is no dpkg."""
    result = system.run(QUERY)
    rows = (line.split("\t") for line in result.out.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def mend(system):
    """End what a killed dpkg left half-way, as it says itself."""
    if system.list(INTERRUPTED) or system.run(["dpkg", "--audit"], check=False).out.strip():
        system.run(["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "--configure", "-a"])


def refusal(system, names):
    """Why apt would not install them with the lists that it has, None where it would. Changes nothing."""
    result = _simulated(system, names)
    return None if result.rc == 0 else _tail(result.err or result.out)


def would_bring(system, names):
    """{package: version} of all that an installation adds; refreshes the lists of apt where it needs to."""
    result = _simulated(system, names)
    if result.rc != 0:
        system.run(APT + ["update"])
        result = _simulated(system, names)
    if result.rc != 0:
        advice = "See the sources of apt on the node, or name another package"
        raise EngineError("apt cannot install them: %s" % _tail(result.err or result.out), " ".join(names), advice)
    return dict(NEW.findall(result.out))


def _simulated(system, names):
    return system.run(APT + ["-s"] + INSTALL + names, check=False)


def install(system, names):
    """Install packages, once more with fresh lists where the listed version is gone from the archive."""
    if system.run(APT + INSTALL + names, check=False).rc != 0:
        system.run(APT + ["update"])
        system.run(APT + INSTALL + names)


def would_take(system, names):
    """Names of all packages that a purge would remove."""
    return set(GONE.findall(system.run(APT + ["-s", "purge"] + names).out))


def purge(system, names):
    """Remove packages with their configuration."""
    system.run(APT + ["purge"] + names)


def _tail(text):
    return " ".join(text.strip().splitlines()[-3:]) or "no message"
