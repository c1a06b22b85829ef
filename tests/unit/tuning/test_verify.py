"""The second opinion on how a node is tuned."""

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import tuning

ASKED = {
    "profile": "edge-accelerated",
    "hugepages": [{"size": "2M", "count": 32, "numa_node": 0}, {"size": "1G", "count": 1}],
    "isolated_cpus": "2-3",
    "sysctls": {"net.ipv4.tcp_rmem": "4096 131072 6291456"},
}
RIGHT = {
    "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages": "32",
    "/proc/irq/default_smp_affinity": "3",
    "/proc/irq/24/effective_affinity_list": "1",
    "/proc/irq/25/effective_affinity_list": "",
    "/proc/irq/77/effective_affinity_list": "3",
    "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "performance",
}
FIXED = ["/proc/irq/77/smp_affinity_list"]
SYSCTLS = ["vm.swappiness = 10", "net.ipv4.tcp_rmem = 4096\t131072\t6291456"]
WRONG = [
    ({"/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages": "9"}, "32 asked for, 9 found"),
    ({"/proc/irq/default_smp_affinity": "f"}, "new ones go to CPU 2-3, which is isolated"),
    ({"/proc/irq/24/effective_affinity_list": "2"}, "goes to CPU 2, which is isolated"),
    (
        {"/sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "powersave"},
        "governor performance asked for, powersave found",
    ),
]


def verdict(changes=(), sysctls=(), asked=None):
    """The verdict on the right reading with changes."""
    lines = [f"{path}:{text}" for path, text in dict(RIGHT, **dict(changes)).items()]
    return tuning.tuning(lines, sysctls or SYSCTLS, FIXED, ASKED if asked is None else asked)


def test_right():
    assert verdict() == {"findings": [], "proof": ["IRQs that the kernel keeps on isolated CPUs: 77"]}
    assert verdict(asked={}) == {"findings": [], "proof": []}


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_wrong(changes, words):
    assert [row["what"] for row in verdict(changes)["findings"]] == [words]


def test_sysctls():
    found = [(row["device"], row["what"]) for row in verdict(sysctls=["vm.swappiness = 60"])["findings"]]
    assert found == [
        ("sysctl net.ipv4.tcp_rmem", "4096 131072 6291456 asked for, nothing found"),
        ("sysctl vm.swappiness", "10 asked for, 60 found"),
    ]
