# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The offline bundle: a tar file with a manifest and the binaries that it tells. Same folder, same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile

from .. import paths
from ..errors import EngineError, Problem, ProblemsError
from . import folder, origins, table

DIGEST = re.compile(r"[0-9a-f]{64}\Z")
BINARY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
ADVICE = "Pack it again with playbook artifacts, or fetch it again"
LARGEST = 1 << 20  # a manifest; what is larger is none


def pack(system, source, path, check_mode=False):
    """{"changed", "sha256"} after the folder of programs stands in a bundle. Raises EngineError.

    Every file is held against the manifest first: what was damaged in the folder does not get into a bundle."""
    text = system.read_bytes(os.path.join(source, folder.MANIFEST))
    if text is None:
        raise EngineError("there is no manifest", source, "Run role cluster_artifacts before")
    content = _parse(text, os.path.join(source, folder.MANIFEST))
    binaries = _binaries(content)
    for name, digest in binaries.items():
        if paths.sha256(os.path.join(source, name)) != digest:
            raise EngineError("is not what the manifest tells", os.path.join(source, name), "Run the role again")
    same = os.path.exists(path) and _is_same(path, text, binaries)
    if not same and not check_mode:
        _write(source, path, text, sorted(binaries))
    return {"changed": not same, "sha256": paths.sha256(path) or ""}


def _is_same(path, text, binaries):
    """True where a bundle has this manifest, and the files that it tells."""
    try:
        with tarfile.open(path, "r:") as tar:
            found = tar.extractfile(tar.getmember(folder.MANIFEST)).read(LARGEST)
            return found == text and all(_digest(tar, name) == digest for name, digest in binaries.items())
    except (OSError, KeyError, AttributeError, tarfile.TarError):
        return False


def _write(source, path, text, names):
    draft = path + folder.DRAFT
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with tarfile.open(draft, "w:", format=tarfile.USTAR_FORMAT) as tar:
            tar.addfile(header(folder.MANIFEST, len(text)), io.BytesIO(text))
            for name in names:
                with open(os.path.join(source, name), "rb") as handle:
                    tar.addfile(header(name, os.path.getsize(os.path.join(source, name)), 0o755), handle)
        os.replace(draft, path)
    except OSError as error:
        raise EngineError("cannot be written: %s" % error.strerror, path, "Give another path") from error
    finally:
        paths.remove(draft)


def header(name, size, mode=0o644):
    """The header of a regular file that says nothing of where and when it was made."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, mode, 0
    return info


class Bundle:
    """A bundle that is opened with doubt. Raises EngineError, ProblemsError."""

    def __init__(self, path):
        self.path = path
        try:
            with tarfile.open(path, "r:") as tar:
                names = tar.getnames()
                if names[:1] != [folder.MANIFEST]:
                    raise EngineError("is no bundle of this collection: it has no manifest", path, ADVICE)
                text = tar.extractfile(folder.MANIFEST).read(LARGEST)
        except (OSError, tarfile.TarError) as error:
            raise EngineError("cannot be read as a bundle: %s" % error, path, ADVICE) from error
        self.content = _parse(text, path)
        self.binaries = _binaries(self.content)
        foreign = sorted(set(names[1:]) ^ set(self.binaries))
        if foreign or len(names) != len(set(names)):
            raise EngineError("its files are not those of its manifest: %s" % ", ".join(foreign), path, ADVICE)

    def programs(self, names, architecture):
        """({name: program}, {binary: function(path)}) of the programs that are asked for, in these versions."""
        problems, found = [], self.content["programs"]
        if self.content["architecture"] != architecture:
            what = "the bundle is for %s" % self.content["architecture"]
            problems.append(Problem("architecture", what, "Take one for %s" % architecture, architecture))
        told = set()
        for name, one in names.items():
            problem = _differs(name, one, found.get(name))
            if problem and one["component"] not in told:
                told.add(one["component"])
                problems.append(problem)
        if problems:
            raise ProblemsError(problems, self.path)
        programs = {name: dict(found[name]) for name in names}
        return programs, {one["binary"]: self._bring(one["binary"]) for one in programs.values()}

    def _bring(self, binary):
        def bring(draft):
            try:
                with tarfile.open(self.path, "r:") as tar:
                    origins.write_member(tar, binary, draft)
            except tarfile.TarError as error:
                raise EngineError("%s cannot be read: %s" % (binary, error), self.path, ADVICE) from error

        return bring

    def verify(self):
        """Hold every file against the manifest; EngineError names the one that is damaged."""
        with tarfile.open(self.path, "r:") as tar:
            for name, digest in self.binaries.items():
                if _digest(tar, name) != digest:
                    raise EngineError("%s is damaged: its SHA-256 is another" % name, self.path, ADVICE)


def _differs(name, asked, has):
    component = asked["component"]
    path = "versions.%s" % component
    if has is None:
        return Problem(path, "the bundle has no %s" % name, "Leave %s out, or take another bundle" % component)
    if has["version"] != asked["version"]:
        what = "the bundle has version %s" % has["version"]
        return Problem(path, what, "Ask for that one, or take another bundle", asked["version"])
    return None


def _digest(tar, name):
    found = hashlib.sha256()
    try:
        with tar.extractfile(name) as handle:
            for block in iter(lambda: handle.read(1 << 20), b""):
                found.update(block)
    except (KeyError, AttributeError, OSError, tarfile.TarError):
        return None
    return found.hexdigest()


def _parse(text, where):
    """The content of a manifest whose shape is right."""
    try:
        content = json.loads(text.decode())
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("collection") != "gedge.engine":
        raise EngineError("its manifest is none of this collection", where, ADVICE)
    if content.get("format") != folder.FORMAT:
        what = "its manifest has format %s, this collection reads %d" % (content.get("format"), folder.FORMAT)
        raise EngineError(what, where, ADVICE)
    programs = content.get("programs")
    wrong = [] if isinstance(programs, dict) else ["programs"]
    wrong += [name for name, one in (programs or {}).items() if not _is_program(name, one)] if not wrong else []
    if wrong or content.get("architecture") not in table.ARCHITECTURES:
        raise EngineError("its manifest is damaged at %s" % ", ".join(wrong or ["architecture"]), where, ADVICE)
    return content


def _is_program(name, one):
    keys = {"component", "version", "binary", "sha256", "origin"}
    if not isinstance(one, dict) or set(one) != keys or not all(isinstance(value, str) for value in one.values()):
        return False
    known = name in table.COMPONENTS.get(one["component"], {}).get("names", {})
    named = BINARY.match(one["binary"]) and one["binary"] != folder.MANIFEST
    return bool(known and named and DIGEST.match(one["sha256"]))


def _binaries(content):
    """{binary: SHA-256} of a manifest."""
    found = {}
    for name, one in content["programs"].items():
        if found.setdefault(one["binary"], one["sha256"]) != one["sha256"]:
            raise EngineError("tells two digests of %s" % one["binary"], name, ADVICE)
    return found
