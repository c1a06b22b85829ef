# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The plan of a site out of saved topologies, with no node reachable: the subsystems' own plans on a SavedSystem."""

from __future__ import annotations

from ..module_utils.boot.subsystem import Boot
from ..module_utils.converge import converge
from ..module_utils.errors import EngineError
from ..module_utils.network.model import MANAGEMENT
from ..module_utils.network.run import act
from ..module_utils.rdma.subsystem import Rdma
from ..module_utils.sriov.subsystem import Sriov
from ..module_utils.tuning.subsystem import Tuning
from . import conflicts, role_options
from .conflicts_devices import device_of
from .offline.sample import is_sample
from .offline.saved_system import SavedSystem
from .plan import summary


def site(hosts, topologies, roles=None):
    """The plan document of plan.summary, with "samples": nodes whose topology is a sample, "unknown": without one,
    "left_out": {role that cannot be planned so: nodes that have something for it}, and "management": {link that the
    nodes may be managed over, and that would be changed: nodes}.

    hosts: {node: host variables}; topologies: {node: topology or None}; roles: names, None for all. Raises EngineError
    for a role that is not known."""
    chosen = _chosen(roles)
    found = {role: {} for role in chosen}
    clashes, answered, managed = {}, Answered(), {}
    for node, variables in sorted(hosts.items()):
        topology = topologies.get(node)
        answers = _node(variables, topology, chosen, answered) if topology else dict.fromkeys(chosen, _untold(node))
        clashes[node] = _conflicts(variables, topology)
        for role in chosen:
            found[role][node] = [answers[role]]
        for name in _management(variables, topology, answers):
            managed.setdefault(name, []).append(node)
    document = dict(summary(found, clashes), left_out=_left_out(hosts, roles), management=managed)
    known = {node: topologies.get(node) for node in sorted(hosts)}
    document["samples"] = [node for node, topology in known.items() if topology and is_sample(topology)]
    document["unknown"] = [node for node, topology in known.items() if not topology]
    return document


def _names(roles):
    """Names of roles out of a list, or out of a text with commas; None for all."""
    if roles is None:
        return [*ROLES, *ACCELERATORS]
    return [str(role).strip() for role in (roles.split(",") if isinstance(roles, str) else roles)]


def _chosen(roles):
    """The roles to plan, in their order."""
    names = _names(roles)
    unknown = [name for name in names if name not in ROLES and name not in ACCELERATORS]
    chosen = [role for role in ROLES if role in names]
    if unknown or not chosen:
        what = "no such role: %s" % ", ".join(unknown) if unknown else "names no role that can be planned so"
        raise EngineError(what, "plan_roles", "Roles that are planned on saved topologies: %s" % ", ".join(ROLES))
    return chosen


def _left_out(hosts, roles):
    """{role of accelerators: nodes whose testbed names such, or that have a catalogue for it}."""
    found = {}
    for role, kind in ACCELERATORS.items():
        nodes = [node for node, variables in sorted(hosts.items()) if _has_work(role, kind, variables)]
        if nodes and role in _names(roles):
            found[role] = nodes
    return found


def _has_work(role, kind, variables):
    entries = variables.get("testbed_accelerators")
    named = [entry.get("kind") for entry in (entries if isinstance(entries, list) else ()) if isinstance(entry, dict)]
    catalogue = variables.get(role + "_catalogue", variables.get("node_accelerator_catalogue"))
    return kind in named or bool(catalogue) or variables.get(role + "_state") == "absent"


def _management(variables, topology, answers):
    """Names of the links of networks for management that role node_network would change unasked."""
    steps = answers.get("node_network", {}).get("steps") or []
    changed = {step["target"] for step in steps if step["action"] == "configure-link"}
    if not changed:
        return []
    asked = role_options.params("node_network", variables)
    links = [link for link in asked["links"] or [] if link["purpose"] == MANAGEMENT]
    names = [name for link in links for name in _names_of(link, topology)]
    return [name for name in names if name in changed and name not in (asked["allow_management"] or [])]


