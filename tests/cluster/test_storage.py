"""Volumes that pods of both workers share: a node becomes the NFS server, claims get folders, and all of it goes."""

import json
import re

import pytest
import yaml
from helpers.lab import ROOT

# Not seen yet; "make soak" runs it.
pytestmark = pytest.mark.soak
IMAGE, SHARE = "gedge.local/benchmark:1", "/srv/gedge"
COMPONENTS = yaml.safe_load(
    (ROOT / "roles" / "cluster_artifacts" / "defaults" / "main.yml").read_text(encoding="utf-8")
)
ASKED = {
    "cluster_artifacts_components": [*COMPONENTS["cluster_artifacts_components"], "nfs-provisioner"],
    "cluster_storage_server_node": "node1",
    "cluster_storage_share": SHARE,
}
TAGS = ("--tags", "cluster_storage")
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "shared", "namespace": "default"},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}},
}


def pod(node):
    """A pod on a node, with the claim's volume."""
    container = {
        "name": "main",
        "image": IMAGE,
        "command": ["sleep", "1000000"],
        "securityContext": {"runAsUser": 1000},
        "volumeMounts": [{"name": "shared", "mountPath": "/shared"}],
    }
    spec = {
        "nodeSelector": {"kubernetes.io/hostname": node},
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": [{"name": "shared", "persistentVolumeClaim": {"claimName": "shared"}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"on-{node}", "namespace": "default"}, "spec": spec}


def play(cluster, name, *args, **more):
    """A playbook with storage asked for, for its text."""
    return cluster.ansible_playbook(name, *TAGS, *args, "-e", json.dumps({**ASKED, **more}), timeout=3600)


@pytest.fixture(scope="module")
def storage(cluster):
    """The cluster with storage; none of it afterwards."""
    cluster.passed(play(cluster, "cluster"))
    yield cluster
    cluster.kubectl("delete", "pod", "-n", "default", *(f"on-{node}" for node in cluster.workers), "--ignore-not-found")
    cluster.kubectl("delete", "pvc", "-n", "default", "shared", "--ignore-not-found")
    cluster.until(lambda: not cluster.get("pv")["items"], 120)
    play(cluster, "cluster", cluster_storage_state="absent")


def folders(cluster):
    """What the server has in the share."""
    return cluster.run("node1", f"sudo find {SHARE} -mindepth 1").stdout.split()


def test_the_second_run_changes_nothing(storage):
    for options in ((), ("--check",)):
        done = play(storage, "cluster", *options)
        storage.passed(done)
        assert set(re.findall(r"changed=(\d+)", done.stdout)) == {"0"}, done.stdout[-3000:]


def test_pods_of_two_nodes_share_a_volume(storage):
    storage.apply(CLAIM, *map(pod, storage.workers))
    names = [f"pod/on-{node}" for node in storage.workers]
    storage.kubectl("wait", "--for=condition=Ready", "--timeout=300s", *names, timeout=400)
    storage.kubectl("exec", "on-node1", "--", "sh", "-c", "echo from node1 > /shared/word")
    assert storage.kubectl("exec", "on-node2", "--", "cat", "/shared/word") == "from node1\n"
    (volume,) = storage.get("pv")["items"]
    assert volume["spec"]["nfs"]["path"] == f"{SHARE}/default/shared/{volume['metadata']['name']}"
    assert "vers=4.1" in storage.run("node2", f"grep {volume['metadata']['name']} /proc/mounts").stdout


def test_it_is_verified(storage):
    done = play(storage, "verify")
    assert done.returncode == 0 and "storage nfs: 1 claims with a volume" in done.stdout, done.stdout[-3000:]


def test_no_volume_in_use_is_taken_away(storage):
    done = play(storage, "cluster", cluster_storage_state="absent")
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2 and "(default/shared): in use. Nothing was touched" in text, text[-3000:]
    assert storage.kubectl("exec", "on-node2", "--", "cat", "/shared/word") == "from node1\n"
    done = play(storage, "reset", "--check")
    assert done.returncode == 2 and "in use. Nothing was touched" in " ".join(done.stdout.split()), done.stdout[-3000:]
    assert storage.cordoned() == []


def test_the_provisioner_comes_back(storage):
    storage.run("node1", "sudo systemctl kill -s KILL gedge-nfs-provisioner.service")
    active = "systemctl is-active gedge-nfs-provisioner.service"
    storage.until(lambda: storage.run("node1", active, check=False).stdout == "active\n", 60)


def test_the_folder_goes_with_its_claim_and_all_of_it_with_the_role(storage):
    storage.kubectl("delete", "pod", *(f"on-{node}" for node in storage.workers), timeout=300)
    storage.kubectl("delete", "pvc", "shared", timeout=300)
    storage.until(lambda: not storage.get("pv")["items"], 120)
    assert not [path for path in folders(storage) if "shared" in path]
    storage.passed(play(storage, "cluster", cluster_storage_state="absent"))
    assert "nfs" not in storage.kubectl("get", "storageclass,clusterrole,serviceaccount", "-A", "-o", "name")
    for node in storage.workers:
        left = storage.run(
            node, "ls /etc/systemd/system /etc/exports.d /etc /usr/local/lib/gedge 2>/dev/null", check=False
        )
        assert "nfs-provisioner" not in left.stdout and "gedge.exports" not in left.stdout
    assert storage.run("node1", f"ls -d {SHARE}").stdout == SHARE + "\n"  # the folder, and what is in it, stays
