# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Each fault of a testbed.yml, made alone in a good file: named once, with its path, what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import yaml
from helpers.testbed_file import load_testbed
from unit.testbed.edits import FIXTURES, edited, good, problems, problems_of_text


@dataclass
class Fault:
    """One row of faults.yml: edits of good.yml, then the one problem that must come of them."""

    name: str
    path: str
    what: str
    advice: str
    set: dict = field(default_factory=dict)
    drop: list = field(default_factory=list)
    rename: dict = field(default_factory=dict)


def rows():
    """All rows of the table."""
    sections = yaml.safe_load((FIXTURES / "faults.yml").read_text(encoding="utf-8"))
    return [Fault(**row) for section in sections.values() for row in section]


@pytest.mark.parametrize("fault", rows(), ids=lambda fault: fault.name)
def test_a_fault_is_named_once_with_path_and_advice(fault):
    found = problems(edited(good(), fault.set, fault.drop, fault.rename))
    assert [path for path, _what, _advice in found] == [fault.path], found
    _path, what, advice = found[0]
    assert fault.what in what
    assert fault.advice in advice
    assert what and advice


def test_the_good_files_are_good(root):
    good_files = [FIXTURES / "good.yml", FIXTURES / "deck-corrected.yml", *root.glob("inventories/*/testbed.yml")]
    assert len(good_files) > 2
    for path in good_files:
        assert load_testbed(path).nodes, path


def test_faults_hide_none_in_other_places():
    """All come in one run and in the order of the file, those of the structure beside those of the rules."""
    edits = {
        "networks/public/gateway": "10.0.0.1",
        "networks/sriov-a/mtu": 5,
        "switches/tor/ports/10/vlan": 10,
        "switches/tor/ports/28/media": "sfp",
        "profiles/edge/nics/82599/ports/1/vfs/config/1/min_tx_rate": 300,
        "profiles/edge/reserved_cpus": "x",
        "nodes/node1/lab/cpus": 1,
        "nodes/store/profile": "storag",
    }
    found = problems(edited(good(), edits))
    assert [path for path, _what, _advice in found] == [
        "networks.public.gateway",
        "networks.sriov-a.mtu",
        "switches.tor.ports.10.peer",
        "switches.tor.ports.28.media",
        "profiles.edge.nics.82599.ports.1.vfs.config[1].min_tx_rate",
        "profiles.edge.reserved_cpus",
        "nodes.node1.lab.cpus",
        "nodes.store.profile",
    ]


# The deck's wiring as it was drawn: its eleven real faults, and no other.
OUTSIDE = "is outside network "
MEDIA = "the NIC port is sfp+, but the switch port is rj45"
DRAWN = [
    ("switches.l2.ports.17.peer", MEDIA),
    ("switches.l2.ports.18.peer", MEDIA),
    ("switches.l2.ports.19.peer", MEDIA),
    ("switches.l2.ports.23.peer", MEDIA),
    ("switches.l2.ports.27.peer", "second uplink in VLAN 10 beside port 1, without a LAG"),
    ("nodes.master.addresses.private-2", OUTSIDE + "private-2 (192.168.20.96/28)"),
    ("nodes.master.addresses.private-3", OUTSIDE + "private-3 (192.168.30.96/28)"),
    ("nodes.worker1.addresses.private-2", OUTSIDE + "private-2 (192.168.20.96/28)"),
    ("nodes.worker1.addresses.private-3", OUTSIDE + "private-3 (192.168.30.96/28)"),
    ("nodes.worker2.addresses.private-2", OUTSIDE + "private-2 (192.168.20.96/28)"),
    ("nodes.worker2.addresses.private-3", OUTSIDE + "private-3 (192.168.30.96/28)"),
]


def test_the_deck_as_drawn_is_refused_for_its_real_faults():
    found = problems_of_text((FIXTURES / "deck-as-drawn.yml").read_text(encoding="utf-8"))
    assert [path for path, _what, _advice in found] == [path for path, _what in DRAWN]
    for (_path, what), (_same, said, advice) in zip(DRAWN, found):
        assert what in said
        assert advice
    assert "belongs to network private-3 (VLAN 40)" in found[5][2]
