"""A testbed.yml as the inventory plugin reads it, without Ansible's loader."""

from __future__ import annotations

from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.include import read_text
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed


def load_testbed(path):
    """Testbed of a file; raises as read_testbed, and EngineError for a file that cannot be read."""
    return read_testbed(read_text(path), str(path))
