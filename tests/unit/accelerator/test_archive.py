"""Archives: pinned, refused on a mismatch, whole or not at all."""

import hashlib
import io
import os
import tarfile

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.accelerator import archive
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError


@pytest.fixture
def packed(tmp_path):
    """A function: a tar file of {name: text}; its option. A text of None makes a link out of the folder."""

    def pack(members, unpack="/opt/asic"):
        path = tmp_path / "sdk.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for name, text in members.items():
                info = tarfile.TarInfo(name)
                if text is None:
                    info.type, info.linkname = tarfile.SYMTYPE, "../../etc/passwd"
                    tar.addfile(info)
                else:
                    info.size, info.mode = len(text), 0o755
                    tar.addfile(info, io.BytesIO(text.encode()))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return {"url": path.as_uri(), "sha256": digest, "unpack": unpack}

    return pack


def bring(node, asked):
    """Observe, plan, apply; the number of steps."""
    steps = archive.steps(archive.observe(node, [asked]), [asked])
    for step in steps:
        archive.apply(node, step)
    return len(steps)


def test_unpacked_once(node, packed):
    asked = packed({"bin/status": "#!/bin/sh\n"})
    assert bring(node, asked) == 1
    assert node.read("/opt/asic/bin/status") == "#!/bin/sh"
    assert os.stat(node.path("/opt/asic/bin/status")).st_mode & 0o777 == 0o755
    assert bring(node, asked) == 0
    assert not node.exists("/var/lib/gedge")


def test_a_new_version_takes_the_old_ones_place(node, packed):
    bring(node, packed({"old": "1"}))
    assert bring(node, packed({"new": "2"})) == 1
    assert node.list("/opt/asic") == [archive.STAMP, "new"]


def test_a_plain_file_is_kept_by_its_digest(node, packed):
    asked = packed({"a": "1"}, unpack=None)
    assert bring(node, asked) == 1 and node.exists(archive.place(asked))
    assert bring(node, asked) == 0
    node.put(archive.place(asked), "changed by somebody")
    assert bring(node, asked) == 1


def test_a_mismatch_is_refused_and_nothing_kept(node, packed):
    asked = dict(packed({"a": "1"}), sha256="0" * 64)
    with pytest.raises(EngineError, match=r"0{64} is pinned"):
        bring(node, asked)
    assert not node.exists("/opt/asic") and node.list(archive.STORE) == []


BAD = {"parent": {"../x": "1"}, "absolute": {"/etc/x": "1"}, "link": {"x": None}}


@pytest.mark.parametrize("members", BAD.values(), ids=BAD)
def test_what_would_write_elsewhere_is_refused(node, packed, members):
    with pytest.raises(EngineError, match="does not belong"):
        bring(node, packed(members))
    assert not node.exists("/opt/asic") and not node.exists("/etc/x")


def test_no_tar_is_refused(node, tmp_path):
    (tmp_path / "x").write_text("text")
    digest = hashlib.sha256(b"text").hexdigest()
    with pytest.raises(EngineError, match="cannot be unpacked"):
        bring(node, {"url": (tmp_path / "x").as_uri(), "sha256": digest, "unpack": "/opt/asic"})


def test_a_folder_of_somebody_else_is_not_touched(node, packed):
    node.put("/opt/asic/theirs", "1")
    with pytest.raises(EngineError, match="is there and not ours"):
        bring(node, packed({"a": "1"}))
    assert node.list("/opt/asic") == ["theirs"]


def test_unreachable(node):
    with pytest.raises(EngineError, match="cannot be fetched"):
        bring(node, {"url": "file:///no/such/file", "sha256": "0" * 64, "unpack": "/opt/asic"})


def test_removed_exactly(node, packed):
    asked = packed({"a": "1"})
    bring(node, asked)
    for step in archive.restore_steps(node, ["/opt/asic", "/opt/gone"]):
        archive.apply(node, step)
    assert not node.exists("/opt/asic")
