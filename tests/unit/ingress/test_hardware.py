"""What a NIC says of itself, and what is reported. The first transcripts are of the lab's nodes, word for word."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.ingress import hardware
from ansible_collections.gedge.engine.plugins.module_utils.ingress.subject import Ingress
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

NO_RULES = "4 RX rings available\nTotal 0 rules\n\n"
REFUSED = "rxclass: Cannot get RX class rule count: Operation not supported\nRX classification rule retrieval failed\n"
IGB = "Features for ens1f0:\nntuple-filters: off [fixed]\nreceive-hashing: on\nhw-tc-offload: off [fixed]\n"
NICS = {
    "igb emulated by QEMU": (IGB, NO_RULES, []),
    "no answer": ("", "", []),
    "ntuple, off but to be had": ("ntuple-filters: off\nhw-tc-offload: off [fixed]\n", NO_RULES, [hardware.NTUPLE]),
    "ntuple, on": ("ntuple-filters: on\n", "64 RX rings available\nTotal 3 rules\n\nFilter: 7\n", [hardware.NTUPLE]),
    "ntuple said, and no rules": ("ntuple-filters: off\n", REFUSED, []),
    "flower": ("ntuple-filters: off [fixed]\nhw-tc-offload: off\n", REFUSED, [hardware.FLOWER]),
    "always on": ("hw-tc-offload: on [fixed]\n", "", [hardware.FLOWER]),
    "both": ("ntuple-filters: off\nhw-tc-offload: on\n", NO_RULES, [hardware.NTUPLE, hardware.FLOWER]),
}


@pytest.mark.parametrize("title", NICS)
def test_abilities(title):
    features, rules, expected = NICS[title]
    assert hardware.abilities(features, rules) == expected


class Node(System):
    """Files below a folder, and one NIC's answers."""

    def __init__(self, folder, nic):
        super().__init__(str(folder))
        self.nic = nic
        for name in ("ens1f0/lower_no", "ens1f0.30/lower_ens1f0", "bond0/lower_ens1f0", "bond0/lower_ens2f0", "ens2f0"):
            (folder / "sys/class/net" / name).mkdir(parents=True, exist_ok=True)
        (folder / "sys/class/net/ens1f0/lower_no").rmdir()

    def run(self, argv, check=True, stdin=None):
        """What ethtool says."""
        assert argv[0] == "ethtool"
        if self.nic is None:
            raise EngineError("the command is not installed", "ethtool")
        return CommandResult(0, self.nic[0 if argv[1] == "-k" else 1], "")


def report(node, **keys):
    """The only row of the report."""
    return Ingress([dict({"network": "a", "interfaces": ["ens1f0.30"], "allow": []}, **keys)], node).report()[0]


def test_what_is_said(tmp_path):
    node = Node(tmp_path, NICS["igb emulated by QEMU"])
    assert report(node) == {
        "network": "a",
        "interface": "ens1f0.30",
        "where": "nftables",
        "reason": "ens1f0 has neither ntuple filters nor tc offload (flower)",
    }
    row = report(node, allow=None)
    assert (row["where"], row["reason"]) == ("none", "nothing is asked for")


def test_no_offload_is_claimed(tmp_path):
    row = report(Node(tmp_path, NICS["both"]), interfaces=["bond0"])
    assert row["where"] == "nftables"
    tail = "has ntuple filters and tc offload (flower), which is not used: it was never tried on such a card"
    assert row["reason"] == f"ens1f0 {tail}; ens2f0 {tail}"


def test_a_vlan_that_is_not_made_yet(tmp_path):
    row = report(Node(tmp_path, NICS["flower"]), interfaces=["ens2f0.40"])
    assert row["reason"].startswith("ens2f0 has tc offload (flower), which is not used")
    row = report(Node(tmp_path, NICS["no answer"]))
    assert row["reason"] == "ens1f0 does not say whether it has filters of its own"


def test_a_node_without_ethtool(tmp_path):
    """A filter needs none: it is only not known what the NIC has."""
    row = report(Node(tmp_path, None))
    assert row["reason"] == "ens1f0 was not asked for filters of its own: the command is not installed"
