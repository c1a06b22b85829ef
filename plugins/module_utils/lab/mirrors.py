# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Where Debian packages come from on this machine: from apt's own configuration, never from a name in our files."""

from __future__ import annotations

from ..errors import EngineError

FORMAT = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def parse(text):
    """[{"uri", "release", "component"}] of `apt-get indextargets --format FORMAT`."""
    entries = []
    for line in text.splitlines():
        fields = line.split("|")
        if len(fields) >= 3 and fields[1] and not fields[1].startswith("$"):
            entries.append({"uri": fields[0].rstrip("/"), "release": fields[1], "component": fields[2]})
    return entries


def find(entries, release):
    """The URI of the first entry of a release with the component main, or None."""
    return next((one["uri"] for one in entries if one["release"] == release and one["component"] == "main"), None)


def archive(entries, codename):
    """The URI of the Debian archive that this host uses, by its own suite, its alias or what belongs to it."""
    for release in (codename, "stable", "oldstable", "testing", codename + "-updates", codename + "-backports"):
        uri = find(entries, release)
        if uri:
            return uri
    raise EngineError(
        "apt knows no source with the suite %s and the component main" % codename,
        "/etc/apt",
        "Add the Debian archive to /etc/apt/sources.list.d, or set lab_mirror",
    )


def security(entries, codename):
    """The URI of the security archive that this host uses, or None."""
    return find(entries, codename + "-security") or find(entries, "stable-security")


def sources(suite, uri, security_uri=None):
    """The apt lines of a guest."""
    lines = ["deb %s %s main" % (uri, suite), "deb %s %s-updates main" % (uri, suite)]
    if security_uri:
        lines.append("deb %s %s-security main" % (security_uri, suite))
    return lines


def read(system):
    """The entries of the live machine's apt configuration."""
    return parse(system.run(["apt-get", "indextargets", "--format", FORMAT, "Created-By: Packages"]).out)


def codename(system):
    """VERSION_CODENAME of the machine, such as bookworm."""
    for line in (system.read("/etc/os-release") or "").splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.split("=", 1)[1].strip('"')
    raise EngineError("no VERSION_CODENAME", "/etc/os-release", "The lab is built on Debian 12 and 13")
