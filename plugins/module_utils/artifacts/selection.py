# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From what is asked for to what is built or downloaded. Pure; all that does not fit is refused here, in one go."""

from __future__ import annotations

import re

from ..errors import Problem, ProblemsError
from ..suggest import advice
from . import builds, fits, table
from .version import minor, parse

DIGEST = re.compile(r"[0-9a-f]{64}\Z")
UNPINNED = "Nothing is fetched unpinned. Set cluster_artifacts_sha256: {%s: {%s: the digest that upstream publishes}}"


def select(asked):
    """What to do about what is asked for: {"versions", "names", "groups", "downloads"}.

    asked: {"source": upstream|bundle|build, "components": [name], "kubernetes": version, "versions": {component:
    version}, "architecture": amd64|arm64, "sha256": {component: {file: digest}}, "urls": {component: address}}.
    names: {program: {"component", "version", "binary"}}; groups: {group: version} for go_programs; downloads: [{"url",
    "sha256", "component", "version", "members": {name: member or ""}}]. Raises ProblemsError.
    """
    problems = list(_shapes(asked))
    if problems:
        raise ProblemsError(problems, "cluster_artifacts")
    versions, problems = _versions(asked)
    if asked["source"] == "build":
        told = {problem.path for problem in problems}
        rest = {name: version for name, version in versions.items() if "versions.%s" % name not in told}
        problems += fits.buildable(rest, asked["kubernetes"]) if rest else []
    problems += _words(asked)
    downloads = []
    if not problems and asked["source"] == "upstream":
        downloads, problems = _downloads(asked, versions)
    if problems:
        raise ProblemsError(problems, "cluster_artifacts")
    return {
        "versions": versions,
        "names": _names(versions, asked["source"]),
        "groups": _groups(versions, asked["kubernetes"]) if asked["source"] == "build" else {},
        "downloads": downloads,
    }


def _shapes(asked):
    """What is no list, or no mapping: a word for a list would be read letter by letter."""
    if not isinstance(asked["components"], (list, tuple)):
        yield Problem("components", "is no list", "Write one such as [kubernetes, etcd]", asked["components"])
    for name in ("versions", "sha256", "urls"):
        if not isinstance(asked[name], dict):
            yield Problem(name, "is no mapping", "Write one by component, such as {etcd: ...}", asked[name])
    for name, files in asked["sha256"].items() if isinstance(asked["sha256"], dict) else ():
        if not isinstance(files, dict):
            yield Problem("sha256.%s" % name, "is no mapping", "Write one such as {FILE: its SHA-256}", files)


def _versions(asked):
    """({component: version}, [Problem]): the defaults of that Kubernetes with what is asked for laid over them."""
    if parse(asked["kubernetes"]) is None:
        return {}, [Problem("kubernetes", "this is no version", "Write one such as 1.37.2", asked["kubernetes"])]
    usual = table.versions_with(asked["kubernetes"])
    chosen = {name: usual[name] for name in asked["components"] if name in usual}
    unknown = [name for name in asked["components"] if name not in usual]
    problems = [Problem("components", "there is no component %s" % name, advice(name, usual)) for name in unknown]
    if asked["versions"].get(table.DEFAULT, asked["kubernetes"]) != asked["kubernetes"]:
        what = "Kubernetes %s is asked for elsewhere" % asked["kubernetes"]
        problems.append(Problem("versions.kubernetes", what, "Set cluster_artifacts_kubernetes only"))
    chosen.update((name, version) for name, version in asked["versions"].items() if name in chosen)
    others = {name: version for name, version in asked["versions"].items() if name not in usual}  # the runtime's
    problems += fits.fits(dict(others, **dict(chosen, kubernetes=asked["kubernetes"])))
    return chosen, problems


def _words(asked):
    """Digests that are none, and an architecture that nothing is made for."""
    problems = []
    if asked["architecture"] not in table.ARCHITECTURES:
        known = advice(asked["architecture"], table.ARCHITECTURES)
        problems.append(Problem("architecture", "nothing is made for it", known, asked["architecture"]))
    for component, files in asked["sha256"].items():
        for name, digest in files.items():
            if not DIGEST.match(str(digest)):
                path = "sha256.%s.%s" % (component, name)
                problems.append(Problem(path, "this is no SHA-256", "Write 64 hexadecimal digits, lower case", digest))
    return problems


def _names(versions, source):
    """The programs of these versions. Only our own build puts several into one binary."""
    return {
        name: {"component": component, "version": version, "binary": binary if source == "build" else name}
        for component, version in versions.items()
        for name, binary in table.COMPONENTS[component]["names"].items()
    }


def _groups(versions, kubernetes):
    """{group: version of its component}; etcd alone is built as part of that Kubernetes."""
    names = [name for component in versions for name in table.COMPONENTS[component]["names"]]
    return {group: versions.get(builds.GROUPS[group]["component"], kubernetes) for group in builds.groups_of(names)}


def _downloads(asked, versions):
    """([download], [Problem]): every file with a digest, or a reason why not."""
    downloads, problems = [], []
    for component, version in versions.items():
        one = table.COMPONENTS[component]
        if not one.get("url"):
            what = "upstream releases no binary of it, only images"
            problems.append(Problem("components.%s" % component, what, "Take source build or bundle, or leave it out"))
            continue
        words = {"version": version, "minor": minor(parse(version)), "architecture": asked["architecture"]}
        base = asked["urls"].get(component) or one["url"]
        for pattern, members in one["files"].items():
            name = pattern.format(**words)
            digest = _digest(asked, component, version, name)
            if digest is None:
                path = "sha256.%s.%s" % (component, name)
                problems.append(Problem(path, "no SHA-256 is pinned for it", UNPINNED % (component, name), version))
            downloads.append(
                {
                    "component": component,
                    "version": version,
                    "file": name,
                    "url": "%s/%s" % (base.format(**words).rstrip("/"), name),
                    "sha256": digest,
                    "members": {key: value.format(**words) for key, value in (members or {name: ""}).items()},
                }
            )
    return downloads, problems


def _digest(asked, component, version, name):
    """The pinned SHA-256 of a file: the user's, else the table's, else None."""
    own = asked["sha256"].get(component, {}).get(name)
    return own or table.PINNED.get(component, {}).get(version, {}).get(asked["architecture"], {}).get(name)
