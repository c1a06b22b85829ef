"""What roles cluster_networks, cluster_multus and cluster_topology put into a cluster, before a real API server."""

import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
import yaml
from acceptance import nodes, programs, sites
from ansible_collections.gedge.engine.plugins.module_utils.manifests import standing, zones
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = {
    "NetworkAttachmentDefinition": ROOT / "roles/cluster_multus/files/network-attachment-definition.yml",
    "NodeResourceTopology": ROOT / "roles/cluster_topology/files/node-resource-topology.json",
}
CONFIG = {"topologyManagerPolicy": "single-numa-node", "topologyManagerScope": "pod", "reservedSystemCPUs": "0"}


@pytest.fixture(scope="module")
def cluster(start):
    """A cluster that knows the kinds."""
    return start()


@pytest.mark.parametrize("kind", SHIPPED)
def test_crds_are_those_of_the_pinned_modules(control_plane, kind):
    pinned = next(one for one in programs.crds("standard") if one["spec"]["names"]["kind"] == kind)
    pinned["metadata"].pop("creationTimestamp", None)
    assert yaml.safe_load(SHIPPED[kind].read_text(encoding="utf-8")) == pinned


def test_definitions_of_a_whole_testbed(cluster):
    records = sites.fleet(3, 8)
    found = standing.network_definitions(sites.testbed(records), ["default", "kube-system"])
    assert {json.loads(one["spec"]["config"])["type"] for one in found} == {"sriov", "macvlan"}
    made = cluster.create(*found)
    assert [one["spec"] for one in made] == [one["spec"] for one in found]


def test_numa_nodes(cluster):
    for record in sites.fleet(4, 6):
        made = cluster.create(nodes.node(record))[0]
        cluster.merge(nodes.status(record, {}), status=True)
        one = next(each for each in cluster.list("v1", "Node") if each["metadata"]["name"] == record["name"])
        devices = standing.device_pools(sites.testbed([record]), [])[record["name"]]["devices"]
        told = cluster.create(zones.node_resource_topology(record["topology"], CONFIG, devices, one))[0]
        assert told["metadata"]["ownerReferences"][0]["uid"] == made["metadata"]["uid"]
        assert len(told["zones"]) == len(record["topology"]["numa_nodes"])
        rows = [row for zone in told["zones"] for row in zone["resources"]]
        cpus = sum(int(row["allocatable"]) for row in rows if row["name"] == "cpu")
        assert cpus == len(record["topology"]["cpus"]) - 1
        for name, addresses in devices.items():
            assert sum(int(row["capacity"]) for row in rows if row["name"] == name) == len(addresses)


PLAY = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    cluster_kubeconfig: {kubeconfig}
  tasks:
    - ansible.builtin.include_role: {{name: gedge.engine.cluster_networks}}
      vars:
        cluster_networks_namespaces: {namespaces}
        cluster_networks_facts_dir: {folder}
        cluster_networks_samples_dir: {folder}
        cluster_networks_state: {state}
"""


class Site:
    """One node of the lab, and the role's runs against a cluster."""

    def __init__(self, cluster, folder):
        self.cluster, self.folder = cluster, folder
        made = expand(load_testbed(ROOT / "inventories/lab/testbed.yml"))
        self.ports = made.hosts["node1"]["testbed_ports"]
        self.told = {"testbed_networks": made.shared["testbed_networks"], "testbed_switches": {}, "testbed_nodes": {}}
        shutil.copy(ROOT / "tests/fixtures/report/facts/node1.topology.json", folder / "localhost.topology.json")

    def run(self, state="present", namespaces=("default",), ports=None):
        """(number of changes, output) of one run."""
        text = PLAY.format(
            kubeconfig=self.cluster.folder / "kubeconfig",
            namespaces=json.dumps(list(namespaces)),
            folder=self.folder,
            state=state,
        )
        self.folder.joinpath("play.yml").write_text(text, encoding="utf-8")
        inventory = self.folder / "hosts.yml"
        told = dict(self.told, testbed_ports=self.ports if ports is None else ports)
        inventory.write_text(json.dumps({"testbed": {"hosts": {"localhost": told}}}), encoding="ascii")
        done = subprocess.run(
            [pathlib.Path(sys.executable).parent / "ansible-playbook", "-i", inventory, self.folder / "play.yml"],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=1800,
            env=dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), ANSIBLE_PYTHON_INTERPRETER=sys.executable),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return int(done.stdout.rpartition("changed=")[2].split()[0]), done.stdout

    def names(self, namespace="default"):
        """Of the definitions in a namespace."""
        found = self.cluster.list("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")
        return {one["metadata"]["name"] for one in found if one["metadata"]["namespace"] == namespace}


def test_role_cluster_networks(start, tmp_path):
    cluster = start()
    site = Site(cluster, tmp_path)
    theirs = {
        "apiVersion": "k8s.cni.cncf.io/v1",
        "kind": "NetworkAttachmentDefinition",
        "metadata": {"name": "theirs", "namespace": "default"},
        "spec": {"config": "{}"},
    }
    cluster.create(theirs)
    assert site.run()[0] == 1
    all_of_them = site.names()
    assert len(all_of_them) > 1 and "theirs" in all_of_them
    assert site.run()[0] == 0
    # A port less: its networks go, those of others stay.
    fewer = copy.deepcopy(site.ports)[1:]
    assert site.run(ports=fewer)[0] >= 1
    assert {"theirs"} < site.names() < all_of_them
    assert site.run(state="absent")[0] == 1
    assert site.names() == {"theirs"}
    assert site.run(state="absent")[0] == 0
    with pytest.raises(AssertionError, match="not found"):
        site.run(namespaces=["nowhere"])
