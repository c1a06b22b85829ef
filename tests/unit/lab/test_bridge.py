# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The switch's frame rules, on bytes."""

import struct

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab.vswitch import bridge
from hypothesis import given, strategies

A, B, C = b"\x02\0\0\0\0\x0a", b"\x02\0\0\0\0\x0b", b"\x02\0\0\0\0\x0c"
ALL = b"\xff" * 6
PAYLOAD = b"\x08\x00" + b"payload!" * 6


def frame(dst, src, tag=None, priority=0):
    """An Ethernet frame, tagged where a VLAN is given."""
    tci = None if tag is None else priority << 13 | tag
    return bridge.build(dst + src, tci, PAYLOAD)


def switch(**ports):
    """A Bridge with the ports, all connected."""
    made = bridge.Bridge()
    made.set_table(ports)
    for port in made.ports.values():
        port.connected = True
    return made


def send(made, port, data):
    """{port name: frame} that leaves."""
    return {out.name: wire for out, wire in made.receive(made.ports[port], data)}


ACCESS = {"vlan": 30}
OTHER = {"vlan": 40}
TRUNK = {"tagged": [30, 40]}
NATIVE = {"vlan": 10, "tagged": [30]}

# port in, its kind, VLAN on the wire (None: untagged), what leaves at each other port (VLAN on the wire), drop reason
CASES = [
    ("untagged into an access port", ACCESS, None, {"acc30": None, "trunk": 30, "native": 30}, None),
    ("priority tag into an access port", ACCESS, 0, {"acc30": None, "trunk": 30, "native": 30}, None),
    ("tagged into an access port", ACCESS, 30, {}, "tagged on an access port"),
    ("listed tag into a trunk", TRUNK, 40, {"acc40": None, "trunk": 40}, None),
    ("strange tag into a trunk", TRUNK, 99, {}, "VLAN not in the trunk's list"),
    ("untagged into a trunk", TRUNK, None, {}, "untagged, no native VLAN"),
    ("untagged into a native trunk", NATIVE, None, {"native": None}, None),
    ("the native VLAN tagged", NATIVE, 10, {}, "VLAN not in the trunk's list"),
    ("nothing allowed at all", {}, None, {}, "untagged, no native VLAN"),
]


@pytest.mark.parametrize(("name", "kind", "tag", "leaves", "reason"), CASES, ids=[case[0] for case in CASES])
def test_rules(name, kind, tag, leaves, reason):
    made = switch(**{"in": kind, "acc30": ACCESS, "acc40": OTHER, "trunk": TRUNK, "native": NATIVE})
    assert send(made, "in", frame(ALL, A, tag)) == {out: frame(ALL, A, vlan) for out, vlan in leaves.items()}
    dropped = made.ports["in"].stats()["dropped"]
    assert dropped == ({} if reason is None else {reason: {str(tag or 0): 1}})


def test_priority_is_kept_through_a_trunk():
    made = switch(one=TRUNK, two=TRUNK)
    assert send(made, "one", frame(ALL, A, 30, priority=5)) == {"two": frame(ALL, A, 30, priority=5)}


def test_learned_addresses_are_not_flooded_and_belong_to_a_vlan():
    made = switch(one=TRUNK, two=TRUNK, three=TRUNK)
    send(made, "two", frame(ALL, B, 30))
    assert set(send(made, "one", frame(B, A, 30))) == {"two"}
    assert set(send(made, "one", frame(B, A, 40))) == {"two", "three"}


def test_an_address_that_moves_is_found_at_its_new_port():
    made = switch(one=ACCESS, two=ACCESS, three=ACCESS)
    send(made, "two", frame(ALL, B))
    send(made, "three", frame(ALL, B))
    assert set(send(made, "one", frame(B, A))) == {"three"}


def test_a_pulled_cable_is_forgotten():
    made = switch(one=ACCESS, two=ACCESS, three=ACCESS)
    send(made, "two", frame(ALL, B))
    made.forget(made.ports["two"])
    assert set(send(made, "one", frame(B, A))) == {"two", "three"}


def test_nothing_leaves_through_an_unconnected_port():
    made = switch(one=ACCESS, two=ACCESS)
    made.ports["two"].connected = False
    assert send(made, "one", frame(ALL, A)) == {}


def test_the_mac_table_is_bounded_and_the_oldest_entry_makes_room():
    made = bridge.Bridge(mac_limit=2)
    made.set_table({"one": ACCESS})
    for mac in (A, B, C):
        made.learn(30, mac, made.ports["one"])
    assert list(made.macs) == [(30, B), (30, C)]


def test_a_lag_gets_one_copy_and_never_its_own_frame_back():
    lag = dict(ACCESS, lag="up")
    made = switch(one=ACCESS, up1=lag, up2=lag)
    assert set(send(made, "one", frame(ALL, A))) == {"up1"}
    assert set(send(made, "up2", frame(ALL, B))) == {"one"}


def test_a_new_table_keeps_counters_and_connections():
    made = switch(one=ACCESS, two=ACCESS)
    send(made, "one", frame(ALL, A))
    made.set_table({"one": OTHER, "two": ACCESS})
    assert send(made, "one", frame(ALL, A)) == {}
    assert made.ports["one"].stats()["in"] == {"30": 1, "40": 1}
    assert made.ports["two"].stats() == {"connected": True, "in": {}, "out": {"30": 1}, "dropped": {}}


@given(strategies.binary(max_size=200))
def test_any_bytes_are_switched_or_dropped_and_counted(data):
    made = switch(one=NATIVE, two=NATIVE, three=TRUNK)
    out = made.receive(made.ports["one"], data)
    stats = made.ports["one"].stats()
    dropped = sum(sum(by_vlan.values()) for by_vlan in stats["dropped"].values())
    assert dropped == (0 if out else 1) or (not dropped and not out)
    assert sum(stats["in"].values()) == (0 if len(data) < bridge.SHORTEST else 1)
    assert all(port.name != "one" for port, dummy in out)


@given(strategies.binary(min_size=14, max_size=100))
def test_parse_and_build_are_each_others_reverse(data):
    assert bridge.build(*bridge.parse(data)) == data


@given(strategies.integers(0, 0xFFFF), strategies.binary(min_size=2, max_size=60))
def test_a_frame_never_leaves_in_another_vlan(tci, rest):
    made = switch(one=TRUNK, two=TRUNK, acc30=ACCESS, acc40=OTHER)
    out = send(made, "one", ALL + A + bridge.TPID + struct.pack("!H", tci) + rest)
    vlan = tci & 0xFFF
    assert set(out) == ({"two", "acc%d" % vlan} if vlan in (30, 40) else set())
