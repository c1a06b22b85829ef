"""Volumes that pods of both workers share: a node becomes the NFS server, claims get folders, and all of it goes."""

import json

import pytest
from helpers.cluster_lab import IDLE

# 8 minutes, and packages are installed on the nodes.
pytestmark = pytest.mark.soak
IMAGE, SHARE = "gedge.local/benchmark:1", "/srv/gedge"
ASKED = {
    "cluster_storage_server_node": "node1",
    "cluster_storage_share": SHARE,
}
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
        "command": IDLE,
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


def service(name, apart=()):
    """A service that keeps what it has in a volume; apart: services whose node it keeps away from."""
    container = {"image": IMAGE, "command": IDLE, "resources": {"cpu": "100m", "memory": "32Mi"}}
    volumes = [{"name": "models", "mount": "/models"}]
    return {"name": name, "anti_affinity": list(apart), "containers": [container], "volumes": volumes}


def words(asked):
    """The arguments of a playbook that does nothing but storage."""
    return ("--tags", "cluster_storage", "-e", json.dumps(asked))


def steps(play, node):
    """What role cluster_storage did on a node, or would do, without how it looked before and afterwards."""
    told = [result["ansible_facts"] for result in play.results("Keep the result", node) if "ansible_facts" in result]
    return [(step["target"], step["action"]) for one in told for step in one["cluster_storage_result"]["steps"]]


@pytest.fixture(scope="module")
def first(cluster):
    """What the first run did, and check mode before it: {node: (foretold, done)}; afterwards nothing of it is left."""
    cluster.made("artifacts", "-e", json.dumps(ASKED))
    foretold = cluster.made("cluster", *words(ASKED), "--check")
    done = cluster.made("cluster", *words(ASKED))
    yield {node: (steps(foretold, node), steps(done, node)) for node in cluster.workers}
    cluster.kubectl("delete", "pod", "-n", "default", *(f"on-{node}" for node in cluster.workers), "--ignore-not-found")
    cluster.kubectl("delete", "pvc", "-n", "default", "shared", "--ignore-not-found")
    cluster.until(lambda: not cluster.get("pv")["items"], 120)
    # Without the components that were asked for: the folder of programs is that of the other tests, too.
    cluster.made("cluster", *words({"cluster_storage_state": "absent"}))


@pytest.fixture
def storage(cluster, first):
    """The cluster with storage."""
    return cluster


def folders(cluster):
    """What the server has in the share."""
    return cluster.run("node1", f"find {SHARE} -mindepth 1").stdout.split()


def test_check_mode_foretells_what_is_done(first):
    for node, (foretold, done) in first.items():
        assert done and foretold == done, node


def test_the_second_run_changes_nothing(storage):
    for options in ((), ("--check",)):
        play = storage.made("cluster", *words(ASKED), *options)
        assert [(task, node) for task, node, result in play.tasks if result.get("changed")] == []


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
    done = storage.ansible_playbook("verify", *words(ASKED))
    assert done.returncode == 0 and "storage nfs: claims with a volume: 1;" in done.stdout, done.stdout[-3000:]


def test_services_share_a_volume_which_goes_with_them(storage, services):
    done, dummy = services([service("writer"), service("reader", ["writer"])])
    storage.passed(done)
    assert {pod["spec"]["nodeName"] for pod in storage.pods()} == set(storage.workers)
    storage.kubectl("exec", "deploy/writer", "--", "sh", "-c", "echo kept > /models/word")
    assert storage.kubectl("exec", "deploy/reader", "--", "cat", "/models/word") == "kept\n"
    done, dummy = services([], service_state="absent")
    storage.passed(done)
    storage.until(lambda: len(storage.get("pv")["items"]) == 1, 120)
    assert not [path for path in folders(storage) if "models" in path]


def test_no_volume_in_use_is_taken_away(storage):
    done = storage.ansible_playbook("cluster", *words({**ASKED, "cluster_storage_state": "absent"}))
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 2 and "(default/shared): in use. Nothing was touched" in text, text[-3000:]
    assert storage.kubectl("exec", "on-node2", "--", "cat", "/shared/word") == "from node1\n"
    done = storage.ansible_playbook("reset", *words(ASKED), "--check")
    assert done.returncode == 2 and "in use. Nothing was touched" in " ".join(done.stdout.split()), done.stdout[-3000:]
    assert storage.cordoned() == []


def test_the_provisioner_comes_back(storage):
    ask = "systemctl show -p ActiveState -p MainPID --value gedge-nfs-provisioner.service"
    before = storage.run("node1", ask).stdout.split()
    assert "active" in before
    storage.run("node1", "systemctl kill -s KILL gedge-nfs-provisioner.service")

    def another():
        now = storage.run("node1", ask).stdout.split()
        return "active" in now and now != before

    storage.until(another, 60)


def test_the_folder_goes_with_its_claim_and_all_of_it_with_the_role(storage):
    storage.kubectl("delete", "pod", *(f"on-{node}" for node in storage.workers), timeout=300)
    storage.kubectl("delete", "pvc", "shared", timeout=300)
    storage.until(lambda: not storage.get("pv")["items"], 120)
    assert not [path for path in folders(storage) if "shared" in path]
    storage.made("cluster", *words({**ASKED, "cluster_storage_state": "absent"}))
    assert "nfs" not in storage.kubectl("get", "storageclass,clusterrole,serviceaccount", "-A", "-o", "name")
    for node in storage.workers:
        left = storage.run(
            node, "ls /etc/systemd/system /etc/exports.d /etc /usr/local/lib/gedge 2>/dev/null", check=False
        )
        assert "nfs-provisioner" not in left.stdout and "gedge.exports" not in left.stdout
    assert storage.run("node1", f"ls -d {SHARE}").stdout == SHARE + "\n"  # the folder, and what is in it, stays
