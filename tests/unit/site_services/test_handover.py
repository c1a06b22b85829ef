"""The data for the platform's other parts: it has its published form, and says what the sources say."""

import json
import pathlib

import jsonschema
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.handover import handover
from ansible_collections.gedge.engine.plugins.module_utils.distance.matrix import build
from ansible_collections.gedge.engine.plugins.plugin_utils import service_site as sites
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs/schemas/handover.schema.json").read_text(encoding="utf-8"))
PLACED = {
    "service": "detector",
    "namespace": "default",
    "replica": 0,
    "container": "main",
    "node": "node1",
    "numa_nodes": [0],
    "cpus": "1",
    "memory": 1,
    "devices": [{"address": "0000:21:10.0", "kind": "nic", "resource": "sriov"}],
    "distance": {"weight": 3.5, "levels": []},
}
WHO = {key: PLACED[key] for key in ("service", "namespace", "replica")}
LEDGER = {
    "sources": {},
    "services": [],
    "meshes": [],
    "placements": [PLACED],
    "addresses": [
        dict(WHO, network="sriov-a", address="192.168.20.109/28", number=0),
        dict(WHO, replica=1, network="sriov-a", address="192.168.20.108/28", number=0),
    ],
}


@pytest.fixture(scope="module")
def document():
    """That of the virtual testbed, out of saved topologies."""
    made = expand(load_testbed(ROOT / "inventories/lab/testbed.yml"))
    hosts = {node: {**made.shared, **variables} for node, variables in made.hosts.items()}
    folder = ROOT / "tests/fixtures/report/facts"
    saved = {node: json.loads((folder / f"{node}.topology.json").read_text(encoding="utf-8")) for node in hosts}
    tables = {"networks": made.shared["testbed_networks"], "switches": {}, "nodes": {}}
    return handover(sites.site(hosts, saved, tables), made.shared["testbed_site"], LEDGER), saved


def test_it_has_the_published_form(document):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(json.dumps(document[0])), SCHEMA)


def test_nodes_devices_and_distances_are_those_of_the_topologies(document):
    made, saved = document
    assert [node["name"] for node in made["nodes"]] == sorted(saved)
    for node in made["nodes"]:
        topology = saved[node["name"]]
        assert [one["address"] for one in node["devices"]] == [one["address"] for one in topology["pci_devices"]]
        assert node["distances"] == build(topology)


def test_a_service_has_its_own_addresses_only(document):
    (service,) = document[0]["services"]
    assert service["addresses"] == [{"network": "sriov-a", "address": "192.168.20.109/28"}]


def test_attachments_tell_the_switch_port(document):
    rows = [row for row in document[0]["attachments"] if row["node"] == "node1" and row["network"] == "sriov-a"]
    assert [(row["switch"], row["switch_port"], row["tagged"]) for row in rows] == [("tor", "25", True)]


def bare(*names, unknown=()):
    """What filter service_site gives of nodes with and without a topology."""
    saved = json.loads((ROOT / "tests/fixtures/report/facts/node1.topology.json").read_text(encoding="utf-8"))
    records = [{"name": name, "topology": saved, "policy": "none", "reserved_cpus": "", "ports": []} for name in names]
    return {"records": records, "testbed": {"networks": {}, "ports": {}}, "unknown": list(unknown)}


REFUSED = {
    "no topologies": (bare(unknown=["node1", "node2"]), {}, "no node has a saved topology: node1, node2. Run playbook"),
    "a service on a node without one": (bare("node2", unknown=["node1"]), LEDGER, "services run on node1, of which"),
    "a damaged ledger": (bare("node1"), '{"placements": [', r"services\.json: is no ledger of services: Expecting"),
    "another file": (bare("node1"), "[]", r"services\.json: is no ledger of services: it is no mapping.*Restore it"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_what_would_be_no_hand_over_is_refused_by_name(title):
    site, ledger, message = REFUSED[title]
    with pytest.raises(AnsibleFilterError, match=message):
        handover(site, {"name": "lab"}, ledger)


def test_the_text_of_the_ledger_is_as_good_as_the_ledger():
    one, other, none = (handover(bare("node1"), {"name": "lab"}, given) for given in (LEDGER, json.dumps(LEDGER), ""))
    assert one == other and none["services"] == []