def _names_of(link, topology):
    names = [link["interface"]] if link["interface"] else (device_of(link, topology) or {}).get("net") or []
    return ["%s.%d" % (name, link["vlan"]) if link["vlan"] else name for name in names]


def variables_of(host):
    """The variables of a host that a plan reads, out of Ansible's hostvars: those of the testbed and of the roles."""
    roles = tuple(role + "_" for role in [*ROLES, *ACCELERATORS])
    chosen = [name for name in host if name.startswith(roles) or name in TESTBED]
    return {name: host[name] for name in chosen}


def remarks(document):
    """Sentences to go below the table."""
    texts = []
    for key, what in (("samples", "planned on a generated sample"), ("unknown", "without a saved topology")):
        nodes = document[key]
        texts += ["%s: %s. Playbook discover saves what they really are." % (_some(nodes), what)] if nodes else []
    texts += ["%s: %s has something to do, and is not in this plan. %s" % (_some(nodes), role, WHY_LEFT_OUT)
              for role, nodes in document["left_out"].items()]  # fmt: skip
    return texts + ["%s: %s %s" % (_some(nodes), name, WHY_KEPT) for name, nodes in document["management"].items()]


def _some(nodes):
    return ", ".join(nodes[:8]) + (" and %d more" % (len(nodes) - 8) if len(nodes) > 8 else "")


def _untold(node):
    what = "nothing is known of %s: no saved topology; run playbook discover, or give its profile a sample"
    return _failed(what % node)


def _failed(text):
    return {"failed": True, "msg": text}


class Answered:
    """Nodes of one build ask much alike: each question is answered once."""

    def __init__(self):
        self.systems, self.known = {}, {}

    def get(self, role, variables, topology):
        """The answer of a role's module to what the role hands it on a node with these variables: as a role registers
        it, with steps and all, or failed and msg."""
        try:
            handed = role_options.handed(role, variables)
            key = (role, str(handed), id(topology))
            if key not in self.known:
                self.known[key] = self._answer(role, handed, topology)
            return self.known[key]
        except EngineError as error:
            return _failed(error.text())

    def _answer(self, role, handed, topology):
        try:
            return ROLES[role](role_options.checked(role, handed), self._system(topology))
        except EngineError as error:
            return _failed(error.text())

    def _system(self, topology):
        """One for each topology, which it keeps: so its id stays its own."""
        if id(topology) not in self.systems:
            self.systems[id(topology)] = SavedSystem(topology)
        return self.systems[id(topology)]


def _node(variables, topology, roles, answered):
    """{role: result} of one node."""
    return {role: answered.get(role, variables, topology) for role in roles}


def _conflicts(variables, topology):
    try:
        return conflicts.of_node(variables, topology)
    except EngineError as error:
        return [conflicts.conflict("testbed_*", error.what, error.advice)]


def _converged(make):
    return lambda params, system: converge(make(params, system), True)


NAMES = ("accelerators", "hugepages", "isolated_cpus", "kernel_arguments", "networks", "ports", "profile", "rdma")
TESTBED = {"testbed_" + name for name in (*NAMES, "reserved_cpus", "tuning")}
# Role: kind of its accelerators. Their steps hang on packages, kernel modules and firmware.
ACCELERATORS = {"node_gpu": "gpu", "node_fpga": "fpga", "node_accelerator": "accelerator"}
WHY_LEFT_OUT = "A saved topology tells no packages, modules and firmware: ask the nodes, by playbook plan."
WHY_KEPT = (
    "is in a network for management, and the connection may run over it. Where it is set up as asked for already, role "
    "node_network leaves it alone; else it refuses to change it, unless node_network_allow_management names it."
)
# What each role's module does in check mode; in the order in which the site playbook runs the roles.
ROLES = {
    "node_boot": _converged(Boot),
    "node_tuning": _converged(Tuning),
    "node_sriov": _converged(Sriov),
    "node_network": lambda params, system: act(params, True, system),
    "node_rdma": _converged(Rdma),
}
