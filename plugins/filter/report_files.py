# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter report_files."""

from __future__ import annotations

DOCUMENTATION = r"""
name: report_files
short_description: The report of a region as an HTML page and as JSON
version_added: 0.1.0
description:
  - Reads what the playbooks discover, plan and verify saved in a folder on the controller, and holds it against what
    the testbed file asks for.
  - A file that is missing or damaged is said to be so in the report; it is no error.
  - The same files and variables give the same two texts, so that they need no writing where nothing has changed.
positional: _input
options:
  _input:
    description:
      - By node, the variables that the inventory plugin P(gedge.engine.testbed#inventory) gives to it. Names that do
        not begin with C(testbed_) are not looked at.
    type: dict
    required: true
  folder:
    description: Folder with C(NODE.topology.json), C(plan.json) and C(verify.json).
    type: path
    required: true
  templates:
    description: Folder with the page's templates, which the role P(gedge.engine.report#role) has.
    type: path
    required: true
  region:
    description:
      - The site (C(site)), its networks (C(networks)) and its switches (C(switches)), as the inventory plugin gives
        them.
    type: dict
    required: true
  asked:
    description:
      - Files and folders in which the testbed is asked for, such as C(testbed.yml) and C(group_vars). A verification
        that is older than the newest of them is out of date.
    type: list
    elements: path
    default: []
  nodes:
    description: How many nodes are shown in full; those with findings, differences or steps come first.
    type: int
    default: 24
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Write the report of a region
  gedge.engine.save_files:
    folder: "{{ inventory_dir }}/facts"
    files: "{{ hosts | gedge.engine.report_files(inventory_dir ~ '/facts', '/opt/report/templates', region) }}"
  vars:
    hosts: "{{ dict(groups['testbed'] | zip(groups['testbed'] | map('extract', hostvars))) }}"
    region: {site: "{{ testbed_site }}", networks: "{{ testbed_networks }}", switches: "{{ testbed_switches }}"}
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: C(report.html) and C(report.json) with their texts.
  type: dict
"""

import json

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.report import model, page, reader

HOST_VARIABLES = (
    "testbed_accelerators",
    "testbed_addresses",
    "testbed_hugepages",
    "testbed_isolated_cpus",
    "testbed_kernel_arguments",
    "testbed_ports",
    "testbed_profile",
    "testbed_rdma",
    "testbed_reserved_cpus",
    "testbed_site",
    "testbed_tuning",
)


@tells
def report_files(hosts, folder, templates, region, asked=(), nodes=24):
    """See DOCUMENTATION."""
    chosen = {
        str(name): {key: variables[key] for key in HOST_VARIABLES if key in variables}
        for name, variables in hosts.items()
    }
    made = model.build(region, chosen, reader.read(folder, list(chosen), asked), int(nodes))
    text = json.dumps(made.document, indent=1, ensure_ascii=False) + "\n"
    return {"report.html": page.page(made, int(nodes), templates), "report.json": text}


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"report_files": report_files}
