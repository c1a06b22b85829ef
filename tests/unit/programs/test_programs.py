"""Module node_programs and the controller's half of it: what differs comes in one archive, all of it or nothing."""

import json
import os
import pathlib
import subprocess
import sys
import tarfile

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import programs
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.paths import sha256
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.plugin_utils import packed_programs

ANSIBLE = pathlib.Path(sys.executable).parent / "ansible"
PIPELINING = ("True", "False")


@pytest.fixture
def here(tmp_path):
    """Two programs on the controller, of which one is a link as in a folder of artifacts."""
    folder = tmp_path / "controller"
    folder.mkdir()
    (folder / "real").write_bytes(b"one" * 1000)
    (folder / "kubelet").symlink_to("real")
    (folder / "bridge").write_bytes(os.urandom(3000))
    return folder


@pytest.fixture
def wanted(here, tmp_path):
    """{path on the node: file on the controller}."""
    return {
        str(tmp_path / "node/bin/kubelet"): str(here / "kubelet"),
        str(tmp_path / "node/cni/bridge"): str(here / "bridge"),
    }


def files(folder):
    """{path: (text, mode)} of all files below a folder."""
    found = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mode & 0o777) for path in found}


def packed(wanted, folder):
    digests = packed_programs.digests(wanted)
    return digests, packed_programs.archive({digests[path]: wanted[path] for path in wanted}, str(folder))


def test_what_differs_is_told_and_brought(wanted, tmp_path):
    digests, archive = packed(wanted, tmp_path)
    assert programs.differing(System(), digests) == sorted(wanted)
    programs.unpack(System(), archive, digests)
    assert programs.differing(System(), digests) == []
    assert files(tmp_path / "node") == {to: (pathlib.Path(of).read_bytes(), 0o755) for to, of in wanted.items()}


def test_a_program_that_was_replaced_while_it_ran_can_be_had_back(tmp_path):
    """Out of the process, and also after that has ended: the kernel keeps the file as long as it is open."""
    path, system = tmp_path / "program", System()
    path.write_bytes(pathlib.Path("/bin/sleep").read_bytes())
    path.chmod(0o755)
    with subprocess.Popen([path, "60"]) as process:
        assert programs.running(system, process.pid) is None
        (tmp_path / "new").write_text("another")
        os.replace(tmp_path / "new", path)
        place, source = programs.running(system, process.pid)
        process.kill()
    assert programs.running(system, process.pid) is None
    with source:
        system.write_stream(place, source, programs.MODE)
    assert files(tmp_path) == {str(path): (pathlib.Path("/bin/sleep").read_bytes(), 0o755)}


@pytest.mark.parametrize("what", ["text", "mode", "gone"])
def test_each_difference_is_seen(wanted, tmp_path, what):
    digests, archive = packed(wanted, tmp_path)
    programs.unpack(System(), archive, digests)
    path = sorted(wanted)[0]
    {
        "text": lambda: pathlib.Path(path).write_text("other"),
        "mode": lambda: os.chmod(path, 0o644),
        "gone": lambda: os.unlink(path),
    }[what]()
    assert programs.differing(System(), digests) == [path]


def test_one_file_at_two_places(wanted, tmp_path):
    path, source = sorted(wanted.items())[0]
    digests, archive = packed({path: source, path + "-again": source}, tmp_path)
    programs.unpack(System(), archive, digests)
    assert programs.differing(System(), digests) == []


def test_a_running_program_keeps_its_file(wanted, tmp_path):
    digests, archive = packed(wanted, tmp_path)
    path = pathlib.Path(sorted(wanted)[0])
    path.parent.mkdir(parents=True)
    path.write_text("old")
    with path.open() as running:
        programs.unpack(System(), archive, digests)
        assert running.read() == "old"


