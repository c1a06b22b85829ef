# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What Linux takes: one truth for the options of modules and for the testbed's schema.

What a device takes is less; that is asked of the device."""

from __future__ import annotations

MTU = (68, 65535)  # the least that an IPv4 link has; the largest IP packet
IPV6_MTU = 1280  # the least that IPv6 needs
RATE = (0, 1000000)  # Mbit/s, of a VF
# An interface: what a file name, a sysctl, an nft chain and a unit can all carry without quoting trouble.
INTERFACE = "[A-Za-z0-9][A-Za-z0-9._@-]{0,14}"
NO_INTERFACE = ("all", "default", "lo")  # the first two are the kernel's words for many
