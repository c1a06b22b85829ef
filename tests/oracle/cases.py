"""Random questions for the oracle, the same ones for the same seed."""

import random

GIB, MIB = 1 << 30, 1 << 20
POLICIES = ("none", "best-effort", "restricted", "single-numa-node")
CPU_OPTIONS = (
    (),
    ("full-pcpus-only",),
    ("distribute-cpus-across-numa",),
    ("distribute-cpus-across-numa", "full-pcpus-only"),
    ("prefer-align-cpus-by-uncorecache",),
    ("prefer-align-cpus-by-uncorecache", "full-pcpus-only"),
    ("strict-cpu-reservation",),
    ("align-by-socket",),
    ("align-by-socket", "distribute-cpus-across-numa"),
    ("align-by-socket", "distribute-cpus-across-numa", "full-pcpus-only"),
    ("distribute-cpus-across-cores",),
)
ALPHA = {"align-by-socket", "distribute-cpus-across-cores"}


def distances(count, dice):
    """Rows of a symmetric table."""
    rows = [[10] * count for dummy in range(count)]
    for one in range(count):
        for other in range(one):
            rows[one][other] = rows[other][one] = dice.choice((11, 12, 20, 21, 31))
    return rows


def merge(dice):
    """A merge case: 1 to 8 NUMA nodes, hints of any kind, also such as no provider gives."""
    count = dice.choice((1, 2, 2, 2, 3, 4, 4, 8))
    rows = distances(count, dice)
    options = {}
    if dice.random() < 0.4:
        options["prefer-closest-numa-nodes"] = dice.choice(("true", "false"))
    if dice.random() < 0.1:
        options["max-allowable-numa-nodes"] = "8"
    providers = [_provider(count, dice) for dummy in range(dice.randint(0, 3))]
    numa = [{"id": node, "distances": rows[node]} for node in range(count)]
    return {"kind": "merge", "policy": dice.choice(POLICIES), "options": options, "numa": numa, "providers": providers}


def _provider(count, dice):
    if dice.random() < 0.08:
        return dice.choice((None, {}))
    return {name: _hints(count, dice) for name in ("a", "b", "c")[: dice.choice((1, 1, 2, 2, 3))]}


def _hints(count, dice):
    kind = dice.random()
    if kind < 0.06:
        return None
    if kind < 0.1:
        return []
    most = {8: 4, 4: 8}.get(count, 10)  # the kubelet walks through all combinations
    return [_hint(count, dice) for dummy in range(dice.randint(1, most))]


def _hint(count, dice):
    if dice.random() < 0.04:
        return {"affinity": None, "preferred": dice.random() < 0.5}
    size = min(count, dice.choice((1, 1, 1, 2, 2, 3, 4, 8)))
    return {"affinity": sorted(dice.sample(range(count), size)), "preferred": dice.random() < 0.5}


