# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Intel FPGAs by the kernel's Device Feature List (DFL): identity, programming, VFs and their driver.

The attributes are those of Documentation/ABI/testing/sysfs-platform-dfl-fme, -port and sysfs-class-fpga-region.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..errors import EngineError
from ..steps import DRAIN, Step
from . import users
from .devices import PCI

PROGRAM, VFS, BIND = "program-bitstream", "set-vf-count", "bind-driver"
ACTIONS = (PROGRAM, VFS, BIND)
VFIO = "vfio-pci"


@dataclass
class Card:
    """What is known of one FPGA function beyond its Device. afu_ids: by port, in order."""

    address: str
    bitstream_id: str = None
    bitstream_metadata: str = None
    interface_id: str = None
    afu_ids: list = field(default_factory=list)
    nodes: list = field(default_factory=list)
    users: list = field(default_factory=list)

    def identity(self):
        """Plain data for a result."""
        keys = ("bitstream_id", "bitstream_metadata", "interface_id", "afu_ids")
        return {key: getattr(self, key) for key in keys}


def observe(system, found):
    """{address: Card} of the devices."""
    cards = {device.address: _card(system, device.address) for device in found}
    if cards:
        pods = users.pods(system)
        opened = users.openers(system, r"/dev/(dfl-(fme|port)\.\d+|vfio/\d+)")
        for device in found:
            group = system.link_name("%s/%s/iommu_group" % (PCI, device.address))
            paths = cards[device.address].nodes + ["/dev/vfio/%s" % group]
            cards[device.address].users = [who for path in paths for who in opened.get(path, [])]
            for address in [device.address] + device.vfs:
                cards[device.address].users += pods.get(address, [])
    return cards


def _card(system, address):
    card = Card(address)
    for region in _named(system, "%s/%s/fpga_region" % (PCI, address), r"region\d+"):
        for engine in _named(system, region, r"dfl-fme\.\d+"):
            card.bitstream_id = system.read(engine + "/bitstream_id")
            card.bitstream_metadata = system.read(engine + "/bitstream_metadata")
            card.nodes.append("/dev/" + engine.rsplit("/", 1)[1])
            for part in _named(system, engine, r"dfl-fme-region\.\d+"):
                for inner in _named(system, part + "/fpga_region", r"region\d+"):
                    card.interface_id = plain(system.read(inner + "/compat_id"))
        for port in _named(system, region, r"dfl-port\.\d+"):
            card.afu_ids.append(plain(system.read(port + "/afu_id")))
            card.nodes.append("/dev/" + port.rsplit("/", 1)[1])
    return card


def _named(system, folder, pattern):
    return ["%s/%s" % (folder, name) for name in system.list(folder) if re.fullmatch(pattern, name)]


def plain(text):
    """An id as the kernel writes it: 32 hex digits without hyphens, in lower case; None stays None."""
    return text if text is None else text.replace("-", "").lower()


def program_steps(found, cards, bitstreams):
    """Steps for cards whose identity differs. bitstreams: the option fpga.bitstreams. Raises EngineError."""
    made = []
    for index, item in enumerate(bitstreams):
        place = "fpga.bitstreams[%d]" % index
        for device in _meant(found, item, place):
            card = cards[device.address]
            if not card.afu_ids:
                advice = "Load the DFL driver first (see the warnings), or leave fpga.bitstreams out"
                raise EngineError("the kernel shows no DFL port, so nobody knows what is programmed", place, advice)
            asked = plain(item["afu_id"])
            if asked in card.afu_ids:
                continue
            _fits(card, item, place)
            if card.users:
                what = "FPGA %s is used by %s" % (device.address, ", ".join(card.users))
                raise EngineError(what, place, "End them, or drain the node, first")
            reason = "another bitstream is asked for"
            detail = {"sha256": item["sha256"], "address": device.address}
            made.append(
                Step("FPGA " + device.address, PROGRAM, reason, DRAIN, ", ".join(card.afu_ids), asked, detail=detail)
            )
    return made


def _fits(card, item, place):
    asked = plain(item.get("interface_id"))
    if asked and card.interface_id and asked != card.interface_id:
        what = "is made for interface %s, the card has %s" % (asked, card.interface_id)
        raise EngineError(what, place, "Take the bitstream that was built for this card's static region")


def _meant(found, item, place):
    physical = [device for device in found if device.parent is None]
    if not item.get("address"):
        return physical
    chosen = [device for device in physical if device.address == item["address"].lower()]
    if not chosen:
        raise EngineError("no FPGA of the catalogue sits at %s" % item["address"], place + ".address")
    return chosen


