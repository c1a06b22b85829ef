# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The hand of SR-IOV: one function per action of the plan. Each is harmless when done twice."""

from __future__ import annotations

import time

from ..errors import EngineError
from .abilities import RATE_NEEDS_LINK
from .model import ADMIN_KEYS, NETDEVICE, UNBOUND, VFIO, vf_address
from .observe import PCI, PENDING, netdev

IP_WORDS = {"link_state": "state"}
WAIT_LINK_S = 15
WAIT_DEVICE_S = 40  # udev loads drivers one after the other, on a busy node slowly


def set_mtu(system, step):
    """PF: set its MTU in bytes."""
    system.run(["ip", "link", "set", "dev", step.detail["pf"].name, "mtu", str(step.after)])


def set_link(system, step):
    """PF: up or down."""
    system.run(["ip", "link", "set", "dev", step.detail["pf"].name, step.after])


def set_count(system, step):
    """PF: make or remove VFs with no driver looking at them, so that each driver first sees its VF complete."""
    pf = step.detail["pf"]
    folder = "%s/%s" % (PCI, pf.address)
    if step.after:
        system.write_file(PENDING % pf.address, "%d\n" % pf.autoprobe)
        system.write_kernel(folder + "/sriov_drivers_autoprobe", 0)
    if step.before:
        system.write_kernel(folder + "/sriov_numvfs", 0)
    if step.after:
        system.write_kernel(folder + "/sriov_numvfs", step.after)
        settle(system)


def set_vf(system, step):
    """PF: the attributes of one VF, in one message to the kernel."""
    pf = step.detail["pf"]
    if step.after.get("max_tx_rate") and pf.driver in RATE_NEEDS_LINK:
        _wait_carrier(system, pf)
    argv = ["ip", "link", "set", "dev", pf.name, "vf", str(step.detail["vf"])]
    for key in (key for key in ADMIN_KEYS if key in step.after):
        value = step.after[key]
        argv += [IP_WORDS.get(key, key), ("on" if value else "off") if isinstance(value, bool) else str(value)]
    system.run(argv)


def start(system, step):
    """PF: bind each VF's driver; the kernel then binds new ones by itself again, where it did so before."""
    _bind_all(system, step.detail["pf"], step.after)


def bind_vf(system, step):
    """VF: change its driver."""
    _bind_all(system, step.detail["pf"], {step.detail["vf"]: step.after})


def _bind_all(system, pf, drivers):
    """Bind VFs, {index: driver}. With sriov_drivers_autoprobe 0 the kernel takes no driver but an overriding one."""
    autoprobe = "%s/%s/sriov_drivers_autoprobe" % (PCI, pf.address)
    if not pf.autoprobe:
        system.write_file(PENDING % pf.address, "0\n")  # what it goes back to, should this run die
    system.write_kernel(autoprobe, 1)
    for index, driver in sorted(drivers.items(), key=lambda item: int(item[0])):
        bind(system, vf_address(pf, int(index)), driver)
    settle(system)
    system.write_kernel(autoprobe, int(pf.autoprobe))
    system.remove_file(PENDING % pf.address)


def bind(system, address, driver):
    """Bind a PCI function to vfio-pci, to what the kernel finds for it (netdevice), or to nothing (none)."""
    folder = "%s/%s" % (PCI, address)
    override = VFIO if driver == VFIO else "\n"
    if driver != UNBOUND:
        system.run(["modprobe", VFIO if driver == VFIO else system.read(folder + "/modalias") or ""])
    bound = system.link_name(folder + "/driver")
    if bound and (driver == UNBOUND or (bound == VFIO) != (driver == VFIO)):
        system.write_kernel(folder + "/driver/unbind", address)
        bound = None
    present = (system.read(folder + "/driver_override") or "").replace("(null)", "") or "\n"
    system.write_kernel(folder + "/driver_override", override)  # after unbind: a refusal of that leaves no trace
    if driver == UNBOUND:
        return
    try:
        if not bound:
            system.write_kernel("/sys/bus/pci/drivers_probe", address)
        _wait(lambda: _is_bound(system, folder, driver), WAIT_DEVICE_S, address, "no driver took it as %s" % driver)
    except EngineError:
        system.write_kernel(folder + "/driver_override", present)
        raise


def set_vf_mtu(system, step):
    """VF: the MTU of its network device."""
    system.run(["ip", "link", "set", "dev", _vf_netdev(system, step), "mtu", str(step.after)])


def set_own_mac(system, step):
    """VF: its device takes the MAC that the PF gave it; a driver that will not is started anew."""
    name = _vf_netdev(system, step)
    system.run(["ip", "link", "set", "dev", name, "address", step.after], check=False)
    if system.read("/sys/class/net/%s/address" % name) != step.after:
        pf, index = step.detail["pf"], step.detail["vf"]
        address = vf_address(pf, index)
        system.write_kernel("%s/%s/driver/unbind" % (PCI, address), address)
        _bind_all(system, pf, {index: NETDEVICE})
        name = _vf_netdev(system, step)
        if system.read("/sys/class/net/%s/address" % name) != step.after:
            raise EngineError("its driver does not take the MAC address %s" % step.after, name)


def settle(system):
    """Wait for udev: names, .link settings and driverctl are its work, and end later than the kernel's."""
    system.run(["udevadm", "settle", "--timeout=30"], check=False)


ACTIONS = {
    "set-mtu": set_mtu,
    "link-up": set_link,
    "link-down": set_link,
    "set-vf-count": set_count,
    "set-vf": set_vf,
    "start-vfs": start,
    "bind-vf": bind_vf,
    "set-vf-mtu": set_vf_mtu,
    "set-vf-own-mac": set_own_mac,
}


def _vf_netdev(system, step):
    address = vf_address(step.detail["pf"], step.detail["vf"])
    _wait(lambda: netdev(system, address), WAIT_DEVICE_S, address, "its driver made no network device")
    return netdev(system, address)


def _is_bound(system, folder, driver):
    bound = system.link_name(folder + "/driver")
    return bound == VFIO if driver == VFIO else bound not in (None, VFIO) and bool(system.list(folder + "/net"))


def _wait_carrier(system, pf):
    path = "/sys/class/net/%s/carrier" % pf.name
    text = "no carrier after %d s, and driver %s takes a rate only with a link" % (WAIT_LINK_S, pf.driver)
    _wait(lambda: system.read(path) == "1", WAIT_LINK_S, pf.name, text)


def _wait(ready, seconds, where, what):
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise EngineError(what, where, "See the kernel log (dmesg)")
        time.sleep(0.1)
