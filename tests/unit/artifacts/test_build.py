"""Real builds: a cheap group always, all of them in make soak. What comes out runs and says its version."""

import os
import subprocess

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import builds, cache, golang, table
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.programs import Builder, programs

pytestmark = pytest.mark.skipif(golang.find() is None, reason="no Go toolchain here: nothing can be built")

# What a program says for which words: VERSION is the component's.
SAID = {
    "kubelet": ("--version", "Kubernetes vVERSION"),
    "kubeadm": ("version -o short", "vVERSION"),
    "kubectl": ("version --client", "Client Version: vVERSION"),
    "kube-proxy": ("--version", "Kubernetes vVERSION"),
    "kube-apiserver": ("--version", "Kubernetes vVERSION"),
    "kube-controller-manager": ("--version", "Kubernetes vVERSION"),
    "kube-scheduler": ("--version", "Kubernetes vVERSION"),
    "etcd": ("--version", "etcd Version: VERSION"),
    "kube-scheduler-nrt": ("--version", "Kubernetes v1.34.7"),
    "nfd-topology-updater": ("-version", "vVERSION"),
    "bridge": ("", "CNI bridge plugin vVERSION"),
    "static": ("", "CNI static plugin vVERSION"),
    "multus": ("--version", "VERSION"),
    "sriovdp": ("--help", "-resource-prefix"),
    "nfs-provisioner": ("-version", "nfs-provisioner VERSION"),
    "gedge-cards": ("-version", "gedge-cards VERSION"),
    "dra-example-kubeletplugin": ("--help", "--num-devices"),
}
SOAK = [(name, version) for name, one in table.COMPONENTS.items() for version in one["versions"]]


@pytest.fixture
def built(root):
    """A function: {name: path} of the programs of a component, in the cache of this user."""

    def build(component, version):
        names = table.COMPONENTS[component]["names"]
        sources = root / "roles" / "cluster_artifacts" / "files" / "build"
        kubernetes = next(one for one in table.COMPONENTS["kubernetes"]["versions"] if _goes(component, version, one))
        groups = {group: table.versions_with(kubernetes)[builds.GROUPS[group]["component"]] for group in _groups(names)}
        builder = Builder(str(sources), cache.usual(), lambda who, what: print(f"{who}: {what}"))
        found = programs(builder, groups)["binaries"]
        return {name: found[binary]["path"] for name, binary in names.items()}

    return build


def _groups(names):
    return builds.groups_of(list(names))


def _goes(component, version, kubernetes):
    return table.versions_with(kubernetes)[component] == version


def says(tmp_path, path, name):
    """What a program says, called by its name through a link as in the folder of a cluster."""
    link = tmp_path / name
    link.symlink_to(path)
    words = [str(link), *SAID.get(name, ("--help", ""))[0].split()]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=env, cwd=tmp_path)
    return done.stdout + done.stderr


def check(tmp_path, found, version):
    """Every program runs here and says its version where it does."""
    for name, path in found.items():
        text = says(tmp_path, path, name)
        assert text.strip() and "panic" not in text, (name, text)
        if name in SAID:
            assert SAID[name][1].replace("VERSION", version) in text, (name, text)


def test_the_cni_plugins_are_built(tmp_path, built):
    check(tmp_path, built("cni-plugins", "1.9.1"), "1.9.1")


@pytest.mark.soak
@pytest.mark.parametrize(("component", "version"), SOAK)
def test_all_are_built(tmp_path, built, component, version):
    check(tmp_path, built(component, version), version)
