# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is asked for, as it looks on this node: network devices, RDMA devices, modules, settings, files."""

from __future__ import annotations

from ..errors import Problem, ProblemsError
from . import boot, nics, qos

ALWAYS = ["ib_uverbs", "rdma_ucm"]  # verbs and the connection manager, for user space
RXE_MODULE = "rdma_rxe"


class Asked:
    """A Wanted on a System; most answers need the observed State too."""

    def __init__(self, system, wanted, drivers):
        """wanted: of wanted.of; drivers: whether those of the RDMA NICs that are there are asked for."""
        self.system = system
        self.wanted = wanted
        self.drivers = drivers

    def modules(self):
        """Names of the modules to load, [] where there is no RDMA."""
        found = nics.rdma_modules(self.system) if self.drivers else []
        found += [RXE_MODULE] if self._soft() else []
        return ALWAYS + found if found else []

    def _soft(self):
        """{network device: label} of the places without RDMA hardware, in which soft-RoCE is asked for."""
        return {
            name: place for name, place in self.resolved(self.wanted.rxe) if not nics.hardware_module(self.system, name)
        }

    def resolved(self, places):
        """[(network device, Place)], a device that is meant twice once. Raises ProblemsError."""
        found = {}
        for place in places:
            name = nics.resolve(self.system, place)
            if name is None:
                advice = "See lspci, and whether its driver is loaded"
                raise ProblemsError([Problem(place.where, "has no network device", advice, place.pci)], where="rdma")
            found.setdefault(name, place)
        return list(found.items())

    def rxe(self, state):
        """({soft-RoCE device: network device}, [{interface, reason}] of those that get none)."""
        made, skipped = {}, []
        for name, place in self.resolved(self.wanted.rxe):
            there = self._device_over(state, name)
            module = nics.hardware_module(self.system, name)
            if module or (there and not there.soft):
                what = there.name if there else "by module %s" % module
                skipped.append({"interface": place.label(), "reason": "its NIC has RDMA (%s)" % what})
            elif there and there.name != boot.device_of(name):
                skipped.append(
                    {"interface": place.label(), "reason": "has the soft RDMA device %s already" % there.name}
                )
            else:
                made[boot.device_of(name)] = name
        return made, skipped

    @staticmethod
    def _device_over(state, name):
        over = [device for device in state.devices.values() if name in device.netdevs]
        return min(over, key=lambda device: device.soft, default=None)

    def qos_keys(self, state):
        """Keys of qos that are asked for."""
        if not self.wanted.roce:
            return []
        made, names = self.rxe(state)[0], [name for name, dummy in self.resolved(self.wanted.roce.places)]
        there = {name: self._device_over(state, name) for name in names}
        known = {netdev: device for device, netdev in made.items()}
        devices = {name: there[name].name if there[name] else known.get(name) for name in names}
        return qos.keys(self.wanted.roce, names, devices)

    def files(self, state):
        """{path: text} of all our files."""
        made = sorted(self.rxe(state)[0].values())
        limits = (self.wanted.memlock, self.wanted.memlock_services)
        files = boot.files(self.modules(), self.wanted.netns, made, *limits)
        units = {name: lines for name, lines in self._roce_lines(state).items() if lines}
        for name, lines in units.items():
            files.update(boot.roce_files(name, lines))
        return dict(files, **boot.rules(made, units))

    def _roce_lines(self, state):
        """{network device: command lines that set RoCE's quality of service at boot}."""
        lines = {name: [] for name, dummy in self.resolved(self.wanted.roce.places)} if self.wanted.roce else {}
        keys = [key for key in self.qos_keys(state) if state.values.get(key) is not None]
        for name, own in lines.items():
            for key in keys:
                if key.split("/")[1] in (name, self._device_name(state, name)):
                    own.extend(qos.at_boot(key, qos.wanted(self.wanted.roce, key, state.values[key])))
        return lines

    def _device_name(self, state, name):
        there = self._device_over(state, name)
        return there.name if there else boot.device_of(name)
