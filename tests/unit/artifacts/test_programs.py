"""Builds with a toolchain of our own making: kept by what they are made of, whole or not there, errors by name."""

import multiprocessing
import os
import pathlib
import shutil

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import cache, golang
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.programs import Builder, programs
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError

GROUP = {"multus": "4.3.0"}
OTHER = {"kubernetes-node": "1.37.2"}


@pytest.fixture
def sources(root, tmp_path):
    """A copy of the pinned modules."""
    return shutil.copytree(root / "roles" / "cluster_artifacts" / "files" / "build", tmp_path / "build")


@pytest.fixture
def builder(sources, tmp_path, fake_go):
    """A function: a Builder with that toolchain, whose lines go to its list told."""

    def make(**how):
        told = []
        one = Builder(str(sources), str(tmp_path / "cache"), lambda who, what: told.append(f"{who}: {what}"))
        one.go, one.told = fake_go(**how), told
        one.architecture = "arm64" if how.get("version") is None and how.get("arm") else "amd64"
        return one

    return make


def test_built_once_and_told_in_check_mode(builder, tmp_path):
    foretold = programs(builder(), GROUP, check_mode=True)
    assert foretold["built"] == ["multus"] and not (tmp_path / "cache").exists()
    assert foretold["binaries"]["multus-shim"]["sha256"] == ""
    first = programs(builder(), GROUP)
    assert first["changed"] and first["built"] == ["multus"]
    assert set(first["binaries"]) == {"multus", "multus-shim", "multus-daemon"}
    assert first["binaries"]["multus"]["path"] == foretold["binaries"]["multus"]["path"]
    for check_mode in (True, False):
        again = programs(builder(), GROUP, check_mode)
        assert not again["changed"] and again["binaries"] == first["binaries"]


def test_a_line_now_and_then(builder):
    one = builder()
    programs(one, GROUP)
    assert one.told[:2] == ["programs multus: fetching modules", "programs multus: compiling, 40 packages"]
    assert len([line for line in one.told if " of 40 packages" in line]) == 10
    assert one.told[-1].startswith("programs multus: built in ")


def test_modules_are_those_of_the_version(builder, tmp_path):
    programs(builder(), {"kubernetes-control-plane": "1.34.4"})
    log = (tmp_path / "go.log").read_text(encoding="utf-8")
    assert log.count("-modfile=1.34.mod") == 2 and "gitVersion=v1.34.4" in log and "gitMinor=34" in log


def test_built_anew_for_what_it_is_made_of(builder, sources):
    def key(**how):
        return builder(**how).look("kubernetes-node", "1.37.2")["key"]

    keys = [key(), key(version="1.26.9"), builder().look("kubernetes-node", "1.34.4")["key"]]
    for path in ("go.sum", "kubernetes-node/main.go"):
        with open(sources / "kubernetes" / path, "a", encoding="utf-8") as handle:
            handle.write("\n")
        keys.append(key())
    other = builder()
    other.architecture = "arm64"
    keys.append(other.look("kubernetes-node", "1.37.2")["key"])
    assert len(set(keys)) == 6
    with open(sources / "kubernetes" / "kubernetes-control-plane" / "main.go", "a", encoding="utf-8") as handle:
        handle.write("\n")
    assert key() == keys[-2]


COMPLAINTS = {
    "checksum": ("verifying x@v1: checksum mismatch\n\nSECURITY ERROR", "not the one that go.sum pins"),
    "go.sum": ("missing go.sum entry for module", "does not pin all"),
    "no proxy": ("dial tcp 127.0.0.1:9: connect: connection refused", "Set GOPROXY"),
    "off": ("module lookup disabled by GOPROXY=off", "Set GOPROXY"),
    "disk": ("write x: no space left on device", "Make room"),
    "source": ("./main.go:3: undefined: x", "undefined: x"),
    "killed": ("KILL", "was ended by signal 9"),
}


@pytest.mark.parametrize(("said", "words"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_what_it_complains_of_and_nothing_is_left(builder, tmp_path, said, words):
    with pytest.raises(EngineError) as told:
        programs(builder(complaint=said), GROUP)
    assert words in str(told.value) and (said in str(told.value) or said == "KILL")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name != "lock"]
    assert programs(builder(), GROUP)["changed"]


def test_a_timeout_is_tried_again(builder, tmp_path):
    with pytest.raises(EngineError, match="cannot be fetched"):
        programs(builder(complaint="Get x: net/http: TLS handshake timeout"), GROUP)
    assert (tmp_path / "go.log").read_text(encoding="utf-8").count("list") == golang.TRIES


def test_no_go(builder):
    one = builder()
    one.go = "/nonexistent/go"
    for check_mode in (True, False):
        with pytest.raises(EngineError, match=r"no Go toolchain.*Install Go 1.26 or newer"):
            programs(one, GROUP, check_mode)


def test_an_old_go(builder):
    with pytest.raises(EngineError, match=r"it is go1.25.7, the modules need Go 1.26 or newer"):
        programs(builder(version="1.25.7"), GROUP, check_mode=True)


def test_a_folder_without_the_modules(builder, tmp_path):
    one = builder()
    one.root = str(tmp_path)
    with pytest.raises(EngineError, match=r"multus/go.mod: is not there. Give the folder"):
        programs(one, GROUP, check_mode=True)


def test_a_group_and_a_version_that_are_not_there(builder):
    with pytest.raises(EngineError) as told:
        programs(builder(), {"multis": "4.3.0", "kubernetes-node": "1.36.0"})
    assert 'Did you mean "multus"?' in str(told.value) and "Offered: 1.37.2, 1.34.4" in str(told.value)


def test_old_ones_are_forgotten_but_not_those_that_are_in_use(tmp_path):
    def make(key):
        return cache.kept(str(tmp_path), "kind", key, lambda draft: open(draft, "w").close())

    for number in range(cache.KEPT):
        os.utime(os.path.dirname(make(f"key{number}")), (number, number))
    make("key0")
    make("new")
    assert sorted(os.listdir(tmp_path / "programs" / "kind")) == ["key0", "key2", "key3", "new"]


def build(arguments):
    """One of several builds at once."""
    root, kept, go = arguments
    return programs(Builder(root, kept, lambda who, what: None, go=go), GROUP)["built"]


def test_several_at_once_make_one(sources, tmp_path, fake_go):
    work = [(str(sources), str(tmp_path / "cache"), fake_go())] * 4
    with multiprocessing.Pool(4) as pool:
        assert sorted(pool.map(build, work)) == [[], [], [], ["multus"]]


def test_a_build_that_was_killed_is_begun_anew(builder, tmp_path):
    place = builder().look("multus", "4.3.0")["place"]
    os.makedirs(place + ".new")
    (tmp_path / "x").write_text("half")
    shutil.copy(tmp_path / "x", place + ".new/multus")
    found = programs(builder(), GROUP)
    assert found["built"] == ["multus"]
    assert pathlib.Path(found["binaries"]["multus"]["path"]).read_text() != "half"
    assert not os.path.exists(place + ".new")


def test_all_groups_of_the_table_can_be_asked_for(builder):
    assert programs(builder(), OTHER)["built"] == ["kubernetes-node"]