def shorter(archive):
    data = pathlib.Path(archive).read_bytes()
    pathlib.Path(archive).write_bytes(data[: len(data) // 2])


def other_member(archive):
    """Same names, other contents."""
    with tarfile.open(archive) as old:
        names = old.getnames()
    (pathlib.Path(archive).parent / "bad").write_text("bad")
    with tarfile.open(archive, "w:gz") as new:
        for name in names:
            new.add(pathlib.Path(archive).parent / "bad", name)


def member_missing(archive):
    with tarfile.open(archive, "w:gz"):
        pass


@pytest.mark.parametrize("damage", [shorter, other_member, member_missing, os.unlink], ids=lambda one: one.__name__)
def test_a_damaged_archive_replaces_nothing_and_leaves_nothing(wanted, tmp_path, damage):
    digests, archive = packed(wanted, tmp_path)
    path = pathlib.Path(sorted(wanted)[0])
    path.parent.mkdir(parents=True)
    path.write_text("old")
    damage(archive)
    with pytest.raises(EngineError):
        programs.unpack(System(), archive, digests)
    assert files(tmp_path / "node") == {str(path): (b"old", 0o644)}


def test_a_folder_in_the_way_is_refused(wanted, tmp_path):
    digests, archive = packed(wanted, tmp_path)
    pathlib.Path(sorted(wanted)[1]).mkdir(parents=True)
    with pytest.raises(EngineError, match="a folder is where the program should be"):
        programs.unpack(System(), archive, digests)
    assert files(tmp_path / "node") == {}, "neither a draft nor the other program"


def test_nodes_that_lack_the_same_share_an_archive(wanted, tmp_path):
    first, second = packed(wanted, tmp_path)[1], packed(wanted, tmp_path)[1]
    assert first == second and sha256(first) == sha256(second)
    path, source = sorted(wanted.items())[0]
    assert packed({path: source}, tmp_path)[1] != first


def test_what_cannot_be_brought_is_told_all_at_once(here):
    with pytest.raises(ProblemsError) as caught:
        packed_programs.digests({"bin/kubelet": str(here / "kubelet"), "/x": str(here / "none"), "/y": str(here)})
    assert [problem.path for problem in caught.value.problems] == ["programs.bin/kubelet", "programs./x", "programs./y"]


def test_a_folder_without_room_is_told(wanted, tmp_path):
    with pytest.raises(EngineError, match="cannot be written"):
        packed(wanted, tmp_path / "none")


def ansible(wanted, tmp_path, *options, pipelining="True"):
    """The result of the module as Ansible runs it, as on a node, and what is left of its temporary folder there."""
    given = json.dumps({"programs": wanted})
    command = [ANSIBLE, "localhost", "-c", "local", "-m", "gedge.engine.node_programs", "-a", given]
    env = dict(
        os.environ,
        ANSIBLE_PIPELINING=pipelining,
        ANSIBLE_REMOTE_TMP=str(tmp_path / "remote"),
        ANSIBLE_CALLBACK_RESULT_FORMAT="json",
        ANSIBLE_STDOUT_CALLBACK="ansible.builtin.minimal",
        ANSIBLE_LOAD_CALLBACK_PLUGINS="true",
    )
    done = subprocess.run([*command, *options], capture_output=True, text=True, env=env, check=False)
    assert list((tmp_path / "remote").glob("*")) == [], "a temporary folder is left"
    result = json.JSONDecoder().raw_decode(done.stdout.split(" => ", 1)[1])[0]
    return dict(result, failed="FAILED!" in done.stdout)


@pytest.mark.parametrize("pipelining", PIPELINING)
def test_ansible_brings_what_differs_and_no_more(wanted, tmp_path, pipelining):
    foretold = ansible(wanted, tmp_path, "--check", pipelining=pipelining)
    assert files(tmp_path / "node") == {}
    first = ansible(wanted, tmp_path, pipelining=pipelining)
    assert foretold["changed"] and first["changed"] and foretold["steps"] == first["steps"]
    assert [step["target"] for step in first["steps"]] == sorted(wanted)
    before = {path: os.stat(path).st_ino for path in wanted}
    second = ansible(wanted, tmp_path, pipelining=pipelining)
    assert (second["changed"], second["steps"]) == (False, [])
    assert {path: os.stat(path).st_ino for path in wanted} == before


def test_ansible_refuses_a_program_that_is_not_there(wanted, tmp_path):
    result = ansible(dict(wanted, **{str(tmp_path / "node/x"): str(tmp_path / "none")}), tmp_path)
    assert result["failed"] and "is no file on the controller" in result["msg"]
    assert files(tmp_path / "node") == {}


@pytest.mark.parametrize("given", [["a"], "a", {}])
def test_ansible_takes_what_is_no_programs_calmly(tmp_path, given):
    result = ansible(given, tmp_path)
    assert result["failed"] is (given != {})
    assert "Traceback" not in result.get("msg", "")
