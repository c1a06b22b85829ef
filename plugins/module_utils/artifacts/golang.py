# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The Go toolchain: where it is, whether it is new enough, and what its complaints mean."""

from __future__ import annotations

import collections
import json
import os
import re
import shutil
import subprocess
import tempfile

from ..errors import EngineError

USUAL = "/usr/local/go/bin/go"
TRIES = 5  # a busy machine or a busy proxy loses a download to a timeout
# No C, no paths of this machine, no toolchain from elsewhere, and nothing but what go.sum has seen.
ENVIRONMENT = {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-trimpath -mod=readonly -buildvcs=false",
    "GOWORK": "off",
    "GOTOOLCHAIN": "local",
}
NEEDED = re.compile(r"^go (\d+)\.(\d+)", re.M)
HAVE = re.compile(r"go version go(\d+)\.(\d+)")
TIMEOUT = re.compile(r"timeout|connection reset|unexpected EOF", re.I)
# The first that is found in what it says: what is wrong, what to do.
COMPLAINTS = (
    (
        re.compile(r"checksum mismatch|SECURITY ERROR", re.I),
        "a module is not the one that go.sum pins",
        "Nothing was built. Find out what GOPROXY serves; a cached module may be damaged too (go clean -modcache)",
    ),
    (
        re.compile(r"missing go\.sum entry|updates to go\.(mod|sum) needed", re.I),
        "go.sum does not pin all modules",
        "Run go mod tidy in that folder",
    ),
    (
        re.compile(r"no space left on device", re.I),
        "the disk is full",
        "Make room where GOCACHE, GOMODCACHE and the cache are",
    ),
    (
        re.compile(r"module lookup disabled|dial tcp|no such host|timeout|connection re(fused|set)|proxyconnect", re.I),
        "the modules cannot be fetched",
        "Set GOPROXY to a module proxy that this machine reaches, or take the source bundle",
    ),
)


def find(path=None):
    """The path of the Go toolchain, None where there is none. path: the one to take."""
    found = path or shutil.which("go") or USUAL
    return found if os.access(found, os.X_OK) else None


def require(modules, path=None):
    """(path of a toolchain that can build the modules of a go.mod, what it says that it is); else EngineError."""
    with open(modules, encoding="utf-8") as handle:
        needed = NEEDED.search(handle.read())
    needed = tuple(map(int, needed.groups())) if needed else (0, 0)
    wanted = "Go %d.%d or newer" % needed
    go = find(path)
    if go is None:
        way = "Install %s, or take the source bundle or upstream" % wanted
        raise EngineError("there is no Go toolchain", path or "go", way)
    said = version(go)
    have = HAVE.match(said)
    if have and tuple(map(int, have.groups())) < needed:
        raise EngineError("it is %s, the modules need %s" % (said.split()[2], wanted), go, "Install " + wanted)
    return go, said


def version(go):
    """What the toolchain says that it is."""
    return run([go, "version"], os.sep).strip()


def run(words, folder, watch=None, environment=None):
    """What a command writes to stdout. watch: gets each line of stderr as it comes; True for one that is no complaint.

    A download that ran into a timeout is tried again; anything else is an EngineError with what it means."""
    for dummy in range(TRIES):
        code, out, tail = _run(words, folder, watch, environment)
        if code == 0:
            return out
        if not TIMEOUT.search("\n".join(tail)):
            break
    raise complaint(words, "\n".join(tail) or out[-4000:], code)


def _run(words, folder, watch, environment):
    """(rc, stdout, the last lines of stderr)."""
    tail = collections.deque(maxlen=40)
    env = dict(os.environ, **ENVIRONMENT)
    env.update(environment or {})
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        try:
            child = subprocess.Popen(
                words,
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.PIPE,
                universal_newlines=True,
                errors="replace",
            )
        except OSError as error:
            raise EngineError("cannot be run: %s" % error.strerror, words[0]) from error
        with child:
            for line in child.stderr:
                if not (watch and watch(line.rstrip())):
                    tail.append(line.rstrip())
        out.seek(0)
        return child.returncode, out.read(), tail


def complaint(words, said, code=1):
    """The EngineError for what a command says. code: its rc, negative for the signal that ended it."""
    if code < 0:
        way = "Run again: what is compiled already is kept. Is there enough memory (2 GiB)?"
        return EngineError("was ended by signal %d" % -code, " ".join(words[:3]), way)
    for pattern, what, way in COMPLAINTS:
        if pattern.search(said):
            return EngineError("%s:\n%s" % (what, said), " ".join(words[:3]), way)
    return EngineError("failed:\n" + said, " ".join(words[:3]))


def pinned(name, folder):
    """The version of a module that the go.mod of a folder names."""
    listed = json.loads(run([find(), "mod", "edit", "-json"], folder))["Require"]
    return next(one["Version"] for one in listed if one["Path"] == name)


def module(name, folder):
    """The folder of that version of a module; its hash is that of go.sum."""
    whole = "%s@%s" % (name, pinned(name, folder))
    return json.loads(run([find(), "mod", "download", "-json", whole], folder))["Dir"]
