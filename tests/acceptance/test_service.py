"""Role cluster_service before a real API server, scheduler and controllers: deploy, update, prune, explain, remove.

The kubelets are the test's own (kubelets.py), so pods run as soon as they are bound; what a real one gives is in
tests/integration/cluster.
"""

import os
import pathlib

import pytest
from acceptance import cluster as control
from acceptance import deploy, programs, sites
from acceptance.kubelets import Kubelets
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from helpers.service_role import Stage
from unit.placement.sites import container, service

RECORDS = [sites.large("node1"), sites.large("node2")]
CONTROLLERS = (*control.CONTROLLERS, "garbage-collector-controller", "namespace-controller")
REFUSED = {
    "phase": "Failed",
    "reason": "TopologyAffinityError",
    "message": "Pod was rejected: Resources cannot be allocated with Topology locality",
}


def asked(*names, **changes):
    """Services; changes: {name: keys of its container}."""
    known = {
        "camera": container("main", 2, sriov=1),
        "detector": container("main", gpu=1, sriov=1),
        "greedy": container("main", gpu=9),
        "picky": container("main", 2),
        "late": container("main", 1),
    }
    return [service(name, [dict(known[name], **changes.get(name, {}))]) for name in names]


def manifests(services, allocations=()):
    """(objects, placements) of them; allocations: what runs already, and stays where it is."""
    placement = place.place(RECORDS, services, allocations).result("none")
    made = sites.manifests(services, placement, RECORDS, unplaced="pending", backend="extended-resources")
    return made, placement["placements"]


@pytest.fixture(scope="module")
def running(control_plane, tmp_path_factory):
    """A Cluster with two nodes."""
    before, control.CONTROLLERS = control.CONTROLLERS, CONTROLLERS
    try:
        with control.Cluster(control_plane, tmp_path_factory.mktemp("cluster")) as made:
            made.install(programs.crds("standard"))
            prepare(made)
            yield made
    finally:
        control.CONTROLLERS = before


def prepare(made):
    """The nodes, as their kubelets would tell them."""
    deploy.prepare(made, RECORDS, manifests(asked("camera", "detector"))[0], False)


@pytest.fixture(scope="module")
def stage(running, tmp_path_factory):
    """The role's stage."""
    folder = tmp_path_factory.mktemp("stage")
    (folder / "kubectl").symlink_to(programs.node())
    return Stage(folder, f"{running.folder}/kubeconfig", folder / "kubectl")


@pytest.fixture(scope="module", autouse=True)
def kubelets(running):
    """They refuse the pods of one service."""
    with Kubelets(running.folder, {"picky": REFUSED}) as made:
        yield made


def versions(made, kind="Deployment"):
    """{name: generation} of our Deployments."""
    return {one["metadata"]["name"]: one["metadata"]["generation"] for one in made.list("apps/v1", kind)}


