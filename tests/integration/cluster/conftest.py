"""A control plane on this machine for the lab's last node, and programs for that out of the cache of builds."""

import json
import pathlib

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import cache, golang, table
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.programs import Builder, programs
from helpers.control_plane import ControlPlane

SOURCES = pathlib.Path(__file__).resolve().parents[3] / "roles" / "cluster_artifacts" / "files" / "build"
GROUPS = ("kubernetes-control-plane", "kubernetes-node", "cni-plugins", "pause")


@pytest.fixture(scope="session")
def built():
    """{binary: {"path", "sha256"}}; cold, Kubernetes takes a quarter of an hour."""
    if golang.find() is None:
        pytest.skip("no Go toolchain here: Kubernetes cannot be built from its modules")
    builder = Builder(str(SOURCES), cache.usual(), lambda who, what: print(f"{who}: {what}"))
    version = {name: next(iter(one["versions"])) for name, one in table.COMPONENTS.items()}
    wanted = dict.fromkeys(GROUPS[:2], version["kubernetes"])
    return programs(builder, {**wanted, "cni-plugins": version["cni-plugins"], "pause": version["pause"]})["binaries"]


@pytest.fixture(scope="session")
def control_plane(built, tmp_path_factory):
    """The ControlPlane, running."""
    version = next(iter(table.COMPONENTS["kubernetes"]["versions"]))
    binaries = (built[group]["path"] for group in GROUPS[:2])
    with ControlPlane(tmp_path_factory.mktemp("control-plane"), *binaries, version) as running:
        yield running


@pytest.fixture(scope="session")
def variables(built, control_plane, tmp_path_factory):
    """A file with what role cluster_artifacts and the control plane would have told."""
    told = {
        name: {**one, "component": "cni-plugins", "binary": name} for name, one in built.items() if name in table.CNI
    }
    told["pause"] = {**built["pause"], "component": "pause", "binary": "pause"}
    node = {**built["kubernetes-node"], "component": "kubernetes", "binary": "kubernetes-node"}
    told.update(dict.fromkeys(table.NODE, node))
    folder = tmp_path_factory.mktemp("variables")
    content = {
        "cluster_artifacts": told,
        "cluster_kubeconfig": str(control_plane.kubeconfig),
        "cluster_worker_join": control_plane.join,
        "cluster_worker_vfs": [],
        "cluster_worker_timeout": 900,
        "cluster_pod_network_timeout": 900,
        "cluster_runtime_dir": str(folder),
    }
    (folder / "variables.json").write_text(json.dumps(content))
    return folder / "variables.json"
