"""One cluster for all tests of this folder: the virtual testbed of inventories/lab_cluster, made by our playbooks.

tools/run_tests.py starts and stops it; without it the first test starts it: 20 minutes, more without built programs.
GEDGE_LAB_DIR names the folder of another one that runs already.
"""

import json
import os
import subprocess
import time

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from helpers.lab import ROOT, Lab

TESTBED = ROOT / "inventories" / "lab_cluster" / "testbed.yml"
FACTS = TESTBED.parent / "facts"
MINE = "app.kubernetes.io/managed-by=gedge.engine"
KINDS = "deployments,services,pods,network-attachment-definitions,persistentvolumeclaims,resourceclaims"


def pytest_collection_modifyitems(items):
    """Everything here needs the lab."""
    for item in items:
        item.add_marker(pytest.mark.lab)


class ClusterLab(Lab):
    """The lab with its cluster: kubectl beside playbooks and commands on nodes."""

    def __init__(self, folder=None):
        super().__init__(folder, TESTBED)
        self.workers = ["node1", "node2"]

    def kubectl(self, *words, check=True, timeout=120, text=None):
        """What kubectl says."""
        argv = [str(FACTS / "artifacts" / "kubectl"), "--kubeconfig", str(FACTS / "cluster" / "admin.conf"), *words]
        done = subprocess.run(argv, check=False, input=text, capture_output=True, text=True, timeout=timeout)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def get(self, *words):
        """The JSON of kubectl get."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def apply(self, *objects):
        """Objects into the cluster, as plain kubectl does."""
        self.kubectl("apply", "-f", "-", text=yaml.safe_dump_all(objects))

    def pods(self, selector=MINE, namespace="default"):
        """The pods of a selector that are not on their way out."""
        found = self.get("pods", "-n", namespace, "-l", selector)["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def ours(self):
        """{kind/namespace/name: uid} of what services have in the cluster."""
        found = self.get(KINDS, "-A", "-l", MINE + ",gedge.io/service")["items"]
        return {
            "/".join((one["kind"], one["metadata"]["namespace"], one["metadata"]["name"])): one["metadata"]["uid"]
            for one in found
        }

    def allocatable(self, node):
        """{resource: amount as text}."""
        return self.get("node", node)["status"]["allocatable"]

    def cordoned(self):
        """The nodes on which nothing new may start."""
        return [one["metadata"]["name"] for one in self.get("nodes")["items"] if one["spec"].get("unschedulable")]

    def ready(self):
        """The nodes that are Ready."""
        return sorted(
            one["metadata"]["name"]
            for one in self.get("nodes")["items"]
            if any(told["type"] == "Ready" and told["status"] == "True" for told in one["status"]["conditions"])
        )

    def until(self, true, seconds, what=""):
        """Wait for a condition. Fails with what there is."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, what or self.kubectl("get", "nodes,pods,events", "-A", "-o", "wide")
            time.sleep(2)

    def made(self, playbook, *args, **options):
        """A playbook that has to pass: a Play."""
        play = self.playbook(playbook, *args, timeout=options.pop("timeout", 3600), **options)
        assert play.rc == 0, play.output[-8000:]
        return play


@pytest.fixture(scope="session")
def cluster():
    """The ClusterLab: nodes configured, cluster made, the image of docs/examples/lab-cluster.yml on its workers."""
    if golang.find() is None:
        pytest.skip("no Go toolchain here: Kubernetes cannot be built from its modules")
    lab = ClusterLab(os.environ.get("GEDGE_LAB_DIR"))
    if not lab.answers():
        lab.made("lab")
    if not (FACTS / "cluster" / "admin.conf").exists() or lab.kubectl("get", "nodes", check=False).count(" Ready ") < 2:
        # Without what needs a reboot: tests/integration has that.
        lab.made("site", "--skip-tags", "node_boot,node_tuning")
        lab.made("cluster")
    lab.made("lab_images")
    return lab


@pytest.fixture(scope="module")
def services(cluster, tmp_path_factory):
    """A function: playbook service with these services: (its CompletedProcess, the folder of what came out)."""
    folder = tmp_path_factory.mktemp("services")

    def run(wanted, *args, **variables):
        (folder / "edge.yml").write_text(yaml.safe_dump({"services": wanted}), encoding="utf-8")
        given = {
            "service_file": str(folder / "edge.yml"),
            "service_dir": str(folder / "out"),
            "deploy": True,
            **variables,
        }
        return cluster.ansible_playbook("service", *args, "-e", json.dumps(given)), folder / "out"

    yield run
    run([], service_state="absent")
