"""Modules boot and tuning on a real kernel with a real GRUB: a reboot brings all, another takes it."""

import pytest

BOOT = {
    "iommu": "on",
    "isolated_cpus": "3",
    "nohz_full": True,
    "arguments": ['dyndbg="file none.c +p"', "gedge.test=1"],
    "modules": ["ipip"],
    "module_options": {"vfio-pci": {"disable_idle_d3": True}},
}
TUNING = {
    "profile": "edge-accelerated",
    "isolated_cpus": "3",
    "hugepages": [{"size": "2M", "count": 16, "numa_node": 0}, {"size": "2M", "count": 24, "numa_node": 1}],
}
VERIFY = """
- hosts: node1
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: gedge.engine.node_boot, tasks_from: verify}
      vars:
        node_boot_iommu: "on"
        node_boot_isolated_cpus: "3"
        node_boot_nohz_full: true
        node_boot_arguments: ['dyndbg="file none.c +p"', gedge.test=%(value)s]
        node_boot_modules: [ipip]
        node_boot_module_options: {}
    - ansible.builtin.include_role: {name: gedge.engine.node_tuning, tasks_from: verify}
      vars:
        node_tuning_profile: edge-accelerated
        node_tuning_isolated_cpus: "3"
        node_tuning_hugepages: [{size: 2M, count: %(count)d, numa_node: 0}, {size: 2M, count: 24, numa_node: 1}]
    - ansible.builtin.debug: {msg: "{{ node_boot_findings + node_tuning_findings }}"}
"""


def run(lab, name, options, *flags):
    """One run of a module on node1; its only result."""
    return lab.module("node1", f"gedge.engine.{name}", options, *flags).tasks[0][2]


def findings(lab, folder, value, count):
    """What the roles' own verification says."""
    path = folder / "verify.yml"
    path.write_text(VERIFY % {"value": value, "count": count})
    done = lab.playbook(str(path))
    assert done.rc == 0, done.output
    return [row["what"] for row in done.tasks[-1][2]["msg"]]


@pytest.mark.soak
def test_a_reboot_brings_all_that_is_asked_for_and_another_takes_it(bare, look, reboot, tmp_path):
    before = look()
    for name, options in (("boot", BOOT), ("tuning", TUNING)):
        foretold = run(bare, name, options, "--check", "--diff")
        done = run(bare, name, options, "--diff")
        assert done["steps"] == foretold["steps"] and done["changed"]
        assert run(bare, name, options)["steps"] == []
    reboot()
    as_asked(bare)
    for name, options in (("boot", BOOT), ("tuning", TUNING)):
        again = run(bare, name, options, "--check")
        assert (again["steps"], again["reboot_reasons"]) == ([], [])
    assert findings(bare, tmp_path, 1, 16) == []
    assert findings(bare, tmp_path, 2, 17) == ["was started without gedge.test=2", "17 asked for, 16 found"]
    assert run(bare, "boot", {"state": "absent"})["reboot_reasons"]
    assert run(bare, "tuning", {"state": "absent"})["changed"]
    reboot()
    then, now = settings(before), settings(look())
    assert ([line for line in then if line not in now], [line for line in now if line not in then]) == ([], [])
    assert "isolcpus" not in bare.run("node1", "cat /proc/cmdline").stdout


def settings(seen):
    """Lines of files and values without single interrupts and the key of RSS, which each boot deals out anew."""
    files, values = seen
    dealt = ("/smp_affinity_list", "netdev_rss_key")
    return files.splitlines() + [line for line in values.splitlines() if not any(word in line for word in dealt)]


def as_asked(lab):
    """What the kernel itself says after the reboot."""
    cpus = "/sys/devices/system/cpu/isolated /sys/devices/system/cpu/nohz_full"
    found = lab.run("node1", f"cat /proc/cmdline {cpus} /proc/irq/default_smp_affinity").stdout.splitlines()
    line, isolated, nohz_full, affinity = found
    assert "isolcpus=managed_irq,domain,3" in line and "gedge.test=1" in line and "dyndbg=file none.c +p" in line
    assert (isolated, nohz_full, affinity) == ("3", "3", "7")
    pages = "/sys/devices/system/node/node*/hugepages/hugepages-2048kB/nr_hugepages"
    assert lab.run("node1", f"cat {pages}").stdout.split() == ["16", "24"]
    assert lab.run("node1", "sysctl -n vm.swappiness vm.stat_interval").stdout.split() == ["10", "10"]
    moved = "for f in $(grep -l 3 /proc/irq/*/smp_affinity_list); do echo 0-2 2>/dev/null >$f && echo $f; done; true"
    assert lab.run("node1", moved).stdout == ""
    assert lab.run("node1", "ls -d /sys/module/ipip").returncode == 0


def test_an_update_grub_that_fails_is_put_back(bare, look):
    before = look()
    bare.run("node1", "printf '#!/bin/sh\\nexit 1\\n' > /etc/grub.d/01_broken; chmod +x /etc/grub.d/01_broken")
    try:
        failed = run(bare, "boot", {"arguments": ["gedge.test=1"], "modules": ["ipip"]})
    finally:
        bare.run("node1", "rm /etc/grub.d/01_broken")
    assert failed["failed"] and failed["put_back"] and failed["failed_step"]["action"] == "update-grub"
    assert look() == before


def test_what_others_set_is_kept_or_named(bare, look):
    bare.run("node1", "echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX isolcpus=2\"' > /etc/default/grub.d/other.cfg")
    try:
        before = look()
        refused = run(bare, "boot", {"isolated_cpus": "3"})
        assert refused["failed"] and "/etc/default/grub.d/other.cfg: sets isolcpus=2" in refused["msg"]
        assert look() == before
        run(bare, "boot", {"arguments": ["gedge.test=1"]})
        assert "isolcpus=2 gedge.test=1" in bare.run("node1", "cat /boot/grub/grub.cfg").stdout
    finally:
        bare.run("node1", "rm /etc/default/grub.d/other.cfg")


BAD = {
    "no such CPU": ({"isolated_cpus": "9"}, "CPU 9 is not there"),
    "all CPUs": ({"isolated_cpus": "0-3"}, "isolates all CPUs"),
    "too much memory": ({"hugepages": [{"size": "1G", "count": 2}]}, "leave less than"),
    "no such module": ({"modules": ["nope"]}, "there is no module nope"),
    "no such option": ({"module_options": {"vfio-pci": {"nope": 1}}}, "the module has no such option"),
    "two in one": ({"arguments": ["a=1 b=2"]}, "holds 2 arguments"),
}


@pytest.mark.soak
def test_bad_values_leave_the_node_unchanged(bare, look):
    before = look()
    for title, (options, words) in BAD.items():
        refused = run(bare, "boot", options)
        assert refused.get("failed") and words in refused["msg"], (title, refused)
        assert "Traceback" not in str(refused), title
    assert look() == before
