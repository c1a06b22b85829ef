# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Images out of archives, without a registry: what is in an archive, what containerd has, import and removal."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile

from ..errors import EngineError

CTR = ["ctr", "--namespace", "k8s.io", "images"]
LARGEST = 1 << 22  # of the files that tell names
KEY = "image:"  # of the baseline, followed by the archive's SHA-256
ADVICE = "Pack it again, with module image_archive, docker save or ctr images export"


def listed(system):
    """{name: digest} of what containerd has."""
    rows = [line.split() for line in system.run(CTR + ["list"]).out.splitlines()[1:]]
    return {row[0]: row[2] for row in rows if len(row) > 2}


def check(system, path, sha256):
    """Refuse an archive that is not the one that is meant. Raises EngineError."""
    try:
        digest = hashlib.sha256()
        with open(system.path(path), "rb") as handle:
            for block in iter(lambda: handle.read(1 << 20), b""):
                digest.update(block)
    except OSError as error:
        raise EngineError("cannot be read: %s" % error.strerror, path, "Bring the archive to the node first") from error
    if digest.hexdigest() != sha256:
        raise EngineError("its SHA-256 is %s, not %s" % (digest.hexdigest(), sha256), path, "Bring it once more")


def names(system, path):
    """The names of an archive's images, as containerd writes them. Raises EngineError."""
    try:
        with tarfile.open(system.path(path)) as tar:
            told = {name: _json(tar, name) for name in ("manifest.json", "index.json")}
    except (OSError, tarfile.TarError, ValueError) as error:
        raise EngineError("is no archive of images: %s" % error, path, ADVICE) from error
    found = [tag for one in told["manifest.json"] or () for tag in one.get("RepoTags") or ()]
    for one in (told["index.json"] or {}).get("manifests") or ():
        found.append((one.get("annotations") or {}).get("io.containerd.image.name"))
    chosen = sorted({whole(name) for name in found if name})
    if not chosen:
        raise EngineError("names no image", path, ADVICE)
    return chosen


def whole(name):
    """ "busybox:1" -> "docker.io/library/busybox:1", as containerd completes it."""
    head, sign, dummy = name.partition("/")
    if not sign:
        return "docker.io/library/" + name
    return name if re.search(r"[.:]", head) or head == "localhost" else "docker.io/" + name


def _json(tar, name):
    try:
        member = tar.getmember(name)
    except KeyError:
        return None
    if member.size > LARGEST:
        raise ValueError("%s is too large" % name)
    return json.loads(tar.extractfile(member).read().decode("utf-8"))


def is_there(record, found):
    """Whether all images of a record, {"names": {name: digest}}, are in the listing."""
    return bool(record) and all(found.get(name) == digest for name, digest in record["names"].items())


def bring(system, path, sha256, before):
    """Import an archive: {"names": {name: digest}, "new": names that were not there}. before: the listing."""
    check(system, path, sha256)
    expected = names(system, path)
    system.run(CTR + ["import", system.path(path)])
    after = listed(system)
    missing = [name for name in expected if name not in after]
    if missing:
        raise EngineError("containerd took it without %s" % ", ".join(missing), path, ADVICE)
    return {
        "names": {name: after[name] for name in expected},
        "new": [name for name in expected if name not in before],
    }


def drop(system, record, found):
    """Remove the images that came by an import and are still the same."""
    gone = [name for name in record["new"] if found.get(name) == record["names"][name]]
    if gone:
        system.run(CTR + ["remove"] + gone)
