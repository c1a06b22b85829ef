# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A topology -> the files of sysfs, procfs and the distribution that a node with it has. Pure."""

from __future__ import annotations

from ...module_utils.cpuset import render

PCI = "/sys/bus/pci/devices"
CPU = "/sys/devices/system/cpu"
NODE = "/sys/devices/system/node"
SYSCTLS = "/proc/sys/"
GRUB_CFG = """\
### BEGIN /etc/grub.d/10_linux ###
\tlinux\t/boot/vmlinuz root=/dev/sda1 ro quiet
### END /etc/grub.d/10_linux ###
"""
DISTRIBUTION = {
    "/proc/cmdline": "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet",
    "/boot/grub/grub.cfg": GRUB_CFG,
    "/usr/sbin/update-grub": "",
    "/usr/sbin/driverctl": "",
    "/usr/lib/systemd/network/99-default.link": "[Match]\nOriginalName=*\n\n[Link]\nMACAddressPolicy=persistent\n",
}
INTEL, AMD = "8086", "1022"


def files_of(topology):
    """({path: text}, {path: text of the link}) of a topology."""
    files, links = dict(DISTRIBUTION), {}
    cpus = topology.get("cpus") or []
    files[CPU + "/present"] = render(cpu["cpu"] for cpu in cpus)
    files[CPU + "/online"] = render(cpu["cpu"] for cpu in cpus if cpu.get("online", True))
    files[CPU + "/isolated"] = isolated = render(cpu["cpu"] for cpu in cpus if cpu.get("isolated"))
    if isolated:
        files["/proc/cmdline"] += " isolcpus=managed_irq,domain,%s" % isolated
    files["/proc/cpuinfo"] = "vendor_id\t: %s\nflags\t\t: pdpe1gb\n" % _vendor(topology)
    files["/proc/irq/default_smp_affinity"] = _mask(cpus)
    files["/proc/meminfo"] = _memory(topology, files)
    for device in topology.get("pci_devices") or []:
        # As sysfs has it: the real folder below its bridges, and a link to it. Both hold the files: no link to follow.
        real = "/".join(["/sys/devices", *(device.get("pcie_path") or ["pci0000:00"]), device["address"]])
        links["%s/%s" % (PCI, device["address"])] = "../../.." + real[len("/sys") :]
        for folder in (real, "%s/%s" % (PCI, device["address"])):
            _device(device, folder, files, links)
    return files, links


def _mask(cpus):
    digits = "%x" % sum(1 << cpu["cpu"] for cpu in cpus)
    width = -(-len(digits) // 8) * 8
    digits = digits.zfill(width)
    return ",".join(digits[start : start + 8] for start in range(0, width, 8))


def _vendor(topology):
    """AMD's own devices are in AMD's machines only; the topology does not name the CPU."""
    vendors = {device.get("vendor") for device in topology.get("pci_devices") or []}
    return "AuthenticAMD" if AMD in vendors else "GenuineIntel"


def _memory(topology, files):
    """The text of /proc/meminfo; files: grows by the NUMA nodes."""
    total = 0
    for node in topology.get("numa_nodes") or []:
        folder = "%s/node%d" % (NODE, node["node"])
        kib = (node.get("memory_bytes") or 0) // 1024
        taken = 0
        files[folder + "/cpulist"] = render(node.get("cpus") or [])
        files[folder + "/meminfo"] = "Node %d MemTotal:       %d kB\n" % (node["node"], kib)
        for size, pages in (node.get("hugepages") or {}).items():
            count = pages.get("total") or 0
            taken += count * int(size[:-2])
            files["%s/hugepages/hugepages-%s/nr_hugepages" % (folder, size)] = str(count)
            files["%s/hugepages/hugepages-%s/free_hugepages" % (folder, size)] = str(pages.get("free", count))
        total += kib - taken
    return "MemTotal:       %d kB\nMemAvailable:   %d kB\n" % (total, total)


def _device(device, folder, files, links):
    for name in ("vendor", "device", "class"):
        files["%s/%s" % (folder, name)] = "0x%s" % device.get(name)
    files[folder + "/numa_node"] = str(device.get("numa_node", -1))
    if device.get("driver"):
        links[folder + "/driver"] = "../../../../bus/pci/drivers/%s" % device["driver"]
    # A topology that was read with volatile: false says nothing of groups: the IOMMU is then taken to be off.
    if device.get("iommu_group") is not None:
        links[folder + "/iommu_group"] = "../../../../kernel/iommu_groups/%d" % device["iommu_group"]
    for name in device.get("net") or []:
        files["%s/net/%s/address" % (folder, name)] = "02:00:00:00:00:00"
        files["/sys/class/net/%s/address" % name] = "02:00:00:00:00:00"
        files["/sys/class/net/%s/carrier" % name] = "1"
        links["/sys/class/net/%s/device" % name] = folder
    for name in device.get("rdma") or []:
        files["%s/infiniband/%s/node_type" % (folder, name)] = "1: CA"
        links["/sys/class/infiniband/%s/device" % name] = folder
    _sriov(device.get("sriov") or {}, folder, files, links)


def _sriov(sriov, folder, files, links):
    if sriov.get("role") == "vf":
        links[folder + "/physfn"] = "../%s" % sriov["pf"]
    if sriov.get("role") != "pf":
        return
    numbers = {"totalvfs": sriov["total"], "numvfs": sriov["num"], "drivers_autoprobe": 1}
    # The card's own; where an older topology does not have them: 128 and 2, those of Intel's 82576, 82599 and X710.
    numbers.update(offset=sriov.get("offset") or 128, stride=sriov.get("stride") or 2)
    for name, value in numbers.items():
        files["%s/sriov_%s" % (folder, name)] = str(value)
    for index, address in enumerate(sriov.get("vfs") or []):
        links["%s/virtfn%d" % (folder, index)] = "../%s" % address
