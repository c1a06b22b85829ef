"""A node made of files and a small model of the kernel's SR-IOV: what igb, igbvf and vfio-pci do on Linux 6.1.

Reading goes through the real System over a tree of files; the writes and commands that the kernel answers are answered
here. A test can break the n-th change (break_at) by a refusal or by death."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
from dataclasses import dataclass, field

from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

PCI = "/sys/bus/pci/devices"
DRIVERS = "/sys/bus/pci/drivers"
NO_MAC = "00:00:00:00:00:00"
MAX_MTU = 9216
LINK = (
    "NamePolicy=keep kernel database onboard slot path\n"
    "AlternativeNamesPolicy=database onboard slot path\n"
    "MACAddressPolicy=persistent\n"
)
REFUSED = CommandResult(2, "", "RTNETLINK answers: Operation not supported\n")
INVALID = CommandResult(2, "", "RTNETLINK answers: Invalid argument\n")
DONE = CommandResult(0, "", "")


class Killed(BaseException):
    """The module died here: kill -9 leaves no chance to clean up."""


def changed(before, node):
    """{what: (before, now)} where a node differs from a snapshot, but for the MACs that nobody gave."""
    old, new = _comparable(before), _comparable(node.snapshot())
    return {key: (old.get(key), new.get(key)) for key in set(old) | set(new) if old.get(key) != new.get(key)}


def _comparable(snapshot):
    made_up = re.compile("02:aa:00:00:00:..|" + NO_MAC)
    return {key: made_up.sub("made up", str(value)) for key, value in snapshot.items()}


@dataclass
class FakeVf:
    """What the kernel holds of a VF. admin: as the PF holds it; given: the PF set the MAC, not the VF's driver."""

    index: int
    address: str
    admin: dict = field(default_factory=lambda: dict(DEFAULTS))
    given: bool = False
    driver: str | None = None
    override: str = "(null)"
    own_mac: str | None = None
    mtu: int | None = None
    elsewhere: bool = False  # its device was moved into another network namespace
    addresses: list = field(default_factory=list)


DEFAULTS = {
    "mac": NO_MAC,
    "vlan": 0,
    "qos": 0,
    "spoofchk": True,
    "trust": False,
    "min_tx_rate": 0,
    "max_tx_rate": 0,
    "state": "auto",
}


@dataclass
class FakePf:
    """What the kernel holds of a PF. driver None: it has no network device; cable: whether up means carrier."""

    address: str
    name: str
    numa_node: int = 0
    driver: str | None = "igb"
    device: str = "10c9"
    total: int = 7
    mtu: int = 1500
    up: bool = False
    cable: bool = True
    iommu: bool = True
    autoprobe: int = 1
    vfs: list = field(default_factory=list)


