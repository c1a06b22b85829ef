# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Lets the node's backend bring an interface to what is asked for, and waits until it is there."""

from __future__ import annotations

import time

from ..errors import EngineError
from . import foreign, networkd, networkmanager, observe, plan, script
from .model import State

WAIT_S = 30  # a backend needs far less; an emulated machine may not


class Backend:
    """Reloads once per change of files, brings up again only what is named."""

    files = None  # the module of its files, see backends.BACKENDS

    def __init__(self, system):
        """stale: paths of files that have changed and that the backend has not read yet."""
        self.system = system
        self.stale = set()

    def governed(self, found, links):
        """{interface: (what of somebody else comes before our files, advice)}. found: {name: Found}; links: [Link]."""
        return dict(self._governed(found, links), **foreign.ifupdown(self.system, links))

    def configure(self, step):
        """Bring one link to what is asked for. Raises EngineError where it does not come about."""
        self._read_files()
        self._configure(step.detail["link"], step)
        self._wait(step.detail["link"])

    def restore(self, step):
        """Bring one interface back to a snapshot."""
        self._read_files()
        text = script.only_state(self.files, {step.target: step.detail["snapshot"]}, {}, ())
        self.system.run(["/bin/sh", "-s"], stdin=text)

    def _governed(self, found, links):
        raise NotImplementedError

    def _reload(self, paths):
        raise NotImplementedError

    def _configure(self, link, step):
        raise NotImplementedError

    def _read_files(self):
        if self.stale:
            self._reload(sorted(self.stale))
            self.stale = set()

    def _exists(self, link):
        return self.system.exists("/sys/class/net/%s" % link.name)

    def _wait(self, link):
        end = time.monotonic() + WAIT_S
        while True:
            lacking = plan.lacks(link, State(self.files, observe.links(self.system), observe.rules(self.system)))
            if not lacking:
                return
            if time.monotonic() > end:
                text = "; ".join("%s is %s, not %s" % (key, pair[0], pair[1]) for key, pair in sorted(lacking.items()))
                what = "%s does not bring it about in %d s: %s" % (self.files.NAME, WAIT_S, text)
                raise EngineError(what, link.name, "See: " + self.files.SEE % link.name)
            time.sleep(0.5)


class Networkd(Backend):
    """systemd-networkd."""

    files = networkd

    def _governed(self, found, links):
        return foreign.networkd(self.system, found, links)

    def _reload(self, paths):
        self.system.run(["networkctl", "reload"])

    def _configure(self, link, step):
        exists, file = self._exists(link), step.detail["file"]
        if link.vlan and not exists and not file:
            # networkd makes it at boot; its port is not configured anew for that.
            words = ["link", link.parent, "name", link.name, "type", "vlan", "id", str(link.vlan)]
            self.system.run(["ip", "link", "add"] + words)
        elif exists and not file:
            self.system.run(["networkctl", "reconfigure", link.name])


class NetworkManager(Backend):
    """NetworkManager. A link that has our profile already is only held to it anew, and does not go down for that."""

    files = networkmanager

    def _governed(self, found, links):
        return foreign.networkmanager(self.system, found, links)

    def _reload(self, paths):
        self.system.run(["nmcli", "general", "reload", "conf"])
        profiles = [path for path in paths if path.endswith(".nmconnection")]
        if profiles:  # of a file that is gone it forgets the profile
            self.system.run(["nmcli", "connection", "load"] + profiles)

    def _configure(self, link, step):
        exists = self._exists(link)
        if exists and "up" in step.after:  # NetworkManager leaves a link as it is that somebody has put down
            self.system.run(["ip", "link", "set", "dev", link.name, "up" if link.up else "down"], check=False)
        if link.up and not (exists and self._reapplied(link)):
            self.system.run(["nmcli", "connection", "up", networkmanager.identity(link.name)])

    def _reapplied(self, link):
        active = self.system.run(["nmcli", "-g", "GENERAL.CON-UUID", "device", "show", link.name], check=False).out
        if active.strip() != networkmanager.identity(link.name):
            return False
        return self.system.run(["nmcli", "device", "reapply", link.name], check=False).rc == 0


BACKENDS = (Networkd, NetworkManager)


def running(system):
    """The Backend that the node's links are left to: systemd-networkd, else NetworkManager. Raises EngineError."""
    for backend in BACKENDS:
        if system.run(["systemctl", "is-active", "--quiet", backend.files.NAME], check=False).rc == 0:
            return backend(system)
    what = "runs neither %s" % " nor ".join(backend.files.NAME for backend in BACKENDS)
    raise EngineError("the node " + what, "network", "Start one: systemctl enable --now systemd-networkd")
