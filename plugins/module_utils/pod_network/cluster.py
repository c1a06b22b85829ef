# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The nodes of a cluster with their pod networks, out of its Node objects. Pure."""

from __future__ import annotations

from ..errors import EngineError


def nodes(objects):
    """[{"name", "address", "pod_cidr"}] of the nodes that have both, by name. Raises EngineError."""
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise EngineError("is no list of Node objects", "nodes", "Give the resources of kubernetes.core.k8s_info")
    rows = []
    for one in objects:
        cidrs = one.get("spec", {}).get("podCIDRs") or [one.get("spec", {}).get("podCIDR")]
        told = one.get("status", {}).get("addresses") or ()
        internal = [each["address"] for each in told if each.get("type") == "InternalIP"]
        addresses = [address for address in internal if ":" not in address]
        cidr = next((text for text in cidrs if text and ":" not in text), None)
        if cidr and addresses:
            rows.append({"name": one["metadata"]["name"], "address": addresses[0], "pod_cidr": cidr})
    return sorted(rows, key=lambda row: row["name"])
