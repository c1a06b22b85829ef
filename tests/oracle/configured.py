"""Random configurations of a kubelet on random machines, our verdict on each, and the kubelet's own (oracle/config).

That program is the whole kubelet but for its main function: minutes to compile where nothing of it is cached, seconds
where the lab's kubelet has been built.
"""

import json
import pathlib
import random
import re
import subprocess

from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import cache, golang
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import cpu_topology
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config import (
    checkpoint,
    document,
    launch,
    observe,
    reserve,
    rules,
    wanted,
)
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config.subsystem import Kubelet

HERE = pathlib.Path(__file__).resolve().parent / "config"
GIB, MIB = 1 << 30, 1 << 20
DEFAULTS = {
    "cpu_manager_policy": "none",
    "cpu_manager_policy_options": {},
    "cpu_manager_reconcile_period": "",
    "topology_manager_policy": "none",
    "topology_manager_scope": "container",
    "topology_manager_policy_options": {},
    "memory_manager_policy": "None",
    "reserved_cpus": "",
    "kube_reserved": {},
    "system_reserved": {},
    "eviction_hard": {},
    "feature_gates": {},
    "timeout": 120,
    "state": "present",
}
# The kubelet looks at the machine that it validates on, too: this one may have cgroup v1.
HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailCgroupV1: false\n"
# What others may have written.
BASES = (
    "clusterDNS:\n- 10.96.0.10\nauthentication:\n  anonymous:\n    enabled: false\n",
    "clusterDomain: cluster.local\n",
    "kubeReserved:\n  cpu: 100m\n  memory: 256Mi\n",
    "kubeReserved: {cpu: '1', pid: '1000'}\nsystemReserved: {memory: 100M}\n",
    "evictionHard:\n  memory.available: 200Mi\n  nodefs.available: 10%\n",
    "evictionHard: {nodefs.available: 5%}\n",
    "evictionHard: {nodefs.available: 5%}\nmergeDefaultEvictionSettings: true\n",
    "cpuManagerPolicy: static\ncpuManagerPolicyOptions:\n  full-pcpus-only: 'true'\nreservedSystemCPUs: '0'\n",
    "topologyManagerPolicy: restricted\ntopologyManagerPolicyOptions: {prefer-closest-numa-nodes: 'true'}\n",
    "systemReservedCgroup: /system.slice\n",
    "memoryManagerPolicy: Static\nsystemReserved: {memory: 1Gi}\nreservedMemory:\n- numaNode: 0\n"
    "  limits: {memory: 1124Mi}\n",
    "featureGates: {CPUManagerPolicyAlphaOptions: true}\n",
)
# Where we refuse what the kubelet would take, and say so in the rules.
STRICTER = re.compile(
    "leaves no CPU that can be pinned|splits a core|is a share of the memory|all reservations together"
    "|does not count beside|finer than a thousandth|fraction of a byte|more than any machine|is no length of time"
    "|no feature gate of the resource managers|no percentage from 0 to 100"
)


def binary():
    """The path of the program."""
    go, flags = golang.find(), ["-ldflags", "-s -w"]
    sources = [str(path) for kind in ("*.go", "go.mod", "go.sum") for path in HERE.glob(kind)]
    key = cache.digest(golang.version(go), golang.ENVIRONMENT, flags, files=sources)
    build = [go, "build", *flags, "-o"]
    return cache.kept(cache.usual(), "oracle-config", key, lambda draft: golang.run([*build, draft, "."], HERE))


def ask(questions):
    """The kubelet's answer to each."""
    lines = "".join(json.dumps(one) + "\n" for one in questions)
    done = subprocess.run([str(binary())], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions), done.stderr[-4000:]
    return answers


# -- machines and options


