"""Module tuning on a real kernel: hugepages, interrupts, sysctls, without a reboot (see ../boot for that)."""

import pytest

pytestmark = pytest.mark.soak

PAGES = [{"size": "2M", "count": 16, "numa_node": 0}, {"size": "2M", "count": 24, "numa_node": 1}]
ASKED = {
    "profile": "edge-accelerated",
    "isolated_cpus": "2-3",
    "hugepages": PAGES,
    "sysctls": {"vm.max_map_count": 99999},
}


def tuning(lab, options, *flags):
    """One run of the module on node1; its only result."""
    return lab.module("node1", "gedge.engine.tuning", options, *flags).tasks[0][2]


def test_check_foretells_the_run_and_absent_restores(bare, look):
    before = look()
    foretold = tuning(bare, ASKED, "--check", "--diff")
    assert look() == before
    done = tuning(bare, ASKED, "--diff")
    assert done["steps"] == foretold["steps"] and done["diff"] == foretold["diff"]
    pages = "/sys/devices/system/node/node*/hugepages/hugepages-2048kB/nr_hugepages"
    assert bare.run("node1", f"cat {pages}").stdout.split() == ["16", "24"]
    assert bare.run("node1", "cat /proc/irq/default_smp_affinity").stdout.strip() == "3"
    assert "nvme0q" in str(done["refused_irqs"])  # a managed one: each queue belongs to a CPU
    assert tuning(bare, ASKED)["steps"] == []
    assert tuning(bare, {"state": "absent"})["changed"]
    assert look() == before
    assert tuning(bare, {"state": "absent"})["steps"] == []


def test_interrupts_of_new_vfs_avoid_the_isolated_cpus(bare, look):
    tuning(bare, {"isolated_cpus": "2-3"})
    vfs = "/sys/bus/pci/devices/0000:21:00.0/sriov_numvfs"
    before = int(bare.run("node1", f"cat {vfs}").stdout)
    if before:
        pytest.skip("the node has VFs of another test")
    try:
        bare.run(
            "node1", f"echo 1 > {vfs}; sleep 2; ip link set $(ls /sys/bus/pci/devices/0000:21:10.0/net) up; sleep 1"
        )
        names = bare.run("node1", "grep -E '0000:21:10.0|ens1f0v0' /proc/interrupts | cut -d: -f1").stdout.split()
        assert names
        for number in names:
            assert (
                bare.run("node1", f"grep -c '[23]' /proc/irq/{number}/smp_affinity_list", check=False).stdout.strip()
                == "0"
            )
        assert tuning(bare, {"isolated_cpus": "2-3"})["steps"] == []
    finally:
        bare.run("node1", f"echo 0 > {vfs}")


def test_a_sysctl_that_the_kernel_refuses_is_put_back(bare, look):
    before = look()
    failed = tuning(bare, {"hugepages": PAGES, "sysctls": {"vm.swappiness": 9999}})
    assert failed["failed"] and failed["put_back"] and failed["failed_step"]["target"] == "/proc/sys/vm/swappiness"
    assert "Invalid argument" in failed["msg"]
    assert look() == before


BAD = {
    "too many pages": ({"hugepages": [{"size": "2M", "count": 900}]}, "leave less than"),
    "more than is free": ({"hugepages": [{"size": "2M", "count": 700, "numa_node": 0}]}, "NUMA node 0, which has"),
    "no such size": ({"hugepages": [{"size": "16M", "count": 1, "numa_node": 0}]}, "no pages of 16384 KiB"),
    "no such sysctl": ({"sysctls": {"vm.swapiness": 1}}, "this kernel has no such sysctl"),
    "no such CPU": ({"isolated_cpus": "9"}, "CPU 9 is not there"),
}


def test_bad_values_leave_the_node_unchanged(bare, look):
    before = look()
    for title, (options, words) in BAD.items():
        refused = tuning(bare, options)
        assert refused.get("failed") and words in refused["msg"], (title, refused)
        assert "Traceback" not in str(refused), title
    assert look() == before
