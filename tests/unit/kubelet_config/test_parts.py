"""The small parts: YAML without a library, the unit's command line, reservedMemory, thresholds, state files."""

import json

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import cpu_topology
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config import (
    checkpoint,
    document,
    launch,
    reserve,
    yaml_subset,
)

from .conftest import BASE

GIB, MIB = 1 << 30, 1 << 20
# Two sockets of 4 cores of 2 threads.
ROWS = [[core + 8 * thread, core, core // 4, core // 4, core // 4] for thread in range(2) for core in range(8)]
DOCUMENTS = [
    BASE,
    "",
    "# nothing\n",
    "---\na: 1 # one\nb: 'it''s # not one'\n",
    'a: "x: y"\nb: http://x/#y\nc: [1, "a, b", {d: e}]\n',
    "a: {b: {c: 1}, d: []}\ne: -1.5\nf: ~\ng:\nh: TRUE\n",
    "a:\n- 1\n- b: 2\n  c: 3\n-\n  - 4\n- - 5\n  - 6\nd: x\n",
    "a:\n  - numaNode: 0\n    limits:\n      memory: 1Gi\n  - numaNode: 1\n    limits: {memory: 1Gi}\n",
    '{"a": {"b": [1, 2, null]}, "c": "d"}',
    "{a: b,\n c: d}\n",
    "a.b/c: 5%\n'q r': 1\n",
]
STRANGE = [
    "a: |\n  b\n",
    "a: &x 1\n",
    "a: !!int 1\n",
    "a: 1\n---\nb: 2\n",
    "a\n",
    "\ta: 1\n",
    "a: [1\n",
    "a: 1\na: 2\n",
    "- 1\n",
]
MACHINES = [
    # what, bytes of each NUMA node (memory, hugepages), total, shares in MiB
    ("half and half", ((4 * GIB, 0), (4 * GIB, 0)), 1124 * MIB, {0: 562, 1: 562}),
    ("the odd MiB on the first", ((4 * GIB, 0), (4 * GIB, 0)), 1001 * MIB, {0: 501, 1: 500}),
    ("by size", ((6 * GIB, 0), (2 * GIB, 0)), 1024 * MIB, {0: 768, 1: 256}),
    ("none without memory", ((0, 0), (4 * GIB, 0)), 1024 * MIB, {1: 1024}),
    ("not more than hugepages leave", ((4 * GIB, 4 * GIB - 100 * MIB), (4 * GIB, 0)), 1024 * MIB, {0: 100, 1: 924}),
]


def machine(*nodes):
    """A Machine of (memory, hugepages) per NUMA node."""
    memory = {node: {"memory": one, "hugepages-2Mi": huge} for node, (one, huge) in enumerate(nodes)}
    return reserve.Machine(cpu_topology.from_rows(ROWS), memory, {0: (), 1: ()}, sum(one for one, dummy in nodes))


@pytest.mark.parametrize("text", DOCUMENTS)
def test_yaml_is_read_as_a_library_reads_it(text):
    assert yaml_subset.read(text, "f") == (yaml.safe_load(text) or {})


@pytest.mark.parametrize("text", STRANGE)
def test_what_is_not_understood_is_told_with_its_line(text):
    with pytest.raises(EngineError) as caught:
        yaml_subset.read(text, "/etc/f")
    assert caught.value.where == "/etc/f"


def test_a_command_line_is_put_together_as_systemd_does(node):
    node.put("/etc/default/kubelet", "KUBELET_EXTRA_ARGS='--root-dir /data --v 2'\n# X=1\n")
    unit = "/etc/systemd/system/kubelet.service"
    text = '[Unit]\nExecStart=no\n[Service]\nEnvironment="A=--a=1 --b" B=2\nEnvironmentFile=-/etc/default/kubelet\n'
    node.put(unit, text + "ExecStart=-/opt/kubelet $A \\\n  --c=${B} $KUBELET_EXTRA_ARGS $UNSET --config-dir=/x/\n")
    found = launch.read(node, unit, [launch.DROP_IN])
    assert found.argv == [
        "/opt/kubelet",
        "--a=1",
        "--b",
        "--c=2",
        "--root-dir",
        "/data",
        "--v",
        "2",
        "--config-dir=/x/",
    ]
    assert found.flags == {"a": "1", "b": "true", "c": "2", "root-dir": "/data", "v": "2", "config-dir": "/x/"}
    assert (found.file(), found.unit_drop_in(), found.root()) == ("/x/99-gedge.conf", None, "/data")


def test_a_drop_in_that_sets_the_command_after_ours_is_found(node):
    later = "/etc/systemd/system/kubelet.service.d/zzz.conf"
    node.put(later, "[Service]\nExecStart=\nExecStart=/usr/bin/kubelet\n")
    assert launch.read(node, "/usr/lib/systemd/system/kubelet.service", [later]).later == [later]


def test_another_program_is_no_kubelet(node):
    node.put("/u", "[Service]\nExecStart=/bin/sh -c x\n")
    with pytest.raises(EngineError, match="not a kubelet"):
        launch.read(node, "/u", [])


@pytest.mark.parametrize(("what", "nodes", "total", "shares"), MACHINES, ids=[row[0] for row in MACHINES])
def test_shares(what, nodes, total, shares):
    found = reserve.by_node({"reservedMemory": reserve.shares(total, machine(*nodes))})
    assert {node: sizes["memory"] for node, sizes in found.items()} == {
        node: size * MIB for node, size in shares.items()
    }


def test_shares_to_the_byte_and_kept_where_they_will_do():
    two = machine((4 * GIB + 4096, 0), (4 * GIB, 0))
    found = reserve.shares(GIB + 123, two)
    assert sum(sizes["memory"] for sizes in reserve.by_node({"reservedMemory": found}).values()) == GIB + 123
    mine = [{"numaNode": 1, "limits": {"memory": str(GIB + 123)}}]
    assert reserve.shares(GIB + 123, two, mine) == mine
    assert reserve.shares(GIB, two, mine) != mine
    assert reserve.shares(GIB + 123, machine((4 * GIB, 0), (GIB, 0)), mine) != mine


@pytest.mark.parametrize(
    ("text", "size"), [("100Mi", 100 * MIB), ("0%", 0), ("100%", 0), (None, 0), ("10%", 858993472), ("5%", 429496736)]
)
def test_thresholds(text, size):
    # 10 % of 8 GiB by a 32 bit number is not 858993459.2
    assert reserve.eviction(text, 8 * GIB) == size


def test_merging_as_a_json_merge_patch():
    assert document.merge({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None}, "d": [2]}) == {"a": {"c": 2}, "d": [2]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a: b", document.EVICTION_DEFAULTS), ("evictionHard: {memory.available: 1Gi}", {"memory.available": "1Gi"})],
)
def test_the_kubelets_own_thresholds(text, expected):
    assert document.of_file(text, "f")["evictionHard"] == expected
    merged = document.of_file(text + "\nmergeDefaultEvictionSettings: true", "f")["evictionHard"]
    assert merged == dict(document.EVICTION_DEFAULTS, **expected)


STATIC = {"cpuManagerPolicy": "static", "reservedSystemCPUs": "0,8", "memoryManagerPolicy": "Static"}
STRICT = dict(STATIC, cpuManagerPolicyOptions={"strict-cpu-reservation": "true"})
ALL, ENTRIES = "0-15", {"pod": {"c": "4-7"}}
CPUS = [
    # config, policy, default, entries, words ("" for a file that fits)
    (STATIC, "static", ALL, {}, ""),
    (STATIC, "static", "0-3,8-15", ENTRIES, ""),
    (STATIC, "static", "", {}, ""),
    (STATIC, "static", "", ENTRIES, "all CPUs"),
    (STATIC, "none", "", {}, "policy none"),
    ({}, "none", "", {}, ""),
    ({}, "static", ALL, {}, "policy static"),
    (STRICT, "static", ALL, {}, "are among those for all"),
    (STRICT, "static", "1-7,9-15", {}, ""),
    (STATIC, "static", "1-7,9-15", {}, "are not among"),
    (STATIC, "static", "0-7,8-14", {}, "other CPUs"),
    (STATIC, "static", ALL, ENTRIES, "CPU 4-7 twice"),
]


@pytest.mark.parametrize(("config", "policy", "default", "entries", "words"), CPUS)
@pytest.mark.parametrize("new", [False, True])
def test_which_cpu_state_a_kubelet_refuses(config, policy, default, entries, words, new):
    data = {"policyName": policy, "defaultCpuSet": default, "entries": entries}
    text = json.dumps({"policyName": "x", "data": json.dumps(data)} if new else data)
    found = checkpoint.stale({checkpoint.CPU: text}, config, machine((4 * GIB, 0), (4 * GIB, 0)))
    assert words in found[checkpoint.CPU] if words else found == {}


def test_which_memory_state_a_kubelet_refuses():
    two = machine((4 * GIB, 2 * MIB), (4 * GIB, 0))
    config = dict(STATIC, reservedMemory=[{"numaNode": 0, "limits": {"memory": "1Gi"}}])
    kept = {0: {"memory": GIB}, 1: {}}
    tables = {str(node): {"memoryMap": checkpoint.tables_of(two.memory[node], kept[node])} for node in (0, 1)}
    text = json.dumps({"policyName": "Static", "machineState": tables})
    assert checkpoint.stale({checkpoint.MEMORY_STATE: text}, config, two) == {}
    assert (
        checkpoint.stale({checkpoint.MEMORY_STATE: text}, {}, two)[checkpoint.MEMORY_STATE] == "it is of policy Static"
    )
    for other in (
        machine((4 * GIB, 0), (4 * GIB, 0)),
        machine((4 * GIB, 2 * MIB)),
        machine((5 * GIB, 0), (4 * GIB, 0)),
    ):
        assert checkpoint.MEMORY_STATE in checkpoint.stale({checkpoint.MEMORY_STATE: text}, config, other)


def test_a_damaged_state_is_removed():
    assert checkpoint.stale({checkpoint.CPU: "{"}, {}, machine((GIB, 0))) == {checkpoint.CPU: checkpoint.DAMAGED}
