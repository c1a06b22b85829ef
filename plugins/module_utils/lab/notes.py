# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a lab remembers that cannot be read from its processes: lab.json, and the ssh_config that follows from it."""

from __future__ import annotations

import json
import os

from . import sshaccess

FILE = "lab.json"


class Notes:
    """{"nodes": {name: {"machine", "ssh_host", "ssh_port", "digest", "image", "accel", "address", "boot_seconds",
    "attempts", "system"}}}."""

    def __init__(self, system, folder):
        self.system, self.folder = system, folder

    def path(self):
        """The file."""
        return os.path.join(self.folder, FILE)

    def nodes(self):
        """What is noted of each node; nothing where there is no file, or half a one."""
        try:
            with open(self.path(), encoding="utf-8") as handle:
                return json.load(handle)["nodes"]
        except (OSError, ValueError, KeyError):
            return {}

    def of(self, name):
        """What is noted of one node."""
        return self.nodes().get(name, {})

    def note(self, name, **values):
        """Remember something about a node."""
        nodes = self.nodes()
        nodes.setdefault(name, {}).update(values)
        self._save(nodes)

    def forget(self, name):
        """A node is no more."""
        nodes = self.nodes()
        nodes.pop(name, None)
        self._save(nodes)

    def _save(self, nodes):
        self.system.write_file(self.path(), json.dumps({"nodes": nodes}, indent=1, sort_keys=True) + "\n")
        hosts = [
            ([name, one.get("address")], one.get("ssh_host", sshaccess.LOOPBACK), one["ssh_port"])
            for name, one in sorted(nodes.items())
        ]
        self.system.write_file(sshaccess.config_path(self.folder), sshaccess.config(self.folder, hosts), 0o600)
