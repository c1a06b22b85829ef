# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""RDMA between nodes, measured: rping and ib_send_lat, each pair a server and a client.

The servers run as transient units of systemd that end by themselves: nothing is left running, whatever dies. Each
serves one client and ends, also one that gave up half-way, so it is started again until then."""

from __future__ import annotations

import shlex
import time

UNIT = "gedge-rdma-%s-%d"
AGAIN = "while :; do %s; sleep 0.2; done"
PINGS = 5
MESSAGES = 200
# perftest's line of figures: bytes, iterations, then these in microseconds.
COLUMNS = ("minimum", "maximum", "typical", "average", "deviation", "p99")


def serve(system, servers, limit):
    """Start the servers. servers: [{address, port}]; limit: seconds after which they end."""
    for server in servers:
        commands = {"rping": _rping_server(server), "lat": ["ib_send_lat", "-R", "-F", *_lat(server["port"])]}
        for name, argv in sorted(commands.items()):
            unit = UNIT % (name, server["port"])
            system.run(["systemctl", "stop", unit], check=False)
            system.run(
                ["systemd-run", "--collect", "--unit", unit, "--property", "RuntimeMaxSec=%d" % limit]
                + ["--property", "LimitMEMLOCK=infinity", "--quiet", "sh", "-c", AGAIN % shlex.join(argv)]
            )


def measure(system, targets, limit):
    """[{..., rping: bool, latency: {...} or None, error: text}] for the targets, one after the other."""
    return [dict(target, **_measure(system, target, limit)) for target in targets]


def stop(system, servers):
    """End what still runs."""
    for server in servers:
        for name in ("rping", "lat"):
            system.run(["systemctl", "stop", UNIT % (name, server["port"])], check=False)


def latency(text):
    """{minimum, maximum, typical, average, deviation, p99, bytes, messages} out of ib_send_lat's output, or None."""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 + len(COLUMNS) and words[0].isdigit() and words[1].isdigit():
            try:
                figures = [float(word) for word in words[2 : 2 + len(COLUMNS)]]
            except ValueError:
                continue
            return dict(zip(COLUMNS, figures), bytes=int(words[0]), messages=int(words[1]))
    return None


def _measure(system, target, limit):
    address, port = target["address"], target["port"]
    ping = _retried(system, ["rping", "-c", "-a", address, "-p", str(port), "-C", str(PINGS)], limit)
    if ping.rc != 0:
        return {"rping": False, "latency": None, "error": "rping: %s" % _last(ping)}
    done = _retried(system, ["ib_send_lat", "-R", "-F", *_lat(port), address], limit)
    found = latency(done.out) if done.rc == 0 else None
    return {"rping": True, "latency": found, "error": "" if found else "ib_send_lat: %s" % _last(done)}


def _retried(system, argv, limit):
    """The result of a client; again where its server does not listen yet."""
    end = time.monotonic() + limit
    while True:
        result = system.run(["timeout", str(limit), *argv], check=False)
        if result.rc == 0 or time.monotonic() > end:
            return result
        time.sleep(1)


def _rping_server(server):
    return ["rping", "-s", "-a", server["address"], "-p", str(server["port"]), "-C", str(PINGS)]


def _lat(port):
    return ["-n", str(MESSAGES), "-p", str(port + 1)]


def _last(result):
    lines = (result.err + "\n" + result.out).strip().splitlines()
    return lines[-1] if lines else "no answer in time (rc %d)" % result.rc
