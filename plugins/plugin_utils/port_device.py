# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which device of a node a port of the testbed is: by its PCI address or its interface."""

from __future__ import annotations

from ..module_utils.errors import EngineError


def device(port, *keys):
    """(key, value) of the first key that the port has. port: of the host variable testbed_ports. Raises EngineError."""
    for key in keys:
        if port.get(key):
            return key, port[key]
    raise EngineError(
        "nothing says which device it is",
        "port %s/%s" % (port.get("nic"), port.get("port")),
        "Give the port of the profile its pci or interface",
    )
