"""Echo requests: the words for ping, and the figures in what it says. It runs for real on the lab's nodes."""

import os
import socket
import stat
import threading
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.probe import echoes, ports

SAID = {
    "answered": (
        "3 packets transmitted, 3 received, 0% packet loss, time 601ms\n"
        "rtt min/avg/max/mdev = 0.389/1.203/2.810/1.136 ms\n",
        {"sent": 3, "replies": 3, "rtt_ms": 1.203, "worst_ms": 2.81},
    ),
    "unreachable": (
        "From 192.168.20.100 icmp_seq=1 Destination Host Unreachable\n\n"
        "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2049ms\npipe 3\n",
        {"sent": 3, "replies": 0, "rtt_ms": None, "worst_ms": None},
    ),
    "too long": (
        "ping: local error: message too long, mtu=1400\n\n"
        "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2032ms\n",
        {"sent": 3, "replies": 0, "rtt_ms": None, "worst_ms": None},
    ),
    "nothing": ("ping: connect: Network is unreachable\n", {"sent": 0, "replies": 0, "rtt_ms": None, "worst_ms": None}),
}


@pytest.fixture
def ping(tmp_path, monkeypatch):
    """A function: a ping that says something and keeps its words in a file."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def make(said):
        (tmp_path / "said").write_text(said)
        script = tmp_path / "ping"
        script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {tmp_path}/words\ncat {tmp_path}/said\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return tmp_path / "words"

    return make


@pytest.mark.parametrize("title", SAID)
def test_figures(ping, title):
    text, figures = SAID[title]
    ping(text)
    target = {"interface": "eth1", "address": "10.0.0.1"}
    assert echoes.end(echoes.begin([target], 5)) == [dict(target, **figures)]


@pytest.mark.parametrize(
    "target, words",
    [
        ({"address": "10.0.0.1", "interface": "eth1"}, "-n -q -c 3 -i 0.3 -w 9 -I eth1 10.0.0.1"),
        ({"address": "10.0.0.1", "size": 1500}, "-n -q -c 3 -i 0.3 -w 9 -M do -s 1472 10.0.0.1"),
        ({"address": "fd00::1", "size": 1500, "expect": "silence"}, "-n -q -c 3 -i 0.3 -w 3 -M do -s 1452 fd00::1"),
    ],
)
def test_words(ping, target, words):
    kept = ping("")
    echoes.end(echoes.begin([target], 9))
    assert kept.read_text() == words + "\n"


def test_no_ping(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineError, match=r"ping: the command is not installed. Install the package iputils-ping"):
        echoes.begin([{"address": "10.0.0.1"}], 1)


def test_a_load_lasts_as_long_as_it_was_told(kernel, ping):
    ping(SAID["answered"][0])
    began = time.monotonic()
    load = echoes.under_load({"interface": "lo", "address": "127.0.0.1"}, [{"address": "127.0.0.1"}], 1)
    assert 1 <= time.monotonic() - began < 5
    assert load["sent_mbit"] > 1 and load["answers"][0]["replies"] == 3


def test_a_device_that_is_not_there():
    target = {"interface": "nowhere", "address": "127.0.0.1", "protocol": "tcp", "port": 9}
    for act in (lambda: ports.knock([target], 1), lambda: echoes.under_load(target, [], 1)):
        with pytest.raises(EngineError, match="nowhere: cannot send from it: "):
            act()


def test_knocking_at_this_machine(kernel):
    """A listener, a port that nobody serves, and a network that is not there; TCP and UDP."""
    with socket.socket() as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as echo:
        server.bind(("127.0.0.1", 0))
        server.listen()
        echo.bind(("127.0.0.1", 0))
        threading.Thread(target=lambda: echo.sendto(b"x", echo.recvfrom(100)[1]), daemon=True).start()
        served = {"tcp": server.getsockname()[1], "udp": echo.getsockname()[1]}
        targets = [
            {"interface": "lo", "address": address, "protocol": protocol, "port": port}
            for protocol in ("tcp", "udp")
            for address, port in (("127.0.0.1", served[protocol]), ("127.0.0.1", 1), ("198.51.100.1", 1))
        ]
        answers = [one["answer"] for one in ports.knock(targets, 1)]
    assert answers == ["open", "refused", "silent"] * 2
