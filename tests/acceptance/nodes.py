"""What kubelets, device plugins and DRA drivers would tell the API server of nodes that have these topologies.

Read from the topologies and from the ConfigMaps that the manifests bring, by the plugins' own documentation;
nothing of it comes from the code that makes requests.
"""

from __future__ import annotations

import json

from ansible_collections.gedge.engine.plugins.module_utils import cpuset

PAGES = {"2048kB": ("hugepages-2Mi", 2 << 20), "1048576kB": ("hugepages-1Gi", 1 << 30)}
DRIVERS = {"gpu": "gpu.nvidia.com", "vf": "sriovnetwork.k8snetworkplumbingwg.io"}
SLICE = 128  # devices, as many as the API allows


def node(record):
    """The Node of a record of placement."""
    name = record["name"]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}},
    }


def status(record, configs, dra=False):
    """Its status: allocatable is what is left for pods, with what the plugins of this node would announce.

    configs: {ConfigMap's name: its data}; dra: the GPUs have a driver in place of a plugin."""
    topology = record["topology"]
    amounts = {"pods": 500, "cpu": len(topology["cpus"]) - len(cpuset.parse(record["reserved_cpus"]))}
    pages = {name: 0 for name, dummy in PAGES.values()}
    for numa in topology["numa_nodes"]:
        for size, count in numa["hugepages"].items():
            pages[PAGES[size][0]] += count["total"] * PAGES[size][1]
    whole = sum(numa["memory_bytes"] for numa in topology["numa_nodes"])
    amounts.update(pages, memory=whole - sum(pages.values()) - record["reserved_memory"])
    amounts.update(announced(record, configs, dra))
    texts = {name: str(amount) for name, amount in amounts.items()}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "as told by a test"}
    return dict(node(record), status={"capacity": texts, "allocatable": texts, "conditions": [ready]})


def ready(record):
    """The Node without the taint that each has at first; the controller that takes it away wants to hear a kubelet."""
    return dict(node(record), spec={"taints": None})


def announced(record, configs, dra):
    """{extended resource: how many} of a node's device plugins."""
    topology, mine = record["topology"], f"{record['name']}.json"
    found = {}
    gpus = [one for one in topology["pci_devices"] if one["kind"] == "gpu"]
    if gpus and not dra:
        found["nvidia.com/gpu"] = len(gpus)
    for pool in json.loads(configs.get("sriovdp-config", {}).get(mine, "{}")).get("resourceList", ()):
        chosen = selected(pool["selectors"], topology)
        found[f"{pool['resourcePrefix']}/{pool['resourceName']}"] = len(chosen)
    for pool in json.loads(configs.get("rdma-devices", {}).get(mine, "{}")).get("configList", ()):
        names = {name for one in topology["pci_devices"] for name in one["net"]}
        if names & set(pool["selectors"]["ifNames"]):
            found[f"{pool['resourcePrefix']}/{pool['resourceName']}"] = pool["rdmaHcaMax"]
    return found


def selected(selector, topology):
    """Addresses that a selector of the SR-IOV device plugin takes: each of its keys has to hold."""
    devices = {one["address"]: one for one in topology["pci_devices"]}
    chosen = set(devices)
    for key, value in selector.items():
        if key == "pciAddresses":
            chosen &= set(value)
        elif key == "rootDevices":
            chosen &= {vf for text in value for vf in below(devices, text)}
        elif key == "isRdma":
            chosen = {one for one in chosen if bool(devices[one]["rdma"]) == value}
        else:
            raise AssertionError(f"a selector that this test does not know: {key}")
    return chosen


def below(devices, text):
    """The VFs of "0000:21:00.0" or "0000:21:00.0#0-2,5"."""
    pf, dummy, numbers = text.partition("#")
    vfs = devices[pf]["sriov"]["vfs"]
    return [vfs[number] for number in cpuset.parse(numbers)] if numbers else vfs


def classes():
    """The DeviceClasses of the drivers."""
    for driver in DRIVERS.values():
        expression = f'device.driver == "{driver}"'
        yield {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "DeviceClass",
            "metadata": {"name": driver},
            "spec": {"selectors": [{"cel": {"expression": expression}}]},
        }


def slices(record):
    """The ResourceSlices of a node: its GPUs and its VFs, with the attributes that Kubernetes has names for."""
    devices = record["topology"]["pci_devices"]
    for driver, chosen in (
        (DRIVERS["gpu"], [one for one in devices if one["kind"] == "gpu"]),
        (DRIVERS["vf"], [one for one in devices if one["sriov"].get("role") == "vf"]),
    ):
        parts = [chosen[at : at + SLICE] for at in range(0, len(chosen), SLICE)]
        for number, part in enumerate(parts):
            yield {
                "apiVersion": "resource.k8s.io/v1",
                "kind": "ResourceSlice",
                "metadata": {"name": f"{record['name']}-{driver.split('.', maxsplit=1)[0]}-{number}"},
                "spec": {
                    "driver": driver,
                    "nodeName": record["name"],
                    "pool": {"name": record["name"], "generation": 1, "resourceSliceCount": len(parts)},
                    "devices": [device(one) for one in part],
                },
            }


def device(one):
    """A device of a ResourceSlice; its name tells the address."""
    attributes = {
        "resource.kubernetes.io/pciBusID": {"string": one["address"]},
        "resource.kubernetes.io/pcieRoot": {"string": one["pcie_path"][0]},
        "dra.net/numaNode": {"int": one["numa_node"]},
    }
    return {"name": one["address"].replace(":", "-").replace(".", "-"), "attributes": attributes}
