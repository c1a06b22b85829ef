# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What Linux takes at most and at least: one truth for the options of modules and for the testbed's schema.

What a device takes is less; that is asked of the device."""

from __future__ import annotations

MTU = (68, 65535)  # the least that an IPv4 link has; the largest IP packet
RATE = (0, 1000000)  # Mbit/s, of a VF
