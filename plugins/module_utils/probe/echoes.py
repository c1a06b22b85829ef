# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""ICMP echo from a named device to given addresses, and a load beside it: figures, not only answers."""

from __future__ import annotations

import re
import socket
import subprocess
import time

from ..errors import EngineError

SUMMARY = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")
TIMES = re.compile(r"= [\d.]+/([\d.]+)/([\d.]+)/")
SILENCE_S = 3  # what shall not answer is given up sooner: three requests are proof enough
PAYLOAD = b"\0" * 1400
DISCARD = 9  # the port of the discard service: nobody serves it


def within(target):
    """The words before a command that runs in the target's network namespace."""
    return ["nsenter", "-t", str(target["pid"]), "-n"] if target.get("pid") else []


def start(target, count, interval, wait):
    """Start one ping. target: {interface?, address, size?, pid?}; size: of the IP packet, which may not be fragmented;
    pid: of the process whose network namespace it is sent from."""
    argv = within(target) + ["ping", "-n", "-q", "-c", str(count), "-i", str(interval), "-w", str(wait)]
    if target.get("interface"):
        argv += ["-I", target["interface"]]
    if target.get("size"):
        headers = 48 if ":" in target["address"] else 28
        argv += ["-M", "do", "-s", str(target["size"] - headers)]
    try:
        return subprocess.Popen(
            argv + [target["address"]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except FileNotFoundError as error:
        raise EngineError("the command is not installed", "ping", "Install the package iputils-ping") from error


def figures(process):
    """{sent, replies, rtt_ms (average, None without a reply), worst_ms} of a ping that ends by itself."""
    text = process.communicate()[0]
    counts, times = SUMMARY.search(text), TIMES.search(text)
    sent, replies = (int(counts.group(1)), int(counts.group(2))) if counts else (0, 0)
    rtt, worst = (float(times.group(1)), float(times.group(2))) if times else (None, None)
    return {"sent": sent, "replies": replies, "rtt_ms": rtt, "worst_ms": worst}


def begin(targets, wait):
    """Send to all targets at once: what end takes. expect "silence" is given up sooner."""
    waits = {"silence": min(wait, SILENCE_S)}
    return [(target, start(target, 3, 0.3, waits.get(target.get("expect"), wait))) for target in targets]


def end(running):
    """The targets with their figures."""
    return [dict(target, **figures(process)) for target, process in running]


def under_load(load, targets, seconds):
    """Load a path with UDP, and send echo requests to the targets meanwhile.

    load: {interface, address}; returns {interface, address, seconds, sent_mbit, answers}. What arrived, the peer's
    counters say."""
    began = time.monotonic()
    running = [(target, start(target, seconds * 5, 0.2, seconds)) for target in targets]
    sent = _send(load["interface"], load["address"], began + seconds)
    answers = end(running)
    took = time.monotonic() - began
    return {
        "interface": load["interface"],
        "address": load["address"],
        "seconds": round(took, 1),
        "sent_mbit": round(sent * 8 / took / 1e6, 1),
        "answers": answers,
    }


def _send(interface, address, until):
    """Bytes sent until then; a full queue or an answer of ICMP is no reason to stop."""
    sent = 0
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
            one.settimeout(0.2)
        except OSError as error:
            raise EngineError("cannot send from it: %s" % error.strerror, interface, "Name a network device") from error
        while time.monotonic() < until:
            try:
                sent += one.sendto(PAYLOAD, (address, DISCARD))
            except OSError:
                time.sleep(0.01)
    return sent
