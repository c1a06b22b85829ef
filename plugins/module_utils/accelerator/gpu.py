# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""NVIDIA GPUs at run time: persistence, MIG layout and CDI spec, read and set with NVIDIA's own tools."""

from __future__ import annotations

from collections import Counter

from ..errors import EngineError, Problem, ProblemsError
from ..steps import DRAIN, REBOOT, Step
from . import smi, users

SMI, CTK, PERSISTENCED = "/usr/bin/nvidia-smi", "/usr/bin/nvidia-ctk", "nvidia-persistenced.service"
CDI = "/run/cdi/nvidia.yaml"
REFRESH = "/etc/systemd/system/multi-user.target.wants/nvidia-cdi-refresh.path"
MODE, LAYOUT, PERSISTENCE, SPEC = "set-mig-mode", "set-mig-layout", "set-persistence", "write-cdi-spec"
ACTIONS = (MODE, LAYOUT, PERSISTENCE, SPEC)
RESETTING = ("ampere",)  # Hopper and newer switch MIG without a reset of the GPU


class State:
    """By NVIDIA's tools. ready: they answer; gpus: {address: Gpu}; profiles: {address: {name: (id, free, total)}};
    toolkit: nvidia-ctk is there; cdi: a CDI spec is there, or the toolkit's own unit cares for it."""

    def __init__(self, ready=False, gpus=(), profiles=None, toolkit=False, cdi=False):
        self.ready, self.toolkit, self.cdi = ready, toolkit, cdi
        self.gpus = {gpu.address: gpu for gpu in gpus}
        self.profiles = profiles or {}


def observe(system, deep):
    """State of a node. deep: also read what MIG needs."""
    if not system.exists(SMI):
        return State()
    listed = system.run(smi.QUERY, check=False)
    if listed.rc:
        return State()
    gpus = smi.gpus(listed.out)
    state = State(True, gpus, {}, system.exists(CTK), system.exists(CDI) or system.link(REFRESH) is not None)
    if deep and any(gpu.mig is not None for gpu in gpus):
        _read_mig(system, gpus, state)
    return state


def _read_mig(system, gpus, state):
    instances = smi.instances(system.run(["nvidia-smi", "mig", "-lgi"], check=False).out)
    profiles = smi.profiles(system.run(["nvidia-smi", "mig", "-lgip"], check=False).out)
    uuids = smi.uuids(system.run(["nvidia-smi", "-L"], check=False).out)
    apps, pods = smi.apps(system.run(smi.APPS, check=False).out), users.pods(system)
    for gpu in gpus:
        gpu.instances = instances.get(gpu.index, ())
        gpu.uuids = tuple(uuids.get(gpu.index, [gpu.uuid]))
        claims = [who for uuid in gpu.uuids for who in pods.get(uuid, [])]
        gpu.users = tuple(["process %s" % who for who in apps.get(gpu.address, [])] + claims)
        state.profiles[gpu.address] = profiles.get(gpu.index, {})


def asked(mig, addresses):
    """{address: (MIG on, sorted profiles)} of the option gpu.mig, for the GPUs of the node. Raises ProblemsError.

    mig: [{"address": text or None for all, "instances": {profile: count}}]; the later item counts."""
    wanted, problems = {}, []
    for index, item in enumerate(mig or []):
        chosen = [item["address"].lower()] if item.get("address") else addresses
        place = "gpu.mig[%d]" % index
        problems += [
            Problem(place + ".address", "no GPU of the catalogue sits there", "GPUs: %s" % ", ".join(addresses), one)
            for one in chosen
            if one not in addresses
        ]
        instances = item.get("instances") or {}
        wrong = [name for name, count in instances.items() if count not in range(1, 8) or isinstance(count, bool)]
        problems += [
            Problem("%s.instances.%s" % (place, name), "is no number from 1 to 7", "", instances[name])
            for name in wrong
        ]
        if not problems:
            profiles = tuple(sorted(Counter(instances).elements()))
            wanted.update({one: (bool(profiles), profiles) for one in chosen})
    if problems:
        raise ProblemsError(problems, where="accelerator")
    return wanted


def steps(state, wanted, families, persistence, cdi):
    """Steps to what is asked for. wanted: of asked(); families: {address: family}; persistence: bool or None to leave
    it; cdi: bool. Raises EngineError where a GPU is in use or cannot do it."""
    if not state.ready:
        return []
    made, lines = [], []
    for address, (mode, profiles) in sorted(wanted.items()):
        gpu = state.gpus.get(address)
        mine = _mig_steps(gpu, mode, profiles, state, families.get(address)) if gpu else []
        lines += ["GPU %s is used by %s" % (address, who) for who in (gpu.users if mine else ())]
        made += mine
    if lines:
        raise EngineError("MIG cannot change: %s" % "; ".join(lines), "gpu.mig", "End them, or drain the node, first")
    off = [gpu.address for gpu in state.gpus.values() if persistence is not None and gpu.persistence != persistence]
    if off:
        made.append(Step("nvidia-persistenced", PERSISTENCE, "asked for", before=not persistence, after=persistence))
    if cdi and state.toolkit and (made or not state.cdi):
        made.append(Step(CDI, SPEC, "containers get the GPUs by it", before="old" if state.cdi else None, after="new"))
    return made


