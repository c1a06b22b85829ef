"""The rules on the static policy's options and reserved CPUs against the kubelet's own (tests/oracle).

tests/acceptance/test_kubelet_config.py asks the whole kubelet; this asks what the small oracle has.
"""

import collections
import re

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import options as known
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config import maturity, reserve
from oracle import configured, kubelet

pytestmark = pytest.mark.skipif(
    golang.find() is None, reason="no Go toolchain here: the kubelet's own code cannot be asked"
)
# What NewStaticPolicy looks at.
OTHERS = re.compile("single-numa-node|cannot be used where systemReservedCgroup")
PATHS = ("cpu_manager_policy_options", "reserved_cpus", "system_reserved.cpu")


def question(machine, config):
    """A cpu case of the oracle for a whole configuration."""
    gates = config.get("featureGates") or {}
    return {
        "kind": "cpu",
        "cpus": [row[:4] + [row[2]] for row in machine["cpus"]],
        "options": config.get("cpuManagerPolicyOptions") or {},
        "alpha": maturity.is_open(known.GATE, gates),
        "reserved": cpuset.parse(config.get("reservedSystemCPUs") or ""),
        "reserve": -(-reserve.cpu(config) // 1000),
        "shared": [row[0] for row in machine["cpus"]],
        "request": 1,
        "affinity": None,
    }


def test_options_and_reserved_cpus_as_the_static_policy_has_them():
    asked, ours = [], []
    for machine, base, params, dummy in configured.some(1500, seed=5):
        state = configured.state_of(machine, base)
        dummy_text, config, problems = configured.verdict(dict(params, cpu_manager_policy="static"), state)
        # The beta gate, single-numa-node, cgroups and what is wrong with the words themselves are not this oracle's.
        gates = config and config.get("featureGates", {}).get("CPUManagerPolicyBetaOptions", True)
        if config is None or not gates or any(OTHERS.search(what) for dummy_path, what in problems):
            continue
        if any(not path.startswith(PATHS) for path, dummy_what in problems) or reserve.cpu(config) == 0:
            continue
        asked.append(question(machine, config))
        ours.append((config, problems, state))
    differ, seen = [], collections.Counter()
    for (config, problems, state), real in zip(ours, kubelet.ask(asked)):
        hard = [one for one in problems if not configured.STRICTER.search(one[1])]
        seen[bool(hard), "allocatable" in real] += 1
        if bool(hard) == ("allocatable" in real):
            differ.append((config, problems, real))
        elif not problems:
            free = set(state.machine.cpus.cpus) - reserve.static_policy(config, state.machine).reserved
            if sorted(real["allocatable"]) != sorted(free):
                differ.append((config, sorted(free), real))
    assert differ == []
    assert seen[False, True] >= 300 and seen[True, False] >= 10, seen


def test_options_and_numa_nodes_as_the_topology_manager_has_them():
    asked, ours = [], []
    for machine, base, params, dummy in configured.some(1500, seed=6):
        dummy_text, config, problems = configured.verdict(params, configured.state_of(machine, base))
        wrong = any(path.startswith("topology_manager_policy_options") for path, dummy_what in problems)
        if params["topology_manager_policy"] == "none" or (config is None and not wrong):
            continue  # nothing is looked at there; or it was not looked at yet
        options = (
            params["topology_manager_policy_options"]
            if config is None
            else config.get("topologyManagerPolicyOptions", {})
        )
        case = {
            "kind": "merge",
            "policy": params["topology_manager_policy"],
            "options": options,
            "numa": machine["numa"],
        }
        asked.append(dict(case, providers=[]))
        ours.append(wrong)
    real = ["error" in answer for answer in kubelet.ask(asked)]
    assert [(case, one) for case, one, other in zip(asked, ours, real) if one != other] == []
    assert real.count(False) >= 300 and real.count(True) >= 50
