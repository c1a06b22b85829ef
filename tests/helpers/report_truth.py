"""What a report must say, read a second time: straight from the YAML and JSON files, by no code of the collection.

figures() gives {place in report.json: text in the page}. Judgements ("proven", "differs") are not among them.
"""

from __future__ import annotations

import ipaddress
import json
import re

import yaml

DASH = "\u2013"
# What the report concludes instead of reading; the unit tests hold these against tables.
JUDGED = re.compile(
    r"/verdict/.*|.*/state|/nodes/[^/]+/(differences|verified)|.*/(says|findings)/[0-9]+|/verification/(outdated/[0-9]+|left_out)"
    r"|/nodes/[^/]+/topology/fault|/sources/.*"
)
KINDS = {"0200": "nic", "0280": "nic", "0207": "nic", "0108": "nvme", "0300": "gpu", "0302": "gpu", "0380": "gpu"}


def text(value):
    """A value as a reader expects it."""
    if value in (None, ""):
        return DASH
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(text, value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{key} {text(item)}" for key, item in value.items()) or "none"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def numbers(listed):
    """ "0-2,8" -> [0, 1, 2, 8]."""
    found = []
    for part in filter(None, str(listed).split(",")):
        first, dummy, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def ranges(found):
    """[0, 1, 2, 8] -> "0-2,8"."""
    runs = []
    for number in sorted(found):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def machine_of(topology):
    """The neutral form of a machine, from what discover saved: cpus, isolated, kib, hugepages, devices."""
    devices = {}
    for item in topology["pci_devices"]:
        sriov = item["sriov"]
        devices[item["address"]] = {
            "kind": item["kind"],
            "names": item["net"],
            "rdma": item["rdma"],
            "id": f"{item['vendor']}:{item['device']}",
            "driver": item["driver"],
            "node": item["numa_node"],
            "path": item["pcie_path"],
            "speed": item["link"]["max_speed_gts"],
            "width": item["link"]["max_width"],
            "pf": sriov.get("pf"),
            "index": sriov.get("index"),
            "vfs": sriov.get("num"),
            "total": sriov.get("total"),
        }
    nodes = topology["numa_nodes"]
    return {
        "cpus": [(cpu["cpu"], cpu["core"], cpu["socket"], cpu["numa_node"]) for cpu in topology["cpus"]],
        "isolated": ranges(cpu["cpu"] for cpu in topology["cpus"] if cpu["isolated"]),
        "kib": {node["node"]: node["memory_bytes"] // 1024 for node in nodes},
        "hugepages": {node["node"]: {size: n["total"] for size, n in node["hugepages"].items()} for node in nodes},
        "devices": devices,
    }


def figures(testbed, machines, plan=None, verify=None):
    """All figures of a report. testbed: path of the YAML file; machines: {node: machine}; plan, verify: the JSON."""
    asked = yaml.safe_load(testbed.read_text(encoding="utf-8"))
    found = {"/site/name": asked["site"]["name"], "/site/title": asked["site"].get("title", asked["site"]["name"])}
    found |= _networks(asked) | _switches(asked)
    for name, node in asked["nodes"].items():
        found |= _asked_of(asked, name, node, machines.get(name))
        if name in machines:
            found |= _machine(f"/nodes/{name}", machines[name])
    found |= _plan(plan) | _verify(verify) | _counts(asked, machines, plan)
    return {key: value if isinstance(value, re.Pattern) else text(value) for key, value in found.items()}


def _counts(asked, machines, plan):
    devices = [device for machine in machines.values() for device in machine["devices"].values()]
    ports = [port for switch in asked["switches"].values() for port in switch["ports"].values()]
    vfs = [vf for node in asked["nodes"] for vf in _pfs(asked, node)]
    unknown = {f"/counts/{key}": None for key in ("cpus", "devices", "vfs_found") if not machines}
    return {
        "/counts/nodes": len(asked["nodes"]),
        "/counts/networks": len(asked["networks"]),
        "/counts/switches": len(asked["switches"]),
        "/counts/cables": sum(1 for port in ports if "peer" in port),
        "/counts/topologies": len(machines),
        "/counts/cpus": sum(len(machine["cpus"]) for machine in machines.values()),
        "/counts/devices": sum(1 for device in devices if device["pf"] is None),
        "/counts/vfs_found": sum(1 for device in devices if device["pf"] is not None),
        "/counts/vfs_asked": sum(port["vfs"]["count"] for dummy, dummy, port in vfs),
        "/counts/steps": sum(len(node["steps"]) for node in (plan or {"nodes": {}})["nodes"].values()),
        **unknown,
    }


def _networks(asked):
    found = {}
    for name, network in asked["networks"].items():
        at = f"/networks/{name}"
        purpose = network["purpose"]
        found |= {
            f"{at}/vlan": network["vlan"],
            f"{at}/cidr": network["cidr"],
            f"{at}/gateway": network.get("gateway"),
            f"{at}/mtu": network.get("mtu", 1500),
            f"{at}/purpose": purpose if isinstance(purpose, list) else [purpose],
            f"{at}/ranges": network.get("ranges", {}),
        }
        for place, rule in enumerate(network.get("ingress", [])):
            found |= {f"{at}/ingress/{place}/{key}": value for key, value in {"protocol": "any", **rule}.items()}
    return found


def _switches(asked):
    found = {}
    for name, switch in asked["switches"].items():
        found |= {f"/switches/{name}/{key}": switch.get(key) for key in ("title", "address", "network")}
        for listed, port in switch["ports"].items():
            vlans = ([port["vlan"]] if "vlan" in port else []) + port.get("tagged", [])
            for number in numbers(listed):
                at = f"/switches/{name}/ports/{number}"
                found[f"{at}/vlans"] = "+".join(map(str, vlans))
                if "peer" in port:
                    found |= {f"{at}/{key}": port.get(key) for key in ("media", "vlan", "lag", "peer")}
                    found[f"{at}/tagged"] = port.get("tagged", [])
    return found


def _ports(asked, node):
    """[(nic, port number, port)] of a node's profile, in the order of the file."""
    profile = asked["profiles"][asked["nodes"][node]["profile"]]
    return [(nic, number, port) for nic, data in profile["nics"].items() for number, port in data["ports"].items()]


def _pfs(asked, node):
    return [entry for entry in _ports(asked, node) if "vfs" in entry[2]]


def _asked_of(asked, name, node, machine):
    at = f"/nodes/{name}"
    profile = asked["profiles"][node["profile"]]
    found = {f"{at}/profile": node["profile"]}
    cabled = {
        port["peer"]: (switch, listed, port)
        for switch, data in asked["switches"].items()
        for listed, port in data["ports"].items()
        if "peer" in port
    }
    devices = machine["devices"] if machine else {}
    for place, (nic, number, port) in enumerate(_ports(asked, name)):
        network = asked["networks"][port["network"]]
        address = f"{ipaddress.ip_address(network['first']) + node['index']}/{network['cidr'].split('/')[1]}"
        switch, listed, dummy = cabled[f"{name}/{nic}/{number}"]
        device = devices.get(port["pci"])
        values = {
            "nic": nic,
            "port": number,
            "network": port["network"],
            "vlan": network["vlan"],
            "address": address,
            "switch": switch,
            "switch_port": listed,
            "pci": port["pci"],
            "interface": device["names"][0] if device else None,
            "found": (device is not None) if machine else None,
        }
        found |= {f"{at}/ports/{place}/{key}": value for key, value in values.items()}
        found[f"{at}/addresses/{port['network']}"] = address
    for place, entry in enumerate(_pfs(asked, name)):
        found |= _pf(f"{at}/pfs/{place}", asked, entry, devices)
    found[f"{at}/vfs_asked"] = sum(port["vfs"]["count"] for dummy, dummy, port in _pfs(asked, name))
    return found | _settings(f"{at}/settings", profile, machine)


def _pf(at, asked, entry, devices):
    nic, number, port = entry
    device = devices.get(port["pci"]) or {"names": [None], "vfs": None, "total": None}
    found = {
        f"{at}/nic": nic,
        f"{at}/port": number,
        f"{at}/network": port["network"],
        f"{at}/asked": port["vfs"]["count"],
        f"{at}/found": device["vfs"],
        f"{at}/total": device["total"],
        f"{at}/address": port["pci"],
        f"{at}/name": device["names"][0],
    }
    of_index = {vf["index"]: (key, vf) for key, vf in devices.items() if vf["pf"] == port["pci"]}
    for options in port["vfs"]["config"]:
        for index in numbers(options["range"]):
            address, vf = of_index.get(index, (None, {"names": [], "driver": None}))
            mac = options.get("mac")
            more = {key: options[key] for key in sorted(options) if key not in ("range", "network", "mac", "driver")}
            values = {
                "index": index,
                "network": options["network"],
                "vlan": asked["networks"][options["network"]]["vlan"],
                # An automatic MAC is unicast and locally administered; which one, the nodes themselves say.
                "mac": re.compile("[0-9a-f][26ae](:[0-9a-f]{2}){5}") if mac == "auto" else mac,
                "driver": options.get("driver", "netdevice"),
                "options": more,
                "found_address": address,
                "found_name": vf["names"][0] if vf["names"] else None,
                "found_driver": vf["driver"],
            }
            found |= {f"{at}/vfs/{index}/{key}": value for key, value in values.items()}
    return found


def _settings(at, profile, machine):
    rows = {
        "isolated CPUs": (profile.get("isolated_cpus"), (machine["isolated"] or "none") if machine else None),
        "reserved CPUs": (profile.get("reserved_cpus"), None),
        "kernel arguments": (profile.get("kernel_arguments"), None),
        "tuning": (profile.get("tuning"), None),
        "RDMA": (profile.get("rdma"), None),
    }
    for pages in profile.get("hugepages", []):
        kib = {"2M": "2048kB", "1G": "1048576kB"}[pages["size"]]
        count = machine["hugepages"][pages["numa_node"]][kib] if machine else None
        rows[f"hugepages of {pages['size']}, NUMA node {pages['numa_node']}"] = (pages["count"], count)
    devices = machine["devices"] if machine else {}
    near = _near(devices)
    for entry in profile.get("accelerators", []):
        same = [
            device
            for device in devices.values()
            if (device["kind"], near[device["path"][0]]) == (entry["kind"], entry["numa_node"])
        ]
        rows[f"{entry['kind']}, NUMA node {entry['numa_node']}"] = (
            entry.get("count", 1),
            len(same) if machine else None,
        )
    return {f"{at}/{title}/{key}": value for title, row in rows.items() for key, value in zip(("asked", "found"), row)}


def _machine(at, machine):
    devices = machine["devices"]
    kinds = [device["kind"] for device in devices.values() if device["pf"] is None]
    found = {
        f"{at}/found/cpus": len(machine["cpus"]),
        f"{at}/found/cores": len({cpu[1:3] for cpu in machine["cpus"]}),
        f"{at}/found/sockets": len({cpu[2] for cpu in machine["cpus"]}),
        f"{at}/found/memory_mib": sum(machine["kib"].values()) // 1024,
        f"{at}/found/devices": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        f"{at}/found/vfs": sum(1 for device in devices.values() if device["pf"] is not None),
    }
    rdma = sorted(name for device in devices.values() for name in device["rdma"])
    if rdma:
        found[f"{at}/found/rdma_devices"] = rdma
    for node, kib in machine["kib"].items():
        found[f"{at}/found/numa_nodes/{node}/cpus"] = ranges(cpu[0] for cpu in machine["cpus"] if cpu[3] == node)
        found[f"{at}/found/numa_nodes/{node}/memory_mib"] = kib // 1024
        for size, count in machine["hugepages"][node].items():
            found[f"{at}/found/numa_nodes/{node}/hugepages/{size}"] = count
    for address, device in devices.items():
        found |= _device(f"{at}/devices/{address}", device)
    return found | _levels(f"{at}/distance/level", devices)


def _device(at, device):
    shown = {"driver": device["driver"], "names": device["names"]}
    if device["pf"] is None:
        shown["rdma"] = device["rdma"]
    if device["pf"] is None:
        shown |= {"kind": device["kind"], "id": device["id"], "vfs": device["vfs"], "vfs_total": device["total"]}
        shown |= {"max_speed_gts": device["speed"], "max_width": device["width"]}
    else:
        shown["vf"] = device["index"]
    return {f"{at}/{key}": value for key, value in shown.items() if value not in (None, [])}


def _near(devices):
    """{root complex: NUMA node}: all that hangs below one is near the same node, whether it knows it or not."""
    known = {}
    for device in devices.values():
        known[device["path"][0]] = max(known.get(device["path"][0], -1), device["node"])
    return known


def _levels(at, devices):
    """The matrix by its definition: what two paths have in common, and the NUMA nodes of their ends."""
    known = _near(devices)
    order = sorted(devices, key=lambda key: (known[devices[key]["path"][0]] < 0, known[devices[key]["path"][0]], key))
    found = {}
    for row, one in enumerate(order):
        for column, other in enumerate(order):
            found[f"{at}/{row}/{column}"] = _level(one, other, devices, known)
    return found


def _level(one, other, devices, known):
    here, there = devices[one]["path"], devices[other]["path"]
    if one == other:
        return "X"
    if here[0] == there[0]:
        if len(here) == 1 or len(there) == 1 or here[1] != there[1]:
            return "PHB"
        return "PIX" if here == there else "PXB"
    nodes = {known[here[0]], known[there[0]]}
    if -1 in nodes:
        return "?"
    return "NODE" if len(nodes) == 1 else "SYS"


def _plan(plan):
    if not plan:
        return {}
    found = {"/plan/status": plan["status"], "/plan/disruption": plan["disruption"]}
    for name, node in plan["nodes"].items():
        found[f"/nodes/{name}/steps"] = len(node["steps"])
        for place, step in enumerate(node["steps"]):
            found |= {f"/plan/nodes/{name}/steps/{place}/{key}": value for key, value in step.items()}
        for place, row in enumerate(node["errors"]):
            found[f"/plan/nodes/{name}/errors/{place}"] = f"{row['role']}: {row['msg']}"
        for place, row in enumerate(node["conflicts"]):
            found[f"/plan/nodes/{name}/conflicts/{place}"] = f"{row['where']}: {row['what']}. {row['advice']}"
        if node.get("reboots"):
            found |= {f"/plan/nodes/{name}/{key}": node[key] for key in ("reboots", "reboot_reasons")}
    return found


def _verify(verify):
    if not verify:
        return {}
    found = {f"/verification/proof/{place}": line for place, line in enumerate(verify["proof"])}
    for place, row in enumerate(verify["frames"]):
        found |= {
            f"/verification/frames/{place}/{key}": row[key] for key in ("port", "vlan", "frames_in", "frames_out")
        }
    if "layers" in verify:
        found["/verification/layers"] = verify["layers"]
    for name, rows in verify["findings"].items():
        for place, row in enumerate(rows):
            found |= {f"/verification/findings/{name}/{place}/{key}": value for key, value in row.items()}
            if name != "switch":
                found |= {f"/nodes/{name}/findings/{place}/{key}": row[key] for key in ("device", "what")}
    return found


def load(folder, name):
    """A JSON file of the facts, None where there is none."""
    path = folder / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def differing(page, expected):
    """What the page says otherwise, or beyond, or not at all: {key: (page, expected)}.

    page: [[data-key, text]] as the browser has them; a key may stand in several places of the page."""
    wrong, seen = {}, set()
    for key, said in page:
        seen.add(key)
        wanted = expected.get(key)
        if JUDGED.fullmatch(key) or key.endswith("/time"):
            continue
        right = wanted.fullmatch(said) if isinstance(wanted, re.Pattern) else wanted == said
        if not right:
            wrong[key] = (said, wanted)
    wrong.update({key: (None, expected[key]) for key in expected if key not in seen and not _unseen(key)})
    return wrong


def _unseen(key):
    """What the page only shows where it tells something: steps of a clean node, the sums behind a warning."""
    return key in ("/counts/topologies", "/counts/steps") or re.fullmatch(r"/nodes/[^/]+/steps", key) is not None


def unlike(page, document):
    """Figures of the page that are not what stands at their place in report.json: {key: (page, JSON)}."""
    wrong = {}
    for key, said in page:
        value = document
        for part in key.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
        if said != text(value) and (said, value) != ("?", "UNKNOWN"):
            wrong[key] = (said, value)
    return wrong
