# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about virtual functions: ranges, MACs, rates, and VLANs that the switch port can carry."""

from __future__ import annotations

from itertools import chain

from ..problems import Finding
from ..vlans import vf_network, vf_vlan


def check(testbed):
    """Findings about the VFs of a Testbed."""
    users = {}
    for node in testbed.nodes.values():
        users.setdefault(node.profile, []).append(node)
    macs = {}
    for profile in testbed.profiles.values():
        for port in profile.ports:
            yield from _ranges(port)
            yield from chain.from_iterable(_one(port, vf) for vf in port.vfs)
            yield from _macs(port, users.get(profile.name, ()), macs)
            yield from _vlans(testbed, port, users.get(profile.name, ()))


def _ranges(port):
    owners = {}
    for vf in port.vfs:
        keys = port.vf_keys(vf, "range")
        if port.vf_count is not None and vf.last >= port.vf_count:
            what = "goes beyond the %d VFs of the port" % port.vf_count
            yield Finding(keys, what, _count_advice(port), _text(vf))
            continue
        # A range is at most as long as count here, so opening it is cheap.
        taken = [owners[number] for number in range(vf.first, vf.last + 1) if number in owners] if port.vf_count else []
        if taken:
            yield Finding(keys, "overlaps with the range %s" % _text(taken[0]), "Name each VF once", _text(vf))
        if port.vf_count:
            owners.update(dict.fromkeys(range(vf.first, vf.last + 1), vf))


def _count_advice(port):
    if port.vf_count == 0:
        return 'Raise "count", or leave the entry out'
    return 'The last VF is %d; or raise "count"' % (port.vf_count - 1)


def _text(vf):
    return str(vf.first) if vf.first == vf.last else "%d-%d" % (vf.first, vf.last)


def _one(port, vf):
    """What can be seen in one entry alone."""
    options = vf.options
    low, high = options.get("min_tx_rate", 0), options.get("max_tx_rate", 0)
    if high and low > high:
        what = "is higher than max_tx_rate (%d)" % high
        yield Finding(port.vf_keys(vf, "min_tx_rate"), what, "Write at most %d, or raise max_tx_rate" % high, low)
    if "network" in options and "vlan" in options:
        what = '"network" gives the VLAN already'
        yield Finding(port.vf_keys(vf, "vlan"), what, "Keep one of the two", options["vlan"])
    if options.get("driver") == "vfio-pci" and "mtu" in options:
        what = "a VF bound to vfio-pci has no network device"
        advice = "Leave it out: the program that uses the VF sets its MTU"
        yield Finding(port.vf_keys(vf, "mtu"), what, advice, options["mtu"])


def _macs(port, users, seen):
    """A fixed MAC is one VF's on one node only."""
    for vf in port.vfs:
        mac = vf.options.get("mac", "auto").lower()
        if mac == "auto":
            continue
        what, advice = _mac_fault(mac, vf, users)
        owner = seen.setdefault(mac, port.vf_keys(vf))
        if not what and owner != port.vf_keys(vf):
            what, advice = "another VF has the same MAC", 'Write another one, or "auto"'
        if what:
            yield Finding(port.vf_keys(vf, "mac"), what, advice, vf.options["mac"])


def _mac_fault(mac, vf, users):
    if int(mac[:2], 16) & 1:
        return "is a multicast address", 'The first byte must be even, for example 02; or write "auto"'
    if mac == "00:00:00:00:00:00":
        return "is no address", 'Write "auto", or one that begins with 02'
    if vf.first != vf.last:
        return "one MAC for %d VFs" % (vf.last - vf.first + 1), 'Write "auto", or one entry for each VF'
    if len(users) > 1:
        names = ", ".join(node.name for node in users[:3])
        return "one MAC for the VFs of %d nodes (%s)" % (len(users), names), 'Write "auto"'
    return "", ""


def _vlans(testbed, port, users):
    """Each VF's VLAN can be had at the switch port of each node; one finding per key, naming the places."""
    for vf in port.vfs:
        faults = {}
        for node in users:
            other = testbed.switch_port(node, port)
            if _known(testbed, port, other):
                for fault in _vlan_faults(testbed, port, vf, other):
                    faults.setdefault(fault, []).append(_place(node, other))
        for (key, what, advice), places in faults.items():
            named = ", ".join(places[:3]) + (" and %d more" % (len(places) - 3) if len(places) > 3 else "")
            yield Finding(port.vf_keys(vf, key), what % named, advice, vf.options[key])


def _place(node, other):
    if other is None:
        return "%s, which is not plugged into a switch port" % node.name
    return "switches.%s.ports.%s (%s)" % (other.switch, other.key, node.name)


def _vlan_faults(testbed, port, vf, other):
    """(key, what, advice) of what is wrong with a VF's VLAN at one switch port; %s in what is the place."""
    key = "vlan" if "vlan" in vf.options else "network"
    network = vf_network(testbed, port, vf)
    vlan = vf.options.get("vlan", network.vlan if network else None)
    if vlan is None:
        return
    own = network is not None and network.name == port.network and key == "network"
    loose = key == "vlan" and (vlan == 0 or other is None)
    if not own and not loose and not (other and vlan in other.tagged):
        what = "needs VLAN %d tagged, which it is not at %%s" % vlan
        yield key, what, 'Add %d to "tagged" there, or choose another network' % vlan
    elif vf.options.get("qos") and not vf_vlan(testbed, port, vf, other):
        what = "a priority needs a VLAN tag, and the VF has none at %s"
        yield "qos", what, 'Leave it out, or carry the network in "tagged" there'


def _known(testbed, port, other):
    """False where the cabling or the port's network was malformed: then nothing can be said."""
    if other is None:
        return testbed.structure.is_whole("switches") and port.network in testbed.networks
    return other.sound and port.network in testbed.networks
