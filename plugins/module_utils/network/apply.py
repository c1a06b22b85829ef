# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Lets systemd-networkd bring an interface to what is asked for, and waits until it is there."""

from __future__ import annotations

import time

from ..errors import EngineError
from . import observe, plan, script
from .model import State

WAIT_S = 30  # networkd needs far less; an emulated machine may not


class Networkd:
    """Reloads once per change of files, reconfigures only what is named."""

    def __init__(self, system):
        """stale: files have changed that networkd has not read yet."""
        self.system = system
        self.stale = False

    def configure(self, step):
        """Bring one link to what is asked for. Raises EngineError where it does not come about."""
        link, file = step.detail["link"], step.detail["file"]
        self._reload()
        exists = self.system.exists("/sys/class/net/%s" % link.name)
        if link.vlan and not exists and not file:
            # networkd makes it at boot; its port is not configured anew for that.
            words = ["link", link.parent, "name", link.name, "type", "vlan", "id", str(link.vlan)]
            self.system.run(["ip", "link", "add"] + words)
        elif exists and not file:
            self.system.run(["networkctl", "reconfigure", link.name])
        self._wait(link)

    def restore(self, step):
        """Bring one interface back to a snapshot."""
        self._reload()
        shot = step.detail["snapshot"]
        text = script.only_state({step.target: shot}, {}, ())
        self.system.run(["/bin/sh", "-s"], stdin=text)

    def _reload(self):
        if self.stale:
            self.system.run(["networkctl", "reload"])
            self.stale = False

    def _wait(self, link):
        end = time.monotonic() + WAIT_S
        while True:
            links = observe.links(self.system)
            lacking = plan.lacks(link, State(links, observe.rules(self.system), {}, {}, {}, set()))
            if not lacking:
                return
            if time.monotonic() > end:
                text = "; ".join("%s is %s, not %s" % (key, pair[0], pair[1]) for key, pair in sorted(lacking.items()))
                advice = "See: networkctl status %s; journalctl -u systemd-networkd" % link.name
                raise EngineError("networkd does not bring it about in %d s: %s" % (WAIT_S, text), link.name, advice)
            time.sleep(0.5)
