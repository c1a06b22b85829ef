# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Traffic between network devices with nothing configured on them: IPv6 link-local addresses, which the kernel gives.

A device that is down is brought up for the probe and put down again; no address, route or namespace is made."""

from __future__ import annotations

import json
import subprocess
import time

from ..errors import EngineError


def raise_links(system, names, wait):
    """Bring devices up. Returns [{interface, was_up, carrier, address}]; address None where none came in wait s."""
    known = {link["ifname"]: link for link in _read(system, "link")}
    absent = sorted(set(names) - set(known))
    if absent:
        raise EngineError("no such network device: %s" % ", ".join(absent), "interfaces", "Run the discovery again")
    for name in names:
        if not _is_up(known[name]):
            system.run(["ip", "link", "set", "dev", name, "up"])
    now = _await_addresses(system, names, wait)
    gone = {"carrier": False, "address": None}  # a device that vanished meanwhile
    return [dict(now.get(name, gone), interface=name, was_up=_is_up(known[name])) for name in names]


def lower_links(system, names):
    """Put devices down again."""
    for name in names:
        system.run(["ip", "link", "set", "dev", name, "down"])


def ping(targets, wait):
    """Send to all targets at once. targets: [{interface, address, expect, ...}]; returns them with replies (int)."""
    running = [(target, _start_ping(target, wait)) for target in targets]
    return [dict(target, replies=_replies(process)) for target, process in running]


def _start_ping(target, wait):
    # A target that shall not answer is given up sooner: three echo requests are proof enough.
    seconds = wait if target["expect"] == "reply" else min(wait, 4)
    argv = [
        "ping",
        "-6",
        "-q",
        "-c",
        "3",
        "-i",
        "0.5",
        "-w",
        str(seconds),
        "-I",
        target["interface"],
        target["address"],
    ]
    try:
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError as error:
        raise EngineError("the command is not installed", "ping", "Install the package iputils-ping") from error


def _replies(process):
    """The number before 'received' in ping's summary, 0 where there is none."""
    words = process.communicate()[0].replace(",", " ").split()
    return int(words[words.index("received") - 1]) if "received" in words else 0


def _await_addresses(system, names, wait):
    end = time.monotonic() + wait
    while True:
        found = {link["ifname"]: _link_local(link) for link in _read(system, "addr") if link.get("ifname") in names}
        if all(item["address"] for item in found.values()) or time.monotonic() > end:
            return found
        time.sleep(0.5)


def _link_local(link):
    """{carrier, address}; an address that is still being checked for duplicates does not count."""
    usable = [
        one["local"]
        for one in link.get("addr_info", [])
        if one.get("family") == "inet6" and one.get("scope") == "link" and not one.get("tentative")
    ]
    return {"carrier": "LOWER_UP" in link.get("flags", []), "address": usable[0] if usable else None}


def _is_up(link):
    return "UP" in link.get("flags", [])


def _read(system, what):
    return json.loads(system.run(["ip", "-j", what, "show"]).out or "[]")
