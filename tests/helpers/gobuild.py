"""Programs that the tests build from Go modules, and files out of modules: pinned by go.sum, built once.

Binaries lie in ~/.cache/gedge-engine/KIND, keyed by what they are made of and by the Go version.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gedge-engine"
KEPT = 4  # binaries of a kind: of other checkouts and of the last changes
TRIES = 3  # a busy machine loses a download to a timeout
USUAL = "/usr/local/go/bin/go"
# No C, no paths of this machine, and nothing but what go.sum has seen.
ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath -mod=readonly", "GOWORK": "off"}
SOURCES = ("*.go", "*.s", "go.mod", "go.sum", "stubs/**/*.go")


def go():
    """The path of the Go toolchain, None where there is none."""
    return shutil.which("go") or (USUAL if os.access(USUAL, os.X_OK) else None)


def run(words, folder):
    """A command's output; raises RuntimeError with the end of what it complains of."""
    environment = dict(os.environ, **ENVIRONMENT)
    for dummy in range(TRIES):
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        said = done.stderr or done.stdout
        if done.returncode == 0 or "timeout" not in said:
            break
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{said[-4000:]}")
    return done.stdout


def compile_to(target, folder, *flags):
    """Compile the program of a folder; it is in place only when it is whole."""
    fresh = target.with_suffix(".new")
    run([go(), "build", *flags, "-o", str(fresh), "."], folder)
    fresh.rename(target)


def kept(kind, folder, how, build):
    """The path of a binary that build(path) makes where the cache has not got it.

    folder: its sources; how: whatever else it depends on, with a repr that says so."""
    target = CACHE / kind / digest(folder, how) / kind
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / "lock", "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            build(target)
            _forget_old(target.parent.parent)
    return target


def digest(folder, how):
    """Changes with the sources, with the toolchain and with how it is built."""
    found = hashlib.sha256(subprocess.check_output([go(), "version"]) + repr((how, ENVIRONMENT)).encode())
    for path in sorted(path for kind in SOURCES for path in folder.glob(kind)):
        found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _forget_old(folder):
    for old in sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def version(name, folder):
    """The version of a module that the go.mod of a folder names."""
    listed = json.loads(run([go(), "mod", "edit", "-json"], folder))["Require"]
    return next(one["Version"] for one in listed if one["Path"] == name)


def module(name, folder):
    """The folder of that version of a module; its hash is that of go.sum."""
    whole = f"{name}@{version(name, folder)}"
    return pathlib.Path(json.loads(run([go(), "mod", "download", "-json", whole], folder))["Dir"])
