# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Programs of Debian packages with all that they load, as files for an image: nothing is installed on this machine.

apt says which packages and which SHA-256, each file is held against it, dpkg-deb unpacks, and the packages' own dynamic
loader says which libraries a program loads; so the image runs on any kernel, whatever the node's distribution.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess

from ..errors import EngineError, Problem, ProblemsError
from ..paths import remove, sha256
from . import cache

KIND = "debian-files"
LISTED = re.compile(r"'[^']*' (\S+) \d+ SHA256:([0-9a-f]{64})$")
LOADED = re.compile(r"^\s*(\S+)(?: => (\S+))? \(0x[0-9a-f]+\)$")
MISSING = re.compile(r"^\s*(\S+) => not found$", re.MULTILINE)
STATIC = 1  # what the loader's --verify returns for a program that needs no loader
LOADERS = ("lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1")
LIBRARIES = ("lib/*-linux-gnu", "usr/lib/*-linux-gnu")
DEPENDS = ("--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces")
NO_APT = "Run it on Debian with its package lists (apt-get update)"


def run(words, folder=os.sep):
    """(rc, stdout, stderr) of a command in plain English."""
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env=dict(os.environ, LC_ALL="C.UTF-8"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,  # noqa: UP021 (one style on every Python)
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise EngineError("cannot be run: %s" % error.strerror, words[0], NO_APT) from error
    return done.returncode, done.stdout, done.stderr


def _sure(words, folder=os.sep):
    code, out, said = run(words, folder)
    if code:
        raise EngineError("failed: %s" % (said.strip() or out.strip())[-2000:], " ".join(words[:3]), NO_APT)
    return out


def collect(params, check_mode=False):
    """{"changed": whether packages were fetched, "files": {path in the image: file here}, "packages": [{"file",
    "sha256"}], "sha256": {path in the image: digest}}.

    params: {"packages": [name], "programs": [path], "folders": [pattern of paths], "cache": folder or None}.
    In check mode nothing is fetched; files is empty then where they were not there before."""
    _check(params)
    listed = _listed(_with_libraries(params["packages"]))
    place = params["cache"] or cache.usual()
    key = cache.digest(sorted(listed.items()))
    target = cache.place(place, KIND, key)
    packages = [{"file": name, "sha256": digest} for name, digest in sorted(listed.items())]
    changed = not os.path.exists(target)
    if changed and check_mode:
        return {"changed": True, "files": {}, "packages": packages, "sha256": {}}
    root = cache.kept(place, KIND, key, lambda draft: _unpack(draft, listed))
    files = _files(root, params["programs"], params["folders"])
    sums = {path: sha256(source) for path, source in sorted(files.items())}
    return {"changed": changed, "files": files, "packages": packages, "sha256": sums}


def _check(params):
    problems = []
    for key in ("packages", "programs"):
        if not params[key]:
            problems.append(Problem(key, "is empty", "Name at least one"))
    for number, name in enumerate(params["packages"]):
        if not re.match(r"[a-z0-9][a-z0-9.+-]+\Z", name):
            what = "is no name of a package"
            problems.append(Problem("packages[%d]" % number, what, "Write one such as iperf3", name))
    for key in ("programs", "folders"):
        for number, path in enumerate(params[key]):
            if not path.startswith("/") or os.path.normpath(path) != path:
                where = "%s[%d]" % (key, number)
                problems.append(Problem(where, "is no absolute path", "Write one such as /usr/bin/iperf3", path))
    if problems:
        raise ProblemsError(problems, "debian_files")


def _with_libraries(packages):
    """These packages and all libraries that they need, in turn."""
    out = _sure(["apt-cache", "depends", *DEPENDS, "--no-enhances", *packages])
    names = sorted({line for line in out.splitlines() if re.match(r"[a-z0-9]", line)})
    shown = _sure(["apt-cache", "show", "--no-all-versions", *names])
    sections = re.findall(r"^Package: (\S+)$(?:\n.+)*?\nSection: (\S+)$", shown, re.MULTILINE)
    libraries = {name for name, section in sections if section.rsplit("/", 1)[-1] == "libs"}
    return sorted(libraries | set(packages))


def _listed(packages):
    """{file: SHA-256} of the packages in the versions that apt would install."""
    out = _sure(["apt-get", "download", "--print-uris", *packages])
    found = dict(match.groups() for match in map(LISTED.match, out.splitlines()) if match)
    if len(found) < len(packages):
        what = "apt told SHA-256 of %d packages of %d" % (len(found), len(packages))
        raise EngineError(what, "apt-get download --print-uris", NO_APT)
    return found


def _unpack(draft, listed):
    """Fetch, check and unpack into a folder."""
    debs = draft + ".debs"
    remove(debs)
    os.makedirs(debs)
    os.makedirs(draft)
    try:
        words = [name.split("_")[0] + "=" + name.split("_")[1].replace("%3a", ":") for name in sorted(listed)]
        _sure(["apt-get", "download", "-q", *words], debs)
        for name, digest in sorted(listed.items()):
            path = os.path.join(debs, name)
            if sha256(path) != digest:
                raise EngineError("is not the file that apt's lists name", path, "Run apt-get update, and again")
            _sure(["dpkg-deb", "-x", path, draft])
    finally:
        shutil.rmtree(debs, ignore_errors=True)


def _files(root, programs, folders):
    """{path in the image: file here}: the programs, the folders' files, and what all of them load."""
    found, loads = {}, []
    for path in programs:
        source = _inside(root, path)
        if source is None:
            raise EngineError("is in none of the packages", path, "Name the package that has it in packages")
        found[path] = source
        loads.append(path)
    for pattern in folders:
        paths = sorted(glob.glob(root + pattern + "/*"))
        if not paths:
            raise EngineError("nothing is in it", pattern, "Name the package that has it in packages")
        for whole in paths:
            path = whole[len(root) :]
            source = _inside(root, path)
            if source is not None:
                found[path] = source
                loads += [path] if ".so" in os.path.basename(path) else []
    for path in loads:
        found.update(_libraries(root, found[path], path))
    return found


def _inside(root, path):
    """The file behind a path of the unpacked tree, None where there is none; links lead nowhere outside."""
    real = os.path.realpath(root + path)
    return real if real.startswith(os.path.realpath(root) + os.sep) and os.path.isfile(real) else None


def _libraries(root, source, path):
    """{path in the image: file here} of what a program loads, with the loader; {} for a static one."""
    loader = next((name for name in LOADERS if os.path.exists(os.path.join(root, name))), None)
    if loader is None:
        loader = next((name for name in LOADERS if os.path.exists(os.path.join(root, "usr", name))), None)
        whole = os.path.join(root, "usr", loader or "")
    else:
        whole = os.path.join(root, loader)
    if loader is None:
        return {}  # no package brought a libc: all of them are static
    places = [place for pattern in LIBRARIES for place in sorted(glob.glob(os.path.join(root, pattern)))]
    if run([whole, "--verify", source])[0] == STATIC:
        return {}
    code, out, said = run([whole, "--inhibit-cache", "--library-path", ":".join(places), "--list", source])
    lacking = MISSING.findall(out)
    if code or lacking:
        what = "needs what no package has: %s" % (", ".join(lacking) or said.strip()[-300:])
        raise EngineError(what, path, "Name the package that has it in packages")
    found = {"/" + loader: os.path.realpath(whole)}
    for name, target in (match.groups() for match in map(LOADED.match, out.splitlines()) if match):
        if target and "/" not in name:
            found.update(_library(root, name, target, path))
    return found


def _library(root, name, target, path):
    """A library by the name that it is loaded by, in the folder where it was found."""
    place = os.path.dirname(target)
    if not os.path.realpath(place).startswith(os.path.realpath(root) + os.sep):
        raise EngineError("takes %s from this machine" % name, path, "Name the package that has it in packages")
    return {"%s/%s" % (place[len(root) :] or "", name): os.path.realpath(target)}
