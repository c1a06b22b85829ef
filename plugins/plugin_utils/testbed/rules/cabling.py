# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about what is plugged in where: VLANs, media, peers, uplinks, link aggregation."""

from __future__ import annotations

from ..problems import Finding


def check(testbed):
    """Findings about the switch ports of a Testbed."""
    yield from _peers_once(testbed)
    for switch in testbed.switches.values():
        yield from _vlan_twice(switch)
        yield from _uplinks(switch)
        yield from _lags(switch)
        yield from _management(testbed, switch)
    for node in testbed.nodes.values():
        for port in testbed.ports_of(node):
            yield from _cable(testbed, node, port)


def _peers_once(testbed):
    """A NIC port, and a switch's own port, is plugged in once."""
    seen = {}
    for port in testbed.switch_ports():
        if port.peer is None or port.peer == "uplink":
            continue
        owner = seen.setdefault((port.peer, port.switch if port.peer == "management" else None), port)
        if owner is port:
            continue
        keys = port.keys + ("peer",)
        if owner.keys == port.keys:
            what = "it cannot be plugged into all of the ports %s" % port.key
            yield Finding(keys, what, "Give its port an entry of its own, and take it out of the range", port.peer)
        else:
            what = "it is already plugged into port %d of switch %s" % (owner.number, owner.switch)
            yield Finding(keys, what, "Keep one of the two", port.peer)


def _vlan_twice(switch):
    for port in switch.ports:
        if port.vlan is not None and port.vlan in port.tagged:
            what = "VLAN %d is both untagged and tagged here" % port.vlan
            yield Finding(
                port.keys + ("tagged",), what, 'Leave it out of "tagged", or out of "vlan"', list(port.tagged)
            )


def _uplinks(switch):
    """Two uplinks in one VLAN are a loop, unless they are one link aggregation group."""
    seen = []
    for port in switch.ports:
        if port.peer != "uplink" or not port.sound:
            continue
        for other in seen:
            shared = sorted(port.vlans & other.vlans)
            if shared and (port.lag is None or port.lag != other.lag):
                yield _loop(port, other, shared)
                break
        seen.append(port)


def _loop(port, other, shared):
    vlans = ", ".join(str(vlan) for vlan in shared)
    what = "second uplink in VLAN %s beside port %d, without a LAG: a loop" % (vlans, other.number)
    return Finding(port.keys + ("peer",), what, 'Take one out, or give both the same "lag: NAME"', port.peer)


def _lags(switch):
    """The ports of one group carry the same VLANs over the same media."""
    heads = {}
    for port in switch.ports:
        if port.lag is None or not port.sound:
            continue
        head = heads.setdefault(port.lag, port)
        if (port.vlan, sorted(port.tagged), port.media) != (head.vlan, sorted(head.tagged), head.media):
            what = "port %d of LAG %s has other VLANs or media than port %d" % (port.number, port.lag, head.number)
            yield Finding(port.keys + ("lag",), what, "Make them alike, or give it another group", port.lag)


def _management(testbed, switch):
    """The switch's own port carries the network of the switch's own address."""
    network = testbed.networks.get(switch.network)
    if network is None or network.vlan is None:
        return
    for port in switch.ports:
        if port.peer == "management" and port.sound and network.vlan not in port.vlans:
            what = "the switch's address is in network %s (VLAN %d), but the port carries %s" % (
                network.name,
                network.vlan,
                _carried(port),
            )
            yield Finding(port.keys + ("peer",), what, 'Set "vlan: %d"' % network.vlan, port.peer)


def _cable(testbed, node, port):
    """One cable: the VLAN of the node port's network is carried, and the plug fits."""
    other = testbed.switch_port(node, port)
    if other is None or not other.sound:
        return
    network = testbed.networks.get(port.network)
    if network is not None and network.vlan is not None and network.vlan not in other.vlans:
        what = "the NIC port is in network %s (VLAN %d), but the switch port carries %s" % (
            network.name,
            network.vlan,
            _carried(other),
        )
        advice = 'Set "vlan: %d", or add it to "tagged"%s' % (
            network.vlan,
            _elsewhere(testbed, other, port.media, network),
        )
        yield Finding(other.keys + ("peer",), what, advice, other.peer)
    if port.media and other.media and port.media != other.media:
        what = "the NIC port is %s, but the switch port is %s" % (port.media, other.media)
        yield Finding(other.keys + ("peer",), what, _media_advice(testbed, other, port.media), other.peer)


def _carried(port):
    parts = ["VLAN %d untagged" % port.vlan] if port.vlan is not None else []
    parts += ["%s tagged" % ", ".join(str(vlan) for vlan in port.tagged)] if port.tagged else []
    return " and ".join(parts) or "no VLAN"


def _elsewhere(testbed, other, media, network):
    """', or use port N' where a free port of that switch would do."""
    for port in testbed.switches[other.switch].ports:
        if port.peer is None and port.sound and network.vlan in port.vlans and media in (None, port.media):
            return ", or plug it into port %d, which is free" % port.number
    return ""


def _numbers(ports):
    return ", ".join(str(port.number) for port in ports[:4]) + (", ..." if len(ports) > 4 else "")


def _media_advice(testbed, other, media):
    ports = testbed.switches[other.switch].ports
    fitting = [port for port in ports if port.media == media]
    free = [port for port in fitting if port.peer is None]
    if free:
        return "Plug it into a free %s port (%s)" % (media, _numbers(free))
    if fitting:
        return "Free one of the %s ports (%s), or correct the media" % (media, _numbers(fitting))
    return "The switch has no %s port: correct the media, or use another switch" % media
