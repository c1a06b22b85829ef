# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the host needs before it can build and run a lab, and where apt can bring it from."""

from __future__ import annotations

import os
import shutil

from ..errors import EngineError
from . import mirrors, qemu
from .vm import BINARY

# A program (or file) that must be there, and the package that has it.
NEEDS = (
    ("qemu-img", "qemu-utils"),
    ("mmdebstrap", "mmdebstrap"),
    ("mke2fs", "e2fsprogs"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    (mirrors.KEYRING, "debian-archive-keyring"),
)
QEMU_PACKAGES = ("qemu-system-x86", "qemu-utils")
# Releases whose own QEMU is older than qemu.OLDEST; their backports have one that is new enough.
OLD_QEMU = ("bookworm",)
ARCHITECTURE = "x86_64"


def present(name):
    """True where a program is on the path (with sbin), or a file is there."""
    return (
        bool(shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"))
        if not name.startswith("/")
        else os.path.exists(name)
    )


def installed_qemu(system):
    """(major, minor) of the QEMU on the path, None where there is none."""
    return qemu.parse_version(system.run([BINARY, "--version"]).out) if present(BINARY) else None


def look(system):
    """What is missing: {"packages", "qemu_version", "qemu_packages", "release", "source"}.

    packages: from the release itself; qemu_packages: from `release` (None: the release itself);
    source: the apt source {"uri", "suite"} that has to be added for that, or None."""
    if os.uname().machine != ARCHITECTURE:
        raise EngineError("the lab needs an %s machine" % ARCHITECTURE, os.uname().machine)
    version = installed_qemu(system)
    old = version is None or version < qemu.OLDEST
    packages = sorted({package for name, package in NEEDS if not present(name)})
    found = {
        "packages": [package for package in packages if not old or package not in QEMU_PACKAGES],
        "qemu_version": ".".join(str(part) for part in version) if version else None,
        "qemu_packages": list(QEMU_PACKAGES) if old else [],
        "release": None,
        "source": None,
    }
    if old:
        found.update(qemu_source(system))
    return found


def qemu_source(system):
    """{"release", "source"}: which release a new enough QEMU comes from, and the source to add for it."""
    codename = mirrors.codename(system)
    if codename not in OLD_QEMU:
        return {}
    release, entries = codename + "-backports", mirrors.read(system)
    if mirrors.find(entries, release):
        return {"release": release}
    return {"release": release, "source": {"uri": mirrors.archive(entries, codename), "suite": release}}
