# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The addresses that manifests hand out, read back from them for the next run."""

from __future__ import annotations

import json

from ..errors import EngineError
from . import names
from .addresses import FIELDS


def read(objects):
    """[{network, address, namespace, service, replica, number}] of workloads, sorted. Raises EngineError."""
    found = []
    for one in objects if isinstance(objects, list) else [None]:
        metadata = one.get("metadata") if isinstance(one, dict) else None
        if not isinstance(metadata, dict):
            raise EngineError("is not a list of objects", "service_addresses", "Give manifests, or what a cluster has")
        text = (metadata.get("annotations") or {}).get(names.ADDRESSES)
        if text:
            found += _read(text, "%s %s" % (one.get("kind"), metadata.get("name")))
    return sorted(found, key=names.compact)


def _read(text, where):
    try:
        leases = json.loads(text)
        return [{key: lease[key] for key in (*FIELDS, "address")} for lease in leases]
    except (ValueError, TypeError, KeyError):
        advice = "Take it away; addresses are dealt anew then"
        raise EngineError("the annotation %s cannot be read" % names.ADDRESSES, where, advice) from None
