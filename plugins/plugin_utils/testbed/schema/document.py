# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one schema of testbed.yml: the plugin validates with it, docs/schemas/testbed.schema.json publishes it."""

from __future__ import annotations

import json

from .base import record, text
from .node import nodes
from .profile import profiles
from .site import networks, site
from .switch import switches

PLUGIN = "gedge.engine.testbed"


def document():
    """JSON Schema (draft 2020-12) of a whole testbed.yml, as a dict without references."""
    properties = {
        "plugin": {
            "const": PLUGIN,
            "title": '"%s"' % PLUGIN,
            "description": "Tells Ansible which inventory plugin reads the file.",
            "examples": [PLUGIN],
        },
        "include": text(
            "the path of a file",
            "A file with sections that this one builds on, from the folder of this file.",
            "../shared/gs-server.yml",
            minLength=1,
        ),
        "site": site(),
        "networks": networks(),
        "switches": switches(),
        "profiles": profiles(),
        "nodes": nodes(),
    }
    body = record(
        "a testbed",
        "A site, its networks, switches, node profiles and nodes (gedge.engine).",
        properties,
        required=["plugin", "site", "networks", "profiles", "nodes"],
    )
    return dict({"$schema": "https://json-schema.org/draft/2020-12/schema"}, **body)


def published():
    """The text of docs/schemas/testbed.schema.json."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(published(), end="")