def machine(dice, most=8):
    """Rows [cpu, core, socket, NUMA node, uncore cache] of some machine, plain and odd ones; most: NUMA nodes."""
    sockets = dice.choice((1, 2, 2, 2, 4))
    per_socket = min(most // sockets, dice.choice((1, 1, 1, 2, 4)))
    uncores = dice.choice((1, 1, 2, 3))
    cores = dice.choice((1, 2, 3, 4))
    threads = dice.choice((1, 2, 2, 2))
    places = [
        (socket, socket * per_socket + node, (socket * per_socket + node) * uncores + uncore)
        for socket in range(sockets)
        for node in range(per_socket)
        for uncore in range(uncores)
        for dummy in range(cores)
    ]
    if per_socket == 1 and sockets > 1 and dice.random() < 0.25:  # two sockets in one NUMA node
        places = [(socket, node // 2, uncore) for socket, node, uncore in places]
    if dice.random() < 0.3:  # interleaved numbers
        dice.shuffle(places)
    return [
        [core + thread * len(places), core, *place] for thread in range(threads) for core, place in enumerate(places)
    ]


def cpu(dice):
    """A cpu case: part of a machine is taken, a request, an affinity."""
    rows = machine(dice)
    cpus = [row[0] for row in rows]
    chosen = dice.choice(CPU_OPTIONS)
    reserved = sorted(dice.sample(cpus, min(len(cpus) - 1, dice.choice((0, 1, 1, 2, 3)))))
    case = {"kind": "cpu", "cpus": rows, "options": dict.fromkeys(chosen, "true"), "alpha": bool(ALPHA & set(chosen))}
    if dice.random() < 0.15:
        case.update(reserved=[], reserve=dice.randint(0, 3))
    else:
        case.update(reserved=reserved)
    case["shared"] = _shared(rows, dice)
    nodes = sorted({row[3] for row in rows})
    case["request"] = dice.choice((1, 2, 3, 4, 6, 8, dice.randint(1, len(case["shared"]) + 2)))
    case["affinity"] = sorted(dice.sample(nodes, dice.randint(1, len(nodes)))) if dice.random() < 0.7 else None
    return case


def _shared(rows, dice):
    """What is left of a machine: nothing taken, single CPUs, whole cores or whole NUMA nodes."""
    kind = dice.random()
    if kind < 0.15:
        return [row[0] for row in rows]
    part = dice.choice((0.2, 0.5, 0.8))
    at = 0 if kind < 0.5 else 1 if kind < 0.85 else 3
    gone = {one for one in {row[at] for row in rows} if dice.random() < part}
    return [row[0] for row in rows if row[at] not in gone]


def node(dice, steps=10):
    """A node case: pods come and go. On more NUMA nodes the kubelet's walk through all combinations takes minutes."""
    rows = machine(dice, most=4)
    nodes = sorted({row[3] for row in rows})
    chosen = dice.choice(CPU_OPTIONS + ((), (), ()))
    policy = dice.choice(POLICIES[1:] + POLICIES)
    if "align-by-socket" in chosen and (policy == "single-numa-node" or len(nodes) < len({row[2] for row in rows})):
        chosen = ()
    table = distances(len(nodes), dice)
    return {
        "kind": "node",
        "policy": policy,
        "scope": dice.choice(("container", "pod")),
        "options": {"prefer-closest-numa-nodes": "true"} if dice.random() < 0.3 else {},
        "cpu_options": dict.fromkeys(chosen, "true"),
        "alpha": bool(ALPHA & set(chosen)),
        "cpus": rows,
        "numa": [_cell(one, table[one], dice) for one in nodes],
        "reserved_cpus": sorted(dice.sample([row[0] for row in rows], 1)),
        "reserved_memory": {"0": {"memory": GIB}},
        "devices": _devices(nodes, dice),
        "steps": _steps(len(rows), dice, steps),
    }


def _cell(one, row, dice):
    pages = {"2048": dice.choice((0, 512, 1024))}
    if dice.random() < 0.3:
        pages["1048576"] = dice.choice((0, 2))
    return {"id": one, "distances": row, "memory": dice.choice((8, 8, 16)) * GIB, "hugepages": pages}


def _devices(nodes, dice):
    places = [[one] for one in nodes] * 3 + [None]
    if len(nodes) > 1:
        places.append(nodes[:2])
    plain = [{f"{name}{index}": dice.choice(places) for index in range(dice.randint(1, 6))} for name in ("vf", "gpu")]
    return {"intel.com/vf": plain[0], "nvidia.com/gpu": plain[1], "lab/none": {"none0": None, "none1": None}}


def _steps(cpus, dice, count):
    found, there = [], []
    for index in range(count):
        if there and dice.random() < 0.2:
            found.append({"remove": there.pop(dice.randrange(len(there)))})
            continue
        there.append(f"pod{index}")
        found.append({"add": pod(there[-1], cpus, dice)})
    return found


def pod(name, cpus, dice):
    """A pod of one to three containers, now and then with init containers and sidecars."""
    roles = [dice.choice(("init", "init", "sidecar")) for dummy in range(dice.choice((0, 0, 0, 1, 2)))]
    roles += [""] * dice.choice((1, 1, 1, 2))
    containers = [_container(f"c{index}", role, cpus, dice) for index, role in enumerate(roles)]
    if dice.random() < 0.08:
        containers[-1]["burst"] = True
    return {"name": name, "containers": containers}


def _container(name, role, cpus, dice):
    number = dice.choice(("1", "2", "2", "4", "500m", "1500m", str(dice.randint(1, max(1, cpus // 2)))))
    found = {"name": name, "role": role, "cpu": number, "memory": dice.choice((256, 512, 1024, 4096, 9000)) * MIB}
    if dice.random() < 0.3:
        found["hugepages"] = {"2Mi": dice.choice((2, 256, 512, 1024, 1500)) * MIB}
    if dice.random() < 0.5:
        kinds = dice.sample(("intel.com/vf", "nvidia.com/gpu", "lab/none"), dice.choice((1, 1, 2)))
        found["devices"] = {kind: dice.choice((1, 1, 1, 2, 3)) for kind in kinds}
    return found


def some(make, count, seed):
    """count cases."""
    dice = random.Random(seed)
    return [make(dice) for dummy in range(count)]
