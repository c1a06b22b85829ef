# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The way into a light node: a veth pair with an IPv4 network of its own, which nothing else on the host has."""

from __future__ import annotations

import fcntl
import ipaddress
import json
import os
import subprocess

# Addresses for measurements between networks (RFC 2544): no real network has them. A node takes four of them.
RANGE = ipaddress.ip_network("198.18.0.0/15")
PREFIX = 30
INSIDE = "mgmt0"


def ip(*words):
    """What iproute2 says; RuntimeError where it refuses."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError("ip %s: %s" % (" ".join(words), done.stderr.strip()))
    return done.stdout


def taken(addresses, routes):
    """The IPv4 networks that a host has or knows a way to. addresses, routes: of `ip -j addr` and `ip -j route`."""
    words = ["%s/%d" % (one["local"], one["prefixlen"]) for link in addresses for one in link.get("addr_info", [])]
    words += [route["dst"] for route in routes if route.get("dst", "default") != "default"]
    return [ipaddress.ip_network(word, strict=False) for word in words]


def choose(start, used):
    """The first network of RANGE from number `start` on that overlaps none of those in use; RuntimeError for none."""
    count = 1 << (PREFIX - RANGE.prefixlen)
    for number in range(count):
        base = int(RANGE.network_address) + ((start + number) % count) * (1 << (32 - PREFIX))
        network = ipaddress.ip_network((base, PREFIX))
        if not any(network.overlaps(other) for other in used):
            return network
    raise RuntimeError("this machine has addresses or routes all over %s, where light nodes have theirs" % RANGE)


def connect(spec, pid):
    """Make the pair, one end in the namespace of a process: {"host", "node"} with address/prefix of each end."""
    name = spec["link"]
    subprocess.run(["ip", "link", "delete", name], capture_output=True, check=False)
    lock = os.open("/run", os.O_RDONLY)
    try:
        # Held until the address is set: two nodes that start at once choose one after the other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        used = taken(json.loads(ip("-j", "-4", "addr")), json.loads(ip("-j", "-4", "route", "show", "table", "all")))
        ends = ["%s/%d" % (address, PREFIX) for address in choose(spec["start"], used).hosts()]
        ip("link", "add", name, "type", "veth", "peer", "name", INSIDE, "address", spec["mac"], "netns", str(pid))
        ip("address", "add", ends[0], "dev", name)
        ip("link", "set", name, "up")
    finally:
        os.close(lock)
    return {"host": ends[0], "node": ends[1]}