def machine(dice):
    """{cpus, numa, memory} of a machine as the program takes it."""
    numa = dice.choice((1, 2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 9))
    sockets = dice.choice((1, numa)) if numa > 1 else dice.choice((1, 1, 2))
    cores, threads = dice.choice((1, 2, 4)), dice.choice((1, 2, 2))
    places = [(node % sockets if numa > 1 else core % sockets, node) for node in range(numa) for core in range(cores)]
    rows = [
        [core + thread * len(places), core, *place, place[0]]
        for thread in range(threads)
        for core, place in enumerate(places)
    ]
    cells = [
        {
            "id": node,
            "distances": [10 if node == other else 20 for other in range(numa)],
            "memory": dice.choice((1, 2, 4, 4, 8)) * GIB - dice.choice((0, 0, 4096 * 37)),
            "hugepages": {"2048": dice.choice((0, 0, 64, 256))},
        }
        for node in range(numa)
    ]
    return {"cpus": rows, "numa": cells, "memory": sum(cell["memory"] for cell in cells)}


def _pick(dice, good, bad):
    """Now and then a bad one; a case with one fault tells more than one with many."""
    return dice.choice(bad if dice.random() < 0.08 else good)


def options(dice, cpus):
    """Options of module kubelet, mostly right."""
    found = dict(DEFAULTS)
    static = dice.random() < 0.75
    found["cpu_manager_policy"] = "static" if static else "none"
    found["topology_manager_policy"] = dice.choice(("none", "best-effort", "restricted", "single-numa-node"))
    found["topology_manager_scope"] = dice.choice(("container", "pod"))
    found["memory_manager_policy"] = dice.choice(("None", "None", "Static"))
    if static or dice.random() < 0.05:
        names = [_pick(dice, *CPU_OPTIONS) for dummy in range(dice.choice((0, 0, 0, 1, 1, 2)))]
        found["cpu_manager_policy_options"] = {
            name: _pick(dice, ("true", "true", "false", "1"), ("maybe", "")) for name in names
        }
    if set(found["cpu_manager_policy_options"]) & set(CPU_OPTIONS[1]) or dice.random() < 0.2:
        found["feature_gates"] = _pick(dice, *GATES)
    if dice.random() < 0.3:
        found["topology_manager_policy_options"] = _pick(dice, *TOPOLOGY_OPTIONS)
    _reserve(found, dice, cpus)
    if dice.random() < 0.3:
        found["eviction_hard"] = {_pick(dice, *SIGNALS): _pick(dice, *THRESHOLDS)}
    if dice.random() < 0.1:
        found["cpu_manager_reconcile_period"] = _pick(dice, ("5s", "1m30s", "1.5h"), ("0s", "10"))
    return found


# What is good, what is bad.
CPU_OPTIONS = (
    (
        "full-pcpus-only",
        "distribute-cpus-across-numa",
        "strict-cpu-reservation",
        "strict-cpu-reservation",
        "prefer-align-cpus-by-uncorecache",
    ),
    ("align-by-socket", "align-by-socket", "distribute-cpus-across-cores", "full-pcpu-only"),
)
GATES = (
    ({"CPUManagerPolicyAlphaOptions": True}, {"CPUManagerPolicyBetaOptions": True}),
    ({"NoSuchGate": True}, {"CPUManagerPolicyBetaOptions": False}),
)
TOPOLOGY_OPTIONS = (
    (
        {"prefer-closest-numa-nodes": "true"},
        {"max-allowable-numa-nodes": "9"},
        {"max-allowable-numa-nodes": "16", "prefer-closest-numa-nodes": "false"},
    ),
    (
        {"prefer-closest-numa-nodes": "perhaps"},
        {"max-allowable-numa-nodes": "4"},
        {"max-allowable-numa-nodes": "many"},
        {"max-numa-nodes": "9"},
    ),
)
SIGNALS = (("memory.available", "memory.available", "nodefs.available", "pid.available"), ("memory.free",))
THRESHOLDS = (("100Mi", "100Mi", "500Mi", "5%", "0%", "100%"), ("120%", "0", "-1Gi", "1GB", "lots", "64Gi"))


