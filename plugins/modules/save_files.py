#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: save_files
short_description: Save several texts as files of one folder in one call
version_added: "0.1.0"
description:
  - Makes the folder where it is missing, and writes each file whose text differs.
  - One module call for what would be one M(ansible.builtin.file) and an M(ansible.builtin.copy) for each file, which
    counts where every node of a site saves its reports on the controller.
  - A file is put in place whole, so a reader sees the old text or the new one.
options:
  folder:
    description:
      - Absolute path of the folder.
    type: path
    required: true
  files:
    description:
      - The text of each file, by its name.
    type: dict
    required: true
  remove:
    description:
      - Patterns of file names, such as V(*.env).
      - A file of the folder that matches one and is none of O(files) is removed.
    type: list
    elements: str
    default: []
  unchanged:
    description:
      - By file name, the text from which O(files) were made, empty for a file that was not there.
      - Nothing is written where the file is another by now, as after another run at the same time.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Can run in check mode and tell what it would change.
    support: full
  diff_mode:
    description: Shows each file before and after.
    support: full
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Save two notes on the controller
  gedge.engine.save_files:
    folder: /tmp/notes
    files:
      one.txt: "first\n"
      two.json: "{{ {'a': 1} | to_nice_json }}\n"
  delegate_to: localhost
"""

RETURN = r"""
files:
  description: Names of the files that were written, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [one.txt]
removed:
  description: Names of the files that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ..module_utils.node_module import run_action
from ..module_utils.saved_files import one_at_a_time, save
from ..module_utils.system import System


def run(params, check_mode):
    """Save what differs."""
    texts = {name: str(text) for name, text in params["files"].items()}
    with one_at_a_time(params["folder"]):
        return save(System(), params["folder"], texts, check_mode, params["remove"], params["unchanged"])


def main():
    """Run the module."""
    spec = {
        "folder": {"type": "path", "required": True},
        "files": {"type": "dict", "required": True},
        "remove": {"type": "list", "elements": "str", "default": []},
        "unchanged": {"type": "dict", "default": {}},
    }
    run_action(spec, run)


if __name__ == "__main__":
    main()
