"""Bringing devices up for a probe, waiting for their addresses, sending, and putting them down again."""

import json
import types

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.probe import links
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

LL = {"family": "inet6", "scope": "link", "local": "fe80::1"}


class Node(System):
    """Devices {name: flags}; ready: looks at the addresses before one is there; None for never."""

    def __init__(self, devices, ready=0, entries=(LL,)):
        super().__init__("/nowhere")
        self.devices, self.ready, self.entries, self.log = dict(devices), ready, list(entries), []

    def run(self, argv, check=True):
        if argv[1] == "-j":
            return CommandResult(0, json.dumps([self._shown(name, argv[2]) for name in self.devices]), "")
        self.log.append(" ".join(argv[2:]))
        return CommandResult(0, "", "")

    def _shown(self, name, what):
        shown = {"ifname": name, "flags": self.devices[name]}
        if what == "addr":
            self.ready = None if self.ready is None else self.ready - 1
            shown["addr_info"] = self.entries if self.ready is not None and self.ready < 0 else []
        return shown


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Waiting takes no time."""
    now = [0.0]
    fake = types.SimpleNamespace(monotonic=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    monkeypatch.setattr(links, "time", fake)
    return now


def test_only_what_is_down_is_brought_up():
    node = Node({"v0": [], "v1": ["UP", "LOWER_UP"], "other": []})
    assert links.raise_links(node, ["v0", "v1"], 10) == [
        {"interface": "v0", "was_up": False, "carrier": False, "address": "fe80::1"},
        {"interface": "v1", "was_up": True, "carrier": True, "address": "fe80::1"},
    ]
    assert node.log == ["set dev v0 up"]


def test_no_devices():
    assert links.raise_links(Node({"v0": []}), [], 10) == []


def test_absent_devices_are_named_before_anything_is_touched():
    node = Node({"v0": []})
    with pytest.raises(EngineError, match=r"no such network device: v1, v2. Run the discovery again"):
        links.raise_links(node, ["v0", "v2", "v1"], 10)
    assert node.log == []


WAITS = [(0, 0.0, "fe80::1"), (3, 1.5, "fe80::1"), (None, 10.5, None)]


@pytest.mark.parametrize(("ready", "seconds", "address"), WAITS)
def test_waiting_for_an_address(clock, ready, seconds, address):
    (link,) = links.raise_links(Node({"v0": ["UP"]}, ready), ["v0"], 10)
    assert (link["address"], clock[0]) == (address, seconds)


ENTRIES = [
    ("tentative", [dict(LL, tentative=True)], None),
    ("global only", [dict(LL, scope="global")], None),
    ("IPv4 link-local", [dict(LL, family="inet")], None),
    ("the first usable", [dict(LL, tentative=True), dict(LL, local="fe80::2"), LL], "fe80::2"),
]


@pytest.mark.parametrize(("entries", "address"), [pytest.param(*case[1:], id=case[0]) for case in ENTRIES])
def test_which_addresses_count(entries, address):
    assert links.raise_links(Node({"v0": ["UP"]}, 0, entries), ["v0"], 1)[0]["address"] == address


def test_putting_down():
    node = Node({})
    links.lower_links(node, ["v0", "v1"])
    assert node.log == ["set dev v0 down", "set dev v1 down"]


SUMMARIES = [
    ("3 packets transmitted, 3 received, 0% packet loss, time 1001ms\n", 3),
    ("3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2049ms\n", 0),
    ("4 packets transmitted, 1 received, 75% packet loss", 1),
    ("ping: connect: Network is unreachable\n", 0),
    ("", 0),
]


@pytest.mark.parametrize(("text", "replies"), SUMMARIES)
def test_pings_run_at_once_and_are_counted(monkeypatch, text, replies):
    started = []

    def popen(argv, **_):
        started.append(argv)
        return types.SimpleNamespace(communicate=lambda: (text, None))

    monkeypatch.setattr(links.subprocess, "Popen", popen)
    targets = [{"interface": "v0", "address": "fe80::2", "expect": expect} for expect in ("reply", "silence")]
    assert [one["replies"] for one in links.ping(targets, 10)] == [replies] * 2
    assert [argv[argv.index("-w") + 1] for argv in started] == ["10", "4"]
    assert all(argv[-3:] == ["-I", "v0", "fe80::2"] for argv in started)


def test_no_ping(monkeypatch):
    monkeypatch.setattr(
        links.subprocess, "Popen", lambda *dummy, **__: (dummy for dummy in ()).throw(FileNotFoundError())
    )
    with pytest.raises(EngineError, match=r"ping: the command is not installed. Install the package iputils-ping"):
        links.ping([{"interface": "v0", "address": "fe80::2", "expect": "reply"}], 10)