def vf_steps(found, cards, count):
    """Steps to the number of VFs on each PF that can have some. count: int, None to leave it. Raises EngineError."""
    made = []
    for device in found:
        if count is None or device.parent or not device.total_vfs or len(device.vfs) == count:
            continue
        if count > device.total_vfs:
            raise EngineError("has %d VFs at most" % device.total_vfs, "FPGA %s" % device.address, "Lower fpga.vfs")
        if device.vfs and cards[device.address].users:
            what = "its VFs are used by %s" % ", ".join(cards[device.address].users)
            raise EngineError(what, "FPGA %s" % device.address, "End them, or drain the node, first")
        made.append(Step(device.address, VFS, "asked for", DRAIN if device.vfs else "none", len(device.vfs), count))
    return made


def bind_steps(found, wanted, cards):
    """Steps to the driver of functions, {address: driver}. Raises EngineError for one in use."""
    by_address, made = {device.address: device for device in found}, []
    for address, driver in sorted(wanted.items()):
        device = by_address.get(address)
        now = device.driver if device else None
        if now == driver:
            continue
        if device and cards[address].users:
            what = "is used by %s" % ", ".join(cards[address].users)
            raise EngineError(what, "FPGA %s" % address, "End them, or drain the node, first")
        made.append(Step(address, BIND, "asked for", DRAIN if now else "none", now, driver))
    return made


def apply(system, step):
    """Carry out a step of VFS or BIND."""
    place = "%s/%s" % (PCI, step.target)
    if step.action == VFS:
        if step.before:
            system.write_kernel(place + "/sriov_numvfs", 0)
        if step.after:
            system.write_kernel(place + "/sriov_numvfs", step.after)
        return
    if step.after == VFIO:
        system.run(["modprobe", VFIO])
    system.write_kernel(place + "/driver_override", step.after or "\n")
    if system.link(place + "/driver") is not None:
        system.write_kernel(place + "/driver/unbind", step.target)
    if step.after:
        system.write_kernel("/sys/bus/pci/drivers_probe", step.target)


def program(system, step, path):
    """Program a file of the node with OPAE's fpgaconf: partial reconfiguration, gone with the next power cycle."""
    system.run(["fpgaconf"] + _place(step.detail["address"]) + [path])


def _place(address):
    """The words by which fpgaconf knows a card."""
    domain, bus, rest = address.split(":")
    slot, function = rest.split(".")
    return ["-S", "0x" + domain, "-B", "0x" + bus, "-D", "0x" + slot, "-F", "0x" + function]


def vf_addresses(system, device, count):
    """Where the first VFs of a PF will be: SR-IOV capability, First VF Offset and VF Stride."""
    offset, stride = (system.read("%s/%s/sriov_%s" % (PCI, device.address, name)) for name in ("offset", "stride"))
    if not (offset or "").isdigit() or not (stride or "").isdigit():
        return list(device.vfs)
    domain, bus, rest = device.address.split(":")
    first = (int(bus, 16) << 8) + (int(rest[:2], 16) << 3) + int(rest[3]) + int(offset)
    numbers = [first + index * int(stride) for index in range(count)]
    return ["%s:%02x:%02x.%d" % (domain, number >> 8, number >> 3 & 31, number & 7) for number in numbers]


def rules(found, count):
    """Lines of a udev rule that makes the VFs again at boot, once the PF's driver is bound."""
    lines = []
    for device in found:
        if count and not device.parent and device.total_vfs:
            words = 'ACTION=="bind", SUBSYSTEM=="pci", KERNEL=="%s", ATTR{sriov_numvfs}=="0", ATTR{sriov_numvfs}="%d"'
            lines.append(words % (device.address, count))
    return lines


def unit(found, bitstreams, path_of):
    """Text of the unit that programs again after a power cycle, "" where nothing is asked. path_of: SHA-256 -> path."""
    lines = []
    for item in bitstreams:
        for device in (one for one in found if one.parent is None and item.get("address") in (None, one.address)):
            ports = "%s/%s/fpga_region/region*/dfl-port.*/afu_id" % (PCI, device.address)
            words = " ".join(["fpgaconf"] + _place(device.address) + [path_of(item["sha256"])])
            lines.append("ExecStart=/bin/sh -c 'grep -qis %s %s || %s'" % (plain(item["afu_id"]), ports, words))
    if not lines:
        return ""
    head = ["# Written by the gedge.engine accelerator module; changes here are lost.", "[Unit]"]
    head += ["Description=Bitstreams of the FPGAs", "After=systemd-modules-load.service systemd-udev-settle.service"]
    head += ["Before=kubelet.service", "", "[Service]", "Type=oneshot", "RemainAfterExit=yes"]
    return "\n".join(head + lines + ["", "[Install]", "WantedBy=multi-user.target", ""])


def modprobe(ids):
    """Lines of modprobe.d that give devices ("8086:0b2c") to vfio-pci at boot, before dfl-pci may take them."""
    return ["options vfio-pci ids=%s" % ",".join(sorted(ids)), "softdep dfl-pci pre: vfio-pci"] if ids else []
