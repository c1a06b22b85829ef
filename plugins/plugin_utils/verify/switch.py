# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the virtual switch says: its port table against the testbed, and its counters as a witness of the traffic."""

from __future__ import annotations

from .findings import finding


def table(live, asked):
    """Findings on ports that are in other VLANs than the testbed says.

    live: {"tor/25": {"vlan", "tagged"}}; asked: testbed_switches, {"tor": {"ports": {"25": {...}}}}."""
    rows = []
    for switch, ports in sorted(asked.items()):
        for number, port in ports["ports"].items():
            name = "%s/%s" % (switch, number)
            here = live.get(name)
            if here is not None and _vlans(here) != _vlans(port):
                words = "%s asked for, %s found" % (_words(port), _words(here))
                who = " (cabled to %s)" % port["peer"] if port.get("peer") else ""
                rows.append(finding("switch port %s%s" % (name, who), words, "Set the port's VLANs right"))
    return rows


def _vlans(port):
    return port.get("vlan") or None, sorted(port.get("tagged") or [])


def _words(port):
    vlan, tagged = _vlans(port)
    parts = ["untagged %s" % vlan] if vlan else []
    parts += ["tagged %s" % ", ".join(str(one) for one in tagged)] if tagged else []
    return " and ".join(parts) or "no VLAN"


def witness(before, after, ports):
    """[{port, vlan, frames_in, frames_out}] that the switch counted during the probe at the given ports."""
    rows = []
    for name in sorted(ports):
        old, new = before.get(name, {}), after.get(name, {})
        vlans = set(new.get("in", {})) | set(new.get("out", {}))
        for vlan in sorted(vlans, key=int):
            frames = [new.get(way, {}).get(vlan, 0) - old.get(way, {}).get(vlan, 0) for way in ("in", "out")]
            if any(frames):
                rows.append({"port": name, "vlan": int(vlan), "frames_in": frames[0], "frames_out": frames[1]})
    return rows


def foreign(counted, asked):
    """Findings on frames that left the switch in a VLAN that the testbed does not give the port."""
    rows = []
    for row in counted:
        switch, number = row["port"].split("/")
        vlan, tagged = _vlans(asked.get(switch, {}).get("ports", {}).get(number, {}))
        if row["frames_out"] and row["vlan"] not in [vlan or 0] + tagged:
            text = "%d frames of VLAN %d left the switch there" % (row["frames_out"], row["vlan"])
            rows.append(finding("switch port %s" % row["port"], text, "Set the port's VLANs right"))
    return rows


def unseen(counted, endpoints, networks):
    """Findings on VFs whose frames the switch did not count, though traffic was sent.

    endpoints: of all nodes, see verify.probe.endpoints; networks: testbed_networks, {"sriov-a": {"vlan": 30}}."""
    heard = {(row["port"], row["vlan"]) for row in counted if row["frames_in"]}
    due = {(end["switch_port"], networks[end["network"]]["vlan"]) for end in endpoints if end["switch_port"]}
    advice = "Check the VF's VLAN and the cabling: its frames go elsewhere"
    return [
        finding("switch port %s" % port, "no frame of VLAN %d came in during the probe" % vlan, advice)
        for port, vlan in sorted(due - heard)
    ]