class FakeNode(System):
    """A System below a folder, with PFs. ignored: keys of VFs that the driver accepts and does not set."""

    def __init__(self, folder, pfs, ignored=(), refused=()):
        super().__init__(str(folder))
        self.pfs = {pf.address: pf for pf in pfs}
        self.ignored, self.refused = set(ignored), {"state"} | set(refused)
        self.management = "mgmt0"
        self.loaded = set()
        self.log = []
        self.breaking = None
        self.own_macs = 0
        self._furnish()

    # -- for tests

    def break_at(self, number, error):
        """The change of that number (from 0) ends with error: Killed, or EngineError for a refusal."""
        self.log.clear()
        self.breaking = (number, error)

    def made(self, address, count, drivers=()):
        """Make VFs as an operator would by sysfs, and bind some to vfio-pci: drivers {index: "vfio-pci" or None}."""
        pf = self.pfs[address]
        self._set_count(pf, count)
        for index, driver in dict(drivers).items():
            vf = pf.vfs[index]
            if vf.driver:
                self._release(pf, vf)
            if driver:
                self.loaded.add(driver)
                vf.override = driver
                self._probe(pf, vf)
            self._show_vf(pf, vf)
        return pf

    def snapshot(self):
        """{what: value} of all that a person can see: files, links, what iproute2 says; no baseline."""
        seen = {"ip link show " + link["ifname"]: link for link in self._links()}
        for folder, folders, names in os.walk(self.root):
            for name in names + folders:
                path = pathlib.Path(folder, name)
                if path.is_symlink():
                    seen[str(path)[len(self.root) :]] = "-> " + os.readlink(path)
                elif path.is_file() and name not in ("sriov.json", "gedge.lock"):
                    seen[str(path)[len(self.root) :]] = path.read_text()
        return seen

    def leftovers(self):
        """Drafts and pending markers that no finished run may leave."""
        found = pathlib.Path(self.root).rglob("*")
        return [path.name for path in found if path.name.endswith((".gedge-tmp", ".pending"))]

    def text(self, path):
        """The text of a file of the node."""
        return pathlib.Path(self.path(path)).read_text()

    def put(self, path, text):
        """A file of the node that somebody else made."""
        target = pathlib.Path(self.path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    # -- System: every change can be broken

    def _change(self, what):
        self.log.append(what)
        if self.breaking and len(self.log) - 1 == self.breaking[0]:
            error, self.breaking = self.breaking[1], None
            raise error

    def write_kernel(self, path, value):
        self._change("kernel %s %s" % (path, value))
        self._kernel(path, str(value))

    def write_file(self, path, text, mode=0o644):
        self._change("file %s" % path)
        if self.breaking and self.breaking == (len(self.log), Killed):
            self.put(path + ".gedge-tmp", text[: len(text) // 2])  # death in the middle of the draft
        self._change("rename %s" % path)
        super().write_file(path, text, mode)

    def write_link(self, path, target):
        self._change("link %s" % path)
        super().write_link(path, target)

    def remove_file(self, path):
        self._change("remove %s" % path)
        super().remove_file(path)

    def run(self, argv, check=True):
        assert all(isinstance(word, str) for word in argv), argv
        result = self._answer(argv)
        if check and result.rc:
            raise EngineError("rc %d: %s" % (result.rc, result.err.strip()), " ".join(argv))
        return result

    # -- commands

    def _answer(self, argv):
        if argv[:2] == ["systemctl", "--version"]:
            return CommandResult(0, "systemd 252 (252.39-1~deb12u1)\n", "")
        if "show" in argv or "get" in argv:
            return CommandResult(0, json.dumps(self._shown(argv)), "")
        try:
            self._change(" ".join(argv))
        except EngineError as error:
            return CommandResult(1, "", error.text())
        if argv[0] == "ip":
            return self._ip_link_set(argv[argv.index("dev") + 1], argv[argv.index("dev") + 2 :])
        if argv[0] == "modprobe":
            self.loaded.add("igbvf" if "v00008086d000010CA" in argv[1] else argv[1])
        return DONE

    def _shown(self, argv):
        if "link" in argv:
            return self._links()
        if "route" in argv:
            return [] if "-6" in argv else [{"dst": "default", "dev": self.management}]
        return [
            {"ifname": name, "addr_info": [{"family": "inet", "scope": "global", "local": one, "prefixlen": 24}]}
            for name, dummy, vf in self._vf_netdevs()
            for one in vf.addresses
        ]

    def _ip_link_set(self, name, words):
        pf = next((pf for pf in self.pfs.values() if pf.driver and pf.name == name), None)
        if pf and words[0] == "vf":
            index = int(words[1])
            return self._set_vf(pf, pf.vfs[index], words[2:]) if index < len(pf.vfs) else INVALID
        if pf:
            return self._set_pf(pf, words)
        found = [(pf, vf) for netdev, pf, vf in self._vf_netdevs() if netdev == name]
        return self._set_netdev(*found[0], words) if found else CommandResult(1, "", "Cannot find device\n")

    def _set_pf(self, pf, words):
        if words[0] == "mtu":
            if int(words[1]) > MAX_MTU:
                return INVALID
            pf.mtu = int(words[1])
        else:
            pf.up = words[0] == "up"
        self._show_pf(pf)
        return DONE

    def _set_vf(self, pf, vf, words):
        """One message; the kernel sets one after the other and stops at the first refusal."""
        for key, text in zip(words[::2], words[1::2]):
            value = {"on": True, "off": False}.get(text, int(text) if text.isdigit() else text)
            if key in self.refused:
                return REFUSED
            if (key == "min_tx_rate" or (key == "max_tx_rate" and not (pf.up and pf.cable))) and value:
                return INVALID
            if key in self.ignored:
                continue
            vf.admin[key] = value
            if key == "mac":
                vf.given = value != NO_MAC
        return DONE

    def _set_netdev(self, pf, vf, words):
        if words[0] == "mtu":
            vf.mtu = int(words[1])
        elif pf.up and vf.given:
            return INVALID  # igb: "attempted to override administratively set MAC address"
        else:
            vf.own_mac = words[1]
            vf.admin["mac"] = words[1] if pf.up else vf.admin["mac"]
        self._show_vf(pf, vf)
        return DONE

    # -- the kernel

    def _kernel(self, path, value):
        owner, name = path.rsplit("/", 1)
        if path == "/sys/bus/pci/drivers_probe":
            return self._probe(*self._vf_at(value))
        if owner.endswith("/driver"):
            return self._release(*self._vf_at(value))
        address = owner.rsplit("/", 1)[1]
        if name == "driver_override":
            pf, vf = self._vf_at(address)
            vf.override = value.strip() or "(null)"
            return self._show_vf(pf, vf)
        pf = self.pfs[address]
        if name == "sriov_drivers_autoprobe":
            pf.autoprobe = int(value)
            return self._show_pf(pf)
        assert name == "sriov_numvfs", path
        return self._set_count(pf, int(value))

    def _set_count(self, pf, count):
        if count > pf.total or (count and pf.vfs and count != len(pf.vfs)):
            raise EngineError("the kernel refused: Device or resource busy", pf.address)
        if count == len(pf.vfs):
            return
        for vf in pf.vfs:
            self._hide_vf(pf, vf)
            os.unlink(self.path("%s/%s/virtfn%d" % (PCI, pf.address, vf.index)))
        bus, slot = pf.address[5:7], 16 + int(pf.address[-1])  # the lab's 82576: offset 128, stride 2
        places = [(index, slot + (2 * index >> 3), 2 * index & 7) for index in range(count)]
        pf.vfs = [FakeVf(index, "0000:%s:%02x.%d" % (bus, slot, function)) for index, slot, function in places]
        for vf in pf.vfs:
            self._link("%s/%s/virtfn%d" % (PCI, pf.address, vf.index), "../" + vf.address)
            self._probe(pf, vf)
        self._show_pf(pf)

    def _probe(self, pf, vf):
        """The kernel looks for a driver; with autoprobe off a VF gets none but an overriding one."""
        driver = vf.override if vf.override != "(null)" else "igbvf"
        if vf.driver is None and (pf.autoprobe or vf.override != "(null)"):
            if driver == "vfio-pci" and not (pf.iommu and driver in self.loaded):
                driver = None
            vf.driver = driver
            if driver == "igbvf":
                self._new_netdev(pf, vf)
        self._show_vf(pf, vf)

    def _new_netdev(self, pf, vf):
        """igbvf asks its PF for the MAC; without an answer (PF down) or one, it makes one up."""
        vf.mtu, vf.own_mac = 1500, vf.admin["mac"]
        if not pf.up or vf.own_mac == NO_MAC:
            self.own_macs += 1
            vf.own_mac = "02:aa:00:00:00:%02x" % (self.own_macs & 255)
            if pf.up:
                vf.admin["mac"] = vf.own_mac

    def _release(self, pf, vf):
        self._unbind(vf)
        if not vf.given:
            vf.admin["mac"] = NO_MAC  # the VF's reset: what the PF did not give is forgotten
        self._show_vf(pf, vf)

    def _unbind(self, vf):
        if vf.driver is None:
            raise EngineError("the kernel refused: No such device", vf.address)
        vf.driver = vf.own_mac = vf.mtu = None
        vf.elsewhere, vf.addresses = False, []

    def _vf_at(self, address):
        return next((pf, vf) for pf in self.pfs.values() for vf in pf.vfs if vf.address == address)

    # -- what it shows

    def _vf_netdevs(self):
        for pf in self.pfs.values():
            for vf in pf.vfs:
                if vf.driver == "igbvf" and not vf.elsewhere:
                    yield "%sv%d" % (pf.name, vf.index), pf, vf

    def _links(self):
        links = [_link("lo", None, "00:00:00:00:00:00", 65536, True, True)]
        for pf in self.pfs.values():
            if pf.driver:
                mac = "52:54:00:" + pf.address[5:].replace(".", ":0")
                link = _link(pf.name, pf.address, mac, pf.mtu, pf.up, pf.up and pf.cable)
                links.append(dict(link, max_mtu=MAX_MTU, vfinfo_list=[_vfinfo(vf) for vf in pf.vfs]))
        return links + [
            _link(name, vf.address, vf.own_mac, vf.mtu, False, False) for name, dummy, vf in self._vf_netdevs()
        ]

    def _furnish(self):
        self._text("/usr/lib/systemd/network/99-default.link", "[Match]\nOriginalName=*\n\n[Link]\n" + LINK)
        self._text("/usr/sbin/driverctl", "")
        for number, pf in enumerate(self.pfs.values(), 3):
            folder = "%s/%s" % (PCI, pf.address)
            fixed = {"class": "0x020000", "vendor": "0x8086", "device": "0x" + pf.device, "numa_node": pf.numa_node}
            fixed.update(sriov_totalvfs=pf.total, sriov_offset=128, sriov_stride=2)
            for name, value in fixed.items():
                self._text("%s/%s" % (folder, name), value)
            if pf.iommu:
                os.makedirs(self.path("/sys/kernel/iommu_groups/%d" % number))
                self._link(folder + "/iommu_group", "../../../../kernel/iommu_groups/%d" % number)
            if pf.driver:
                self._link(folder + "/driver", "../../../../bus/pci/drivers/" + pf.driver)
                self._text("%s/net/%s/address" % (folder, pf.name), "52:54:00:00:00:%02x" % number)
                self._text("/sys/class/net/%s/ifindex" % pf.name, number)
            self._show_pf(pf)

    def _show_pf(self, pf):
        folder = "%s/%s" % (PCI, pf.address)
        self._text(folder + "/sriov_numvfs", len(pf.vfs))
        self._text(folder + "/sriov_drivers_autoprobe", pf.autoprobe)
        if pf.driver:
            self._text("/sys/class/net/%s/carrier" % pf.name, int(pf.up and pf.cable))

    def _show_vf(self, pf, vf):
        folder = "%s/%s" % (PCI, vf.address)
        self._hide_vf(pf, vf)
        self._text(folder + "/modalias", "pci:v00008086d000010CAsv00sd00bc02sc00i00")
        self._text(folder + "/driver_override", vf.override)
        if pf.iommu:
            self._link(folder + "/iommu_group", "../../../../kernel/iommu_groups/%d" % (100 + vf.index))
        if vf.driver:
            self._link(folder + "/driver", "../../../../bus/pci/drivers/" + vf.driver)
        if vf.driver == "igbvf" and not vf.elsewhere:
            name = "%sv%d" % (pf.name, vf.index)
            self._text("%s/net/%s/address" % (folder, name), vf.own_mac)
            self._text("/sys/class/net/%s/address" % name, vf.own_mac)

    def _hide_vf(self, pf, vf):
        for folder in ("%s/%s" % (PCI, vf.address), "/sys/class/net/%sv%d" % (pf.name, vf.index)):
            shutil.rmtree(self.path(folder), ignore_errors=True)

    def _text(self, path, value):
        self.put(path, "%s\n" % value)

    def _link(self, path, target):
        real = pathlib.Path(self.path(path))
        real.parent.mkdir(parents=True, exist_ok=True)
        real.symlink_to(target)


def _link(name, parent, mac, mtu, *states):
    flags = [flag for flag, on in zip(("UP", "LOWER_UP"), states) if on]
    link = {"ifname": name, "flags": flags, "mtu": mtu, "address": mac, "max_mtu": MAX_MTU}
    return dict(link, parentdev=parent) if parent else link


def _vfinfo(vf):
    vlan = {key: vf.admin[key] for key in ("vlan", "qos") if vf.admin[key]}  # iproute2 leaves zeros out
    return {
        "vf": vf.index,
        "address": vf.admin["mac"],
        "vlan_list": [vlan],
        "rate": {"max_tx": vf.admin["max_tx_rate"], "min_tx": vf.admin["min_tx_rate"]},
        "spoofchk": vf.admin["spoofchk"],
        "link_state": vf.admin["state"],
        "trust": vf.admin["trust"],
    }
