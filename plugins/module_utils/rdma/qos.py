# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""RoCE's quality of service as flat settings {key: value}: which are asked for, what they are now, how they are set.

Keys: pfc/IF/PRIORITY bool, ets/IF dict, dscp/IF/DSCP list of priorities, trust/IF list, ecn/IF/FILE "0" or "1",
tos/DEVICE int. The value of what a NIC cannot do is None, with the reason beside it."""

from __future__ import annotations

from . import dcb

CMA = "/sys/kernel/config/rdma_cm/%s"
TOS = CMA + "/ports/1/default_roce_tos"
ECN = "/sys/class/net/%s/ecn/%s/enable/%d"
ECN_FILES = ("roce_np", "roce_rp")  # who tells of a mark, who slows down for it
ECT = 2  # the bits of the TOS that say: mark me rather than drop me
ECN_ADVICE = "the driver has no switch for it in sysfs; packets do say that they may be marked"


def type_of_service(roce):
    """What the RDMA connection manager writes into the packets' TOS field."""
    return roce.dscp * 4 + (ECT if roce.ecn else 0)


def keys(roce, interfaces, devices):
    """All keys that are asked for. interfaces: names; devices: {interface: RDMA device or None}."""
    found = []
    for name in interfaces:
        found += ["pfc/%s/%d" % (name, roce.priority), "dscp/%s/%d" % (name, roce.dscp), "trust/" + name]
        found += ["ets/" + name] if roce.bandwidth else []
        found += ["ecn/%s/%s/%d" % (name, part, roce.priority) for part in ECN_FILES]
        found += ["tos/" + devices[name]] if devices.get(name) else []
    return found


def read(system, names):
    """({key: value}, {key: reason}) of the keys; None and a reason for what cannot be done."""
    values, reasons, known = {}, {}, {}
    for key in names:
        try:
            values[key] = _value(system, key, known)
        except dcb.Refusal as refusal:
            values[key], reasons[key] = None, str(refusal)
    return values, reasons


def wanted(roce, key, now):
    """The value that a key shall have; now: the one that it has, not None."""
    kind = key.split("/")[0]
    if kind == "pfc":
        return roce.pfc
    if kind == "ets":
        return dcb.wanted_ets(now, roce.priority, roce.bandwidth)
    if kind == "dscp":
        return [roce.priority]
    if kind == "trust":
        return ["dscp"] + [word for word in now if word != "dscp"]
    if kind == "ecn":
        return "1" if roce.ecn else "0"
    return type_of_service(roce)


def commands(key, before, after):
    """Commands that bring a key from one value to another; for ecn and tos see files()."""
    kind, interface, rest = (key.split("/") + [""])[:3]
    if kind == "pfc":
        return [dcb.set_pfc(interface, int(rest), after)]
    if kind == "ets":
        return [dcb.set_ets(interface, after)]
    if kind == "dscp":
        return dcb.set_dscp(interface, int(rest), before, after)
    return [dcb.set_trust(interface, after)]


def at_boot(key, after):
    """Command lines for a unit, each a list of words."""
    kind, interface, rest = (key.split("/") + [""])[:3]
    if kind == "tos":
        script = "mkdir -p %s && echo %d > %s" % (CMA % interface, after, TOS % interface)
        return [["/bin/sh", "-c", "'%s'" % script]]
    if kind == "ecn":
        return [["/bin/sh", "-c", "'echo %s > %s'" % (after, _ecn_file(key))]]
    if kind == "dscp":
        return [dcb.replace_dscp(interface, int(rest), after[0])]
    return commands(key, None, after)


def apply(system, key, before, after):
    """Set one key."""
    kind, name = key.split("/")[:2]
    if kind == "ecn":
        system.write_kernel(_ecn_file(key), after)
    elif kind == "tos":
        system.run(["mkdir", "-p", CMA % name])
        system.write_kernel(TOS % name, after)
    else:
        for argv in commands(key, before, after):
            system.run(argv)


def forget(system, key):
    """Take away what reading or setting a key has made."""
    kind, name = key.split("/")[:2]
    if kind == "tos" and system.exists(CMA % name):
        system.run(["rmdir", CMA % name], check=False)


def unsupported(roce, reasons):
    """Rows {interface, setting, reason} of what was asked for and cannot be."""
    rows = []
    for key, why in sorted(reasons.items()):
        kind, name = key.split("/")[:2]
        asked = {"pfc": roce.pfc, "ecn": roce.ecn}.get(kind, True)
        if asked and not (kind == "ecn" and ECN_FILES[1] in key):
            rows.append({"interface": name, "setting": kind, "reason": why})
    return rows


def _ecn_file(key):
    dummy, interface, part, priority = key.split("/")
    return ECN % (interface, part, int(priority))


def _value(system, key, known):
    kind, name, rest = (key.split("/") + [""])[:3]
    if kind == "tos":
        # The kernel's own default, as long as nobody asked the connection manager for another.
        return int(system.read(TOS % name) or 0)
    if kind == "ecn":
        text = system.read(_ecn_file(key))
        if text is None:
            raise dcb.Refusal(ECN_ADVICE)
        return text
    if dcb.is_firmwares(_answer(system, "dcbx", name, known, {})):
        raise dcb.Refusal("the NIC's firmware runs DCBX (lld-managed); switch that off in the firmware first")
    thing = {"dscp": "app", "trust": "apptrust"}.get(kind, kind)
    answer = _answer(system, thing, name, known)
    if kind == "trust":
        return dcb.trust(answer)
    return dcb.ets(answer) if kind == "ets" else getattr(dcb, kind)(answer, int(rest))


def _answer(system, thing, interface, known, default=None):
    """dcb's answer, asked for once; default instead of a refusal."""
    if (thing, interface) not in known:
        try:
            known[thing, interface] = dcb.ask(system, thing, interface)
        except dcb.Refusal as refusal:
            known[thing, interface] = refusal
    answer = known[thing, interface]
    if isinstance(answer, dcb.Refusal):
        if default is None:
            raise answer
        return default
    return answer
