"""Our model's answers to the oracle's cases, in the oracle's form."""

from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import (
    cpu_packed,
    cpu_static,
    cpu_topology,
    memory_static,
    pods,
    providers,
    topology_manager,
)
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import node as kubelet_node

# The names of the providers in the oracle and in the model.
PROVIDERS = {"cpu": "cpus", "memory": "blocks", "devices": "devices"}
SIZES = {"2048": "hugepages-2Mi", "1048576": "hugepages-1Gi"}


def merge(case):
    """Of a merge case."""
    manager = topology_manager.manager(case["policy"], _distances(case), case["options"])
    admitted, affinity = manager.admit([hints(one) for one in case["providers"]])
    return {"admitted": admitted, "affinity": listed(affinity)}


def hints(resources):
    """The hints of one provider out of a case."""
    if resources is None:
        return None
    return {
        name: found and [(one["affinity"] and tuple(one["affinity"]), one["preferred"]) for one in found]
        for name, found in resources.items()
    }


def _distances(case):
    return {one["id"]: tuple(one["distances"]) for one in case["numa"]}


def listed(ids):
    """As JSON has it."""
    return None if ids is None else list(ids)


def plain(found):
    """Hints as JSON has them: {} is what the oracle calls null or {}."""
    return {
        name: None if one is None else [[list(ids), preferred] for ids, preferred in one] for name, one in found.items()
    }


def cpu(case):
    """Of a cpu case: {"hints"}, and "cpus" or "refused" or "endless"."""
    topology = cpu_topology.from_rows(case["cpus"])
    reserved = case["reserved"] or case.get("reserve", 0)
    try:
        policy = cpu_static.StaticPolicy(topology, reserved, case["options"], case["alpha"])
    except EngineError as error:
        return {"refused": str(error)}
    shared = set(case["shared"])
    found = {"hints": plain(policy.hints(shared, case["request"]))}
    try:
        found["cpus"] = sorted(policy.allocate(shared, case["request"], case["affinity"]))
    except (cpu_static.SmtAlignment, cpu_packed.NotEnough) as refused:
        found["refused"] = str(refused)
    except EngineError as error:
        found["refused"] = str(error)
    return found


def make_node(case, pick):
    """The model's node of a node case."""
    topology = cpu_topology.from_rows(case["cpus"])
    policy = cpu_static.StaticPolicy(topology, case["reserved_cpus"], case["cpu_options"], case["alpha"])
    numa = {
        one["id"]: {"memory": one["memory"], **{SIZES[k]: int(k) * 1024 * n for k, n in one["hugepages"].items()}}
        for one in case["numa"]
    }
    reserved = {int(one): sizes for one, sizes in case["reserved_memory"].items()}
    known = {
        name: {device: tuple(ids or ()) for device, ids in devices.items()} for name, devices in case["devices"].items()
    }
    return kubelet_node.Node(
        topology_manager.manager(case["policy"], _distances(case), case["options"]),
        case["scope"],
        cpu=providers.CpuProvider(policy),
        memory=providers.MemoryProvider(memory_static.machine(numa, reserved)),
        device=providers.DeviceProvider(known, sorted(numa), pick),
    )


def pod(asked):
    """The model's pod of a step."""
    containers = [
        pods.Container(
            one["name"],
            int(one["cpu"]) if one["cpu"].isdigit() else 0,
            {"memory": one["memory"], **{f"hugepages-{k}": size for k, size in one.get("hugepages", {}).items()}},
            one.get("devices", {}),
            one["role"],
        )
        for one in asked["containers"]
    ]
    return pods.Pod(asked["name"], tuple(containers), not any(one.get("burst") for one in asked["containers"]))


def run(case, truth):
    """What the model says to each step of a node case. Where the kubelet throws dice, the model takes its throw."""
    took = {}

    def pick(resource, candidates, count):
        # Of a refused container the kubelet may not have come to this resource.
        return sorted(took.get(resource, set()) & set(candidates)) or candidates[:count]

    node = make_node(case, pick)
    found = []
    for step, real in zip(case["steps"], truth["steps"]):
        if "remove" in step:
            node.remove(step["remove"])
            found.append(None)
            continue
        found.append(_admitted(node, pod(step["add"]), real, took))
    return found


class _Watched:
    """A provider of which the hints are written down, and which gets the kubelet's throw of the dice."""

    def __init__(self, name, provider, real, took, heard):
        self.name, self.provider, self.real, self.took, self.heard = name, provider, real, took, heard

    def hints(self, asked, container):
        """As the provider's."""
        return self._heard(container.name, self.provider.hints(asked, container))

    def pod_hints(self, asked):
        """As the provider's."""
        return self._heard("", self.provider.pod_hints(asked))

    def _heard(self, whose, found):
        self.heard.setdefault(whose, {})[self.name] = plain(found)
        return found

    def allocate(self, asked, container, *decided):
        """As the provider's."""
        devices = self.real["containers"][container.name]["devices"]
        self.took.clear()
        self.took.update({name: set(names) for name, names in devices.items()})
        return self.provider.allocate(asked, container, *decided)

    def remove(self, asked):
        """As the provider's."""
        self.provider.remove(asked)


def _admitted(node, asked, real, took):
    plain_ones, heard = dict(node.providers), {}
    for name, provider in plain_ones.items():
        node.providers[name] = _Watched(name, provider, real, took, heard)
    verdict = node.admit(asked)
    node.providers.update(plain_ones)
    containers = verdict.containers if verdict.admitted else {}
    return {
        "admitted": verdict.admitted,
        "reason": verdict.reason,
        "hints": heard,
        "containers": {name: _given(node, asked, name, one) for name, one in containers.items()},
    }


def _given(node, asked, name, one):
    # The kubelet's state: what a later container uses again is no longer in the blocks of the init container.
    blocks = node.providers["blocks"].given.get(asked.name, {}).get(name, ())
    return {
        "affinity": listed(one.affinity),
        "cpus": sorted(one.cpus),
        "memory": {block.resource: [list(block.numa_nodes), block.size] for block in blocks},
        "devices": {name: sorted(names) for name, names in one.devices.items()},
    }


def known(real):
    """The oracle's answer to a step, in the same form; what a refused pod had for a moment is left out."""
    containers = real["containers"] if real["admitted"] else {}
    return {
        "admitted": real["admitted"],
        "reason": real["reason"],
        "hints": {
            whose: {PROVIDERS[one["provider"]]: one["hints"] or {} for one in heard}
            for whose, heard in real["hints"].items()
        },
        "containers": {
            name: {
                "affinity": one["affinity"],
                "cpus": one["cpus"],
                "memory": {block["type"]: [block["numa"], block["size"]] for block in one["memory"]},
                "devices": {kind: sorted(names) for kind, names in one["devices"].items()},
            }
            for name, one in containers.items()
        },
    }