def _reserve(found, dice, cpus):
    kind = dice.random()
    if kind < 0.45:
        some = dice.sample(cpus, min(len(cpus), dice.choice((1, 1, 2, 2, 3))))
        found["reserved_cpus"] = _pick(dice, (cpuset.render(some),), (str(len(cpus)), "3-1", "a", cpuset.render(cpus)))
    elif kind < 0.95:
        field = dice.choice(("kube_reserved", "system_reserved"))
        found[field] = {"cpu": _pick(dice, ("500m", "1", "1500m", "0.25"), ("0", "64", "0.0005", "-1", "1x"))}
    for field in ("kube_reserved", "system_reserved"):
        if dice.random() < 0.5:
            amount = _pick(dice, ("512Mi", "100M", "123456789", "0.5Gi", "1e8"), ("64Gi", "100m", "1GB"))
            found[field] = dict(found[field], memory=amount)
        if dice.random() < 0.08:
            name = _pick(dice, ("ephemeral-storage", "pid"), ("hugepages-2Mi", "memroy"))
            found[field] = dict(found[field], **{name: "1000"})


# -- our verdict


def state_of(asked_machine, base, files=None):
    """An observe.State of a node that nothing was done to."""
    cells = asked_machine["numa"]
    memory = {
        cell["id"]: {"memory": cell["memory"], "hugepages-2Mi": cell["hugepages"]["2048"] * 2 * MIB} for cell in cells
    }
    known = reserve.Machine(
        cpu_topology.from_rows(asked_machine["cpus"]),
        memory,
        {cell["id"]: tuple(cell["distances"]) for cell in cells},
        asked_machine["memory"],
    )
    start = launch.Launch("/usr/bin/kubelet", ["/usr/bin/kubelet"], {})
    unit = {"ActiveState": "active"}
    theirs = document.of_file(HEAD + base, "f")
    return observe.State(start, unit, 37, files or {}, theirs, theirs, [], {}, known)


def verdict(params, state):
    """(text of our drop-in, whole configuration, [what is wrong])."""
    try:
        subsystem = Kubelet(params, None)
    except ProblemsError as error:
        return naive(params, state), None, [(one.path, one.what) for one in error.problems]
    text = subsystem._files(state)[state.launch.file()]
    config = document.merge(state.base, document.parse(text))
    found = [(one.path, one.what) for one in rules.problems(config, state)]
    return (naive(params, state) if found else text), config, found


def naive(params, state):
    """What somebody would write who looks at nothing, but for reservedMemory, which is right where it can be."""
    patch = {field: params[option] for option, field in wanted.FIELDS.items() if params[option] not in ("", {})}
    for field in wanted.OPTION_MAPS:
        patch[field] = dict(dict.fromkeys(state.base.get(field) or {}), **patch.get(field, {}))
    if any("cpu" in patch.get(field, {}) for field in wanted.RESERVATIONS) and "reservedSystemCPUs" not in patch:
        patch["reservedSystemCPUs"] = ""
    config = document.merge(state.base, patch)
    if config.get("memoryManagerPolicy") == "Static":
        try:
            total = reserve.memory(config, state.machine.total)
            patch["reservedMemory"] = [{"numaNode": 0, "limits": {"memory": str(total)}}] if total > 0 else []
        except (ValueError, EngineError):
            patch["reservedMemory"] = []
    return document.text(patch)


def is_stricter(problem, params):
    """True for what we refuse beyond the kubelet."""
    path, what = problem
    idle = path.startswith("topology_manager_policy_options") and params["topology_manager_policy"] == "none"
    return idle or bool(STRICTER.search(what))


def question(asked_machine, base, text, second=None):
    """As the program takes it."""
    found = dict(asked_machine, file=HEAD + base, dropins={launch.NAME: text})
    return dict(found, second={"file": HEAD + base, "dropins": {launch.NAME: second}}) if second else found


def some(count, seed):
    """[(machine, text of others' file, options, options of a second configuration)]."""
    dice, found = random.Random(seed), []
    for dummy in range(count):
        asked = machine(dice)
        cpus = [row[0] for row in asked["cpus"]]
        found.append((asked, dice.choice(BASES), options(dice, cpus), options(dice, cpus)))
    return found


def stale(states, config, state):
    """The names of state files that we would remove."""
    return sorted(checkpoint.stale(states, config, state.machine))
