# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How deep a YAML text may nest: what reads it recurses, in C too, where enough of it ends the process."""

from __future__ import annotations

import yaml

from ..module_utils.errors import EngineError

MOST = 64  # several times what any file of ours needs


def check_depth(data, loader):
    """Raise EngineError for bytes that nest too deep; goes through their events, which needs no recursion."""
    depth = 0
    for event in yaml.parse(data, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST:
            raise too_deep(event)


def too_deep(place):
    """The EngineError; place: the node or event."""
    what = "nested more than %d levels deep" % MOST
    return EngineError(what, "line %d" % (place.start_mark.line + 1), "Look for brackets that nothing closes")
