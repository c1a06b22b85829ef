# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Writes inventories/shared/gs-server.topology.json: a generated sample (plugin_utils/offline/sample.py), no machine.

python tools/sample_topology.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server  # noqa: E402

PATH = ROOT / "inventories" / "shared" / "gs-server.topology.json"


def text():
    """The text of the file, in the form in which playbook discover saves a topology."""
    return json.dumps(server(), indent=4, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
