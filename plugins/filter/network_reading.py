# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter network_reading."""

from __future__ import annotations

DOCUMENTATION = r"""
name: network_reading
short_description: Hold an independent reading of a node's networks against what was asked for
version_added: 0.1.0
description:
  - Reads iproute2's JSON, sysctls and nftables' JSON, and names each difference to what was asked for. Shares no code
    with module M(gedge.engine.network).
positional: _input
options:
  _input:
    description:
      - Output of C(ip -j -d -batch -) for the lines C(addr show), C(route show table all) and C(rule show).
    type: str
    required: true
  sysctls:
    description: Lines C(net.ipv4.conf.NAME.KEY = VALUE) of C(sysctl).
    type: str
    required: true
  rules:
    description: Output of C(nft -j list ruleset), empty where there is no nft.
    type: str
    required: true
  links:
    description: What was asked for, in the form of O(gedge.engine.network#module:links).
    type: list
    elements: dict
    required: true
  filters:
    description: What was asked for, in the form of O(gedge.engine.network#module:filters).
    type: list
    elements: dict
    default: []
  ports:
    description: The host variable C(testbed_ports), for the switch port of each link.
    type: list
    elements: dict
    default: []
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read addresses, routes and rules by iproute2
  ansible.builtin.command:
    argv: [ip, -j, -d, -batch, "-"]
    stdin: "addr show\nroute show table all\nrule show"
  changed_when: false
  register: iproute

- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (iproute.stdout | gedge.engine.network_reading('', '', links)).findings }}"
  vars:
    links:
      - {interface: ens1f0, network: sriov-a, purpose: data, vlan: 30, mtu: 1500, addresses: [192.168.20.100/28]}
"""

RETURN = r"""
_value:
  description:
    - C(findings); C(ends), the interfaces with network, purpose, addresses and MTU; C(filters), what may enter, by
      network; C(counters), packets and bytes by the comment of each rule; C(endpoints), for
      P(gedge.engine.switch_findings#filter).
  type: dict
  sample:
    findings: [{device: ens1f0.30 (sriov-a), what: "MTU 1500 asked for, 9000 found", advice: Run the site playbook}]
    ends: [{network: sriov-a, purpose: data, interface: ens1f0.30, addresses: [192.168.20.100/28], mtu: 1500}]
    filters: {sriov-a: []}
    counters: {"sriov-a not allowed": [12, 720]}
    endpoints: [{interface: ens1f0.30, title: ens1f0.30 (sriov-a), network: sriov-a, switch_port: tor/25}]
"""

from ansible.errors import AnsibleFilterError

from ..plugin_utils.verify import ingress, network


def network_reading(ip_json, sysctls, rules, links, filters=(), ports=()):
    """See DOCUMENTATION."""
    try:
        found, table = network.read(ip_json), ingress.read(rules)
        ends = network.interfaces(found["links"], links)
        return {
            "findings": _findings(found, network.sysctls(sysctls), table, ends, filters),
            "ends": [_end(end, found["links"]) for end in ends],
            "filters": {item["network"]: item.get("allow") for item in filters},
            "counters": ingress.counters(table),
            "endpoints": network.endpoints(ends, ports),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError("network_reading: %s: %s" % (type(error).__name__, error)) from error


def _findings(found, sysctls, table, ends, filters):
    interfaces_of = {}
    for end in ends:
        if end["interface"]:
            interfaces_of.setdefault(end["network"], []).append(end["interface"])
    guarded = {name for name, dummy in ingress.forwarded_pairs(table)}
    return (
        network.link_findings(found["links"], ends)
        + network.route_findings(found["routes"], ends)
        + network.separation_findings(sysctls, ends, guarded)
        + ingress.findings(table, filters, interfaces_of)
    )


def _end(end, links):
    kept = {key: end[key] for key in ("network", "purpose", "interface", "addresses")}
    return dict(kept, mtu=links.get(end["interface"], {}).get("mtu"))


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"network_reading": network_reading}
