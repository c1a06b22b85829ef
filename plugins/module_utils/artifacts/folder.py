# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The folder with a cluster's programs: binaries, a link for each program of a binary that has several, a manifest.

The manifest tells of each program its component, version, binary, SHA-256, and the SHA-256 of the archive that it came
out of (origin). It is written last, and read with doubt: a binary is there when its content has the digest told.
"""

from __future__ import annotations

import json
import os

from .. import paths
from ..errors import EngineError

MANIFEST = "manifest.json"
FORMAT = 1
DRAFT = ".gedge-tmp"
ADVICE = "Set cluster_artifacts_dir to a folder of this user"


def manifest(architecture, programs):
    """The content of a manifest. programs: {name: {"component", "version", "binary", "sha256", "origin"}}."""
    return {"format": FORMAT, "collection": "gedge.engine", "architecture": architecture, "programs": programs}


def render(content):
    """The text of a manifest: the same content, the same bytes."""
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


class Folder:
    """One folder of programs. system: System."""

    def __init__(self, system, path, architecture):
        self.system, self.path, self.architecture = system, path, architecture
        self.before = self._read()

    def _read(self):
        """The programs that the manifest tells, {} where there is none that can be read."""
        try:
            found = json.loads(self.system.read(self.file(MANIFEST)) or "{}")
            return {name: dict(one) for name, one in found.get("programs", {}).items()}
        except (ValueError, AttributeError, TypeError):
            return {}

    def file(self, name):
        """The path of a file in it."""
        return os.path.join(self.path, name)

    def known(self, name, origin):
        """The digest of a program that came out of an archive with that SHA-256, "" where that is not known."""
        one = self.before.get(name, {})
        return one.get("sha256", "") if one.get("origin") == origin else ""

    def put(self, programs, bring, check_mode=False):
        """{"changed", "programs"} after these programs stand in the folder, and no other one of ours.

        programs: as in manifest(), a sha256 of "" takes what comes; bring: {binary: function(path) that writes it}.
        All that is missing is brought and held against its digest before the first file is replaced."""
        wanted = {one["binary"]: one["sha256"] for one in programs.values()}
        stale = [name for name, digest in wanted.items() if not digest or paths.sha256(self.file(name)) != digest]
        if not check_mode:
            self._bring_all(stale, wanted, bring)
            programs = {name: dict(one, sha256=wanted[one["binary"]]) for name, one in programs.items()}
        links = {name: one["binary"] for name, one in programs.items() if name != one["binary"]}
        links = {name: target for name, target in links.items() if self.system.link(self.file(name)) != target}
        surplus = self._surplus(set(programs) | set(wanted))
        text = render(manifest(self.architecture, programs))
        same = self.system.read_bytes(self.file(MANIFEST)) == text.encode()
        if not check_mode:
            for name, target in links.items():
                self.system.write_link(self.file(name), target)
            for name in surplus:
                self.system.remove_file(self.file(name))
            if not same:
                self.system.write_file(self.file(MANIFEST), text)
        return {"changed": bool(stale or links or surplus or not same), "programs": self._result(programs)}

    def _result(self, programs):
        """What a role needs to know of each program."""
        keys = ("component", "version", "binary", "sha256")
        return {
            name: dict({key: one[key] for key in keys}, path=self.file(name)) for name, one in sorted(programs.items())
        }

    def _surplus(self, wanted):
        """Files that the old manifest tells and that nobody wants any more."""
        old = set(self.before) | {str(one.get("binary")) for one in self.before.values()}
        return sorted(name for name in old - wanted if "/" not in name and os.path.lexists(self.file(name)))

    def _bring_all(self, names, wanted, bring):
        """Write drafts of all, then put them in place; the digests of what came go into wanted."""
        drafts = {name: self.file(name) + DRAFT for name in names}
        try:
            os.makedirs(self.path, exist_ok=True)
            for name, draft in drafts.items():
                wanted[name] = self._bring(name, wanted[name], bring[name], draft)
            for name, draft in drafts.items():
                os.replace(draft, self.file(name))
        except OSError as error:
            raise EngineError("cannot be written: %s" % error.strerror, self.path, ADVICE) from error
        finally:
            for draft in drafts.values():
                paths.remove(draft)

    @staticmethod
    def _bring(name, digest, bring, draft):
        bring(draft)
        found = paths.sha256(draft)
        if digest and found != digest:
            what = "its SHA-256 is %s, %s is expected" % (found, digest)
            raise EngineError(what, name, "Nothing was changed. Find out which of the two is right")
        os.chmod(draft, 0o755)
        return found

    def clear(self, check_mode=False):
        """Remove all that the manifest tells, it, and the folder where it is empty then. True where changed."""
        names = self._surplus(set()) + [name for name in (MANIFEST,) if os.path.lexists(self.file(name))]
        if not check_mode:
            for name in names:
                self.system.remove_file(self.file(name))
            self.system.remove_folder(self.path)
        return bool(names)
