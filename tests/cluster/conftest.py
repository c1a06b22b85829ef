"""One cluster for all tests of this folder: the virtual testbed of inventories/lab_cluster, made by our playbooks.

tools/run_tests.py starts and stops it; without it the first test starts it: 20 minutes, more without built programs.
GEDGE_LAB_DIR names the folder of another one that runs already.
"""

import json
import os

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from helpers.cluster_lab import ClusterLab
from helpers.lab import ROOT

TESTBED = ROOT / "inventories" / "lab_cluster" / "testbed.yml"


def pytest_collection_modifyitems(items):
    """Everything here needs the lab."""
    for item in items:
        item.add_marker(pytest.mark.lab)


@pytest.fixture(scope="session")
def cluster():
    """The ClusterLab: nodes configured, cluster made, the image of docs/examples/lab-cluster.yml on its workers."""
    if golang.find() is None:
        pytest.skip("no Go toolchain here: Kubernetes cannot be built from its modules")
    lab = ClusterLab(os.environ.get("GEDGE_LAB_DIR"), TESTBED)
    if not lab.answers():
        lab.made("lab")
    if not lab.kubeconfig.exists() or lab.kubectl("get", "nodes", check=False).count(" Ready ") < 2:
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
