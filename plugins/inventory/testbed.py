# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Inventory plugin gedge.engine.testbed: one file describes a site, this makes hosts of it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: testbed
short_description: Hosts, groups and addresses from one description of a testbed
version_added: 0.1.0
author:
  - The gedge.engine authors (@gedge-engine)
description:
  - Reads a file named C(testbed.yml) or C(testbed.yaml) which describes a site. It holds the site's networks (VLAN,
    CIDR), its L2 switches (media, VLAN and peer of each port), its node profiles (NICs and the network of each port,
    VFs, accelerators) and its nodes (profile, index).
  - Makes a host of each node, with its addresses, ports and VFs as variables, and the groups C(testbed), C(site_S),
    C(profile_P), C(network_N) and C(accelerator_KIND), beside those that a node asks for. A C(-) in a name becomes
    C(_).
  - Refuses a file with faults and names all of them at once, each with the path of the key, its value, what is wrong
    and what to write instead. Among the faults are networks that overlap, a VLAN or an address used twice, a node port
    whose network the switch port does not carry, a plug that does not fit, two uplinks that make a loop, and
    misspelled keys.
  - C(include) names a file with sections that several sites share. What the site's own file says goes over it.
  - Every key is explained in C(docs/testbed.md) of the collection. Its JSON Schema is
    C(docs/schemas/testbed.schema.json).
requirements:
  - jsonschema >= 4.20 (on the controller)
  - netaddr >= 1.0 (on the controller)
options:
  plugin:
    description: Names this plugin.
    type: str
    required: true
    choices: [gedge.engine.testbed]
notes:
  - All hosts have C(testbed_site), C(testbed_networks), C(testbed_nodes) (the addresses of each node) and
    C(testbed_switches) (each port by number).
  - C(testbed_nodes) and C(testbed_switches) are templates that look into C(testbed_tables) of the first node. So the
    tables, which grow with the site, are not repeated for each host.
"""

EXAMPLES = r"""
# inventories/lab/testbed.yml
plugin: gedge.engine.testbed
site: {name: lab}
networks:
  management: {purpose: management, vlan: 20, cidr: 192.168.10.96/28, first: 192.168.10.100}
  sriov-a: {purpose: sriov, vlan: 30, cidr: 192.168.20.96/28}
switches:
  tor:
    ports:
      "1": {media: rj45, vlan: 20, peer: node1/nic0/1}
      "25": {media: sfp+, tagged: [30], peer: node1/nic1/1}
profiles:
  edge:
    nics:
      nic0: {media: rj45, ports: {"1": {network: management}}}
      nic1:
        media: sfp+
        ports:
          "1":
            network: sriov-a
            pci: "0000:21:00.0"
            vfs: {count: 4, config: [{range: "0-3", network: sriov-a, mac: auto}]}
nodes:
  node1: {profile: edge, index: 0}
"""

import os

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.template import trust_as_template

from ..module_utils.errors import EngineError
from ..plugin_utils import warm
from ..plugin_utils.testbed.expand import expand
from ..plugin_utils.testbed.libraries import MISSING
from ..plugin_utils.testbed.reader import read_testbed

_TABLE = "{{ hostvars[groups['%s'][0]]['testbed_tables']['%s'] }}"


def _text(loader, path):
    try:
        return loader.get_text_file_contents(path, encoding="utf-8")
    except AnsibleError as error:
        raise EngineError("cannot be read: %s" % error, path, "Give a UTF-8 file that you may read") from None


class InventoryModule(BaseInventoryPlugin):
    """Thin: reads the text, lets plugin_utils/testbed judge and expand it, fills the inventory."""

    NAME = "gedge.engine.testbed"
    # The file is the operator's own, as a static YAML inventory is; the two templates below need it.
    trusted_by_default = True

    def verify_file(self, path):
        """True for a readable testbed.yml or testbed.yaml."""
        return super().verify_file(path) and os.path.basename(path) in ("testbed.yml", "testbed.yaml")

    def parse(self, inventory, loader, path, cache=True):
        """Fill the inventory from one file. Raises AnsibleParserError with all faults of the file."""
        super().parse(inventory, loader, path, cache)
        if MISSING:
            raise AnsibleParserError(MISSING)
        try:
            # The loader's, so that a file encrypted with ansible-vault is decrypted.
            self._fill(expand(read_testbed(_text(loader, path), path, lambda shared: _text(loader, shared))))
        except EngineError as error:
            raise AnsibleParserError(str(error)) from None
        warm.filters()

    def _fill(self, made):
        for host, variables in made.hosts.items():
            self.inventory.add_host(host)
            for key, value in variables.items():
                self.inventory.set_variable(host, key, value)
        for group, hosts in made.groups.items():
            self.inventory.add_group(group)
            for host in hosts:
                self.inventory.add_child(group, host)
        self._share(made)

    def _share(self, made):
        """What all hosts of the site know, localhost too; of several sites localhost knows the last.

        Large tables sit on one host: a copy for each would grow with the square of the number of nodes.
        """
        self.inventory.set_variable(next(iter(made.hosts)), "testbed_tables", made.tables)
        # Trusted one by one: where another source with variables was read before, its trust is kept for ours.
        lazy = {"testbed_" + name: trust_as_template(_TABLE % (made.site, name)) for name in made.tables}
        for group in ("all", made.site):
            for key, value in {**made.shared, **lazy}.items():
                self.inventory.set_variable(group, key, value)
