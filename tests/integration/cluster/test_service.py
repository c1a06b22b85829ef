"""Services as real pods under real kubelets of the lab: deployed, proven, updated, removed.

GEDGE_CLUSTER_KUBECONFIG names the kubeconfig of a cluster whose workers are the lab's nodes, with GEDGE_CLUSTER_IMAGE
(docker.io/lab/probe:1 by default) imported on each. Without it nothing is tested. Written before such a cluster stood:
nobody has seen it pass yet.
"""

import json
import os
import pathlib
import subprocess

import pytest
import yaml

KUBECONFIG = os.environ.get("GEDGE_CLUSTER_KUBECONFIG", "")
KUBECTL = os.environ.get("GEDGE_CLUSTER_KUBECTL", "kubectl")
IMAGE = os.environ.get("GEDGE_CLUSTER_IMAGE", "docker.io/lab/probe:1")
LABEL = "app.kubernetes.io/managed-by=gedge.engine"
KINDS = "deployments,services,network-attachment-definitions,pods"

pytestmark = pytest.mark.skipif(not KUBECONFIG, reason="GEDGE_CLUSTER_KUBECONFIG names no cluster on the lab's nodes")


def services(*names):
    """Services with a CPU and a VF of one NUMA node each; they keep apart, so each worker has one."""
    return {
        "services": [
            {
                "name": name,
                "anti_affinity": [other for other in names if other != name],
                "containers": [
                    {
                        "image": IMAGE,
                        "command": ["sleep", "1000000"],
                        "resources": {"cpu": 1, "memory": "64Mi"},
                        "acceleration": {"topology": "single-numa-node", "communication": {"sriov": 1}},
                    }
                ],
            }
            for name in names
        ]
    }


@pytest.fixture(scope="module")
def play(lab, tmp_path_factory):
    """A function: (result of playbook service with these services, the folder of what came out)."""
    assert lab.ansible_playbook("discover").returncode == 0
    folder = tmp_path_factory.mktemp("services")

    def run(names, **variables):
        (folder / "edge.yml").write_text(yaml.safe_dump(services(*names)), encoding="utf-8")
        given = {
            "service_file": str(folder / "edge.yml"),
            "service_dir": str(folder / "out"),
            "deploy": True,
            "cluster_kubeconfig": KUBECONFIG,
            "cluster_service_kubectl": KUBECTL,
            **variables,
        }
        return lab.ansible_playbook("service", "-e", json.dumps(given)), folder / "out"

    yield run
    run([], service_state="absent")


def there():
    """{"kind/name": resourceVersion} of all of ours in the cluster."""
    words = [KUBECTL, "--kubeconfig", KUBECONFIG, "get", KINDS, "-A", "-l", LABEL, "-o", "json"]
    found = json.loads(subprocess.run(words, check=True, capture_output=True, timeout=120).stdout)["items"]
    return {f"{one['kind']}/{one['metadata']['name']}": one["metadata"]["uid"] for one in found}


def test_each_pod_has_what_was_promised(play):
    done, folder = play(["camera", "detector"])
    assert done.returncode == 0, done.stdout + done.stderr
    proof = json.loads(pathlib.Path(folder / "proof.json").read_text(encoding="utf-8"))
    assert proof["equal"], proof["findings"]
    assert [row["service"] for row in proof["rows"]] == ["camera", "detector"]
    for row in proof["rows"]:
        assert all(row["equal"].values()) and row["achieved"]["devices"][0]["vf"]
        assert row["achieved"]["addresses"] and row["achieved"]["vlans"] == row["promised"]["vlans"]
    assert len({row["achieved"]["node"] for row in proof["rows"]}) == 2


def test_the_second_run_changes_nothing(play):
    before = there()
    done, dummy = play(["camera", "detector"])
    assert done.returncode == 0 and "changed=1" not in done.stdout.replace(" ", ""), done.stdout
    assert there() == before


def test_what_is_gone_goes_and_the_other_pod_stays(play):
    before = there()
    done, folder = play(["camera"])
    assert done.returncode == 0, done.stdout + done.stderr
    after = there()
    assert after and set(after.items()) <= set(before.items())
    assert not [name for name in after if "detector" in name]
    assert json.loads(pathlib.Path(folder / "proof.json").read_text(encoding="utf-8"))["equal"]


def test_a_field_that_somebody_else_has_set_is_told_with_its_owner(play):
    words = [KUBECTL, "--kubeconfig", KUBECONFIG, "-n", "default", "set", "image", "deployment/camera", "*=lab/none:1"]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    done, dummy = play(["camera"])
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0 and ".image is set by" in text and "cluster_service_force_conflicts=true" in text, text
    done, dummy = play(["camera"], cluster_service_force_conflicts=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_left(play):
    done, folder = play([], service_state="absent")
    assert done.returncode == 0, done.stdout + done.stderr
    assert there() == {}
    ledger = json.loads(pathlib.Path(folder / "services.json").read_text(encoding="utf-8"))
    assert ledger["placements"] == [] and ledger["addresses"] == []
    assert json.loads(pathlib.Path(folder / "deployed.json").read_text(encoding="utf-8")) == []
