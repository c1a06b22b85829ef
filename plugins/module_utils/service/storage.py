# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Volumes of a service and where its containers mount them."""

from __future__ import annotations

from dataclasses import dataclass

from ..suggest import nearest

SIZE = "1Gi"
ACCESS = "ReadWriteMany"
SHARED = ("size", "access", "storage_class")


@dataclass(frozen=True)
class Mount:
    """A mount in normal form, where its volume is named, and where its path stands."""

    made: dict
    volume_place: tuple
    path_place: tuple


def settle(draft, report):
    """Fill in a service's volumes and mounts, those that GEdge's old form declares in passing too, and check them."""
    declared = _declare(draft, report)
    mounts = [[_mount(part, report) for part in container.get("mounts", [])] for container in _containers(draft)]
    for each in mounts:
        each += [_everywhere(part, report) for part in _for_all(draft)]
    unknown = set()
    for each, container in zip(mounts, draft.normal["containers"]):
        container["mounts"] = [mount.made for mount in each]
        unknown |= _check(each, declared if _whole(draft.part, "volumes") else None, report)
    if draft.whole and all(_whole(container, "mounts") for container in _containers(draft)):
        # A volume whose name was misspelled in a mount is not also one that nobody mounts.
        used = {mount.made["volume"] for each in mounts for mount in each}
        _unused(draft, used | {nearest(name, declared) for name in unknown}, report)


def _containers(draft):
    return draft.part.get("containers", [])


def _whole(part, name):
    """True where nothing of a list could not be read."""
    return name not in part.bad and getattr(part.get(name), "whole", True)


def _declare(draft, report):
    """{name: volume} of all that are declared; fills in the service's volumes."""
    declared = {}
    for part, in_service in _declarations(draft):
        name = part.get("name")
        if name is None:
            continue
        if name not in declared:
            declared[name] = _volume(part, report)
        elif in_service:
            report.problem(part.at("name"), "names two volumes", "Choose another name", name)
        elif any(part.get(key, declared[name][key]) != declared[name][key] for key in SHARED):
            what = "is declared otherwise in the same service"
            report.problem(part.at("name"), what, "Say %s once" % ", ".join(SHARED), name)
    draft.normal["volumes"] = list(declared.values())
    return declared


def _declarations(draft):
    """(Part, whether it stands in the service) of all volumes, those in containers last."""
    for part in draft.part.get("volumes", []):
        yield part, True
    for container in _containers(draft):
        for part in container.get("mounts", []):
            if "volume" not in part and "volume" not in part.bad:
                yield part, False


def _volume(part, report):
    if part.lacks("size"):
        report.note(part.at("size"), "is not given", None, SIZE)
    defaults = {"size": SIZE, "access": ACCESS, "storage_class": ""}
    return {"name": part["name"], **{key: part.get(key, default) for key, default in defaults.items()}}


def _mount(part, report):
    """The Mount of a mount, or of GEdge's old volume in a container."""
    if "name" in part:
        return _everywhere(part, report)
    made = {"volume": part.get("volume", ""), "path": part.get("path", ""), "read_only": part.get("read_only", False)}
    return Mount(made, part.at("volume"), part.at("path"))


def _for_all(draft):
    """The service's volumes that every container mounts: those that say where, and GEdge's old ones."""
    old = draft.part.at("volumes")[-1] == "Volumes"
    return [part for part in draft.part.get("volumes", []) if "name" in part and ("mount" in part or old)]


def _everywhere(part, report):
    """The Mount of a volume that says where, or is one of GEdge's old ones and need not."""
    path = part.get("mount", "/data/" + part["name"])
    if part.lacks("mount"):
        report.note(part.at("mount"), "is not given", None, path)
    made = {"volume": part["name"], "path": path, "read_only": part.get("read_only", False)}
    return Mount(made, part.at("name"), part.at("mount"))


def _check(mounts, declared, report):
    """The names that are not declared; declared: {name: volume}, None where not all of it is known."""
    paths, unknown = {}, set()
    for mount in mounts:
        name, path = mount.made["volume"], mount.made["path"]
        if declared is not None and name and name not in declared:
            report.problem(mount.volume_place, "no such volume", _advice(name, declared), name)
            unknown.add(name)
        if name and path and path in paths:
            report.problem(mount.path_place, "%s is mounted there, too" % paths[path], "Choose another path", path)
        paths.setdefault(path, name)
    return unknown


def _unused(draft, used, report):
    for part in draft.part.get("volumes", []):
        name = part.get("name")
        if name is not None and name not in used:
            advice = "Mount it: mounts: [{volume: %s, path: /data/%s}]" % (name, name)
            report.problem(part.at("name"), "no container mounts it", advice, name)


def _advice(name, declared):
    hit = nearest(name, declared)
    return 'Did you mean "%s"?' % hit if hit else "Add it to the service: volumes: [{name: %s, size: 1Gi}]" % name
