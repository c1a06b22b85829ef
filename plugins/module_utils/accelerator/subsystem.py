# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Accelerators of one kind as a subsystem: what the catalogue says a node's devices need, and what the options add."""

from __future__ import annotations

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from . import archive, devices, entry, files, fpga, gpu, modules, nodes, nvidia, options, report, restore, sources

SOURCES = "/etc/apt/sources.list"
DPKG = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"]


class State:
    """What was found. devices: [Device]; files: {path: text}; modules, parameters, nodes, archives, gpu, cards: of the
    parts' observe(); sources: {path: text} of apt; installed: names of packages; suite, release: of the node."""

    devices, files, modules, parameters, nodes, archives = (), {}, {}, {}, {}, {}
    gpu, cards, sources, installed, suite, release = gpu.State(), {}, {}, set(), "", ""


class Wanted:
    """What is asked for, given what was found."""

    offer, packages, files, modules, blacklist, options, nodes, archives = None, (), {}, (), (), {}, (), ()
    mig, families, drivers, cards = {}, {}, {}, {}


class Accelerator(Subsystem):
    """The accelerators of one kind, as the parameters of module gedge.engine.accelerator ask for them."""

    def __init__(self, params, system):
        """params: the module's parameters; system: System. Raises ProblemsError for bad ones."""
        self.system = system
        self.kind = params["kind"]
        self.absent = params["state"] == "absent"
        self.gpu, self.fpga = params["gpu"] or {}, params["fpga"] or {}
        self.known = entry.entries(params["catalogue"])
        options.check(self.kind, self.gpu, self.fpga)
        self.baseline = Baseline(system, files.role(self.kind).replace("-", "_"))
        self.bitstreams = self.fpga.get("bitstreams") or []
        self.fresh = []

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    # -- observe

    def observe(self):
        """State of the node; little is read where no device is."""
        state = State()
        state.files = own_files.read(self.system, files.paths(self.kind))
        state.devices = devices.observe(self.system, self.known, self.kind)
        recorded = self.baseline.load() if self.absent else {}
        state.modules = modules.observe(self.system, self._module_names(state, recorded))
        if state.devices:
            self._observe_devices(state)
        return state

    def _observe_devices(self, state):
        system, found = self.system, self._entries(state)
        state.suite = _os_release(system.read("/etc/os-release")).get("VERSION_CODENAME", "")
        state.release = system.read(modules.RELEASE) or ""
        state.parameters = modules.parameters(system, self._options(found))
        state.nodes = nodes.observe(system, [node for one in found for node in one.nodes])
        state.archives = archive.observe(system, self._archives(found))
        if self.kind == "gpu":
            state.gpu = gpu.observe(system, bool(self.gpu.get("mig")) or self.absent)
            paths = ["%s.d/%s" % (SOURCES, name) for name in system.list(SOURCES + ".d")]
            state.sources = {path: system.read(path) for path in [SOURCES] + paths if "/gedge-" not in path}
        if self.kind == "fpga":
            state.cards = fpga.observe(system, state.devices)
        names = self._packages(state)[1]
        if names and not self.absent:
            rows = system.run(DPKG + list(names), check=False).out.splitlines()
            state.installed = {row.split()[0] for row in rows if row.endswith(" installed")}

    def _module_names(self, state, recorded):
        found = self._entries(state)
        names = (
            ([fpga.VFIO] if self._vfio() else [])
            + files.merged(found, "modules")
            + files.merged(found, "blacklist")
            + [n for e in found for n in e.options]
        )
        return list(dict.fromkeys(names + [key[len(modules.KEY) :] for key in recorded if key.startswith(modules.KEY)]))

    # -- plan

    def plan(self, state):
        """Steps of all parts; refuses before anything is touched."""
        if self.absent:
            return restore.steps(self.system, state, self.baseline)
        wanted = self._wanted(state)
        made = own_files.steps(state.files, wanted.files)
        made += modules.steps(state.modules, wanted.modules)
        made += archive.steps(state.archives, wanted.archives)
        made += nodes.steps(self.system, state.nodes, wanted.nodes)
        if self.kind == "fpga":
            made += fpga.vf_steps(state.devices, state.cards, self.fpga.get("vfs"))
            made += fpga.bind_steps(state.devices, wanted.drivers, state.cards)
            made += fpga.program_steps(state.devices, state.cards, self.bitstreams)
        if self.kind == "gpu":
            made += gpu.steps(state.gpu, wanted.mig, wanted.families, self.gpu.get("persistence"), self.gpu.get("cdi"))
        return made

    def notes(self, state):
        """Devices, packages, and what will not hold as asked."""
        return report.notes(state, self._wanted(state), self.absent)

    def reboot_reasons(self, state):
        """What of it only a reboot brings."""
        if self.absent:
            return []
        wanted = self._wanted(state)
        reasons = modules.blacklist_reasons(state.modules, wanted.blacklist)
        reasons += modules.option_reasons(state.modules, state.parameters, wanted.options)
        return reasons + gpu.reboot_reasons(state.gpu, wanted.mig, wanted.families)

    # -- change

    def record(self, state):
        """Keep what the steps are going to change."""
        if not self.absent:
            self.fresh = self.baseline.add(restore.values(self.plan(state)))

    def apply(self, step):
        """Carry one step out."""
        if step.action == FORGET:
            self.baseline.apply(step)
        elif step.action == fpga.PROGRAM:
            fpga.program(self.system, step, archive.place(step.detail))
        else:
            restore.apply(self.system, step)

    def put_back(self, state):
        """Bring the node back to an earlier State."""
        restore.put_back(self.system, state, self.observe())
        self.baseline.forget(self.fresh)

    # -- what is asked for

    def _wanted(self, state):
        wanted = Wanted()
        found = self._entries(state)
        if not found:
            return wanted
        whole = self._vfio() == "all"
        wanted.offer, wanted.packages = self._packages(state)
        if self.absent:
            return wanted
        # A card that a VM or user-space program gets whole needs no driver of its own here.
        wanted.modules = [fpga.VFIO] if self._vfio() else []
        wanted.modules += [] if whole else files.merged(found, "modules")
        wanted.blacklist, wanted.options = files.merged(found, "blacklist"), self._options(found)
        wanted.nodes = [node for one in found for node in one.nodes]
        wanted.archives = self._archives(found)
        wanted.families = {device.address: device.entry.family for device in state.devices}
        wanted.mig = gpu.asked(self.gpu.get("mig"), [device.address for device in state.devices])
        wanted.drivers = self._drivers(state)
        wanted.files = self._files(state, wanted, found)
        return wanted

    def _files(self, state, wanted, found):
        ids = {"%s:%s" % (one.vendor, one.device) for one in state.devices if one.address in wanted.drivers}
        ids |= {self._vf_id(one) for one in state.devices if self._vfio() == "vfs" and self.fpga.get("vfs")}
        unit = gpu.unit(wanted.mig, self.gpu.get("cdi") and state.gpu.toolkit)
        unit = unit or fpga.unit(state.devices, self.bitstreams, lambda digest: archive.place({"sha256": digest}))
        texts = {
            files.MODPROBE: files.modprobe(found, fpga.modprobe(ids)),
            files.LOAD: wanted.modules,
            files.RULES: files.rules(found) + fpga.rules(state.devices, self.fpga.get("vfs")),
            files.PREFERENCES: nvidia.pinning(self.gpu.get("repository")),
            files.UNIT: unit,
            files.WANTS: own_files.LINK + "../gedge-%s.service" % files.role(self.kind) if unit else "",
        }
        if wanted.offer and self.gpu.get("nonfree") and not self.gpu.get("repository"):
            texts[files.SOURCES] = sources.wanted(state.sources, state.suite)
        return files.present(self.kind, texts)

    def _drivers(self, state):
        """{address: driver} of the functions that shall be bound to vfio-pci, VFs to come included."""
        choice, count = self._vfio(), self.fpga.get("vfs")
        physical = [device for device in state.devices if device.parent is None]
        if choice == "all":
            return {device.address: fpga.VFIO for device in physical}
        if choice == "vfs":
            counts = [(one, len(one.vfs) if count is None else count) for one in physical if one.total_vfs]
            return {vf: fpga.VFIO for one, n in counts for vf in fpga.vf_addresses(self.system, one, n)}
        return {}

    def _vfio(self):
        """ "vfs", "all" or None."""
        choice = self.fpga.get("vfio")
        return None if choice in (None, "none") else choice

    def _vf_id(self, device):
        number = self.system.read("%s/%s/sriov_vf_device" % (devices.PCI, device.address)) or device.device
        return "%s:%s" % (device.vendor, number.lower().replace("0x", ""))

    def _packages(self, state):
        """(Offer or None, names) of the packages that the devices need."""
        found = self._entries(state)
        names = [name for one in found for name in one.packages_of(state.suite)]
        if self.kind != "gpu" or not any(one.family in nvidia.LIMITS for one in found) or names:
            return None, list(dict.fromkeys(names))
        families = [one.family for one in found if one.family in nvidia.LIMITS]
        asked = self.gpu.get("modules") or nvidia.AUTO
        if self.absent:
            return None, [name for offer in nvidia.DEBIAN.get(state.suite, ()) for name in offer.packages]
        offer = nvidia.choose(families, state.suite, asked, self.gpu.get("repository"), state.release)
        built = any(name.endswith("-dkms") for name in offer.packages)
        toolkit = list(self.gpu.get("toolkit_packages") or [])
        return offer, (nvidia.headers(state.release) if built else []) + list(offer.packages) + toolkit

    def _archives(self, found):
        own = [one.archive for one in found if one.archive]
        return own + [
            {"url": item["url"], "sha256": item["sha256"].lower(), "where": "fpga.bitstreams[%d]" % index}
            for index, item in enumerate(self.bitstreams if found else ())
        ]

    @staticmethod
    def _options(found):
        return {name: text for one in found for name, text in one.options.items()}

    @staticmethod
    def _entries(state):
        """The entries of the devices, each once."""
        return [one for index, one in enumerate(_all(state)) if one not in _all(state)[:index]]


def _all(state):
    return [device.entry for device in state.devices]


def _os_release(text):
    pairs = [line.partition("=") for line in (text or "").splitlines()]
    return {key: value.strip("\"'") for key, equals, value in pairs if equals}