def _mig_steps(gpu, mode, profiles, state, family):
    target = "GPU %s" % gpu.address
    if gpu.mig is None:
        if not mode:
            return []
        raise EngineError("has no MIG", "%s (%s)" % (target, gpu.name), "Take it out of gpu.mig")
    _fits(target, profiles, state.profiles.get(gpu.address, {}))
    before, after = _words(gpu.mig_pending, gpu.instances), _words(mode, profiles)
    if gpu.mig_pending != mode:
        # Ampere changes the mode by a reset of the GPU, which whoever has it open prevents; see reboot_reasons().
        worst = REBOOT if family in RESETTING else DRAIN
        return [Step(target, MODE, "asked for", worst, before, after)]
    if gpu.mig == gpu.mig_pending and gpu.instances != profiles:
        return [Step(target, LAYOUT, "other instances are asked for", DRAIN, before, after)]
    return []


def _words(mode, profiles):
    return {"mig": mode, "instances": list(profiles)}


def _fits(target, profiles, known):
    """Refuse what the GPU has no profile for. known: {} where MIG is off and nobody can ask."""
    for name, count in sorted(Counter(profiles).items()):
        if known and name not in known:
            advice = "Profiles of this GPU: %s" % ", ".join(sorted(known))
            raise EngineError("there is no MIG profile %s" % name, target, advice)
        if known and count > known[name][2]:
            raise EngineError("holds %d of %s at most" % (known[name][2], name), target, "Ask for fewer")


def reboot_reasons(state, wanted, families):
    """Texts: a MIG mode that waits for a reset or reboot, or will."""
    reasons = []
    for address, (mode, dummy) in sorted(wanted.items()):
        gpu = state.gpus.get(address)
        waits = gpu and (gpu.mig != gpu.mig_pending or families.get(address) in RESETTING)
        if waits and gpu.mig is not None and gpu.mig != mode:
            reasons.append("MIG of GPU %s is switched %s at the next reboot" % (address, "on" if mode else "off"))
    return reasons


def drift(state, wanted):
    """[{"address", "asked", "found"}] of the GPUs whose MIG is another one."""
    rows = [(address, _words(*target), state.gpus.get(address)) for address, target in sorted(wanted.items())]
    found = [(address, asked, _words(gpu.mig, gpu.instances)) for address, asked, gpu in rows if gpu]
    return [{"address": address, "asked": asked, "found": now} for address, asked, now in found if asked != now]


def apply(system, step):
    """Carry out a step of ACTIONS."""
    address = step.target.split(" ")[-1]
    if step.action == PERSISTENCE:
        verb = "enable" if step.after else "disable"
        system.run(["systemctl", verb, "--now", PERSISTENCED])
        system.run(["nvidia-smi", "-pm", "1" if step.after else "0"])
    elif step.action == SPEC:
        system.run(["nvidia-ctk", "cdi", "generate", "--output=" + CDI])
    elif step.action == MODE:
        _set_mode(system, address, step.after["mig"], step.after["instances"])
    else:
        _set_layout(system, address, step.after["instances"])


def _set_mode(system, address, mode, profiles):
    """Where the mode holds at once, the instances are made at once; else the unit makes them at boot."""
    if not mode:
        _set_layout(system, address, [])
    system.run(["nvidia-smi", "-i", address, "-mig", "1" if mode else "0"])
    now = [gpu for gpu in smi.gpus(system.run(smi.QUERY).out) if gpu.address == address]
    if mode and now and now[0].mig:
        _set_layout(system, address, profiles)


def _set_layout(system, address, profiles):
    for what in ("-dci", "-dgi"):  # each fails where there is nothing to destroy: the listing below tells
        system.run(["nvidia-smi", "mig", "-i", address, what], check=False)
    listed = system.run(["nvidia-smi", "mig", "-i", address, "-lgi"], check=False)
    if any(smi.instances(listed.out).values()):
        raise EngineError("instances are still there: something uses them", "GPU %s" % address)
    if profiles:
        system.run(["nvidia-smi", "mig", "-i", address, "-cgi", ",".join(profiles), "-C"])


def unit(wanted, cdi):
    """Text of the unit that brings MIG and the CDI spec back at boot, which neither survives; "" for neither."""
    lines = []
    for address, (dummy, profiles) in sorted(wanted.items()):
        if profiles:
            lines += ["ExecStart=/usr/bin/nvidia-smi -i %s -mig 1" % address]
            words = "nvidia-smi mig -i %s -lgi >/dev/null || nvidia-smi mig -i %s -cgi %s -C"
            lines += ["ExecStart=/bin/sh -c '%s'" % (words % (address, address, ",".join(profiles)))]
    # With the toolkit's own refresh unit the spec is written by both, alike.
    lines += ["ExecStart=-/usr/bin/nvidia-ctk cdi generate --output=%s" % CDI] if cdi else []
    if not lines:
        return ""
    head = ["# Written by the gedge.engine accelerator module; changes here are lost.", "[Unit]"]
    head += ["Description=MIG layout and CDI spec of the GPUs", "After=nvidia-persistenced.service"]
    head += ["Before=kubelet.service", "ConditionPathExists=%s" % SMI, "", "[Service]", "Type=oneshot"]
    return "\n".join(head + ["RemainAfterExit=yes"] + lines + ["", "[Install]", "WantedBy=multi-user.target", ""])
