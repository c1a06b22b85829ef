# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the rack's L2 switch does with a frame: pure logic on bytes, no socket.

Access port: an untagged VLAN and nothing else; a tagged frame is dropped. Trunk: the VLANs of its
list tagged, and untagged frames only where a native VLAN is set. A priority tag (VLAN 0) counts as untagged.
"""

from __future__ import annotations

import struct

TPID = b"\x81\x00"
SHORTEST = 14
MAC_LIMIT = 4096


class Port:
    """One switch port: its VLANs and its counters (frames by VLAN; 0 is "untagged and no native VLAN")."""

    def __init__(self, name, vlan=None, tagged=(), lag=None, peer=None):
        """name: SWITCH/NUMBER; vlan: the untagged VLAN or None; tagged: VLANs of the trunk."""
        self.name = name
        self.peer = peer
        self.connected = False
        self.received, self.sent, self.dropped = {}, {}, {}
        self.set(vlan, tagged, lag)

    def set(self, vlan, tagged, lag=None):
        """Give the port other VLANs; the counters stay."""
        self.vlan = vlan
        self.tagged = frozenset(tagged or ())
        self.lag = lag

    def carries(self, vlan):
        """True where the port is a member of the VLAN."""
        return vlan == self.vlan or vlan in self.tagged

    def table(self):
        """The port's line in the port table, JSON-able."""
        return {"vlan": self.vlan, "tagged": sorted(self.tagged), "lag": self.lag, "peer": self.peer}

    def drop(self, reason, vlan):
        """Count a frame that goes no further."""
        count(self.dropped.setdefault(reason, {}), vlan)

    def stats(self):
        """Counters since the start: {"connected", "in", "out": {vlan: frames}, "dropped": {reason: {vlan: frames}}}."""
        dropped = {reason: dict(by_vlan) for reason, by_vlan in self.dropped.items()}
        return {"connected": self.connected, "in": dict(self.received), "out": dict(self.sent), "dropped": dropped}


def count(counters, vlan):
    """One frame more for the VLAN. Keys are strings, as JSON wants them."""
    counters[str(vlan)] = counters.get(str(vlan), 0) + 1


def parse(frame):
    """(addresses: 12 bytes, tci: int or None where untagged, rest: from the EtherType on)."""
    if frame[12:14] == TPID and len(frame) >= SHORTEST + 4:
        return frame[:12], struct.unpack_from("!H", frame, 14)[0], frame[16:]
    return frame[:12], None, frame[12:]


def build(addresses, tci, rest):
    """The reverse of parse."""
    return addresses + rest if tci is None else addresses + TPID + struct.pack("!H", tci) + rest


def classify(port, tci):
    """(vlan, None) for a frame that may enter the port, (vlan on the wire, reason) for one that may not."""
    tag = 0 if tci is None else tci & 0xFFF
    if tag == 0:
        return (port.vlan, None) if port.vlan is not None else (0, "untagged, no native VLAN")
    if tag in port.tagged:
        return tag, None
    return tag, "VLAN not in the trunk's list" if port.tagged else "tagged on an access port"


class Bridge:
    """One switch: ports by name, MAC addresses learned per VLAN in a table of bounded size."""

    def __init__(self, mac_limit=MAC_LIMIT):
        self.ports = {}
        self.macs = {}
        self.mac_limit = mac_limit

    def set_table(self, table):
        """Take {name: {"vlan", "tagged", "lag", "peer"}}: new ports, changed ones, and without those left out."""
        for name in [name for name in self.ports if name not in table]:
            self.forget(self.ports.pop(name))
        for name, row in table.items():
            if name not in self.ports:
                self.ports[name] = Port(name)
            port = self.ports[name]
            port.peer = row.get("peer")
            port.set(row.get("vlan"), row.get("tagged"), row.get("lag"))
        self.macs.clear()

    def forget(self, port):
        """Forget the MAC addresses learned at a port, for example when its cable is pulled."""
        self.macs = {key: where for key, where in self.macs.items() if where is not port}

    def learn(self, vlan, mac, port):
        """Remember where a MAC address lives; the oldest entry makes room."""
        if mac[0] & 1:
            return
        if (vlan, mac) not in self.macs and len(self.macs) >= self.mac_limit:
            del self.macs[next(iter(self.macs))]
        self.macs[(vlan, mac)] = port

    def receive(self, port, frame):
        """[(port, frame)] to send for a frame that came in at a port; counts it either way."""
        if len(frame) < SHORTEST:
            port.drop("shorter than a header", 0)
            return []
        addresses, tci, rest = parse(frame)
        vlan, reason = classify(port, tci)
        count(port.received, vlan)
        if reason:
            port.drop(reason, vlan)
            return []
        self.learn(vlan, addresses[6:12], port)
        return [self._leave(out, vlan, addresses, tci, rest) for out in self.targets(port, vlan, addresses[:6])]

    def targets(self, port, vlan, mac):
        """The ports that a frame of the VLAN for the MAC address leaves through."""
        known = None if mac[0] & 1 else self.macs.get((vlan, mac))
        ports = [known] if known is not None else flood(self.ports.values())
        return [
            out
            for out in ports
            if out is not port and out.connected and out.carries(vlan) and (out.lag is None or out.lag != port.lag)
        ]

    def _leave(self, out, vlan, addresses, tci, rest):
        """(port, frame as it goes over the port's wire), counted. The priority bits are kept."""
        count(out.sent, vlan)
        wire = None if vlan == out.vlan else ((tci or 0) & 0xF000) | vlan
        return out, build(addresses, wire, rest)


def flood(ports):
    """Every connected port, of a LAG only the first."""
    lags, chosen = set(), []
    for port in ports:
        if port.connected and port.lag not in lags:
            chosen.append(port)
            if port.lag is not None:
                lags.add(port.lag)
    return chosen
