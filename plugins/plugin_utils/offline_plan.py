# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The plan of a site out of saved topologies, with no node reachable: the subsystems' own plans on a SavedSystem.

The parameters of a role's module are the role's defaults, over which go the variables ROLE_OPTION that a node has.
"""

from __future__ import annotations

from ..module_utils.boot.subsystem import Boot
from ..module_utils.errors import EngineError
from ..module_utils.network.subsystem import Network
from ..module_utils.rdma.subsystem import Rdma
from ..module_utils.sriov.subsystem import Sriov
from ..module_utils.tuning.subsystem import Tuning
from . import asked_ingress, asked_network, asked_rdma, asked_sriov, conflicts
from .offline.answers import answer
from .offline.sample import is_sample
from .offline.saved_system import SavedSystem
from .plan import summary


def site(hosts, topologies, roles=None):
    """The plan document of plan.summary, with "samples": nodes whose topology is a sample, and "unknown": without one.

    hosts: {node: host variables}; topologies: {node: topology or None}; roles: names, None for all."""
    chosen = [role for role in ROLES if roles is None or role in roles]
    found = {role: {} for role in chosen}
    clashes, answered = {}, Answered()
    for node, variables in hosts.items():
        topology = topologies.get(node)
        answers = _node(variables, topology, chosen, answered) if topology else dict.fromkeys(chosen, _untold(node))
        clashes[node] = conflicts.of_node(variables, topology)
        for role in chosen:
            found[role][node] = [answers[role]]
    document = summary(found, clashes)
    known = {node: topologies.get(node) for node in sorted(hosts)}
    document["samples"] = [node for node, topology in known.items() if topology and is_sample(topology)]
    document["unknown"] = [node for node, topology in known.items() if not topology]
    return document


def variables_of(host):
    """The variables of a host that a plan reads, out of Ansible's hostvars: those of the testbed and of the roles."""
    roles = tuple(role + "_" for role in ROLES)
    chosen = [name for name in host if name.startswith(roles) or name in TESTBED]
    return {name: host[name] for name in chosen}


def remarks(document):
    """Sentences to go below the table."""
    texts = []
    for key, what in (("samples", "planned on a generated sample"), ("unknown", "without a saved topology")):
        nodes = document[key]
        shown = ", ".join(nodes[:8]) + (" and %d more" % (len(nodes) - 8) if len(nodes) > 8 else "")
        texts += ["%s: %s. Playbook discover saves what they really are." % (shown, what)] if nodes else []
    return texts


def _untold(node):
    text = "nothing is known of %s: no saved topology; run playbook discover, or give its profile a sample" % node
    return {"failed": True, "msg": text}


class Answered:
    """Nodes of one build ask much alike: each question is answered once."""

    def __init__(self):
        self.systems, self.known = {}, {}

    def get(self, role, params, topology):
        """The answer of a role's module."""
        key = (role, str(params), id(topology))
        if key not in self.known:
            self.known[key] = answer(ROLES[role][0], params, self._system(topology))
        return self.known[key]

    def _system(self, topology):
        """One for each topology, which it keeps: so its id stays its own."""
        if id(topology) not in self.systems:
            self.systems[id(topology)] = SavedSystem(topology)
        return self.systems[id(topology)]


def _node(variables, topology, roles, answered):
    """{role: result} of one node."""
    return {role: answered.get(role, _params(role, variables), topology) for role in roles}


def _params(role, variables):
    try:
        made = ROLES[role][1](variables)
    except EngineError as error:
        return error
    return {key: variables.get("%s_%s" % (role, key), value) for key, value in made.items()}


def _boot(variables):
    return {
        "iommu": "on" if any(port.get("vfs") for port in variables.get("testbed_ports") or []) else "leave",
        "isolated_cpus": variables.get("testbed_isolated_cpus") or "",
        "nohz_full": variables.get("testbed_tuning") == "edge-accelerated",
        "hugepages": variables.get("testbed_hugepages") or [],
        "default_hugepagesz": "",
        "arguments": variables.get("testbed_kernel_arguments") or [],
        "modules": [],
        "module_options": {},
        "state": "present",
    }


def _tuning(variables):
    return {
        "profile": variables.get("testbed_tuning") or "none",
        "hugepages": variables.get("testbed_hugepages") or [],
        "sysctls": {},
        "isolated_cpus": variables.get("testbed_isolated_cpus") or "",
        "governor": "",
        "state": "present",
    }


def _sriov(variables):
    ports = variables.get("testbed_ports") or []
    pfs = [_filled(item) for item in asked_sriov.pfs(ports)]
    at_boot = variables.get("node_boot_iommu", _boot(variables)["iommu"]) == "on"
    return {"pfs": pfs, "ports": ports, "allow_vf_loss": [], "iommu_at_boot": at_boot, "state": "present"}


def _filled(item):
    """As Ansible fills an item with the options that are not given."""
    select = dict.fromkeys(("name", "address", "network", "vendor", "device", "numa_node"))
    return {"mtu": None, "up": None, **item, "select": {**select, **item["select"]}}


def _network(variables):
    ports, networks = variables.get("testbed_ports") or [], variables.get("testbed_networks") or {}
    return {
        "links": asked_network.links(ports, networks),
        "filters": asked_ingress.filters(ports, networks),
        "separation": True,
        "policy_routing": True,
        "allow_management": [],
        "confirm_within": 60,
        "state": "present",
    }


def _rdma(variables):
    asked = asked_rdma.asked(variables.get("testbed_rdma") or {}, variables.get("testbed_ports") or [])
    if asked["roce"]:
        asked["roce"] = {**asked["roce"], "interfaces": [_place(item) for item in asked["roce"]["interfaces"]]}
    some = bool(variables.get("testbed_rdma"))
    rest = {"drivers": some, "memlock": "unlimited" if some else None, "memlock_services": [], "state": "present"}
    return {**asked, "rxe": [_place(item) for item in asked["rxe"]], **rest}


def _place(item):
    return {"interface": None, "pci": None, "vlan": None, **item}


NAMES = ("accelerators", "hugepages", "isolated_cpus", "kernel_arguments", "networks", "ports", "profile", "rdma")
TESTBED = {"testbed_" + name for name in (*NAMES, "reserved_cpus", "tuning")}
# In the order in which the site playbook runs them.
ROLES = {
    "node_boot": (Boot, _boot),
    "node_sriov": (Sriov, _sriov),
    "node_network": (Network, _network),
    "node_rdma": (Rdma, _rdma),
    "node_tuning": (Tuning, _tuning),
}
