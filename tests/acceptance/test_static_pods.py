"""What kubeadm writes as static pods, against what module control_plane foretells. A dry run: nothing is started."""

import dataclasses
import os
import subprocess

import pytest
from acceptance import programs
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from ansible_collections.gedge.engine.plugins.module_utils.control_plane import config, etcd, options, pods, wanted

pytestmark = pytest.mark.skipif(golang.find() is None, reason="no Go toolchain here: kubeadm cannot be built")
REPOSITORY = "gedge.local/kubernetes"
MEMBERS = [{"name": f"node{number}", "address": f"10.0.0.{number}"} for number in (1, 2, 3)]
CASES = {
    "plain": {},
    "flags that YAML quotes": {
        "extra_args": {
            "kube-apiserver": {"v": 4, "profiling": False, "audit-log-format": "a: 'b' # c \\ \u00e9"},
            "etcd": {"quota-backend-bytes": "8589934592", "x": '"q"'},
        }
    },
    "a profile, no taint": {"scheduler_config": {"profiles": []}, "schedulable": True},
    "another endpoint, names": {"endpoint": "10.0.0.99", "certificate_names": ["edge.example"]},
    "other keys": {"key_algorithm": "ECDSA-P256"},
}


@pytest.fixture(scope="module")
def kubeadm(tmp_path_factory):
    """A function: kubeadm with some words, in a folder."""
    path = tmp_path_factory.mktemp("bin") / "kubeadm"
    path.symlink_to(programs.node())

    def run(folder, *words):
        env = dict(os.environ, KUBEADM_INIT_DRYRUN_DIR=str(folder))
        return subprocess.run([str(path), *words], env=env, capture_output=True, text=True, check=True).stdout

    return run


@pytest.mark.parametrize("name", CASES)
def test_manifests_are_those_that_are_foretold(tmp_path, kubeadm, name):
    version = programs.version()
    listed = ("config", "images", "list", f"--kubernetes-version=v{version}", f"--image-repository={REPOSITORY}")
    given = {
        "mode": "static-pods",
        "version": version,
        "name": "node1",
        "members": [{"name": "node1", "address": "10.0.0.1"}],
        "images": kubeadm(tmp_path, *listed).split(),
        **CASES[name],
    }
    asked = wanted.read(ArgumentSpecValidator(options.argument_spec()).validate(given).validated_parameters)
    path = tmp_path / "kubeadm.json"
    path.write_text(config.text(asked, waits=True), encoding="utf-8")
    kubeadm(tmp_path, "config", "validate", "--config", str(path))
    said = set(kubeadm(tmp_path, "config", "images", "list", "--config", str(path)).split())
    assert set(asked.images.values()) - said == {
        one for one in asked.images.values() if "kube-proxy" in one or "coredns" in one
    }
    for component, phase in pods.PHASES.items():
        out = kubeadm(tmp_path, "init", "phase", *phase, "--dry-run", "--config", str(path))
        manifest = tmp_path / f"{component}.yaml"
        text = manifest.read_text(encoding="utf-8") if manifest.exists() else out
        assert pods.difference(component, pods.parse(text), asked) == ({}, {}), component


def test_an_etcd_that_joins_is_told_its_cluster_and_later_written_without(tmp_path, kubeadm):
    """By the phase of kubeadm init: flags of ours stand in place of its own."""
    given = {"version": programs.version(), "name": "node2", "mode": "static-pods", "members": MEMBERS}
    given["images"] = [f"{REPOSITORY}/{name}:1" for name in wanted.COMPONENTS]
    asked = wanted.read(ArgumentSpecValidator(options.argument_spec()).validate(given).validated_parameters)
    told = etcd.as_flags(etcd.first_start(asked, [("node1", "https://10.0.0.1:2380")]))
    joining = dataclasses.replace(asked, extra_args={"etcd": told})
    path, found = tmp_path / "kubeadm.json", []
    for one in (joining, asked):
        path.write_text(config.text(one), encoding="utf-8")
        kubeadm(tmp_path, "init", "phase", *pods.PHASES["etcd"], "--dry-run", "--config", str(path))
        found.append(pods.parse((tmp_path / "etcd.yaml").read_text(encoding="utf-8")))
        assert pods.difference("etcd", found[-1], asked) == ({}, {})
    assert found[0].flags["initial-cluster"] == "node1=https://10.0.0.1:2380,node2=https://10.0.0.2:2380"
    assert found[0].flags["initial-cluster-state"] == "existing"
    assert "initial-cluster-state" not in found[1].flags
