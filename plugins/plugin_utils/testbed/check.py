# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""All rules over one testbed."""

from __future__ import annotations

from itertools import chain

from .rules import addresses, cabling, ingress, mtus, networks, ports, rdma, references, settings, vfs

RULES = (networks, references, ports, cabling, addresses, vfs, mtus, settings, ingress, rdma)


def check(testbed):
    """All findings of all rules, in no particular order."""
    return list(chain.from_iterable(rule.check(testbed) for rule in RULES))
