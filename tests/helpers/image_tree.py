"""The benchmark's image in a folder, as a pod would see it."""

from __future__ import annotations

import os
import stat
import tarfile

from ansible_collections.gedge.engine.plugins.module_utils.artifacts import image


def unpacked(root, recipe, collected, folder):
    """Make the image by the collection's own code, and unpack its one layer; returns where."""
    files = {**collected["files"], "/bin/on-cpus": str(root / "roles" / "benchmark" / "files" / "on-cpus")}
    settings = {
        "name": "gedge.local/benchmark:1",
        "files": files,
        "links": {f"/bin/{applet}": "busybox" for applet in recipe["applets"]},
        "entrypoint": [],
        "command": [],
        "environment": recipe["environment"],
        "architecture": "amd64",
    }
    image.make(settings, str(folder / "image.tar"))
    tree = folder / "tree"
    with tarfile.open(folder / "image.tar") as archive:
        blobs = [one for one in archive.getmembers() if one.name.startswith("blobs/")]
        layer = max(blobs, key=lambda one: one.size)
        with tarfile.open(fileobj=archive.extractfile(layer)) as inside:
            inside.extractall(tree, filter="tar")
    (folder / "image.tar").unlink()
    (tree / "dev" / "shm").mkdir(parents=True)  # what a container runtime gives
    for name, minor in (("null", 3), ("urandom", 9)):
        os.mknod(tree / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
    return tree
