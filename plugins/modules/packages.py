#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: packages
short_description: Debian packages that a role needs, remembered for reset
version_added: 0.1.0
description:
  - Installs what is missing with C(apt-get), without recommended packages, and keeps on the node which packages came
    along, so that O(state=absent) purges exactly those and nothing else.
  - A package that was there before is never removed, and neither is one that somebody else installed later.
  - In check mode C(apt-get) is asked whether it could install them with the lists that it has. Where it could not, that
    is a warning, for a run refreshes them first.
  - For packages of your own M(ansible.builtin.apt) is the right module; this one serves the roles of the collection.
requirements:
  - Debian or a system made from it on the node.
options:
  names:
    description:
      - Packages as V(NAME) or V(NAME=VERSION).
      - With O(state=absent) only these are removed; left out or empty, all that this module has added.
    type: list
    elements: str
  state:
    description: V(present) installs what is missing; V(absent) purges what this module added.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Tools of RDMA
  gedge.engine.packages:
    names: [rdma-core, perftest]

- name: Take away all packages that the collection added
  gedge.engine.packages:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: apt, action: install-packages, reason: not installed, disruption: none, before: [], after: [perftest]}
disruption:
  description: The worst disruption among the steps; always V(none).
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.node_module import run_subsystem
from ..module_utils.packages.subsystem import Packages
from ..module_utils.system import System


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "names": {"type": "list", "elements": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Packages(params, System()))


if __name__ == "__main__":
    main()
