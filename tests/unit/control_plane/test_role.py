"""The order of the nodes in role cluster_control_plane, and its refusals. What the role does is in tests/acceptance."""

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


def refused(root, name, **known):
    """The message of the first assertion of a file of the role, "" where it holds."""
    loader, role = DataLoader(), root / "roles" / "cluster_control_plane"
    tasks = loader.load_from_file(str(role / "tasks" / name), trusted_as_template=True)
    task = next(one for one in tasks if "ansible.builtin.assert" in one)
    told = task["ansible.builtin.assert"]
    variables = loader.load_from_file(str(role / "vars" / "main.yml"), trusted_as_template=True)
    templar = Templar(loader, {**variables, **task.get("vars", {}), **known})
    that = told["that"] if isinstance(told["that"], list) else [told["that"]]
    return "" if all(templar.evaluate_conditional(one) for one in that) else templar.template(told["fail_msg"])


GROUPS = {"all": ["cp1", "cp2", "cp3", "n1"], "control_plane": HOSTS}
NODES = [
    (["cp1"], GROUPS, ""),
    (HOSTS, GROUPS, ""),
    (["n1"], {"all": GROUPS["all"]}, ""),
    ([], GROUPS, "0 nodes; "),
    (["cp1", "cp2"], GROUPS, "2 nodes; etcd outlives the loss of one only with three. Name one or three"),
    (["cp1", "cp2", "cp2"], GROUPS, "a node is there twice"),
    (["nosuch"], GROUPS, "nosuch: no such host in group control_plane. There: cp1, cp2, cp3"),
    (["nosuch"], {"all": ["n1"]}, "nosuch: no such host in the inventory. There: n1"),
    ("cp1", GROUPS, "is no list. Write one such as [cp1]"),
    (1, GROUPS, "is no list. "),
]


@pytest.mark.parametrize(("hosts", "groups", "words"), NODES)
def test_how_many_nodes_is_seen_on_the_controller(root, hosts, groups, words):
    told = refused(root, "asked.yml", cluster_control_plane_hosts=hosts, groups=groups)
    assert told.startswith(f"cluster_control_plane_hosts: {words}") if words else told == ""


@pytest.mark.parametrize(
    ("there", "programs", "words"),
    [
        (True, ("kubeadm", "kubectl", "kubelet"), ""),
        (False, ("kubeadm", "kubectl", "kubelet"), "programs.kubeadm: there is no file"),
        (True, ("kubeadm",), "programs: kubectl, kubelet missing"),
    ],
)
def test_kubeadm_is_asked_for_names_only_where_it_is(root, tmp_path, there, programs, words):
    """In check mode role cluster_artifacts tells of programs that have still to be made."""
    if there:
        (tmp_path / "kubeadm").touch()
    known = {"cluster_control_plane_mode": "static-pods", "cluster_control_plane_pack_images": False}
    known["cluster_control_plane_programs"] = {name: {"path": str(tmp_path / name)} for name in programs}
    known.update(cluster_control_plane_scheduler="kube-scheduler", cluster_control_plane_hosts=HOSTS)
    told = refused(root, "images.yml", **known)
    assert words in told and bool(words) == bool(told)
