# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The command line of a VM: pure, from its spec and from where its files lie."""

from __future__ import annotations

import os

from ..errors import EngineError
from .bridges import BRIDGE_BUS
from .vswitch.server import socket_name

OLDEST = (8, 0)
RECONNECT_MS = (9, 2)
SOCKET_PATH_LIMIT = 107
FIRMWARE = "opt/gedge.engine/"

# What stands in for the hardware. None of them has firmware of its own to run.
STAND_INS = {
    "gpu": "ati-vga,model=rv100,romfile=",
    "fpga": "edu",
    "accelerator": "pci-testdev",
}


class Place:
    """Where the files of one VM lie, and how it runs."""

    def __init__(self, folder, switch, image, public_key, accel, version, ssh_port, program="qemu-system-x86_64"):
        """folder: the VM's own; switch: the folder with the switch's sockets; image: the image's folder;
        accel: "kvm" or "tcg"; version: of QEMU, as (major, minor); ssh_port: on 127.0.0.1."""
        self.folder, self.switch, self.image, self.public_key = folder, switch, image, public_key
        self.accel, self.version, self.ssh_port, self.program = accel, version, ssh_port, program

    def file(self, name):
        """A file in the VM's folder."""
        return os.path.join(self.folder, name)


def argv(spec, place):
    """The whole command line. Raises EngineError where a socket's path would be too long."""
    words = [place.program, "-name", spec["name"], "-pidfile", place.file("pid")]
    for part in (machine, firmware, storage, management, bridges, devices, terminal):
        words += part(spec, place)
    return words


