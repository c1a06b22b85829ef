# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_validate."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_validate
short_description: What is wrong with a description of services
version_added: 0.1.0
description:
  - Checks what P(gedge.engine.service_normalize#filter) reads, and gives everything that is wrong as data instead of
    failing.
  - Text that is no YAML is one problem, whose path is its line and column.
positional: _input
options:
  _input:
    description: YAML text with one or many documents, one document as a mapping, or a list of documents.
    type: raw
    required: true
  strict:
    description: Whether what pinning would need to have rounded up, set equal or defaulted is a problem, too.
    type: bool
    default: false
  networks:
    description: The networks of the testbed by name (variable C(testbed_networks)); what names another one is refused.
    type: dict
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Refuse a file of services that is not right
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | to_nice_yaml }}"
  vars:
    problems: "{{ lookup('ansible.builtin.file', 'services.yml') | gedge.engine.service_validate(strict=true) }}"
"""

RETURN = r"""
_value:
  description:
    - C(path), C(value) (null where it is not plain), C(what), C(advice) and C(line) (null where no text was given) of
      each problem, in the order of the text; empty where all is right.
  type: list
  elements: dict
  sample:
    - path: containers[0].acceleration.compute.gppu
      value: gppu
      what: unknown word "gppu"
      advice: Did you mean "gpu"?
      line: 6
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.service.reader import validate


@tells
def service_validate(given, strict=False, networks=None):
    """See DOCUMENTATION."""
    return validate(given, strict, networks)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_validate": service_validate}
