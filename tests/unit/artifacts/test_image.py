"""Images out of files: the same bytes each time, read by tarfile and json as a runtime would."""

import hashlib
import io
import json
import os
import tarfile
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import image
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError


@pytest.fixture
def asked(tmp_path):
    """An image with a program, a text and links."""
    (tmp_path / "busybox").write_bytes(b"\x7fELF" + b"x" * 1000)
    (tmp_path / "busybox").chmod(0o755)
    (tmp_path / "text").write_text("hello\n")
    return {
        "name": "gedge.local/probe:1",
        "files": {"/bin/busybox": str(tmp_path / "busybox"), "/etc/motd": str(tmp_path / "text")},
        "links": {"/bin/sh": "busybox", "/sbin/init": "/bin/busybox"},
        "entrypoint": [],
        "command": ["/bin/sleep", "100000000"],
        "environment": {"PATH": "/bin", "A": "1"},
        "architecture": "amd64",
    }


def opened(path):
    """(names, {name: bytes}) of an archive."""
    with tarfile.open(path) as tar:
        return tar.getnames(), {one.name: tar.extractfile(one).read() for one in tar.getmembers() if one.isfile()}


def test_the_same_files_give_the_same_bytes(tmp_path, asked):
    first = image.make(asked, str(tmp_path / "one.tar"))
    time.sleep(0.01)
    os.utime(asked["files"]["/bin/busybox"], (1, 1))
    turned = dict(asked, files=dict(reversed(asked["files"].items())), links=dict(reversed(asked["links"].items())))
    assert image.make(turned, str(tmp_path / "two.tar")) == first
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_every_blob_has_its_digest_for_a_name(tmp_path, asked):
    digest = image.make(asked, str(tmp_path / "one.tar"))
    dummy, files = opened(tmp_path / "one.tar")
    blobs = {name: data for name, data in files.items() if name.startswith("blobs/")}
    assert len(blobs) == 3
    assert all(name.rsplit("/", 1)[1] == hashlib.sha256(data).hexdigest() for name, data in blobs.items())
    (entry,) = json.loads(files["index.json"])["manifests"]
    assert entry["digest"] == digest and entry["annotations"]["io.containerd.image.name"] == "gedge.local/probe:1"
    manifest = json.loads(files["blobs/sha256/" + digest.split(":")[1]])
    (docker,) = json.loads(files["manifest.json"])
    assert docker["RepoTags"] == ["gedge.local/probe:1"]
    assert docker["Config"] == "blobs/sha256/" + manifest["config"]["digest"].split(":")[1]
    assert docker["Layers"] == ["blobs/sha256/" + manifest["layers"][0]["digest"].split(":")[1]]
    config = json.loads(files[docker["Config"]])
    assert config["config"] == {"Cmd": asked["command"], "Env": ["A=1", "PATH=/bin"]}
    assert config["rootfs"]["diff_ids"] == [manifest["layers"][0]["digest"]]


def test_one_image_has_several_names(tmp_path, asked):
    names = ["gedge.local/b:1", "gedge.local/a:2", asked["name"]]
    digest = image.make(dict(asked, names=names), str(tmp_path / "one.tar"))
    assert image.make(dict(asked, names=[]), str(tmp_path / "two.tar")) == digest
    dummy, files = opened(tmp_path / "one.tar")
    found = json.loads(files["index.json"])["manifests"]
    told = [asked["name"], "gedge.local/a:2", "gedge.local/b:1"]
    assert [one["annotations"]["io.containerd.image.name"] for one in found] == told
    assert {one["digest"] for one in found} == {digest}
    assert json.loads(files["manifest.json"])[0]["RepoTags"] == told
    with pytest.raises(ProblemsError) as error:
        image.make(dict(asked, names=["b"]), str(tmp_path / "three.tar"))
    assert [problem.path for problem in error.value.problems] == ["names[0]"]


def test_the_layer(tmp_path, asked):
    image.make(asked, str(tmp_path / "one.tar"))
    dummy, files = opened(tmp_path / "one.tar")
    layer = next(name for name in json.loads(files["manifest.json"])[0]["Layers"])
    with tarfile.open(fileobj=io.BytesIO(files[layer])) as tar:
        members = {one.name: one for one in tar.getmembers()}
        assert tar.extractfile("etc/motd").read() == b"hello\n"
    assert list(members) == ["bin", "etc", "sbin", "bin/busybox", "bin/sh", "etc/motd", "sbin/init"]
    assert (members["bin/busybox"].mode, members["etc/motd"].mode) == (0o755, 0o644)
    assert members["bin/sh"].issym() and members["sbin/init"].linkname == "/bin/busybox"
    assert {(one.uid, one.gid, one.mtime, one.uname) for one in members.values()} == {(0, 0, 0, "")}


def test_made_once(tmp_path, asked):
    path = str(tmp_path / "images" / "one.tar")
    assert image.converge(asked, path, check_mode=True)["changed"] and not os.path.exists(path)
    first = image.converge(asked, path)
    assert first["changed"] and first["digest"].startswith("sha256:")
    for check_mode in (True, False):
        assert image.converge(asked, path, check_mode) == dict(first, changed=False)
    other = dict(asked, command=["/bin/sh"])
    assert image.converge(other, path, check_mode=True)["changed"]
    assert image.converge(asked, path)["changed"] is False
    assert image.converge(other, path)["changed"] and os.listdir(tmp_path / "images") == ["one.tar"]


WRONG = {
    "no host": ({"name": "probe:1"}, "no whole image name"),
    "no tag": ({"name": "gedge.local/probe"}, "no whole image name"),
    "a relative path": ({"links": {"bin/sh": "busybox"}}, "links.bin/sh: this is no absolute path"),
    "a path outside": ({"links": {"/../sh": "busybox"}}, "links./../sh: this is no absolute path"),
    "no such file": ({"files": {"/bin/x": "/nonexistent"}}, "there is no file /nonexistent"),
    "another machine": ({"architecture": "m68k"}, "there is no such one"),
    "file and link": ({"links": {"/bin/busybox": "x"}}, "it is a file, too"),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
def test_refused(tmp_path, asked, change, words):
    with pytest.raises(EngineError) as said:
        image.converge(dict(asked, **change), str(tmp_path / "one.tar"), check_mode=True)
    assert words in str(said.value)
