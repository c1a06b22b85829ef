# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Where Debian packages come from on this machine: from apt's own configuration, never from a name in our files."""

from __future__ import annotations

import re

from ..errors import EngineError

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# What apt would fetch is known before anything was fetched; `apt-get indextargets` is empty on a fresh machine.
COMMAND = ["apt-get", "update", "--print-uris"]
PACKAGES = re.compile(r"^'(?P<uri>[^']+?)/dists/(?P<release>[^']+)/(?P<component>[^/']+)/binary-[^/']+/Packages")
MIRROR_LIST = "mirror+file:"


def parse(text):
    """[{"uri", "release", "component"}] of what COMMAND prints; sources that are no archive are left out."""
    return [found.groupdict() for found in map(PACKAGES.match, text.splitlines()) if found]


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
    entries = parse(system.run(COMMAND).out)
    return [dict(one, uri=real_uri(system, one["uri"])) for one in entries]


def real_uri(system, uri):
    """A list of mirrors in a local file, as cloud images have it, means nothing to a guest: take its first mirror."""
    if not uri.startswith(MIRROR_LIST):
        return uri
    path = "/" + uri[len(MIRROR_LIST) :].lstrip("/")
    lines = [line.split() for line in (system.read(path) or "").splitlines()]
    return next((words[0].rstrip("/") for words in lines if words and not words[0].startswith("#")), uri)


def codename(system):
    """VERSION_CODENAME of the machine, such as bookworm."""
    for line in (system.read("/etc/os-release") or "").splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.split("=", 1)[1].strip('"')
    raise EngineError("no VERSION_CODENAME", "/etc/os-release", "The lab is built on Debian 12 and 13")
