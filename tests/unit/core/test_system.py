"""Files below a root and commands: absent is None, refused is an EngineError, a file is whole or old."""

import http.server
import json
import os
import subprocess
import sys
import threading

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import management
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System


@pytest.fixture
def system(tmp_path):
    """A machine below a folder."""
    return System(str(tmp_path))


def test_paths():
    assert System("/").path("/sys/x") == "/sys/x"
    assert System("/tree/").path("/sys/x") == "/tree/sys/x"


def test_what_is_not_there(system):
    assert system.read("/x") is system.read_bytes("/x") is system.link("/x") is None
    assert (system.link_name("/x"), system.list("/x"), system.exists("/x")) == (None, [], False)
    assert system.read("/") is system.read("/a\0b") is None


def test_reading(system, tmp_path):
    (tmp_path / "b").write_bytes(b" 7\n\0")
    (tmp_path / "a").write_bytes(b"\xff\n")
    os.symlink("../../drivers/igb", tmp_path / "driver")
    assert (system.read("/b"), system.read("/a")) == ("7", "\ufffd")
    assert system.list("/") == ["a", "b", "driver"]
    assert (system.link("/driver"), system.link_name("/driver")) == ("../../drivers/igb", "igb")


def test_a_file_is_put_in_place_whole(system, tmp_path):
    system.write_file("/etc/a/b", "one\n", 0o600)
    system.write_file("/etc/a/b", "two\n", 0o640)
    assert (tmp_path / "etc/a/b").read_text() == "two\n"
    assert (tmp_path / "etc/a/b").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path / "etc/a") == ["b"]


def test_death_before_the_rename_leaves_the_old_file(system, tmp_path, monkeypatch):
    system.write_file("/a", "old")
    monkeypatch.setattr(os, "replace", lambda *dummy: (dummy for dummy in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        system.write_file("/a", "new")
    monkeypatch.undo()
    assert (tmp_path / "a").read_text() == "old"
    system.write_file("/a", "new")
    assert os.listdir(tmp_path) == ["a"]


def test_a_link_is_put_in_place_whole(system, tmp_path):
    system.write_link("/w/u.service", "../u.service")
    os.symlink("rest", tmp_path / "w/u.service.gedge-tmp")
    system.write_link("/w/u.service", "../v.service")
    assert system.link("/w/u.service") == "../v.service"
    assert os.listdir(tmp_path / "w") == ["u.service"]


def test_removing_takes_the_draft_of_a_dead_run_too(system, tmp_path):
    (tmp_path / "a").write_text("")
    (tmp_path / "a.gedge-tmp").write_text("")
    system.remove_file("/a")
    system.remove_file("/a")
    assert os.listdir(tmp_path) == []


REFUSED = [
    ("write_kernel", ("/no/attribute", 1), "/no/attribute: the kernel refused '1': No such file or directory"),
    ("write_file", ("/file/x", "t"), "/file/x: cannot be written: "),
    ("write_link", ("/file/x", "t"), "/file/x: cannot be made: "),
    ("remove_file", ("/folder",), "/folder: cannot be removed: "),
    ("write_kernel", ("/file", "\u00fc"), "/file: '\u00fc' is no ASCII text and cannot be written"),
    ("write_file", ("/new/x", "\ud800"), "/new/x: '\\ud800' is no UTF-8 text and cannot be written"),
    ("run", (["true", "a\0b"],), "true: cannot be run: embedded null byte"),
    ("run", (["true", "\ud800"],), "true: cannot be run: 'utf-8' codec"),
]


@pytest.mark.parametrize(("method", "args", "words"), REFUSED)
def test_a_refusal_is_in_words(system, tmp_path, method, args, words):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(EngineError) as caught:
        getattr(system, method)(*args)
    assert caught.value.text().startswith(words)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_kernel_attributes(system, tmp_path):
    (tmp_path / "n").write_text("")
    system.write_kernel("/n", 4)
    assert (tmp_path / "n").read_text() == "4"


def test_commands(system, tmp_path):
    assert system.run(["sh", "-c", "echo $LC_ALL"]).out == "C\n"
    assert system.run(["sh", "-c", "exit 3"], check=False).rc == 3
    with pytest.raises(EngineError, match=r"sh -c echo bad >&2; exit 3: rc 3: bad"):
        system.run(["sh", "-c", "echo bad >&2; exit 3"])
    with pytest.raises(EngineError, match=r"false: rc 1: no message"):
        system.run(["false"])
    with pytest.raises(EngineError, match=r"no-such-command: the command is not installed. Install"):
        system.run(["no-such-command"])
    (tmp_path / "x").write_text("")
    with pytest.raises(EngineError, match=r"x: cannot be run: Permission denied"):
        system.run([str(tmp_path / "x")], check=False)


# -- the management connection


class Routes(System):
    """A machine whose ip answers from a table."""

    answers = {}

    def run(self, argv, check=True):
        assert argv[0] == "ip" and not check
        return CommandResult(0, self.answers.get(" ".join(argv[1:]), ""), "")


DEFAULT, SIX = "-j route show default", "-j -6 route show default"


def routes(*devices):
    """ip's JSON for routes over these devices."""
    return json.dumps([{"dev": device} for device in devices] + [{"dst": "unreachable"}])


CARRIERS = [
    ("no route", {}, "", set()),
    ("default", {DEFAULT: routes("eth0")}, "", {"eth0"}),
    (
        "both families and two routes",
        {DEFAULT: routes("eth0", "eth1"), SIX: routes("eth2")},
        "",
        {"eth0", "eth1", "eth2"},
    ),
    ("the client", {"-j route get 10.0.0.9": routes("eth3")}, "10.0.0.9 5 10.0.0.1 22", {"eth3"}),
    ("bond", {DEFAULT: routes("bond0")}, "", {"bond0", "eth4", "eth5"}),
    ("VLAN of a bond", {DEFAULT: routes("bond0.7")}, "", {"bond0.7", "bond0", "eth4", "eth5"}),
    ("no JSON", {DEFAULT: "Error"}, "", set()),
]


@pytest.mark.parametrize(("answers", "client", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CARRIERS])
def test_management_interfaces(tmp_path, answers, client, expected):
    for name in ("bond0.7/lower_bond0", "bond0/lower_eth4", "bond0/lower_eth5"):
        (tmp_path / "sys/class/net" / name).mkdir(parents=True)
    system = Routes(str(tmp_path))
    system.answers = answers
    assert management.interfaces(system, client) == expected


def test_the_client_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "fd00::9 5 fd00::1 22")
    system = Routes(str(tmp_path))
    system.answers = {"-j route get fd00::9": routes("eth3")}
    assert management.interfaces(system) == {"eth3"}


def test_one_run_at_a_time(tmp_path):
    """The lock is the process's: a run that was killed holds nobody up."""
    node = System(str(tmp_path))
    script = (
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    )
    with node.lock(0):
        pass
    other = [sys.executable, "-c", script, node.path("/run/lock/gedge.lock")]
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        with pytest.raises(EngineError, match="another run is changing this machine"), node.lock(0):
            pass
        holder.kill()
        holder.wait()
        with node.lock(0):
            pass


@pytest.mark.parametrize(("status", "said"), [(200, "ok"), (500, None)])
def test_what_an_address_answers(system, status, said):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"ok\n")

        def log_message(self, *dummy):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request).start()
        assert system.fetch("http://127.0.0.1:%d/healthz" % server.server_port) == said
    assert system.fetch("http://127.0.0.1:%d/healthz" % server.server_port) is None
