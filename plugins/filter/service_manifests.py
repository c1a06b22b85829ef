# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_manifests."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_manifests
short_description: Kubernetes objects of placed services
version_added: 0.1.0
description:
  - Makes the objects that run services as they were placed, sorted and stable, so that they can be kept in git and
    applied in their order. The device plugin's pools, the NetworkAttachmentDefinitions and what pods request come from
    one table.
  - Replicas with the same pod are one workload, which has the service's name if it holds the first replica, else
    C(NAME-NUMBER). A replica on another node, with another device pool or with an address of its own is another one.
  - All faults are told at once. What is worth knowing and no fault is a warning.
  - See docs/manifests.md for each object.
positional: _input, placement, testbed, options
options:
  _input:
    description: What P(gedge.engine.service_normalize#filter) gave, with C(services) and C(meshes).
    type: dict
    required: true
  placement:
    description: What P(gedge.engine.placement#filter) gave.
    type: dict
    required: true
  testbed:
    description:
      - C(networks), C(switches) and C(nodes), the variables C(testbed_networks), C(testbed_switches) and
        C(testbed_nodes); C(ports), C(testbed_ports) by node; C(topologies), what M(gedge.engine.topology_facts)
        returned, by node.
      - C(networks) and C(ports) are needed where there are VFs or macvlan. Topologies tell what VFs there are, their
        addresses and drivers, and names of interfaces that the testbed does not name.
    type: dict
    required: true
  options:
    description: How the objects are made; what is left out has its default.
    type: dict
    default: {}
    suboptions:
      backend:
        description:
          - C(extended-resources) for device plugins, C(dra) for claims of Dynamic Resource Allocation.
          - C(auto) takes C(dra) where O(options.cluster) has Kubernetes 1.34 or later and a driver for each kind of
            device that is asked for.
        type: str
        choices: [auto, extended-resources, dra]
        default: auto
      cluster:
        description: C(version) of the cluster, and C(drivers), the names of its DRA drivers.
        type: dict
      prefix:
        description: Domain of the resources that our device pools are called by.
        type: str
        default: gedge.io
      resources:
        description:
          - Names of the resources C(gpu) (nvidia.com/gpu), C(fpga) (PREFIX/fpga) and C(asic) (PREFIX/asic).
          - One with our prefix gets a pool of the SR-IOV device plugin; any other is another plugin's.
        type: dict
      device_plugin:
        description:
          - C(name) and C(namespace) of the ConfigMap of the SR-IOV device plugin (sriovdp-config, kube-system).
          - C(layout) C(per-node) gives each node a file, C(NODE.json); C(shared) all nodes C(config.json), which is
            refused where a PF means different pools on different nodes.
        type: dict
      rdma:
        description:
          - C(mode) C(shared) or C(exclusive), as the nodes are set; C(exclusive) chains the rdma CNI plugin.
          - C(prefix) (rdma), C(most) pods per device (63), C(name) and C(namespace) of the ConfigMap of the shared
            RDMA device plugin (rdma-devices, kube-system).
        type: dict
      cni_version:
        description: The C(cniVersion) of CNI configurations.
        type: str
        default: 0.3.1
      addresses:
        description:
          - Addresses that were handed out before, as P(gedge.engine.service_addresses#filter) reads them. Who had one
            keeps it; one of a service that is not given here stays taken.
        type: list
        elements: dict
        default: []
      address_range:
        description:
          - The range of a network, by its name in the testbed, from which services get addresses. A network without it
            gives from its highest free address down, none of a node, switch, gateway or other range.
        type: str
        default: services
      affinity:
        description: Whether a promised node is a must (C(required)) or a wish (C(preferred)).
        type: str
        choices: [required, preferred]
        default: required
      unplaced:
        description:
          - C(refuse) services that were not placed, or make objects whose pods wait (C(pending)).
        type: str
        choices: [refuse, pending]
        default: refuse
      scheduler:
        description: The C(schedulerName) of pods, such as that of a profile with NodeResourceTopologyMatch.
        type: str
        default: ""
      namespaces:
        description: Whether Namespaces are made, too.
        type: bool
        default: false
      routes:
        description:
          - C(backend) C(gateway-api) (HTTPRoute) or C(istio) (VirtualService and DestinationRule).
          - C(channel) of Gateway API, C(standard) or C(experimental). The standard one has no retries; they are left
            out with a warning.
        type: dict
      gateway:
        description:
          - C(create) (true) makes a Gateway for each mesh that is reached from outside, of C(class) (istio), with
            C(port) (80), called C(name) or as the mesh; false uses the one called C(name) in C(namespace).
        type: dict
      mesh:
        description:
          - C(proxy) C(sidecar), C(ambient) or C(none); C(proxy_cpu) (100m) and C(proxy_memory) (128Mi) of a sidecar
            beside pinned containers, as requests and limits.
        type: dict
      dra:
        description:
          - Device classes of C(gpu) (gpu.nvidia.com), C(sriov) (sriovnetwork.k8snetworkplumbingwg.io), C(fpga) and
            C(asic) (none); a kind without one stays an extended resource.
          - C(select) C(pin) claims the very devices that were placed; C(match) any that share the PCIe root, where
            the distances prove that they do.
          - C(numa_attribute), such as C(dra.net/numaNode), where all drivers have one; it is used where devices share
            a known NUMA node and no PCIe root.
        type: dict
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Write the manifests of placed services
  ansible.builtin.copy:
    content: "{{ manifests | map('ansible.builtin.to_nice_yaml', sort_keys=false) | join('---\n') }}"
    dest: manifests.yml
    mode: "0644"
  delegate_to: localhost
  run_once: true
  vars:
    site:
      networks: "{{ testbed_networks }}"
      switches: "{{ testbed_switches }}"
      nodes: "{{ testbed_nodes }}"
      ports: "{{ dict(groups['testbed'] | zip(groups['testbed'] | map('extract', hostvars, 'testbed_ports'))) }}"
    manifests: "{{ services | gedge.engine.service_manifests(placement, site, {'rdma': {'mode': 'exclusive'}}) }}"
"""

RETURN = r"""
_value:
  description: The objects, what others refer to first.
  type: list
  elements: dict
"""

from ansible.utils.display import Display

from ..module_utils.manifests.build import build
from ..plugin_utils.filter_errors import tells


@tells
def service_manifests(services, placement, testbed, options=None):
    """The objects; notes become warnings. The arguments are the filter's options."""
    objects, notes = build(services, placement, testbed, options)
    for note in notes:
        Display().warning("service_manifests: %s" % note)
    return objects


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_manifests": service_manifests}
