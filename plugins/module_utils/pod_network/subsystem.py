# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The basic pod network of a node as a subsystem: a bridge for its pods, a VXLAN device to the others."""

from __future__ import annotations

import dataclasses
import json

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import EngineError
from ..steps import LINK, NONE, Step
from . import overlay

START, REMOVE = "start-unit", "remove-devices"
OURS = "ours"
CONFS = (".conf", ".conflist", ".json")  # what a runtime reads
OF_MULTUS = "00-multus.conf"  # stands before ours and hands on to it
LEASES = "/var/lib/cni/networks/" + overlay.NETWORK


@dataclasses.dataclass
class State:
    """files: ours; others: CNI configurations of others; mtu: of the interface with the node's address, 0 for none;
    device, routes, neighbours: of the overlay as ip and bridge tell; offload: whether it leaves checksums to the NIC;
    table: whether nftables has ours; pods: devices at the bridge."""

    files: dict
    others: list
    mtu: int = 0
    device: dict = dataclasses.field(default_factory=dict)
    routes: dict = dataclasses.field(default_factory=dict)
    neighbours: dict = dataclasses.field(default_factory=dict)
    offload: bool = True
    table: bool = False
    bridge: bool = False
    pods: list = dataclasses.field(default_factory=list)


class PodNetwork(Subsystem):
    """The overlay, as the parameters of module gedge.engine.pod_network ask for it."""

    def __init__(self, params, system):
        """Raises ProblemsError for what is wrong on any node."""
        self.system, self.params = system, params
        self.absent = params["state"] == "absent"
        self.wanted = None if self.absent else overlay.read(params)
        self.baseline = Baseline(system, "pod_network")
        self.recorded = []

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        known = (OF_MULTUS, overlay.CONF.rsplit("/", 1)[1])
        names = [name for name in self.system.list(overlay.CONF_FOLDER) if name.endswith(CONFS)]
        others = [name for name in names if name not in known]
        state = State(own_files.read(self.system, overlay.ALL), others)
        address = self.wanted.address if self.wanted else ""
        for link in self._json("ip", "-j", "-d", "address"):
            if (
                address in [one.get("local") for one in link.get("addr_info") or ()]
                and link["ifname"] != overlay.DEVICE
            ):
                state.mtu = link["mtu"]
            if link["ifname"] == overlay.DEVICE:
                state.device = _device(link)
        if state.device:
            shown = self._json("ip", "-j", "-4", "route", "show", "dev", overlay.DEVICE)
            state.routes = {one["dst"]: one.get("gateway", "") for one in shown}
            shown = self._json("bridge", "-j", "fdb", "show", "dev", overlay.DEVICE)
            state.neighbours = {one["mac"]: one["dst"] for one in shown if "dst" in one}
            state.offload = self._offload()
        state.table = self.system.run(["nft", "list", "table", "inet", overlay.TABLE], check=False).rc == 0
        state.bridge = self.system.exists("/sys/class/net/" + overlay.BRIDGE)
        state.pods = self.system.list("/sys/class/net/%s/brif" % overlay.BRIDGE)
        return state

    def plan(self, state):
        """Files, then one start that brings what is missing and leaves the rest."""
        if self.absent:
            return self._way_out(state)
        if self._of_others(state):
            return []
        wanted = self._with_mtu(state)
        if not wanted.offload:
            self.system.run(["ethtool", "--version"])  # says which package is missing, before anything is changed
        written = own_files.steps(state.files, overlay.files(wanted))
        # The configuration for pods comes last: a runtime that reads it finds the way there.
        written.sort(key=lambda step: step.target == overlay.CONF)
        first = [step for step in written if step.target != overlay.CONF]
        now = (state.device, state.routes, state.neighbours, state.table, state.offload)
        then = _live(wanted)
        if first or not _holds(now, then):
            anew = bool(state.device) and state.device != then[0]
            why = "the overlay is not as its files say"
            start = Step(overlay.NAME, START, why, LINK if anew else NONE, sorted(state.routes), sorted(wanted.peers))
            first.append(start)
        return first + [step for step in written if step.target == overlay.CONF]

    def notes(self, state):
        """Whether the node has the pod network of others."""
        alone = not self.absent and self._of_others(state)
        text = "there is the pod network of others (%s): left alone" % ", ".join(state.others)
        return {"warnings": [text] if alone else [], "left_alone": alone}

    def doubts(self, state):
        """What would keep a run from removing it: check mode foretells what comes after the pods have gone."""
        return [self._in_use(state).text()] if self.absent and state.pods and self.baseline.load() else []

    def record(self, state):
        """Keep that it is ours; it stays as long as pods are in it."""
        if not self.absent:
            self.recorded = self.baseline.add({OURS: None})
        elif state.pods:
            raise self._in_use(state)

    @staticmethod
    def _in_use(state):
        what = "%d pods are still in the pod network" % len(state.pods)
        return EngineError(what, overlay.BRIDGE, "Drain the node, or take it out of its cluster, first")

    def apply(self, step):
        """Carry one step out."""
        if step.action in own_files.ACTIONS:
            self._change_file(step)
        elif step.action == START:
            self.system.run(["systemctl", "daemon-reload"])
            self.system.run(["systemctl", "restart", overlay.NAME])
        elif step.action == REMOVE:
            self._remove_devices()
        elif step.action == FORGET:
            self.baseline.apply(step)

    def put_back(self, state):
        """Files as they were, and the overlay that they say; none where there was none."""
        for step in own_files.steps(self.observe().files, state.files):
            self._change_file(step)
        if state.device and overlay.SCRIPT in state.files:
            self.system.run(["systemctl", "restart", overlay.NAME])
        elif not state.device:
            self._remove_devices()
        self.baseline.forget(self.recorded)

    def _offload(self):
        """The kernel's way where nobody has ethtool to change it with; who asks for another way needs it."""
        try:
            shown = self.system.run(["ethtool", "-k", overlay.DEVICE], check=False).out
        except EngineError:
            return True
        return overlay.CHECKSUM + ": off" not in shown

    def _json(self, *argv):
        try:
            return [one for one in json.loads(self.system.run(list(argv), check=False).out or "[]") if one]
        except ValueError:
            return []

    def _of_others(self, state):
        return bool(state.others) and OURS not in self.baseline.load()

    def _with_mtu(self, state):
        if not state.mtu:
            what = "no interface has the address %s" % self.wanted.address
            raise EngineError(what, self.params["name"], "Run role node_network first")
        return dataclasses.replace(self.wanted, mtu=self.wanted.mtu or state.mtu - overlay.HEADER)

    def _way_out(self, state):
        records = self.baseline.load()
        if not records:
            return []
        steps = own_files.steps(state.files, {})
        if state.device or state.table or state.bridge or self.system.exists(LEASES):
            steps.append(Step(overlay.DEVICE, REMOVE, "no longer asked for", LINK, sorted(state.routes), []))
        return steps + self.baseline.forget_steps(records)

    def _remove_devices(self):
        for name in (overlay.DEVICE, overlay.BRIDGE):
            if self.system.exists("/sys/class/net/" + name):
                self.system.run(["ip", "link", "delete", name])
        self.system.run(["nft", "delete", "table", "inet", overlay.TABLE], check=False)
        self.system.run(["rm", "-rf", self.system.path(LEASES)])

    def _change_file(self, step):
        if step.action == own_files.REMOVE and step.target == overlay.UNIT:
            self.system.run(["systemctl", "stop", overlay.NAME], check=False)  # else it counts as active
        own_files.apply(self.system, step)
        if step.target == overlay.UNIT:
            self.system.run(["systemctl", "daemon-reload"])
        if step.action == own_files.REMOVE:
            self.system.remove_folder(overlay.SCRIPT.rsplit("/", 1)[0])


def _device(link):
    data = (link.get("linkinfo") or {}).get("info_data") or {}
    return {
        "mac": link.get("address"),
        "vni": data.get("id"),
        "local": data.get("local"),
        "port": data.get("port"),
        "mtu": link.get("mtu"),
        "up": "UP" in link.get("flags", []),
        "addresses": [one.get("local") for one in link.get("addr_info") or () if one.get("family") == "inet"],
    }


def _live(wanted):
    """What ip and bridge tell of an overlay that is right."""
    device = {
        "mac": overlay.mac(wanted.own),
        "vni": wanted.vni,
        "local": wanted.address,
        "port": wanted.port,
        "mtu": wanted.mtu,
        "up": True,
        "addresses": [str(wanted.own.network_address)],
    }
    routes = {network: vtep for network, (vtep, dummy, dummy_too) in wanted.peers.items()}
    neighbours = {hardware: address for dummy, hardware, address in wanted.peers.values()}
    return device, routes, neighbours, True, wanted.offload


def _holds(now, then):
    """Old entries of the forwarding table do no harm: no route leads to them."""
    same = now[:2] == then[:2] and now[3:] == then[3:]
    return same and all(now[2].get(hardware) == address for hardware, address in then[2].items())
