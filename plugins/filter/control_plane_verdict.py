# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter control_plane_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: control_plane_verdict
short_description: Hold what is read of a control plane against what was asked for
version_added: 0.1.0
description:
  - Takes what kubectl, openssl and etcd itself say, and names what is not ready, who lacks in etcd's cluster and which
    certificates end soon. Shares no code with module M(gedge.engine.control_plane).
positional: _input
options:
  _input:
    description:
      - "C(readyz), kubectl's return code and text; C(health), the HTTP status by component, -1 where nobody answers;
        C(members) of etcd's answer; C(ends), a line C(FILE notAfter=DATE) for each certificate that ends soon."
    type: dict
    required: true
  members:
    description: Names of the nodes that etcd's cluster shall consist of.
    type: list
    elements: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (reading | gedge.engine.control_plane_verdict(['master'])).findings }}"
  vars:
    reading:
      readyz: [0, ok]
      health: {etcd: 200, kube-apiserver: 200, kube-controller-manager: 200, kube-scheduler: -1}
      members: [{name: master}]
      ends: []
"""

RETURN = r"""
_value:
  description: C(findings), what is not as asked for, and C(proof), a line on what works.
  type: dict
  sample:
    findings:
      - device: kube-scheduler
        what: "kube-scheduler is not ready: nobody answers"
        advice: Run role cluster_control_plane; journalctl -u kube-scheduler has what it says
    proof: ["control plane: 3 of 4 components ready, etcd has master"]
"""

from ansible.errors import AnsibleFilterError

from ..plugin_utils.verify import control_plane


def control_plane_verdict(reading, members):
    """See DOCUMENTATION."""
    try:
        return control_plane.control_plane(reading, members)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AnsibleFilterError("control_plane_verdict: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name: function."""
        return {"control_plane_verdict": control_plane_verdict}
