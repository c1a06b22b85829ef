"""Role cluster_storage's objects and provisioner before a real API server; folders of this machine stand for shares."""

import os
import subprocess
import time

import pytest
import yaml
from acceptance import programs
from ansible_collections.gedge.engine.plugins.module_utils.storage import objects

ASKED = {
    "class": "nfs",
    "default": True,
    "server": "192.0.2.9",
    "share": "/srv/gedge",
    "sub_dir": "${pvc.metadata.namespace}/${pvc.metadata.name}/${pv.metadata.name}",
    "permissions": "0777",
    "reclaim": "Delete",
    "mount_options": ["nfsvers=4.1"],
    "driver": "",
    "namespace": "kube-system",
    "nodes": ["n1"],
    "server_node": "",
    "provisioner_node": "n1",
}
MOUNT = """#!/bin/sh
[ -e "%(away)s" ] && echo mount.nfs: Connection refused >&2 && exit 32
[ -e "%(silent)s" ] && sleep 1000000 && exit 32 # in a child, as mount.nfs is one
[ "$1 $2 $3 $4" = "-t nfs -o nfsvers=4.1" ] && rmdir "$6" && ln -s "%(shares)s${5#*:}" "$6"
"""
UMOUNT = '#!/bin/sh\nrm "$1" && mkdir "$1"\n'
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "models", "namespace": "default"},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}},  # the default class
}


@pytest.fixture(scope="module")
def cluster(start):
    """A cluster with the objects."""
    one, made = start(), objects.made(ASKED, [], [])
    one.create(*made["rights"], made["storage_class"])
    return one


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    """A folder with the share in it, and beside it programs that do as if it were mounted."""
    folder = tmp_path_factory.mktemp("nfs")
    (folder / "shares" / "srv" / "gedge").mkdir(parents=True)
    (folder / "bin").mkdir()
    mount = MOUNT % {"shares": folder / "shares", "away": folder / "away", "silent": folder / "silent"}
    for name, text in {"mount": mount, "umount": UMOUNT}.items():
        (folder / "bin" / name).write_text(text, encoding="ascii")
        (folder / "bin" / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def provisioner(cluster, shares):
    """It runs, with the rights of its ServiceAccount and no others: its Popen."""
    kubeconfig = yaml.safe_load((cluster.folder / "kubeconfig").read_text(encoding="ascii"))
    kubeconfig["users"][0]["user"]["as"] = "system:serviceaccount:kube-system:gedge-nfs-provisioner"
    (shares / "kubeconfig").write_text(yaml.safe_dump(kubeconfig), encoding="ascii")
    (shares / "mounted").mkdir()
    words = [programs.built("nfs-provisioner")["nfs-provisioner"], "-name", objects.PROVISIONER]
    words += ["-kubeconfig", str(shares / "kubeconfig"), "-folder", str(shares / "mounted"), "-limit", "10s"]
    env = dict(os.environ, PATH=f"{shares / 'bin'}:{os.environ['PATH']}")
    with (cluster.folder / "nfs-provisioner.log").open("wb") as log:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        yield process
        process.kill()
        process.wait()


def phase(cluster):
    """Of the claim, "" for none."""
    found = [one for one in cluster.list("v1", "PersistentVolumeClaim") if one["metadata"]["name"] == "models"]
    return found[0].get("status", {}).get("phase", "") if found else ""


def bound(cluster):
    """The claim's volume, as soon as it has one."""
    cluster.wait(lambda: phase(cluster) == "Bound", lambda: cluster.log("nfs-provisioner"), 120)
    (volume,) = cluster.list("v1", "PersistentVolume")
    return volume


def release(cluster):
    """Delete the claim, and wait until its volume is gone."""
    resource = cluster.objects.resources.get(api_version="v1", kind="PersistentVolumeClaim")
    resource.delete(name="models", namespace="default")
    cluster.wait(lambda: not cluster.list("v1", "PersistentVolume"), lambda: cluster.log("nfs-provisioner"), 120)


@pytest.mark.parametrize(
    ("changes", "renew"), [({}, False), ({"default": False}, False), ({"server": "192.0.2.8"}, True)]
)
def test_a_class_is_made_anew_only_where_it_has_to_be(cluster, changes, renew):
    """The API server fills in what was left out; that is no difference."""
    classes = cluster.list("storage.k8s.io/v1", "StorageClass")
    assert objects.made({**ASKED, **changes}, classes, [])["renew"] is renew


def test_a_claim_gets_a_folder_and_gives_it_back(cluster, shares, provisioner):
    share = shares / "shares" / "srv" / "gedge"
    (share / "default").mkdir()
    (share / "default" / "of-others").write_text("stays", encoding="ascii")
    cluster.create(CLAIM)
    volume = bound(cluster)
    name = volume["metadata"]["name"]
    assert volume["spec"]["nfs"] == {"server": "192.0.2.9", "path": f"/srv/gedge/default/models/{name}"}
    assert volume["spec"]["mountOptions"] == ["nfsvers=4.1"] and volume["spec"]["accessModes"] == ["ReadWriteMany"]
    assert objects.users([volume], "nfs", objects.PROVISIONER) == [f"{name} (default/models)"]
    folder = share / "default" / "models" / name
    assert folder.stat().st_mode & 0o7777 == 0o777
    (folder / "data").write_text("goes", encoding="ascii")
    release(cluster)
    assert [path.name for path in share.rglob("*")] == ["default", "of-others"]
    assert list((shares / "mounted").iterdir()) == [] and provisioner.poll() is None


@pytest.mark.parametrize(
    ("how", "said"), [("away", "exit status 32: mount.nfs: Connection refused"), ("silent", "signal: killed")]
)
def test_a_server_that_does_not_answer_is_told_at_the_claim_and_asked_again(cluster, shares, provisioner, how, said):
    (shares / how).touch()
    cluster.create(CLAIM)

    def told():
        events = cluster.list("v1", "Event")
        return any(
            one["reason"] == "ProvisioningFailed" and f"mount 192.0.2.9:/srv/gedge: {said}" in one["message"]
            for one in events
        )

    cluster.wait(told, lambda: cluster.log("nfs-provisioner"), 120)
    assert phase(cluster) == "Pending" and list((shares / "mounted").iterdir()) == []
    (shares / how).unlink()
    bound(cluster)
    release(cluster)
    assert provisioner.poll() is None


def test_a_volume_outside_its_share_is_never_removed(cluster, shares, provisioner):
    """Whoever wrote into it: the annotation says which share it may touch."""
    victim = shares / "shares" / "srv" / "victim"
    victim.mkdir()
    annotations = {objects.PROVISIONED: objects.PROVISIONER, "gedge.io/nfs-share": "/srv/gedge"}
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany"],
        "persistentVolumeReclaimPolicy": "Delete",
        "storageClassName": "nfs",
        "nfs": {"server": "192.0.2.9", "path": "/srv/gedge/../victim"},
        "claimRef": {"namespace": "default", "name": "gone", "uid": "00000000-0000-0000-0000-000000000001"},
    }
    metadata = {"name": "stray", "annotations": annotations}
    cluster.create({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec})
    said = "is not below share"
    cluster.wait(lambda: said in cluster.log("nfs-provisioner"), lambda: cluster.log("nfs-provisioner"), 120)
    time.sleep(1)
    assert victim.is_dir() and provisioner.poll() is None
