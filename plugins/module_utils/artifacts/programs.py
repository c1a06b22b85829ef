# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Builds groups of programs out of folders with pinned modules, or finds them in the cache."""

from __future__ import annotations

import glob
import os
import time

from .. import paths
from ..errors import EngineError, Problem, ProblemsError
from ..suggest import advice
from . import builds, cache, fits, golang

STEPS = 10  # lines about the progress of a build


class Builder:
    """root: the folder with a folder of each module; kept: the cache folder; say: gets (who, what)."""

    def __init__(self, root, kept, say, architecture="amd64", go=None):
        self.root, self.kept, self.say, self.architecture, self.go = root, kept, say, architecture, go

    def look(self, group, version):
        """{"place", "key", "ready", "go"}: where the group's folder of binaries is, or would be. Raises EngineError."""
        modules = os.path.join(self.folder(group), builds.modules_file(group, version))
        sources = [modules, modules[: -len(".mod")] + ".sum"]
        for path in sources:
            if not os.path.isfile(path):
                raise EngineError("is not there", path, "Give the folder files/build of role cluster_artifacts")
        go, said = golang.require(modules, self.go)
        for package in packages(group):
            if package.startswith("./"):
                sources += glob.glob(os.path.join(self.folder(group), package, "*.go"))
        made_of = said, golang.ENVIRONMENT, self.architecture, packages(group), builds.link_flags(group, version)
        key = cache.digest(*made_of, files=sources)
        place = cache.place(self.kept, group, key)
        return {"place": place, "key": key, "ready": os.path.exists(place), "go": go}

    def folder(self, group):
        """The group's sources."""
        return os.path.join(self.root, builds.GROUPS[group]["folder"])

    def build(self, group, version):
        """Have the group's binaries; True where this call built them."""
        seen, built = self.look(group, version), []

        def make(draft):
            built.append(True)
            self.compile(group, version, seen["go"], draft)

        cache.kept(self.kept, group, seen["key"], make)
        return bool(built)

    def compile(self, group, version, go, draft):
        """Compile all binaries of a group into a new folder."""
        begin, who, folder = time.monotonic(), "programs " + group, self.folder(group)
        os.makedirs(draft)
        modules = "-modfile=" + builds.modules_file(group, version)
        environment = {"GOOS": "linux", "GOARCH": self.architecture}
        self.say(who, "fetching modules")
        listed = golang.run([go, "list", modules, "-deps"] + packages(group), folder, None, environment)
        progress = Compiled(len(listed.split()), lambda what: self.say(who, what))
        words = [go, "build", modules, "-v", "-ldflags", builds.link_flags(group, version), "-o", draft + os.sep]
        golang.run(words + packages(group), folder, progress.line, environment)
        self.say(who, "built in %d s" % (time.monotonic() - begin))


def packages(group):
    """The Go packages of a group."""
    return sorted(builds.GROUPS[group]["packages"].values())


class Compiled:
    """Counts what go build -v names, and says so now and then; what is cached already is not named."""

    def __init__(self, total, say):
        self.total, self.say, self.done, self.told = total, say, 0, 0
        say("compiling, %d packages" % total)

    def line(self, text):
        """A line of stderr; True for the name of a package."""
        named = " " not in text and ":" not in text
        self.done += named
        if self.done * STEPS >= (self.told + 1) * self.total:
            self.told = self.done * STEPS // self.total
            self.say("%d of %d packages" % (self.done, self.total))
        return named


def check(groups):
    """Refuse groups and versions that are not in the table. groups: {group: version}."""
    problems = []
    for group, version in groups.items():
        if group not in builds.GROUPS:
            problems.append(Problem("groups.%s" % group, "there is no such group", advice(group, builds.GROUPS)))
        else:
            component = builds.GROUPS[group]["component"]
            problems += fits.buildable({component: version})
    if problems:
        raise ProblemsError(problems, "programs")


def programs(builder, groups, check_mode=False):
    """Plain data for a result: {"changed", "built": [group], "seconds": {group: s}, "binaries"}.

    groups: {group: version}; binaries: {binary: {"path", "sha256"}}. In check mode nothing is built, and the SHA-256 of
    what is not there yet is ""."""
    check(groups)
    result = {"built": [], "seconds": {}, "binaries": {}}
    for group, version in groups.items():
        begin = time.monotonic()
        seen = builder.look(group, version)
        built = not seen["ready"] if check_mode else builder.build(group, version)
        if built:
            result["built"].append(group)
            result["seconds"][group] = round(time.monotonic() - begin, 1)
        for binary in builds.GROUPS[group]["packages"]:
            path = os.path.join(seen["place"], binary)
            result["binaries"][binary] = {"path": path, "sha256": paths.sha256(path) or ""}
    return dict(result, changed=bool(result["built"]))
