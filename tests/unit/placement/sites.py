"""Made-up nodes and services for the tests and the bench: random, but the same for the same seed."""

from __future__ import annotations

GIB = 2**30


def cpu(number, numa, cores, threads):
    """CPU number of a machine whose first threads are numbered first, as Linux does."""
    core = number % cores
    return {
        "cpu": number,
        "online": True,
        "socket": numa,
        "core": core,
        "numa_node": numa,
        "thread_siblings": [core + thread * cores for thread in range(threads)],
        "l3": numa,
        "isolated": False,
    }


def device(address, kind, path, numa, **more):
    """A PCI device as topology_facts has it."""
    found = {"address": address, "kind": kind, "pcie_path": path, "numa_node": numa}
    return dict(found, sriov={"role": None}, net=[], rdma=[], **more)


class Machine:
    """Builds a topology and its ports piece by piece."""

    def __init__(self, numa=2, cores=4, threads=2, memory=8 * GIB, hugepages=0):
        """cores, memory and hugepages (2 MiB pages): per NUMA node."""
        total = numa * cores
        self.cpus = [cpu(number, number % total // cores, total, threads) for number in range(total * threads)]
        self.numa = [
            {
                "node": node,
                "cpus": [one["cpu"] for one in self.cpus if one["numa_node"] == node],
                "memory_bytes": memory,
                "hugepages": {"2048kB": {"total": hugepages, "free": hugepages}},
                "distances": [10 if node == other else 21 for other in range(numa)],
            }
            for node in range(numa)
        ]
        self.devices, self.ports, self.buses = [], [], {}

    def path(self, numa, root, port, below=()):
        """The path of a device at a root port, below more bridges."""
        bus = 0x10 * (8 * numa + root)
        head = ["pci0000:%02x" % bus, "0000:%02x:%02x.0" % (bus, port + 1)]
        return head + ["0000:%02x:%02x.0" % (bus + 1, bridge) for bridge in below]

    def address(self, path):
        """A free address on a bus of its own per path."""
        bus, count = self.buses.setdefault(tuple(path), [0x20 * 0 + len(self.buses) + 1, 0])
        self.buses[tuple(path)][1] += 1
        return "%04x:%02x:%02x.%d" % (1 + bus // 250, bus % 250, count // 8, count % 8)

    def add(self, kind, path, numa, count=1):
        """Devices of a kind that is not a NIC."""
        for dummy in range(count):
            self.devices.append(device(self.address(path), kind, list(path), numa))

    def add_port(self, path, numa, network, vfs, rdma=False, purpose="sriov"):
        """A port of a NIC with its VFs."""
        pf = self.address(path)
        functions = [self.address(path) for dummy in range(vfs)]
        self.devices.append(device(pf, "nic", list(path), numa))
        self.devices[-1]["sriov"] = {"role": "pf", "total": vfs, "num": vfs, "vfs": functions}
        for index, address in enumerate(functions):
            self.devices.append(device(address, "nic", list(path), numa))
            self.devices[-1]["sriov"] = {"role": "vf", "pf": pf, "index": index}
            self.devices[-1]["rdma"] = ["rdma%s" % address] if rdma else []
        self.ports.append({"pci": pf, "network": network, "purpose": purpose, "rdma": False, "peer": "tor/%s" % pf})

    def topology(self):
        """The topology."""
        return {
            "root": "made up",
            "cpus": self.cpus,
            "numa_nodes": self.numa,
            "pcie_roots": [],
            "pci_devices": self.devices,
        }

    def record(self, name, policy="single-numa-node", scope="container", reserved="0", memory=GIB // 2):
        """The node record."""
        return {
            "name": name,
            "topology": self.topology(),
            "reserved_cpus": reserved,
            "reserved_memory": memory,
            "policy": policy,
            "scope": scope,
            "cpu_options": {},
            "labels": {},
            "ports": self.ports,
        }


def service(name, containers=None, **more):
    """A service in normal form."""
    found = {
        "name": name,
        "namespace": "default",
        "kind": "Deployment",
        "replicas": 1,
        "labels": {},
        "priority": 0,
        "path": "basic",
        "containers": containers or [container(name)],
        "networks": {"sriov": [], "macvlan": []},
        "volumes": [],
        "autoscaling": {"horizontal": None, "vertical": None},
        "flow": {"source": "", "sink": ""},
        "traffic": [],
        "anti_affinity": [],
        "nodes": [],
        "move": False,
    }
    return dict(found, **more)


def container(name, cpu=2, memory="1Gi", topology="single-numa-node", hugepages=None, **devices):
    """A container in normal form; devices: gpu, fpga, asic, sriov, rdma, macvlan."""
    return {
        "name": name,
        "image": "registry/x:1",
        "command": [],
        "args": [],
        "env": {},
        "ports": [],
        "resources": {"cpu": str(cpu), "memory": memory, "hugepages": hugepages or {}},
        "limits": {"cpu": None, "memory": None},
        "acceleration": {
            "topology": topology,
            "compute": {kind: devices.get(kind, 0) for kind in ("gpu", "fpga", "asic")},
            "communication": {kind: devices.get(kind, 0) for kind in ("sriov", "rdma", "macvlan")},
        },
        "mounts": [],
    }


def random_machine(rng):
    """A small server: one or two NUMA nodes, up to three ports, some accelerators; a poor one has hardly any."""
    poor = rng.random() < 0.2
    numa = rng.choice([1, 2, 2])
    machine = Machine(
        numa, rng.choice([3, 4, 6]), rng.choice([1, 2]), rng.choice([6, 8, 12]) * GIB, rng.choice([0, 512])
    )
    networks = ["sriov-a", "sriov-b"]
    for place in range(1 if poor else rng.randint(2, 3)):
        at = rng.randrange(numa)
        path = machine.path(at, rng.randrange(2), rng.randrange(2), rng.choice([(), (1,), (2,)]))
        machine.add_port(path, at, networks[place % 2], rng.randint(1, 5), rdma=rng.random() < 0.6)
    for kind, least, most in (("gpu", 2, 4), ("fpga", 0, 2), ("accelerator", 0, 2), ("nvme", 1, 2)):
        for dummy in range(rng.randint(0 if poor else least, 1 if poor else most)):
            at = rng.randrange(numa)
            path = machine.path(at, rng.randrange(2), rng.randrange(2), rng.choice([(), (1,), (2,)]))
            machine.add(kind, path, at if rng.random() < 0.95 else -1)
    return machine


POLICIES = ("single-numa-node", "single-numa-node", "single-numa-node", "restricted", "best-effort", "none")


def random_nodes(rng, count):
    """Records of so many nodes of one to three makes."""
    makes = []
    for dummy in range(rng.randint(1, min(3, count))):
        policy = rng.choice(POLICIES)
        scope = rng.choice(["container", "container", "pod"])
        makes.append((random_machine(rng), policy, scope))
    found = []
    for number in range(count):
        machine, policy, scope = rng.choice(makes)
        found.append(machine.record("node%d" % (number + 1), policy, scope, reserved=rng.choice(["0", "0", "0-1"])))
    return found


def random_container(rng, name):
    """A container with a bit of everything."""
    devices = {}
    if rng.random() < 0.6:
        devices["sriov"] = rng.choice([1, 1, 1, 2])
        devices["rdma"] = rng.choice([0, 0, 1])
    for kind, chance in (("gpu", 0.4), ("fpga", 0.08), ("asic", 0.08)):
        if rng.random() < chance:
            devices[kind] = rng.choice([1, 1, 2]) if kind == "gpu" else 1
    topology = rng.choice(["single-numa-node", "restricted", "best-effort", "best-effort", "none", "none", "none"])
    cpu = rng.choice([1, 1, 2, 3]) if topology != "none" else rng.choice(["250m", "500m", "1", "1500m"])
    pages = {"2Mi": rng.choice(["128Mi", "256Mi"])} if rng.random() < 0.15 else {}
    return container(name, cpu, rng.choice(["512Mi", "1Gi", "2Gi", "3Gi"]), topology, pages, **devices)


def random_services(rng, count, nodes):
    """So many pods' worth of services, some with replicas, edges and rules."""
    found, left, number = [], count, 0
    while left:
        name = "s%02d" % number
        replicas = min(left, rng.choice([1, 1, 1, 1, 2]))
        made = service(name, [random_container(rng, name)], replicas=replicas)
        if rng.random() < 0.1:
            made["containers"].append(random_container(rng, name + "-side"))
            made["containers"][1]["acceleration"]["communication"] = {"sriov": 0, "rdma": 0, "macvlan": 0}
        made["priority"] = rng.choice([0, 0, 0, 5])
        if found and rng.random() < 0.35:
            made["traffic"] = [{"to": rng.choice(found)["name"], "weight": rng.choice([1, 5, 10])}]
        if found and rng.random() < 0.1:
            made["anti_affinity"] = [rng.choice([rng.choice(found)["name"], "self"])]
        if rng.random() < 0.1:
            made["nodes"] = sorted(rng.sample([node["name"] for node in nodes], min(2, len(nodes))))
        if rng.random() < 0.2:
            made["flow"] = {"source": rng.choice(["nvme", "network:sriov-a", ""]), "sink": ""}
        if rng.random() < 0.2:
            made["networks"]["sriov"] = [rng.choice(["sriov-a", "sriov-b"])]
        found.append(made)
        left -= replicas
        number += 1
    return found
