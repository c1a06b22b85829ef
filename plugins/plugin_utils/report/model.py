# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The report as data: what the page shows, all of it, and nothing that the page does not know. Pure."""

from __future__ import annotations

from . import asked, benchmarks, region, services, verdict
from .machine import machine
from .reader import TOPOLOGY
from .words import words

FORMAT = 1


class Report:
    """The document (plain data, for JSON), and the distances of the nodes as render.distance.View, for the pictures."""

    def __init__(self, document, views):
        self.document = document
        self.views = views


def build(of_region, hosts, saved, limit):
    """A Report. of_region: {"site", "networks", "switches"} and hosts: {node: {testbed_*}}, as inventory plugin testbed
    gives them; saved: of reader.read; limit: nodes shown in full.

    Raises EngineError for hosts of two sites."""
    machines = {name: machine(saved["files"][name + TOPOLOGY]) for name in hosts}
    verified = verdict.verification(saved["files"]["verify.json"], list(hosts), machines, saved["asked"])
    verified = verdict.cover(verified, {role for variables in hosts.values() for role in asked.roles(variables)})
    plan = verdict.planned(saved["files"]["plan.json"], verified)
    nodes = {name: _node(hosts[name], machines[name], _told(name, verified, plan), verified) for name in hosts}
    wrong = {name: node["differences"] for name, node in nodes.items() if node["differences"]}
    old = [name for name in wrong if _older(machines[name], verified)]
    networks, switches = region.networks(of_region["networks"]), region.switches(of_region["switches"], hosts)
    document = {
        "format": FORMAT,
        "site": region.site(of_region["site"], hosts),
        "verdict": verdict.verdict(verified, plan, wrong, old),
        "counts": _sums(nodes, networks, switches, plan),
        "networks": networks,
        "switches": switches,
        "nodes": nodes,
        "shown": shown(nodes, plan, limit),
        "plan": plan,
        "verification": verified,
        "benchmarks": benchmarks.benchmarks(saved["files"]),
        "services": services.services(saved["files"]),
        "sources": _sources(saved),
    }
    return Report(document, {name: found["view"] for name, found in machines.items() if found["view"]})


def shown(nodes, plan, limit):
    """Names of the nodes that the page shows in full: those with something to tell first, then in their order."""

    def dull(name):
        node, of_plan = nodes[name], plan["nodes"].get(name) or {}
        return not (node["differences"] or node["findings"] or node["steps"] or of_plan.get("errors"))

    chosen = set(sorted(nodes, key=dull)[: max(limit, 0)])
    return [name for name in nodes if name in chosen]


def _older(found, verified):
    """Whether a verification of the same things came after the topology was written."""
    return bool(verified["time"] and not verified["outdated"] and found["time"] < verified["time"])


def _told(name, verified, plan):
    """(findings of the verification, a plan after it or {}, whether the verification speaks of now) of a node."""
    of_plan = {} if plan["outdated"] else plan["nodes"].get(name) or {}
    proven = verified["state"] == "read" and not verified["outdated"] and name in verified["findings"]
    return verified["findings"].get(name) or [], of_plan, proven


def _node(variables, found, told, verified):
    findings, of_plan, proven = told
    steps = of_plan.get("steps") or []
    todo = [{"device": step.get("target"), "what": "plan: %s" % words(step.get("reason"))} for step in steps]
    pfs = asked.pfs(variables, found, findings + todo, proven and verdict.looked_at(verified, "node_sriov"))
    covered = [] if findings or not proven else verified["layers"] or []
    settings = asked.settings(variables, found, covered)
    wrong = [row for pf in pfs for row in [pf, *pf["vfs"]] if row["says"]]
    wrong += [row for row in settings.values() if row["state"] == asked.DIFFERS]
    return {
        "profile": variables.get("testbed_profile"),
        "addresses": dict(variables.get("testbed_addresses") or {}),
        "ports": [_port(port, found) for port in variables.get("testbed_ports") or []],
        "topology": {key: found[key] for key in ("state", "fault", "time")},
        "found": found["found"],
        "settings": settings,
        "pfs": pfs,
        "vfs_asked": sum(pf["asked"] or 0 for pf in pfs),
        "differences": len(wrong),
        "findings": findings,
        "steps": len(steps),
        "verified": proven and not (findings or steps or wrong or of_plan.get("reboots")),
        "devices": found["devices"],
        "tree": found["tree"],
        "distance": found["distance"],
    }


def _port(port, found):
    address = asked.found_device(port, found["devices"])
    names = found["devices"][address]["names"] if address else []
    return {
        "nic": port.get("nic"),
        "port": port.get("port"),
        "network": port.get("network"),
        "vlan": port.get("vlan"),
        "tagged": bool(port.get("tagged")),
        "address": port.get("address"),
        "switch": port.get("switch"),
        "switch_port": port.get("switch_port"),
        "pci": address or port.get("pci"),
        "interface": names[0] if names else port.get("interface"),
        "found": None if found["found"] is None else address is not None,
    }


def _sums(nodes, networks, switches, plan):
    ports = [port for switch in switches.values() for port in switch["ports"].values()]
    read = [node["found"] for node in nodes.values() if node["found"]]
    return {
        "nodes": len(nodes),
        "networks": len(networks),
        "switches": len(switches),
        "cables": sum(1 for port in ports if port["peer"]),
        "topologies": len(read),
        "cpus": sum(found["cpus"] for found in read) if read else None,
        "devices": sum(number for found in read for number in found["devices"].values()) if read else None,
        "vfs_asked": sum(node["vfs_asked"] for node in nodes.values()),
        "steps": sum(len(node["steps"]) for node in plan["nodes"].values()),
        "vfs_found": sum(found["vfs"] for found in read) if read else None,
    }


def _sources(saved):
    """{file: {"state", "time", "fault"}}; the newest file of what is asked for under its own path."""
    found = (
        {}
        if saved["asked"] is None
        else {saved["asked"]["path"]: {"state": "read", "time": saved["asked"]["time"], "fault": None}}
    )
    for name, item in saved["files"].items():
        found[name] = {key: item[key] for key in ("state", "time", "fault")}
    return found
