# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_ledger."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_ledger
short_description: All services of a testbed, those of one source in place of what it had
version_added: 0.1.0
description:
  - A ledger keeps what a testbed promised to services between runs, so that what runs keeps its place and its
    addresses, and services of different files share nothing that can be given once only.
  - Services that the source does not have any more are left out, with what was promised to them. A name that another
    source has is refused.
positional: _input, normal, source
options:
  _input:
    description: The ledger of the last run, or the text of its file; C({}) or an empty text at first.
    type: raw
    required: true
  normal:
    description: What P(gedge.engine.service_normalize#filter) gave; empty C(services) and C(meshes) remove the source.
    type: dict
    required: true
  source:
    description: What the services are from, such as the name of their file.
    type: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Add the services of a file to those of the testbed
  ansible.builtin.set_fact:
    ledger: "{{ ({} | gedge.engine.service_ledger(normal, 'detector.yml')).ledger }}"
  vars:
    normal: {services: [], meshes: []}
"""

RETURN = r"""
_value:
  description: The ledger, and what is not in it any more.
  type: dict
  contains:
    ledger:
      description: The ledger.
      type: dict
      contains:
        sources: {description: "What each source has, as [kind, namespace, name].", type: dict}
        services: {description: Services in normal form., type: list, elements: dict}
        meshes: {description: Meshes in normal form., type: list, elements: dict}
        placements: {description: What was promised and still holds., type: list, elements: dict}
        addresses: {description: Static addresses that were handed out., type: list, elements: dict}
    gone:
      description: Services that are taken away, those outside of namespace default as NAMESPACE/NAME.
      type: list
      elements: str
      sample: [detector, edge/decoder]
    notes:
      description: Whether there was nothing to take away, with the sources that the ledger has; in the form of the
        notes of P(gedge.engine.service_normalize#filter).
      type: list
      elements: dict
"""

from ..plugin_utils import service_ledger as ledgers
from ..plugin_utils.filter_errors import tells


@tells
def service_ledger(ledger, normal, source):
    """See DOCUMENTATION."""
    return ledgers.take(ledger, normal, source)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_ledger": service_ledger}
