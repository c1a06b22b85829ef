# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From what is to what is asked: the steps for one PF, in the order in which they are safe. Pure."""

from __future__ import annotations

from ..steps import LINK, NONE, Step
from .abilities import lacks
from .model import ADMIN_KEYS, NETDEVICE, NO_MAC, UNBOUND, VFIO


def pf_steps(pf, wanted):
    """Steps for one PF: its own MTU and link first, then the VFs' number, attributes, drivers and devices."""
    fresh = wanted.count is not None and wanted.count != len(pf.vfs)
    steps = _pf_itself(pf, wanted)
    if fresh:
        steps.append(_set_count(pf, wanted.count))
    for index, keys in sorted(wanted.vfs.items()):
        steps += _fresh_vf(pf, index, keys) if fresh else _vf_attributes(pf, pf.vfs[index], keys)
    if (fresh and wanted.count) or pf.unstarted:
        steps.append(_start(pf, wanted, fresh))
    for index in sorted(wanted.vfs):
        steps += _device(pf, wanted, index, fresh)
    return steps + _link_down(pf, wanted)


def _step(pf, action, reason, change, disruption=NONE):
    """A step on the PF itself. change: (before, after)."""
    return Step(pf.name or pf.address, action, reason, disruption, change[0], change[1], {"pf": pf})


def _vf_step(pf, index, action, reason, change, disruption=NONE):
    step = _step(pf, action, reason, change, disruption)
    step.target = "%s VF %d" % (step.target, index)
    step.detail["vf"] = index
    return step


def _pf_itself(pf, wanted):
    steps = []
    if wanted.mtu is not None and wanted.mtu != pf.mtu:
        cuts = LINK if pf.up else NONE
        steps.append(_step(pf, "set-mtu", "the MTU differs; the driver restarts the link", (pf.mtu, wanted.mtu), cuts))
    if wanted.up and not pf.up:
        steps.append(_step(pf, "link-up", "VFs have a link only while their PF is up", ("down", "up")))
    return steps


def _link_down(pf, wanted):
    if wanted.up is False and pf.up:
        return [_step(pf, "link-down", "asked to be down", ("up", "down"), LINK)]
    return []


def _set_count(pf, count):
    before = len(pf.vfs)
    if not before:
        return _step(pf, "set-vf-count", "no VF exists yet", (before, count))
    reason = "the kernel changes a VF count only by way of 0: all %d VFs go" % before
    return _step(pf, "set-vf-count", reason, (before, count), LINK)


def _fresh_vf(pf, index, keys):
    admin = {
        key: keys[key]
        for key in ADMIN_KEYS
        if key in keys and not lacks(pf.driver, pf.device, key) and not (key == "mac" and keys[key] == NO_MAC)
    }
    return [_vf_step(pf, index, "set-vf", "the VF is new", (None, admin))] if admin else []


def _vf_attributes(pf, vf, keys):
    differing = changed = [key for key in ADMIN_KEYS if key in keys and keys[key] != vf.admin.get(key, keys[key])]
    if "vlan" in changed or "qos" in changed:
        changed = sorted(set(changed) | {"vlan", "qos"}, key=ADMIN_KEYS.index)  # one message sets both
    if not changed:
        return []
    cuts = LINK if {"vlan", "mac"} & set(changed) else NONE
    before = {key: vf.admin.get(key) for key in changed}
    after = {key: keys.get(key, vf.admin.get(key)) for key in changed}
    return [_vf_step(pf, vf.index, "set-vf", "differs in %s" % ", ".join(differing), (before, after), cuts)]


def _start(pf, wanted, fresh):
    drivers = {}
    for index in range(wanted.count if fresh else len(pf.vfs)):
        driver = _driver(pf, wanted, index, fresh)
        if driver not in (None, UNBOUND):
            drivers[str(index)] = driver
    return _step(pf, "start-vfs", "drivers start when the VFs' attributes are set", (None, drivers))


def _driver(pf, wanted, index, fresh):
    """What a VF that is being started is bound to: as asked, else as it is, else what the kernel would take."""
    present = None if fresh else pf.vfs[index].value("driver")
    return wanted.vfs.get(index, {}).get("driver") or present or (NETDEVICE if pf.autoprobe else None)


def _device(pf, wanted, index, fresh):
    """Driver, MTU and own MAC of one VF."""
    driver = _driver(pf, wanted, index, fresh)
    if fresh or (pf.unstarted and pf.vfs[index].value("driver") != driver):
        return _new_device(pf, wanted, index, "the VF is new") if driver == NETDEVICE else []
    return _vf_device(pf, wanted, pf.vfs[index])


def _new_device(pf, wanted, index, reason):
    """MAC and MTU of a network device that its driver has just made."""
    keys, steps = wanted.vfs[index], []
    if keys.get("mac", NO_MAC) != NO_MAC and not (pf.up or wanted.up):
        mine = "%s; while its PF is down, its driver makes up a MAC" % reason
        steps.append(_vf_step(pf, index, "set-vf-own-mac", mine, (None, keys["mac"])))
    if "mtu" in keys:
        steps.append(_vf_step(pf, index, "set-vf-mtu", reason, (None, keys["mtu"])))
    return steps


def _vf_device(pf, wanted, vf):
    """Driver, MTU and own MAC of a VF that exists."""
    keys, driver = wanted.vfs[vf.index], vf.value("driver")
    asked = keys.get("driver")
    if asked is None and driver is None and pf.autoprobe and ("mac" in keys or "mtu" in keys):
        asked = NETDEVICE  # what the kernel would have bound; a killed run can leave a VF without
    if asked not in (None, driver or UNBOUND):
        cuts = LINK if driver else NONE
        reason = "bound to another driver, or none"
        steps = [_vf_step(pf, vf.index, "bind-vf", reason, (driver, asked), cuts)]
        return steps + (_new_device(pf, wanted, vf.index, "its device is new") if asked == NETDEVICE else [])
    if vf.netdev is None or driver == VFIO:
        return []
    steps = []
    if "mac" in keys and keys["mac"] not in (vf.own_mac, NO_MAC):
        reason = "its device goes by another MAC than the PF gave it"
        steps.append(_vf_step(pf, vf.index, "set-vf-own-mac", reason, (vf.own_mac, keys["mac"]), LINK))
    if "mtu" in keys and keys["mtu"] != vf.mtu:
        steps.append(_vf_step(pf, vf.index, "set-vf-mtu", "the MTU differs", (vf.mtu, keys["mtu"]), LINK))
    return steps
