"""Archives: pinned, refused on a mismatch, whole or not at all."""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import random
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
        return {"url": path.as_uri(), "sha256": digest, "unpack": unpack, "where": WHERE}

    return pack


WHERE = "catalogue[1].archive"


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
    with pytest.raises(EngineError, match=r"^catalogue\[1\]\.archive\.sha256: 0{64}: is pinned; what came from file:"):
        bring(node, asked)
    assert not node.exists("/opt/asic") and not node.exists("/var/lib/gedge")


BAD = {"parent": {"../x": "1"}, "absolute": {"/etc/x": "1"}, "link": {"x": None}}


@pytest.mark.parametrize("members", BAD.values(), ids=BAD)
def test_what_would_write_elsewhere_is_refused(node, packed, members):
    with pytest.raises(EngineError, match=r"catalogue\[1\]\.archive\.url: file:.*does not belong"):
        bring(node, packed(members))
    assert not node.exists("/opt/asic") and not node.exists("/etc/x") and not node.exists("/var/lib/gedge")


NOISE = bytes(range(256)) * 64
NO_TARS = {
    "text": b"text",
    "nothing": b"",
    "half a gz": gzip.compress(random.Random(0).randbytes(20000))[:9000],
    "half an xz": lzma.compress(random.Random(0).randbytes(20000))[:9000],
    "half a bz2": bz2.compress(random.Random(0).randbytes(20000))[:9000],
    "gz of no tar": gzip.compress(NOISE),
    "damaged gz": gzip.compress(NOISE)[:20] + b"\xff" * 200,
}


@pytest.mark.parametrize("content", NO_TARS.values(), ids=NO_TARS)
def test_no_tar_is_refused(node, tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    asked = {"url": (tmp_path / "x").as_uri(), "sha256": digest, "unpack": "/opt/asic", "where": WHERE}
    with pytest.raises(EngineError, match="cannot be unpacked into /opt/asic"):
        bring(node, asked)
    assert not node.exists("/opt/asic") and not node.exists("/var/lib/gedge")


@pytest.mark.parametrize("ending", ["gz", "xz", "bz2"])
def test_an_archive_that_ends_early(node, packed, tmp_path, ending):
    """Cut behind the first member's head, so that the tar looks whole at its beginning."""
    path = tmp_path / ("cut.tar." + ending)
    with tarfile.open(path, "w:" + ending) as tar:
        info = tarfile.TarInfo("a")
        info.size = 200000
        tar.addfile(info, io.BytesIO(random.Random(0).randbytes(200000)))
    content = path.read_bytes()[:150000]
    path.write_bytes(content)
    asked = dict(packed({}), url=path.as_uri(), sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(EngineError, match="cannot be unpacked into /opt/asic"):
        bring(node, asked)
    assert not node.exists("/opt/asic") and not node.exists("/var/lib/gedge")


def test_a_folder_of_somebody_else_is_not_touched(node, packed):
    node.put("/opt/asic/theirs", "1")
    with pytest.raises(EngineError, match="is there and not ours"):
        bring(node, packed({"a": "1"}))
    assert node.list("/opt/asic") == ["theirs"]


@pytest.mark.parametrize("url", ["file:///no/such/file", "http://x:abc/", "http://x/\x01", "http://[x/", "https://x/é"])
def test_unreachable(node, url):
    with pytest.raises(EngineError, match=r"^catalogue\[1\]\.archive\.url: .*cannot be fetched"):
        bring(node, {"url": url, "sha256": "0" * 64, "unpack": "/opt/asic", "where": WHERE})
    assert not node.exists("/var/lib/gedge")


def test_removed_exactly(node, packed):
    asked = packed({"a": "1"})
    bring(node, asked)
    for step in archive.restore_steps(node, ["/opt/asic", "/opt/gone"]):
        archive.apply(node, step)
    assert not node.exists("/opt/asic")
