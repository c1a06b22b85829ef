# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Stable MAC addresses for VFs, so that two nodes of one profile never share one."""

from __future__ import annotations

import hashlib


def automatic_mac(site, node, nic, port, vf):
    """A locally administered unicast MAC, the same in each run: 46 bits of a hash of the VF's place."""
    digest = hashlib.sha256("/".join((site, node, nic, port, str(vf))).encode()).digest()
    first = (digest[0] & 0xFC) | 0x02
    return ":".join("%02x" % byte for byte in (first, *digest[1:6]))
