"""The objects of storage: what is refused, what must be made anew, who uses volumes, and what verify finds."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.storage_objects import storage_objects
from ansible_collections.gedge.engine.plugins.filter.storage_users import storage_users
from ansible_collections.gedge.engine.plugins.filter.storage_verdict import storage_verdict

ASKED = {
    "class": "nfs",
    "default": True,
    "server": "192.0.2.9",
    "share": "/srv/gedge",
    "sub_dir": "${pvc.metadata.namespace}/${pv.metadata.name}",
    "permissions": "0777",
    "reclaim": "Delete",
    "mount_options": ["nfsvers=4.1"],
    "driver": "",
    "namespace": "kube-system",
    "nodes": ["n1", "n2"],
    "server_node": "",
    "provisioner_node": "n1",
}
DRIVER = [{"metadata": {"name": "nfs.csi.k8s.io"}}]


def made(classes=(), drivers=(), **changes):
    """What the filter makes."""
    return storage_objects({**ASKED, **changes}, list(classes), list(drivers))


def other(name, **metadata):
    """A StorageClass of others."""
    return {"kind": "StorageClass", "metadata": {"name": name, **metadata}, "provisioner": "x"}


def test_the_class_and_its_rights():
    found = made()
    one = found["storage_class"]
    assert (one["provisioner"], one["mountOptions"], found["renew"]) == ("gedge.io/nfs", ["nfsvers=4.1"], False)
    assert one["parameters"] == {
        "server": "192.0.2.9",
        "share": "/srv/gedge",
        "subDir": ASKED["sub_dir"],
        "mountPermissions": "0777",
    }
    assert one["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert [right["kind"] for right in found["rights"]] == [
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "Secret",
    ]


def test_a_driver_of_others_needs_no_rights_of_ours():
    found = made(drivers=DRIVER, driver="nfs.csi.k8s.io")
    assert (found["storage_class"]["provisioner"], found["rights"]) == ("nfs.csi.k8s.io", [])
    assert found["storage_class"]["parameters"] == made()["storage_class"]["parameters"]  # the same words


@pytest.mark.parametrize(
    ("changes", "renew"),
    [
        ({}, False),
        ({"default": False}, False),
        ({"server": "192.0.2.8"}, True),
        ({"reclaim": "Retain"}, True),
        ({"mount_options": []}, True),
    ],
)
def test_what_the_api_server_lets_nobody_change_is_made_anew(changes, renew):
    assert made([made()["storage_class"]], **changes)["renew"] is renew


@pytest.mark.parametrize(
    ("before", "driver", "abandons"),
    [("", "nfs.csi.k8s.io", True), ("nfs.csi.k8s.io", "nfs.csi.k8s.io", False), ("nfs.csi.k8s.io", "", False),
     ("", "", False), (None, "nfs.csi.k8s.io", False)],
)  # fmt: skip
def test_who_removes_volumes_goes(before, driver, abandons):
    classes = [] if before is None else [made(drivers=DRIVER, driver=before)["storage_class"]]
    assert made(classes, DRIVER, driver=driver)["abandons"] is abandons


REFUSED = [
    ({"server": ""}, (), "server: is empty"),
    ({"server": "", "server_node": "n2"}, (), "server: is empty"),
    (
        {"server": "", "server_node": "n22"},
        (),
        "server_node: is no node that runs pods (got 'n22'). Did you mean \"n2\"?",
    ),
    ({"provisioner_node": "master"}, (), "provisioner_node: is no node that runs pods"),
    ({"permissions": 0o777}, (), "permissions: is no text (got 511)"),
    ({"share": "srv"}, (), "share: is no absolute path"),
    ({"share": "/a/../b"}, (), "share: is no absolute path"),
    ({"sub_dir": "${pvc.metadata.name}"}, (), "lose it together"),
    ({"sub_dir": "../${pv.metadata.name}"}, (), "sub_dir: is no path"),
    ({"sub_dir": "/${pv.metadata.name}"}, (), "sub_dir: is no path"),
    ({"sub_dir": "${pvc.metadata.uid}/${pv.metadata.name}"}, (), "sub_dir: has a $ that nothing is put for"),
    ({"permissions": "rwx"}, (), "permissions: is no octal mode"),
    ({"permissions": "0999"}, (), "permissions: is no octal mode"),
    ({"driver": "nfs.csi.k8s.io"}, (), "driver: the cluster has no such CSI driver"),
    ({}, [other("nfs")], "class: is a StorageClass of others"),
    (
        {},
        [other("fast", annotations={"storageclass.kubernetes.io/is-default-class": "true"})],
        "StorageClass fast is the cluster's default already",
    ),
]


@pytest.mark.parametrize(("changes", "classes", "words"), REFUSED)
def test_refused(changes, classes, words):
    with pytest.raises(AnsibleFilterError, match="1 problem") as told:
        made(classes, **changes)
    assert words in str(told.value)


def test_what_needs_no_cluster_is_refused_without_one():
    wrong = {"share": "relative", "server_node": "nosuch", "permissions": "rwx", "sub_dir": "../../x"}
    with pytest.raises(AnsibleFilterError, match="4 problems") as told:
        storage_objects({**ASKED, **wrong, "driver": "nfs.csi.k8s.io"})
    assert [key for key in wrong if f"- {key}: " not in str(told.value)] == []
    assert storage_objects({**ASKED, "driver": "nfs.csi.k8s.io"})["rights"] == []  # whether it is there nobody knows


def volume(phase="Bound", policy="Delete", name="nfs", by="gedge.io/nfs"):
    """A PersistentVolume."""
    annotations = {"pv.kubernetes.io/provisioned-by": by} if by else None
    claim = {"namespace": "vision", "name": "models"}
    spec = {"storageClassName": name, "persistentVolumeReclaimPolicy": policy, "claimRef": claim}
    return {"metadata": {"name": "pvc-1", "annotations": annotations}, "spec": spec, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (volume(), ["pvc-1 (vision/models)"]),
        (volume(policy="Retain"), ["pvc-1 (vision/models)"]),
        (volume(phase="Released"), ["pvc-1 (released)"]),
        (volume(phase="Released", policy="Retain"), []),
        (volume(name="fast"), []),
        (volume(by="nfs.csi.k8s.io"), []),
        (volume(by=""), []),
    ],
)
def test_who_uses_volumes(one, told):
    assert storage_users([one], "nfs", "gedge.io/nfs") == told


FOUND = {
    "state": "present",
    "class": "nfs",
    "server": "192.0.2.9",
    "driver": "",
    "node": "n1",
    "provisions": True,
    "exports": "/srv/gedge",
}
LINES = ("mount /usr/sbin/mount.nfs", "server answers", "unit active", "export /srv/gedge")
CLAIM = {
    "kind": "PersistentVolumeClaim",
    "metadata": {"namespace": "vision", "name": "models"},
    "spec": {"storageClassName": "nfs"},
    "status": {"phase": "Bound"},
}
NODE = {"kind": "CSINode", "metadata": {"name": "n1"}, "spec": {"drivers": [{"name": "nfs.csi.k8s.io"}]}}


def verdict(lines=LINES, objects=None, **changes):
    """What verify says: devices of its findings, and the proof."""
    found = storage_verdict(objects or [made()["storage_class"], CLAIM], list(lines), {**FOUND, **changes})
    return [row["device"] for row in found["findings"]], found["proof"]


def test_all_is_well():
    assert verdict() == ([], ["storage nfs: claims with a volume: 1; 192.0.2.9 answers"])


@pytest.mark.parametrize(
    ("lines", "objects", "changes", "devices"),
    [
        (LINES[1:], None, {}, ["mount.nfs"]),
        (["mount x", "server silent", *LINES[2:]], None, {}, ["192.0.2.9"]),
        (["mount x", "server answers", "unit failed", LINES[3]], None, {}, ["gedge-nfs-provisioner.service"]),
        (LINES, None, {"provisions": False}, ["gedge-nfs-provisioner.service"]),
        (LINES[:3], None, {}, ["/srv/gedge"]),
        (LINES, [CLAIM], {}, ["nfs"]),
        (LINES, [made()["storage_class"], {**CLAIM, "status": {"phase": "Pending"}}], {}, ["vision/models"]),
        (LINES, [made()["storage_class"], {**NODE, "spec": {"drivers": None}}], {"driver": "nfs.csi.k8s.io"}, ["n1"]),
        (LINES[1:], [made()["storage_class"], NODE], {"driver": "nfs.csi.k8s.io"}, []),
        (LINES, None, {"state": "absent"}, ["nfs", "gedge-nfs-provisioner.service", "/srv/gedge"]),
        (["mount x", "unit inactive", "export "], [CLAIM], {"state": "absent"}, []),
    ],
)
def test_what_is_not_as_asked_for(lines, objects, changes, devices):
    assert verdict(lines, objects, **changes)[0] == devices
