#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: debian_files
short_description: Programs of Debian packages with their libraries, as files for an image
version_added: 0.1.0
description:
  - Fetches packages with apt into a cache, holds each one against the SHA-256 of apt's lists, unpacks it there, and
    finds every library that the programs load. Nothing is installed on this machine.
  - What comes out is what M(gedge.engine.image_archive) takes.
  - Needs C(apt-get), C(apt-cache) and C(dpkg-deb); the packages are those of this machine's distribution and
    architecture.
author:
  - The gedge.engine authors (@gedge-engine)
options:
  packages:
    description: Names of the packages. Libraries that they depend on come along.
    type: list
    elements: str
    required: true
  programs:
    description: Absolute paths of the programs in these packages.
    type: list
    elements: str
    required: true
  folders:
    description: Folders of which all files come along, such as plugins that no program names; C(*) stands for anything.
    type: list
    elements: str
    default: []
  cache:
    description: Folder for the unpacked packages, C(~/.cache/gedge-engine) where it is left out.
    type: path
attributes:
  check_mode:
    support: full
    description: Says whether packages would be fetched; C(files) is empty then.
"""

EXAMPLES = r"""
- name: Have iperf3 with its libraries
  gedge.engine.debian_files:
    packages: [iperf3]
    programs: [/usr/bin/iperf3]
  delegate_to: localhost
  register: iperf3

- name: Make an image of it
  gedge.engine.image_archive:
    path: /var/tmp/iperf3.tar
    name: gedge.local/iperf3:1
    files: "{{ iperf3.files }}"
    entrypoint: [/usr/bin/iperf3]
  delegate_to: localhost
"""

RETURN = r"""
files:
  description: The file on this machine for each path in the image.
  returned: success
  type: dict
  sample: {/usr/bin/iperf3: /root/.cache/gedge-engine/programs/debian-files/5f0e/debian-files/usr/bin/iperf3}
packages:
  description: C(file) and C(sha256) of each package.
  returned: success
  type: list
  elements: dict
sha256:
  description: The SHA-256 of each file, by its path in the image.
  returned: success
  type: dict
"""

from ..module_utils.artifacts.debian import collect
from ..module_utils.node_module import run_action

ARGUMENT_SPEC = {
    "packages": {"type": "list", "elements": "str", "required": True},
    "programs": {"type": "list", "elements": "str", "required": True},
    "folders": {"type": "list", "elements": "str", "default": []},
    "cache": {"type": "path"},
}


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, collect)


if __name__ == "__main__":
    main()
