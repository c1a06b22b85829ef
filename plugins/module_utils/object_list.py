# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Objects of a cluster as somebody gives them: a list of things that have a kind and a name."""

from __future__ import annotations

from .errors import EngineError


def checked(given, where):
    """The list, where all of it are objects with a name. Raises EngineError."""
    if not isinstance(given, list):
        raise EngineError("is not a list of objects", where, "Give what gedge.engine.service_manifests returns")
    for index, one in enumerate(given):
        metadata = one.get("metadata") if isinstance(one, dict) else None
        texts = (
            (one.get("kind"), one.get("apiVersion"), metadata.get("name")) if isinstance(metadata, dict) else (None,)
        )
        if not all(isinstance(text, str) for text in texts):
            raise EngineError("is no object with apiVersion, kind and name", "%s[%d]" % (where, index))
    return given
