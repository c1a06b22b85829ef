#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_host_facts
short_description: What a host lacks to build and run a virtual testbed
version_added: 0.1.0
description:
  - Looks for the programs that the lab needs (QEMU with the igb NIC, mmdebstrap, ...) and says which packages bring
    those that are missing.
  - Where the release's own QEMU is too old, says which release has a newer one, and the apt source to add for it. Its
    address is that of the host's own Debian archive.
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - Debian 12 or 13 on x86_64.
attributes:
  check_mode:
    support: full
    description: Changes nothing.
"""

EXAMPLES = r"""
- name: See what the lab needs
  gedge.engine.lab_host_facts:
  register: host

- name: Say what is missing
  ansible.builtin.debug:
    var: host.missing
"""

RETURN = r"""
missing:
  description: What is missing; empty lists where nothing is.
  returned: success
  type: dict
  contains:
    packages:
      description: Packages of the host's own release.
      type: list
      elements: str
    qemu_version:
      description: Version of the QEMU that is installed, null where none is.
      type: str
      sample: "10.0"
    qemu_packages:
      description: Packages to install from RV(missing.release), empty where the QEMU that is installed will do.
      type: list
      elements: str
    release:
      description: The release that has a new enough QEMU, null for the host's own.
      type: str
      sample: bookworm-backports
    source:
      description: The apt source to add for that, as C(uri) and C(suite), null where it is there.
      type: dict
root:
  description: Whether this run may install packages and build images.
  returned: success
  type: bool
"""

import os

from ..module_utils.lab import host
from ..module_utils.node_module import run_facts
from ..module_utils.system import System


def main():
    """Look, and exit."""
    run_facts({}, lambda params: {"missing": host.look(System()), "root": os.geteuid() == 0})


if __name__ == "__main__":
    main()
