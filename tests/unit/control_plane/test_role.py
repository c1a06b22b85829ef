"""The order of the nodes in role cluster_control_plane. What the role does is in tests/acceptance."""

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

HOSTS = ["cp1", "cp2", "cp3"]
FIRST = {"__cluster_control_plane_first": "cp1", "cluster_control_plane_hosts": HOSTS}


def turns(root, name, included):
    """[hosts that run it] of each task that includes a file."""
    loader, found = DataLoader(), []
    path = root / "roles" / "cluster_control_plane" / "tasks" / name
    for task in loader.load_from_file(str(path), trusted_as_template=True):
        if task.get("ansible.builtin.include_tasks") == included:
            items = Templar(loader, FIRST).template(task["loop"]) if "loop" in task else [None]
            at = [
                {"inventory_hostname": host, "__cluster_control_plane_turn": item} for host in HOSTS for item in items
            ]
            told = [one for one in at if Templar(loader, {**FIRST, **one}).evaluate_conditional(task["when"])]
            found.append([one["inventory_hostname"] for one in told])
    return found


@pytest.mark.parametrize(
    ("name", "included", "order"),
    [
        ("present.yml", "node.yml", [["cp1"], ["cp2", "cp3"]]),
        ("absent.yml", "remove.yml", [["cp2", "cp3"], ["cp1"]]),
    ],
)
def test_the_first_node_comes_first_and_goes_last(root, name, included, order):
    """By tasks of their own: the includes of one loop run in the order in which their hosts answer."""
    assert turns(root, name, included) == order


ASKED = [
    "gedge.local/kubernetes/kube-apiserver:v1.37.2",
    "gedge.local/kubernetes/kube-proxy:v1.37.2",
    "gedge.local/kubernetes/coredns/coredns:v1.14.0",
    "gedge.local/kubernetes/pause:3.10.2",
    "gedge.local/kubernetes/etcd:3.6.5-0",
]
ONE = {"path": "/c/control-plane", "binary": "control-plane"}
PACKED = {
    # name: (programs, files, links)
    "one binary": (
        dict.fromkeys(("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"), ONE),
        {"/usr/local/bin/control-plane": "/c/control-plane", "/pause": "/c/pause"},
        dict.fromkeys(
            [
                f"/usr/local/bin/{one}"
                for one in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
            ],
            "control-plane",
        ),
    ),
    "one each": (
        {
            one: {"path": f"/c/{one}", "binary": one}
            for one in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
        },
        {
            "/pause": "/c/pause",
            **{
                f"/usr/local/bin/{one}": f"/c/{one}"
                for one in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
            },
        },
        {},
    ),
}


@pytest.mark.parametrize("name", PACKED)
def test_what_is_packed_for_static_pods(root, name):
    programs, files, links = PACKED[name]
    loader, role = DataLoader(), root / "roles" / "cluster_control_plane"
    tasks = loader.load_from_file(str(role / "tasks" / "images.yml"), trusted_as_template=True)
    (task,) = [one for one in tasks if "gedge.engine.image_archive" in one]
    known = {}
    for path in ("defaults/main.yml", "vars/main.yml"):
        known.update(loader.load_from_file(str(role / path), trusted_as_template=True))
    programs = {**programs, "pause": {"path": "/c/pause", "binary": "pause"}}
    known.update(task["vars"], cluster_control_plane_programs=programs, cluster_control_plane_hosts=HOSTS)
    known["__cluster_control_plane_asked"] = {"stdout_lines": ASKED}
    known.update(cluster_control_plane_images_dir="/d")
    made = Templar(loader, known).template(task["gedge.engine.image_archive"])
    assert (made["files"], made["links"]) == (files, links)
    assert made["names"] == [ASKED[0], *ASKED[3:]] and made["name"] == ASKED[0]


TOLD = {
    # (mode, packed): (programs that are brought, further ones that the module is told of)
    ("services", True): ({"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}, set()),
    ("static-pods", True): ({"kubelet"}, {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}),
    ("static-pods", False): ({"kubelet"}, set()),
}


@pytest.mark.parametrize(("mode", "packed"), TOLD)
def test_which_programs_a_mode_needs(root, mode, packed):
    loader, role = DataLoader(), root / "roles" / "cluster_control_plane"
    known = loader.load_from_file(str(role / "vars" / "main.yml"), trusted_as_template=True)
    known.update(cluster_control_plane_mode=mode, cluster_control_plane_pack_images=packed)
    known.update(cluster_control_plane_scheduler="kube-scheduler-nrt", cluster_control_plane_hosts=HOSTS)
    templar, (brought, more) = Templar(loader, known), TOLD[mode, packed]
    assert set(templar.template(known["__cluster_control_plane_wanted"])) == brought | {"kubeadm", "kubectl"}
    told = templar.template(known["__cluster_control_plane_told"])
    assert set(told) == brought | more | {"kubeadm", "kubectl"}
    assert told.get("kube-scheduler", "kube-scheduler-nrt") == "kube-scheduler-nrt"
