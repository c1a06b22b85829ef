"""Filter card_pools: which cards of a testbed are whose, and under which name."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.card_pools import card_pools
from unit.manifests import builder

FPGA, ASIC, GPU, EDU = "0000:5e:00.0", "0000:af:00.0", "0000:3b:00.0", "0000:41:00.0"
CATALOGUE = [
    {
        "name": "Edu",
        "kind": "fpga",
        "vendor": "1234",
        "devices": ["11e8"],
        "resource": "example.com/edu",
        "pod_nodes": ["uio/uio*"],
    },
    {"name": "SAPEON X220", "pod_nodes": ["sapeon/sapeon*"]},
]
OWN_NAMES = {"resources": {"fpga": "intel.com/fpga_dfl", "asic": "sapeon.com/x220"}}


def device(address, vendor, number, pci_class, kind, **more):
    """A card as a topology has it."""
    made = {"address": address, "vendor": vendor, "device": number, "class": pci_class, "kind": kind, "net": []}
    return dict(made, rdma=[], driver="x", numa_node=0, sriov={"role": None}, **more)


def site(**more):
    """Two nodes, the first of which has a card of each kind."""
    cards = [
        device(FPGA, "8086", "0b2b", "120000", "fpga"),
        device(ASIC, "1f56", "0001", "120000", "accelerator"),
        device(EDU, "1234", "11e8", "00ff00", "fpga"),
        device(GPU, "10de", "20b0", "030200", "gpu"),
    ]
    return builder.testbed(topologies={"node1": {"pci_devices": cards}, "node2": {"pci_devices": []}}, **more)


def test_what_the_sriov_plugin_has_is_left_to_it():
    made = card_pools(site(), CATALOGUE)
    assert made["node1"]["devices"] == {"example.com/edu": [EDU]}
    assert made["node1"]["pools"] == [
        {
            "resourcePrefix": "example.com",
            "resourceName": "edu",
            "cards": [{"address": EDU, "nodes": ["uio/uio*"]}],
        }
    ]
    assert made["node2"] == {"pools": [], "devices": {}}


def test_a_name_of_its_own_brings_a_kind_here():
    made = card_pools(site(), CATALOGUE, options=OWN_NAMES)["node1"]
    assert made["devices"] == {"example.com/edu": [EDU], "intel.com/fpga_dfl": [FPGA], "sapeon.com/x220": [ASIC]}
    assert made["pools"][1]["cards"] == [{"address": FPGA, "nodes": ["fpga_region/region*/dfl-port.*"]}]
    assert made["pools"][2]["cards"] == [{"address": ASIC, "nodes": ["sapeon/sapeon*"]}]


def test_gpus_are_named_in_cdi():
    assert card_pools(site(), kinds=["gpu"])["node1"]["pools"] == [
        {
            "resourcePrefix": "nvidia.com",
            "resourceName": "gpu",
            "cdi": "nvidia.com/gpu",
            "cards": [{"address": GPU, "nodes": []}],
        }
    ]


def test_a_card_that_has_given_its_vfs_is_none():
    given = site()
    given["topologies"]["node1"]["pci_devices"][2]["sriov"] = {"role": "pf", "num": 2}
    assert card_pools(given, CATALOGUE)["node1"]["pools"] == []


def test_what_was_promised_is_there_by_that_name():
    row = builder.placed("detector", builder.card("fpga", EDU))
    options = {"resources": {"fpga": "example.com/edu"}}
    assert (
        EDU in card_pools(site(), CATALOGUE, placements=[row], options=options)["node1"]["devices"]["example.com/edu"]
    )
    with pytest.raises(
        AnsibleFilterError, match=r"as which nothing offers it\. The catalogue calls it example\.com/edu"
    ):
        card_pools(site(), CATALOGUE, placements=[row], options={"resources": {"fpga": "intel.com/fpga_dfl"}})
    with pytest.raises(
        AnsibleFilterError, match=r"default/detector asks node1 for example\.com/asic, as which nothing"
    ):
        placements = [builder.placed("detector", builder.card("asic", "0000:99:00.0"))]
        card_pools(site(), CATALOGUE, placements=placements, options={"resources": {"asic": "example.com/asic"}})


def test_the_sriov_plugins_names_are_not_for_cards():
    with pytest.raises(AnsibleFilterError, match="has the prefix of cluster_sriov's pools"):
        card_pools(site(), [dict(CATALOGUE[0], resource="gedge.io/edu")])


def test_a_slip_in_the_catalogue_is_told():
    with pytest.raises(AnsibleFilterError, match='Did you mean "pod_nodes"'):
        card_pools(site(), [{"name": "SAPEON X220", "pod_node": ["x"]}])
