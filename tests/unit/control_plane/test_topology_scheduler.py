"""The scheduler that looks at NUMA nodes in role cluster_control_plane. At work it is in tests/acceptance."""

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar


def known(root, **options):
    """The variables of the role, with some options."""
    loader, found = DataLoader(), {"cluster_control_plane_hosts": ["cp1"]}
    for path in ("defaults/main.yml", "vars/main.yml"):
        found.update(loader.load_from_file(str(root / "roles/cluster_control_plane" / path), trusted_as_template=True))
    return {**found, **{f"cluster_control_plane_{name}": value for name, value in options.items()}}


NRT = {"kube-scheduler-nrt": {"path": "/c/nrt", "binary": "kube-scheduler-nrt", "version": "0.34.7"}}
LOOKS = {
    # title: (other options, what it is refused with, "" where it is taken)
    "its own minor": ({}, ""),
    "its own minor, in the image of static pods": ({"mode": "static-pods"}, ""),
    "an image of others": (
        {"mode": "static-pods", "pack_images": False, "programs": {}},
        "the scheduler of static pods is that of their repository",
    ),
    "another one": (
        {"version": "1.37.2"},
        "kube-scheduler-nrt is the scheduler of Kubernetes 1.34, the cluster has 1.37.2. Leave it out",
    ),
    "no kubeconfig": ({"kubeconfig": ""}, "cluster_control_plane_kubeconfig: is empty."),
}


@pytest.mark.parametrize("title", LOOKS)
def test_the_scheduler_that_looks_at_numa_nodes_is_refused_where_it_cannot(root, title):
    more, said = LOOKS[title]
    loader = DataLoader()
    tasks = loader.load_from_file(str(root / "roles/cluster_control_plane/tasks/present.yml"), trusted_as_template=True)
    (task,) = [one for one in tasks if one["name"].startswith("Be sure that a scheduler")]
    usual = {"version": "1.34.4", "kubeconfig": "/admin.conf", "scheduler": "kube-scheduler-nrt", "programs": NRT}
    templar = Templar(loader, {**known(root, **{**usual, **more}), **task["vars"]})
    holds = [templar.evaluate_conditional(one) for one in task["ansible.builtin.assert"]["that"]]
    assert all(holds) == (said == "")
    assert said in templar.template(task["ansible.builtin.assert"]["fail_msg"])
    assert not Templar(loader, known(root)).evaluate_conditional(task["when"])


@pytest.mark.parametrize("strategy", ["LeastAllocated", "MostAllocated"])
def test_its_configuration(root, strategy):
    """Without a cache: that gives nothing back by objects that know no pods (tests/acceptance)."""
    told = known(root, scheduler="kube-scheduler-nrt", scheduler_strategy=strategy)
    (profile,) = Templar(DataLoader(), told).template(told["cluster_control_plane_scheduler_config"])["profiles"]
    plugin = {"enabled": [{"name": "NodeResourceTopologyMatch"}]}
    assert profile == {
        "schedulerName": "default-scheduler",
        "plugins": {"filter": plugin, "score": plugin},
        "pluginConfig": [{"name": "NodeResourceTopologyMatch", "args": {"scoringStrategy": {"type": strategy}}}],
    }
    plain = known(root)
    assert Templar(DataLoader(), plain).template(plain["cluster_control_plane_scheduler_config"]) == {}
