# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whether pods hear each other over their second paths: who is asked from where, and what came of it. Pure.

The echo requests are sent in the pod's network namespace, so its image needs no program for that. Asked are pods on
other nodes: what stays inside of a NIC proves nothing of the switch."""

from __future__ import annotations

import ipaddress

from ...module_utils.probe import silence

MOST = 2  # peers of an interface: a chain through all pods of a network, not each with each


def pings(readings, node):
    """[{interface, address, pid, kind, label}] that the pods of a node send; readings: {node: result of pod_facts}."""
    faces = list(_faces(readings))
    found = []
    for number, (home, pod, face, own) in enumerate(faces):
        if home != node:
            continue
        later = faces[number + 1 :] + faces[:number]  # begins after itself: no peer is everybody's
        peers = [one for one in later if one[0] != home and _same(own, face, one)]
        for dummy, peer, other, address in peers[:MOST]:
            found.append(
                {
                    "interface": face["name"],
                    "address": address.partition("/")[0],
                    "pid": pod["pid"],
                    "kind": face["kind"],
                    "label": "%s (%s, %s) and %s (%s)" % (_name(pod), home, _path(face), _name(peer), _path(other)),
                }
            )
    return found


def _faces(readings):
    """(node, pod, interface, address) of all interfaces of a pod but its first one, sorted."""
    for node, reading in sorted(readings.items()):
        for pod in sorted(reading.get("pods") or (), key=_name):
            for face in pod["interfaces"]:
                if face["name"].startswith("net") and face["addresses"]:
                    yield node, pod, face, face["addresses"][0]


def _same(own, face, other):
    """Whether two interfaces are in the same network."""
    peer, address = other[2:]
    return ipaddress.ip_interface(own).network == ipaddress.ip_interface(address).network and _vlan(face) == _vlan(peer)


def _vlan(face):
    return ((face["vf"] or {}).get("port") or {}).get("vlan")


def _path(face):
    vlan = _vlan(face)
    return "%s, VLAN %d" % (face["kind"], vlan) if vlan else face["kind"]


def _name(pod):
    return "%(namespace)s/%(name)s" % pod


def verdict(answers):
    """(proof, findings): sentences. answers: the pings with what came back."""
    proof, findings = [], []
    for one in answers:
        if one["replies"]:
            text = "%s hear each other: %d of %d answers, %.1f ms"
            proof.append(text % (one["label"], one["replies"], one["sent"], one["rtt_ms"]))
        else:
            text = "%s do not hear each other: no answer from %s%s"
            findings.append(text % (one["label"], one["address"], silence.sentence(one)))
    return proof, findings
