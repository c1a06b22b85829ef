# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How steps are carried out and undone: the baseline's values, absent, and putting back after a failure."""

from __future__ import annotations

from .. import own_files
from ..steps import Step
from . import archive, files, fpga, gpu, modules, nodes

# What is recorded of a step: action -> prefix of the key.
KEYS = {
    modules.LOAD: modules.KEY,
    nodes.SET: nodes.KEY,
    archive.FETCH: archive.KEY,
    fpga.VFS: "vfs:",
    fpga.BIND: "driver:",
    gpu.MODE: "mig:",
    gpu.LAYOUT: "mig:",
    gpu.PERSISTENCE: "persistence:",
    gpu.SPEC: "cdi:",
}


def values(made):
    """{key: value before} for the baseline, of the steps that change run-time values."""
    found = {}
    for step in made:
        if step.action in KEYS:
            found.setdefault(KEYS[step.action] + step.target.split(" ")[-1], step.before)
    return found


def of(records, prefix):
    """{target: value} of one prefix."""
    return {key[len(prefix) :]: value for key, value in records.items() if key.startswith(prefix)}


def steps(system, state, baseline):
    """Steps back to what was before the first change."""
    records = baseline.load()
    families = {device.address: device.entry.family for device in state.devices}
    mig = {address: (value["mig"], tuple(value["instances"])) for address, value in of(records, "mig:").items()}
    persistence = of(records, "persistence:").get("nvidia-persistenced")
    made = gpu.steps(state.gpu, mig, families, persistence, False)
    if None in of(records, "cdi:").values() and system.exists(gpu.CDI):
        made.append(Step(gpu.CDI, own_files.REMOVE, "was not there before", before="a CDI spec"))
    made += _fpga_steps(state, records)
    made += nodes.restore_steps(system, of(records, nodes.KEY))
    made += own_files.steps(state.files, {})
    made += modules.restore_steps(state.modules, list(of(records, modules.KEY)))
    made += archive.restore_steps(system, list(of(records, archive.KEY)))
    return made + baseline.forget_steps(list(records))


def _fpga_steps(state, records):
    there = {device.address for device in state.devices}
    counts = of(records, "vfs:")
    going = {vf for device in state.devices if counts.get(device.address) == 0 for vf in device.vfs}
    drivers = {address: name for address, name in of(records, "driver:").items() if address in there - going}
    made = fpga.bind_steps(state.devices, drivers, state.cards)
    # A binding of ours is no use by somebody else; who has the device open is.
    for device in state.devices:
        if device.address in counts:
            made += fpga.vf_steps([device], state.cards, counts[device.address])
    return made


def apply(system, step):
    """Carry out a step of any part."""
    if step.action in own_files.ACTIONS:
        own_files.apply(system, step)
        if step.target.startswith(files.UNIT.rsplit("/", 1)[0] + "/gedge-"):
            system.run(["systemctl", "daemon-reload"])
    elif step.action in (modules.LOAD, modules.UNLOAD):
        modules.apply(system, step)
    elif step.action == nodes.SET:
        nodes.apply(system, step)
    elif step.action in archive.ACTIONS:
        archive.apply(system, step)
    elif step.action in gpu.ACTIONS:
        gpu.apply(system, step)
    else:
        fpga.apply(system, step)


def put_back(system, before, now):
    """Bring the node from one State back to an earlier one."""
    made = own_files.steps(now.files, before.files)
    made += nodes.restore_steps(system, {path: text for path, text in before.nodes.items() if text})
    made += [
        Step(where, archive.DROP, "put back", before=True)
        for where, digest in now.archives.items()
        if digest and not before.archives.get(where)
    ]
    for step in made + _gpus_back(system, before, now) + _fpgas_back(before, now):
        apply(system, step)
    modules.put_back(system, before.modules)


def _gpus_back(system, before, now):
    seen = list(before.gpu.gpus.values())
    families = {device.address: device.entry.family for device in now.devices}
    layouts = {one.address: (one.mig_pending, one.instances) for one in seen if one.mig is not None}
    modes = {one.persistence for one in seen}
    made = gpu.steps(now.gpu, layouts, families, modes.pop() if len(modes) == 1 else None, False)
    fresh = system.exists(gpu.CDI) and not before.gpu.cdi
    return made + ([Step(gpu.CDI, own_files.REMOVE, "put back")] if fresh else [])


def _fpgas_back(before, now):
    drivers = {device.address: device.driver for device in before.devices}
    made = fpga.bind_steps([one for one in now.devices if one.address in drivers], drivers, now.cards)
    for device in before.devices:
        same = [one for one in now.devices if one.address == device.address]
        made += fpga.vf_steps(same, now.cards, len(device.vfs))
    return made