def ours(made):
    """["Kind/name"] of all that has our label."""
    kinds = {("apps/v1", "Deployment"), ("v1", "Service"), ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")}
    kinds |= {("v1", "Pod"), ("v1", "ConfigMap")}
    return sorted(
        f"{kind}/{one['metadata']['name']}"
        for version, kind in kinds
        for one in made.list(version, kind)
        if (one["metadata"].get("labels") or {}).get("app.kubernetes.io/managed-by") == "gedge.engine"
    )


def test_check_mode_changes_nothing(running, stage):
    objects, rows = manifests(asked("camera", "detector"))
    rc, said = stage.play(objects, "--check", cluster_service_placements=rows)
    assert rc == 0 and "create Deployment default camera" in said and "changed=2" in said, said
    assert ours(running) == []


def test_deploy(running, stage):
    objects, rows = manifests(asked("camera", "detector"))
    rc, said = stage.play(objects, cluster_service_placements=rows)
    assert rc == 0, said
    assert set(versions(running)) == {"camera", "detector"}
    for one in running.list("apps/v1", "Deployment"):
        assert "gedge-engine" in {
            row["manager"] for row in one["metadata"]["managedFields"] if row["operation"] == "Apply"
        }
    assert any("default/camera: 1 of 1 available" in line for line in stage.progress()), stage.progress()
    assert "Deployment/camera" in stage.record()
    assert not [name for name in ours(running) if name.startswith("ConfigMap")], "they are another role's"
    before = versions(running)
    rc, said = stage.play(objects, cluster_service_placements=rows)
    assert rc == 0 and "changed=0" in said and "The cluster has all of it already." in said, said
    assert versions(running) == before


def test_an_update_leaves_the_others_alone(running, stage):
    before = versions(running)
    objects, rows = manifests(asked("camera", "detector", detector={"env": {"MODEL": "yolo"}}))
    rc, said = stage.play(objects, cluster_service_placements=rows)
    assert rc == 0 and "update Deployment default detector" in said, said
    after = versions(running)
    assert after["camera"] == before["camera"] and after["detector"] > before["detector"]


def test_a_conflict_names_the_owner_and_what_to_do(running, stage):
    objects, rows = manifests(asked("camera", "detector", detector={"env": {"MODEL": "yolo"}}))
    (camera,) = [one for one in objects if one["kind"] == "Deployment" and one["metadata"]["name"] == "camera"]
    theirs = {key: camera[key] for key in ("apiVersion", "kind")}
    running.merge(dict(theirs, metadata={"name": "camera", "namespace": "default"}, spec={"replicas": 0}))
    rc, said = stage.play(objects, cluster_service_placements=rows)
    assert rc != 0 and 'Deployment default/camera: .spec.replicas is set by "' in said, said
    assert "cluster_service_force_conflicts=true" in said
    rc, said = stage.play(objects, cluster_service_placements=rows, cluster_service_force_conflicts=True)
    assert rc == 0, said
    assert {one["metadata"]["name"]: one["spec"]["replicas"] for one in running.list("apps/v1", "Deployment")} == {
        "camera": 1,
        "detector": 1,
    }


def test_what_is_gone_is_removed_and_no_other(running, stage):
    before = versions(running)
    dummy, both = manifests(asked("camera", "detector"))
    objects, rows = manifests(asked("camera"), [row for row in both if row["service"] == "camera"])
    rc, said = stage.play(objects, cluster_service_placements=rows)
    assert rc == 0 and "delete Deployment default detector" in said, said
    assert versions(running) == {"camera": before["camera"]}
    assert not [name for name in ours(running) if "detector" in name]
    assert "Deployment/detector" not in stage.record()


def test_pending_is_explained_with_the_real_schedulers_words(running, stage):
    objects, rows = manifests(asked("camera", "greedy"))
    rc, said = stage.play(objects, cluster_service_placements=rows)
    assert rc != 0, said
    assert "it asks for 9 nvidia.com/gpu, which is not free (in all node1 has 8, node2 has 8)" in said, said
    assert "Waiting longer is senseless" in said


def test_a_refusal_of_the_kubelet_is_explained_with_the_promise(running, stage):
    objects, rows = manifests(asked("camera", "picky"))
    rc, said = stage.play(objects, cluster_service_placements=rows)
    assert rc != 0 and "the kubelet refused it (TopologyAffinityError)" in said, said
    assert "(promised: node" in said and "Waiting longer is senseless" in said
    assert not [name for name in ours(running) if "greedy" in name], "it was pruned in the same run"


def test_absent_leaves_nothing_of_ours_and_all_of_others(running, stage):
    other = {"metadata": {"name": "other", "namespace": "default"}, "apiVersion": "v1", "kind": "ConfigMap"}
    running.create(other)
    rc, said = stage.play([], cluster_service_state="absent")
    assert rc == 0, said
    assert ours(running) == [] and stage.record() == []
    assert "other" in [one["metadata"]["name"] for one in running.list("v1", "ConfigMap")]
    rc, said = stage.play([], cluster_service_state="absent")
    assert rc == 0 and "changed=0" in said, said


def test_a_server_that_is_not_there_is_named(stage, tmp_path):
    config = stage.variables["cluster_service_kubeconfig"]
    text = pathlib.Path(config).read_text(encoding="utf-8")
    port = text.split("127.0.0.1:")[1].split("\n")[0].strip("'\" ")
    (tmp_path / "kubeconfig").write_text(text.replace(port, "1"), encoding="utf-8")
    objects, dummy = manifests(asked("late"))
    rc, said = stage.play(objects, cluster_service_kubeconfig=os.fspath(tmp_path / "kubeconfig"))
    assert rc != 0 and "the API server does not answer" in said, said