def machine(spec, place):
    """Two sockets, two NUMA nodes with their distances, an IOMMU with interrupt remapping."""
    cpus, half = spec["cpus"], spec["cpus"] // 2
    kvm = place.accel == "kvm"
    words = ["-accel", "kvm" if kvm else "tcg,thread=single", "-cpu", "host" if kvm else "max"]
    # Interrupt remapping beside KVM needs the I/O APIC in QEMU.
    words += ["-machine", "q35,kernel-irqchip=split" if kvm else "q35", "-uuid", spec["uuid"]]
    words += ["-smp", "%d,sockets=2,cores=%d,threads=1" % (cpus, half), "-m", "%dM" % spec["memory"]]
    for node in (0, 1):
        words += ["-object", "memory-backend-ram,id=ram%d,size=%dM" % (node, spec["memory"] // 2)]
        words += ["-numa", "node,nodeid=%d,cpus=%d-%d,memdev=ram%d" % (node, node * half, node * half + half - 1, node)]
    words += ["-numa", "dist,src=0,dst=1,val=21"]
    return words + ["-device", "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on,aw-bits=48"]


def firmware(spec, place):
    """GRUB packed as a kernel: it reads the guest's own grub.cfg. The guest's name and key come by fw_cfg."""
    return [
        "-kernel",
        os.path.join(place.image, "grub.lnx"),
        "-fw_cfg",
        "name=%shostname,string=%s" % (FIRMWARE, spec["name"]),
        "-fw_cfg",
        "name=%sauthorized_keys,file=%s" % (FIRMWARE, place.public_key),
    ]


def storage(spec, place):
    """The root disk, an overlay of the image."""
    disk = "if=none,id=root,file=%s,format=qcow2,cache=unsafe,discard=unmap" % place.file("root.qcow2")
    return ["-drive", disk, "-device", "virtio-blk-pci,drive=root,bus=pcie.0,bootindex=1"]


def management(spec, place):
    """mgmt0: user-mode network, SSH only."""
    return [
        "-netdev",
        "user,id=mgmt,hostfwd=tcp:127.0.0.1:%d-:22" % place.ssh_port,
        "-device",
        "virtio-net-pci,netdev=mgmt,mac=%s,romfile=,bus=pcie.0" % spec["mac"],
    ]


def bridges(spec, place):
    """A PCI host bridge per NUMA node, a root port per device."""
    words = []
    for node, bus in enumerate(BRIDGE_BUS):
        words += ["-device", "pxb-pcie,id=pxb%d,bus_nr=%d,numa_node=%d,bus=pcie.0" % (node, bus, node)]
    for device in spec["devices"]:
        slot, node, bridge = device["slot"], device["numa_node"], "pxb%d" % device["numa_node"]
        if device.get("own_bridge"):
            bridge, bus = "pxb-%s" % root_port(device), device["bus"] - 1
            words += ["-device", "pxb-pcie,id=%s,bus_nr=%d,numa_node=%d,bus=pcie.0" % (bridge, bus, node)]
        port = "pcie-root-port,id=%s,bus=%s,chassis=%d,slot=%d,addr=%x.0"
        words += ["-device", port % (root_port(device), bridge, slot, slot, device["index"])]
    return words


def root_port(device):
    """The id of the root port that a device sits on."""
    return "rp%02x" % device["bus"]


def devices(spec, place):
    """The devices themselves."""
    words = []
    for device in spec["devices"]:
        if device["kind"] == "nic":
            words += nic(device, place)
        elif device["kind"] == "nvme":
            words += nvme(spec, device, place)
        else:
            words += ["-device", "%s,bus=%s" % (STAND_INS[device["kind"]], root_port(device))]
    return words


def nic(device, place):
    """A dual-port igb: function 0 and 1 of one device, seven VFs each."""
    by_function = {port["function"]: port for port in device["ports"]}
    words = []
    for function in (0, 1):
        port = by_function.get(function, {})
        card = "igb,bus=%s,addr=0.%d" % (root_port(device), function)
        if function == 0:
            card += ",multifunction=on,x-pcie-ari-nextfn-1=on"
        if port.get("link"):
            wire = "%s-%d" % (root_port(device), function)
            words += ["-netdev", netdev(wire, port["link"], place)]
            card += ",netdev=" + wire
        card += ",mac=" + (port.get("mac") or device["spare_macs"][str(function)])
        words += ["-device", card]
    return words


def netdev(wire, link, place):
    """A cable into the switch: a stream on a unix socket that reconnects by itself."""
    path = os.path.join(place.switch, socket_name(link))
    if len(path.encode()) > SOCKET_PATH_LIMIT:
        raise EngineError(
            "the path of a unix socket may have %d bytes, this one has %d" % (SOCKET_PATH_LIMIT, len(path.encode())),
            path,
            "Set lab_dir to a shorter path",
        )
    again = "reconnect-ms=500" if place.version >= RECONNECT_MS else "reconnect=1"
    return "stream,id=%s,server=off,addr.type=unix,addr.path=%s,%s" % (wire, path, again)


def nvme(spec, device, place):
    """An NVMe disk of 1 GiB, sparse."""
    name = device["name"]
    drive = "if=none,id=%s,file=%s,format=raw,cache=unsafe" % (name, place.file(name + ".img"))
    card = "nvme,id=%s-card,serial=LAB-%s-%s,drive=%s,bus=%s,use-intel-id=on"
    return ["-drive", drive, "-device", card % (name, spec["name"][:8].upper(), name, name, root_port(device))]


def terminal(spec, place):
    """The serial line into a file, QMP on a socket, no display."""
    return [
        "-vga",
        "none",
        "-display",
        "none",
        "-monitor",
        "none",
        "-parallel",
        "none",
        "-serial",
        "file:" + place.file("serial.log"),
        "-qmp",
        "unix:%s,server=on,wait=off" % place.file("qmp.sock"),
    ]


def parse_version(text):
    """(major, minor) of `qemu-system-x86_64 --version`, None where it is not that."""
    for word in text.split():
        numbers = word.split(".")
        if len(numbers) >= 2 and numbers[0].isdigit() and numbers[1].isdigit():
            return int(numbers[0]), int(numbers[1])
    return None
