# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""CNI configurations of a node as a runtime sees them: the first by name is the cluster's network."""

from __future__ import annotations

import json
from collections import namedtuple

ENDINGS = (".conf", ".conflist", ".json")
MULTUS = ("multus", "multus-shim")
# path; name: of the network; types: of its plugins; capabilities: {name: True} of any of them
Network = namedtuple("Network", "path name types capabilities")


def read(system, folder):
    """[Network] in the order of their files; a file that is no CNI configuration is left out, as runtimes do."""
    found = []
    for name in system.list(folder):
        if name.endswith(ENDINGS):
            path = "%s/%s" % (folder, name)
            network = parse(path, system.read(path) or "")
            found += [network] if network else []
    return found


def parse(path, text):
    """The Network of a file's text, None for what is none."""
    try:
        whole = json.loads(text)
        plugins = whole.get("plugins", [whole])
        types = tuple(one["type"] for one in plugins)
        able = {key: True for one in plugins for key, value in (one.get("capabilities") or {}).items() if value}
        return Network(path, whole["name"], types, able)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def is_multus(network):
    """Whether it is a Multus, thin or thick."""
    return bool(set(network.types) & set(MULTUS))
