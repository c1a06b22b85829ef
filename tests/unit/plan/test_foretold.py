"""What roles of a cluster foretell where the API server does not know a kind of object yet: all of them are new."""

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

SKIPPED = {"changed": False, "skipped": True}
OBJECTS = [{"kind": "NetworkAttachmentDefinition", "metadata": {"name": name, "namespace": "x"}} for name in "ab"]
ONE = {"changed": True, "result": OBJECTS[0]}
NETWORKS = [
    ({"api_found": False}, True, SKIPPED, OBJECTS, ["x/a", "x/b"]),
    ({"api_found": False}, True, SKIPPED, [], []),
    ({"api_found": True}, True, ONE, OBJECTS, ["x/a"]),
    ({"api_found": False}, False, ONE, OBJECTS, ["x/a"]),
    ({"api_found": True}, False, {"changed": False, "result": OBJECTS[0]}, OBJECTS, []),
]
TOPOLOGY = [
    (SKIPPED, ["NodeResourceTopology n1"]),
    (
        {"changed": True, "result": {"kind": "NodeResourceTopology", "metadata": {"name": "n1"}}},
        ["NodeResourceTopology n1"],
    ),
    ({"changed": False, "result": {"kind": "NodeResourceTopology", "metadata": {"name": "n1"}}}, []),
]


def kept(root, role, file, **known):
    """The result that a role keeps at its end."""
    loader = DataLoader()
    tasks = loader.load_from_file(str(root / "roles" / role / "tasks" / file), trusted_as_template=True)
    (task,) = [task for task in tasks if task["name"] == "Keep the result"]
    return Templar(loader, {**known, **task["vars"]}).template(task["ansible.builtin.set_fact"])[f"{role}_result"]


@pytest.mark.parametrize(("there", "check", "applied", "definitions", "targets"), NETWORKS)
def test_networks(root, there, check, applied, definitions, targets):
    result = kept(
        root,
        "cluster_networks",
        "main.yml",
        ansible_check_mode=check,
        cluster_networks_definitions=definitions,
        __cluster_networks_there=there,
        __cluster_networks_applied=applied,
        __cluster_networks_removed=SKIPPED,
    )
    assert [step["target"] for step in result["steps"]] == [f"NetworkAttachmentDefinition {name}" for name in targets]
    assert result["changed"] == bool(targets)


@pytest.mark.parametrize(
    ("gone", "classed", "targets"),
    [
        (SKIPPED, {"changed": False, "result": {"kind": "StorageClass", "metadata": {"name": "nfs"}}}, []),
        (
            {"changed": True, "result": {"kind": "StorageClass", "metadata": {"name": "nfs"}}},
            SKIPPED,
            ["StorageClass nfs"] * 2,
        ),
    ],
)
def test_a_class_that_is_made_anew(root, gone, classed, targets):
    """In check mode the old one is there still, so the new one cannot be asked for."""
    known = {f"__cluster_storage_{name}": SKIPPED for name in ("installed", "applied", "brought")}
    known.update(cluster_storage_class="nfs", __cluster_storage_gone=gone, __cluster_storage_classed=classed)
    known["__cluster_storage_run"] = {"changed": False, "steps": [], "disruption": "none"}
    known.update(cluster_storage_dir="/usr/local/lib/gedge", cluster_storage_program="/c/nfs-provisioner")
    result = kept(root, "cluster_storage", "present.yml", **known)
    assert [step["target"] for step in result["steps"]] == targets and result["changed"] == bool(targets)


def test_a_provisioner_that_check_mode_would_bring(root):
    known = {f"__cluster_storage_{name}": SKIPPED for name in ("installed", "applied", "gone")}
    known.update(
        __cluster_storage_classed={"changed": False, "result": {"kind": "StorageClass"}}, cluster_storage_class="nfs"
    )
    known.update(cluster_storage_dir="/usr/local/lib/gedge", cluster_storage_program="/c/nfs-provisioner")
    known["__cluster_storage_run"] = {"changed": False, "steps": [], "disruption": "none"}
    known["__cluster_storage_brought"] = {
        "changed": True,
        "steps": [{"target": "/usr/local/lib/gedge/nfs-provisioner"}],
    }
    result = kept(root, "cluster_storage", "present.yml", **known)
    assert [step["target"] for step in result["steps"]] == ["/usr/local/lib/gedge/nfs-provisioner"]


@pytest.mark.parametrize(("applied", "targets"), TOPOLOGY)
def test_topology(root, applied, targets):
    known = {"cluster_topology_node": "n1", "cluster_topology_kind_steps": [], "__cluster_topology_run": applied}
    result = kept(root, "cluster_topology", "present.yml", **known)
    assert [step["target"] for step in result["steps"]] == targets and result["changed"] == bool(targets)
