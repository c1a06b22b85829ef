# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Images without a registry: files in one layer, as an archive for containerd (ctr images import) and docker load.

An OCI image layout that has docker's manifest.json, too. The same files give the same bytes, and so the same digest.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import posixpath
import re
import tarfile
import tempfile

from .. import paths
from ..errors import EngineError, Problem, ProblemsError
from . import bundle, folder, table

# A whole name: with a host, a path and a tag. What is shorter would be completed differently by each tool.
NAME = re.compile(r"[a-z0-9.-]+\.[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+:[A-Za-z0-9_][A-Za-z0-9._-]*\Z")
LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
BLOBS = "blobs/sha256/"


def check(image):
    """Refuse what would be no image. image: {"name", "names": further ones, "files": {path: source file}, "links":
    {path: target}, "command": [word], "entrypoint": [word], "environment": {name: value}, "architecture"}. names may
    be left out. Raises ProblemsError."""
    problems = []
    told = [("name", image["name"])] + [("names[%d]" % at, name) for at, name in enumerate(image.get("names", ()))]
    for key, name in told:
        if not NAME.match(name):
            way = "Write a whole one, such as gedge.local/probe:1"
            problems.append(Problem(key, "this is no whole image name", way, name))
    if image["architecture"] not in table.ARCHITECTURES:
        known = "Known: %s" % ", ".join(table.ARCHITECTURES)
        problems.append(Problem("architecture", "there is no such one", known, image["architecture"]))
    for kind in ("files", "links"):
        for path in image[kind]:
            if not re.match("/[^/]", path) or posixpath.normpath(path) != path:
                what = "this is no absolute path in the image"
                problems.append(Problem("%s.%s" % (kind, path), what, "Write one such as /bin/busybox"))
    for path, source in image["files"].items():
        if not os.path.isfile(source):
            problems.append(Problem("files.%s" % path, "there is no file %s" % source, "Have it made first"))
    for path in sorted(set(image["files"]) & set(image["links"])):
        problems.append(Problem("links.%s" % path, "it is a file, too", "Leave one of them out"))
    if problems:
        raise ProblemsError(problems, "image")


def make(image, path):
    """Write the archive to a path, whole or not at all; returns the image's digest (sha256:...)."""
    check(image)
    draft, layer = path + folder.DRAFT, path + folder.DRAFT + ".layer"
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with tarfile.open(layer, "w:", format=tarfile.USTAR_FORMAT) as tar:
            _fill(tar, image)
        made = _documents(image, paths.sha256(layer), os.path.getsize(layer))
        with tarfile.open(draft, "w:", format=tarfile.USTAR_FORMAT) as tar:
            for name, data in sorted(made["files"].items()):
                tar.addfile(bundle.header(name, len(data)), io.BytesIO(data))
            with open(layer, "rb") as handle:
                tar.addfile(bundle.header(BLOBS + paths.sha256(layer), os.path.getsize(layer)), handle)
        os.replace(draft, path)
    except OSError as error:
        raise EngineError("cannot be written: %s" % error.strerror, path, "Give another path") from error
    finally:
        paths.remove(draft)
        paths.remove(layer)
    return made["digest"]


def _fill(tar, image):
    """Folders first, then files and links, all in the order of their names."""
    paths = list(image["files"]) + list(image["links"])
    folders = {parent for path in paths for parent in _parents(path)}
    for path in sorted(folders):
        info = bundle.header(path.strip("/"), 0, 0o755)
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    for path in sorted(paths):
        if path in image["links"]:
            info = bundle.header(path.strip("/"), 0, 0o777)
            info.type, info.linkname = tarfile.SYMTYPE, image["links"][path]
            tar.addfile(info)
        else:
            source = image["files"][path]
            mode = 0o755 if os.access(source, os.X_OK) else 0o644
            with open(source, "rb") as handle:
                tar.addfile(bundle.header(path.strip("/"), os.path.getsize(source), mode), handle)


def _parents(path):
    found = []
    while posixpath.dirname(path) != "/":
        path = posixpath.dirname(path)
        found.append(path)
    return found


def _documents(image, layer, size):
    """{"files": {name: bytes} of all but the layer, "digest": that of the image}."""
    settings = {
        "Entrypoint": list(image["entrypoint"]) or None,
        "Cmd": list(image["command"]) or None,
        "Env": ["%s=%s" % item for item in sorted(image["environment"].items())] or None,
    }
    config = _bytes(
        {
            "architecture": image["architecture"],
            "os": "linux",
            "config": {key: value for key, value in settings.items() if value},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + layer]},
        }
    )
    manifest = _bytes(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _described(CONFIG, config),
            "layers": [{"mediaType": LAYER, "digest": "sha256:" + layer, "size": size}],
        }
    )
    names = [image["name"]] + sorted(set(image.get("names", ())) - {image["name"]})
    entries = [
        dict(
            _described(MANIFEST, manifest),
            annotations={
                "io.containerd.image.name": name,
                "org.opencontainers.image.ref.name": name.rsplit(":", 1)[1],
            },
            platform={"architecture": image["architecture"], "os": "linux"},
        )
        for name in names
    ]
    docker = [{"Config": BLOBS + _sum(config), "RepoTags": names, "Layers": [BLOBS + layer]}]
    files = {
        "oci-layout": _bytes({"imageLayoutVersion": "1.0.0"}),
        "index.json": _bytes({"schemaVersion": 2, "manifests": entries}),
        "manifest.json": _bytes(docker),
        BLOBS + _sum(config): config,
        BLOBS + _sum(manifest): manifest,
    }
    return {"files": files, "digest": "sha256:" + _sum(manifest)}


def _described(kind, data):
    return {"mediaType": kind, "digest": "sha256:" + _sum(data), "size": len(data)}


def _bytes(content):
    return json.dumps(content, sort_keys=True).encode()


def _sum(data):
    return hashlib.sha256(data).hexdigest()


def converge(image, path, check_mode=False):
    """{"changed", "digest", "path"} after the archive is what it would be if it were made now.

    In check mode the digest of an image that is not there yet is ""."""
    check(image)
    if not os.path.exists(path):
        digest = "" if check_mode else make(image, path)
        return {"changed": True, "digest": digest, "path": path}
    with tempfile.TemporaryDirectory(prefix="gedge-image-") as place:
        fresh = os.path.join(place, "image")
        digest = make(image, fresh)
        changed = paths.sha256(fresh) != paths.sha256(path)
    if changed and not check_mode:
        make(image, path)
    return {"changed": changed, "digest": digest, "path": path}
