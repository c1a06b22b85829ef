# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The recipe's hash, the mirrors, and an image that is never seen half-built."""

import json
import multiprocessing
import os
import re
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.lab import accel, host, image, mirrors, recipe
from ansible_collections.gedge.engine.plugins.module_utils.progress import Progress
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

TARGETS = """'http://mirror.example/debian/dists/bookworm/InRelease' mirror.example_InRelease 0
'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' mirror.example_Packages 0
'http://mirror.example/debian/dists/bookworm/main/binary-all/Packages.xz' mirror.example_Packages 0
'http://mirror.example/debian/dists/bookworm-updates/main/binary-amd64/Packages.xz' mirror.example_Packages 0
'http://mirror.example/debian-security/dists/bookworm-security/main/binary-amd64/Packages.xz' x 0
'https://vendor.example/apt/dists/nodistro/main/binary-amd64/Packages.gz' vendor 0
'https://flat.example/apt/./Packages.xz' flat 0
"""


def test_the_hash_follows_the_recipe_and_nothing_else():
    one = recipe.digest(recipe.recipe("bookworm"))
    assert one == recipe.digest(recipe.recipe("bookworm", extra_packages=["systemd"]))
    assert one == recipe.digest(json.loads(json.dumps(recipe.recipe("bookworm"))))
    others = [recipe.recipe("trixie"), recipe.recipe("bookworm", ["jq"]), dict(recipe.recipe("bookworm"), disk_gib=9)]
    assert len({one} | {recipe.digest(other) for other in others}) == 4


def test_mirrors_come_from_apt():
    entries = mirrors.parse(TARGETS)
    assert mirrors.archive(entries, "bookworm") == "http://mirror.example/debian"
    assert mirrors.security(entries, "bookworm") == "http://mirror.example/debian-security"
    assert mirrors.find(entries, "bookworm-backports") is None
    assert mirrors.sources("trixie", "http://m/debian", "http://m/sec") == [
        "deb http://m/debian trixie main",
        "deb http://m/debian trixie-updates main",
        "deb http://m/sec trixie-security main",
    ]


def test_an_apt_without_the_archive_says_what_to_do():
    with pytest.raises(EngineError, match="lab_mirror"):
        mirrors.archive(mirrors.parse(TARGETS.replace("bookworm", "sid")), "bookworm")


def test_a_list_of_mirrors_in_a_file_becomes_its_first_mirror(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "debian.list").write_text(
        "# ours\nhttp://near.example/debian/\tpriority:1\nhttp://far.example/\n"
    )
    system = System(str(tmp_path))
    assert mirrors.real_uri(system, "mirror+file:///etc/debian.list") == "http://near.example/debian"
    assert mirrors.real_uri(system, "mirror+file:/etc/debian.list") == "http://near.example/debian"
    assert mirrors.real_uri(system, "http://plain.example/debian") == "http://plain.example/debian"


class Host(System):
    """A Debian 12 of which the test decides what is installed."""

    def __init__(self, version, targets=TARGETS):
        super().__init__()
        self.version, self.targets = version, targets

    def read(self, path):
        """Its os-release."""
        return 'ID=debian\nVERSION_CODENAME="bookworm"' if path == "/etc/os-release" else None

    def run(self, argv, check=True):
        """Its QEMU, its apt."""
        return CommandResult(0, self.targets if argv[0] == "apt-get" else "QEMU emulator version " + self.version, "")


BACKPORTS = "'http://mirror.example/debian/dists/bookworm-backports/main/binary-amd64/Packages.xz' x 0\n"
ADD = {"uri": "http://mirror.example/debian", "suite": "bookworm-backports"}


@pytest.mark.parametrize(
    ("version", "targets", "packages", "release", "source"),
    [
        ("10.0.2", TARGETS, [], None, None),
        ("7.2.17", TARGETS, ["qemu-system-x86", "qemu-utils"], "bookworm-backports", ADD),
        ("7.2.17", TARGETS + BACKPORTS, ["qemu-system-x86", "qemu-utils"], "bookworm-backports", None),
    ],
)
def test_what_a_host_lacks(monkeypatch, version, targets, packages, release, source):
    monkeypatch.setattr(host, "present", lambda name: name != "mmdebstrap")
    found = host.look(Host(version, targets))
    assert found["packages"] == ["mmdebstrap"]
    assert (found["qemu_packages"], found["release"], found["source"]) == (packages, release, source)


class Fake(image.Builder):
    """A build without mmdebstrap; leaves a trace of each run."""

    def unpack(self, lock):
        """Take a while."""
        time.sleep(0.3)
        with open(os.path.join(os.path.dirname(self.target), "runs"), "a", encoding="utf-8") as handle:
            handle.write("x")

    def configure(self):
        """Nothing."""

    def pack(self):
        """The file that says: complete."""
        with open(os.path.join(self.work, image.COMPLETE), "w", encoding="utf-8") as handle:
            handle.write("{}")


def fake(cache, kind=Fake):
    """A build into a cache."""
    made = recipe.recipe("bookworm")
    return kind(System(), made, image.folder(str(cache), made), Progress())


def test_two_builds_at_once_make_one_image(tmp_path):
    runs = [multiprocessing.get_context("fork").Process(target=fake(tmp_path).build) for dummy in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(20)
    assert (tmp_path / "images" / "runs").read_text() == "x"
    assert image.ready(fake(tmp_path).target)


def test_a_build_that_fails_leaves_no_image_and_the_next_one_makes_it(tmp_path):
    class Broken(Fake):
        """Fails after the first files are there."""

        def configure(self):
            """The disk is full, say."""
            raise EngineError("no space left")

    with pytest.raises(EngineError, match="no space left"):
        fake(tmp_path, Broken).build()
    assert not os.path.exists(fake(tmp_path).target)
    assert fake(tmp_path).build() is True
    assert fake(tmp_path).build() is False
    assert not os.path.exists(fake(tmp_path).work)


def test_a_full_disk_is_refused_before_anything_is_built(tmp_path, monkeypatch):
    monkeypatch.setattr(image, "SPACE_MIB", 10**9)
    with pytest.raises(EngineError, match=r"needs 1000000000 MiB, \d+ are free.*lab_cache_dir"):
        fake(tmp_path).build()
    assert not (tmp_path / "images" / "runs").exists()


def test_a_cache_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "images").write_text("a file")
    with pytest.raises(EngineError, match="lab_cache_dir"):
        fake(tmp_path).build()


@pytest.mark.parametrize(
    ("script", "boots", "why"),
    [
        ("echo '%s' > $S; sleep 30" % accel.MARKER, True, "boots with KVM"),
        ("echo 'failed to set MSR' >&2; exit 134", False, r"rc 134.*failed to set MSR"),
        ("echo early > $S; sleep 30", False, r"did not boot within 1 s \(printed 6 bytes\)"),
    ],
)
def test_the_probe_believes_the_serial_line_only(monkeypatch, script, boots, why):
    monkeypatch.setattr(accel, "probe_argv", lambda q, i, serial: ["sh", "-c", "S=%s; %s" % (serial, script)])
    verdict = accel.probe("qemu", "/image", seconds=1)
    assert verdict["boots"] is boots
    assert re.search(why, verdict["why"])


def test_a_verdict_is_kept_for_the_same_machine_only(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(accel, "usable", lambda: True)
    monkeypatch.setattr(accel, "probe", lambda *a: asked.append(a) or {"boots": False, "why": "no"})
    for version in ((10, 0), (10, 0), (10, 1)):
        assert accel.choose(System(), str(tmp_path), "q", version, "/image", Progress()) == ("tcg", "no")
    assert len(asked) == 2
