"""What was written, read by PyYAML and held against the saved topologies of the lab."""

import json
import os
import pathlib

import yaml

FOLDER = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "services"
FACTS = pathlib.Path(__file__).resolve().parents[3] / "tests" / "fixtures" / "report" / "facts"


def objects(kind):
    """The objects of a kind, by name."""
    text = (FOLDER / "manifests.yml").read_text(encoding="utf-8")
    return {one["metadata"]["name"]: one for one in yaml.safe_load_all(text) if one["kind"] == kind}


def test_all_files_are_there():
    expected = ["default.camera.0.camera.env", "default.detector.0.detector.env"]
    expected += ["detector.svg", "manifests.yml", "services.json"]
    assert sorted(path.name for path in FOLDER.iterdir()) == expected


def test_an_environment_file_says_which_cpus_were_promised():
    for entry in json.loads((FOLDER / "services.json").read_text(encoding="utf-8"))["placements"]:
        name = f"default.{entry['service']}.0.{entry['container']}.env"
        lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
        assert f'GEDGE_CPUS="{entry["cpus"]}"' in lines and f'GEDGE_NODE="{entry["node"]}"' in lines


def test_each_service_has_a_pinned_deployment_with_a_vf():
    deployments = objects("Deployment")
    assert sorted(deployments) == ["camera", "detector"]
    for one in deployments.values():
        resources = one["spec"]["template"]["spec"]["containers"][0]["resources"]
        assert resources["requests"] == resources["limits"] and resources["limits"]["cpu"] == "1"
        assert [amount for name, amount in resources["limits"].items() if name.startswith("gedge.io/sriov")] == ["1"]


def test_the_promised_devices_are_vfs_of_their_node_on_the_promised_numa_node():
    ledger = json.loads((FOLDER / "services.json").read_text(encoding="utf-8"))
    assert len(ledger["placements"]) == 2
    for entry in ledger["placements"]:
        topology = json.loads((FACTS / f"{entry['node']}.topology.json").read_text(encoding="utf-8"))
        known = {device["address"]: device for device in topology["pci_devices"]}
        for device in entry["devices"]:
            assert known[device["address"]]["sriov"]["pf"] == device["pf"]
            assert [known[device["address"]]["numa_node"]] == entry["numa_nodes"]


def test_addresses_are_no_nodes_and_none_is_given_twice(all_variables):
    given = [row["address"] for row in json.loads((FOLDER / "services.json").read_text(encoding="utf-8"))["addresses"]]
    assert len(set(given)) == len(given) == 2
    assert not set(given) & {one for node in all_variables.values() for one in node["testbed_addresses"].values()}
