"""The table of versions: sound in itself, at one with the pinned modules, and what of it fits together."""

import re

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import builds, fits, selection, table
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.version import parse
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError

# The module whose version in go.mod is that of the component.
MODULES = {
    "kubernetes": "k8s.io/kubernetes",
    "etcd": "go.etcd.io/etcd/server/v3",
    "cni-plugins": "github.com/containernetworking/plugins",
    "multus": "gopkg.in/k8snetworkplumbingwg/multus-cni.v4",
    "rdma-cni": "github.com/k8snetworkplumbingwg/rdma-cni",
    "sriov-cni": "github.com/intel/sriov-cni",
    "sriov-device-plugin": "github.com/k8snetworkplumbingwg/sriov-network-device-plugin",
    "scheduler-plugins": "sigs.k8s.io/scheduler-plugins",
    "nfd": "sigs.k8s.io/node-feature-discovery",
    "dra-example": "sigs.k8s.io/dra-example-driver",
}
ALL = list(table.COMPONENTS)


@pytest.fixture
def sources(root):
    """The folder with the pinned modules."""
    return root / "roles" / "cluster_artifacts" / "files" / "build"


def folder_of(component):
    """The folder that builds a component."""
    names = list(table.COMPONENTS[component]["names"])
    (folder,) = {builds.GROUPS[group]["folder"] for group in builds.groups_of(names)}
    return folder


@pytest.mark.parametrize("name", ["pause", "nfs-provisioner", "gedge-cards"])
def test_our_own_program_says_the_tables_version(sources, name):
    text = (sources / name / name / "main.go").read_text(encoding="utf-8")
    assert f'version = "{next(iter(table.COMPONENTS[name]["versions"]))}"' in text
    assert ((sources / name / "go.sum").read_text() == "") == (name == "pause")


def test_the_cards_plugin_takes_the_kubelets_interfaces_of_the_tables_kubernetes(sources):
    pinned = f"k8s.io/kubelet v0.{next(iter(table.COMPONENTS['kubernetes']['versions'])).partition('.')[2]}\n"
    assert pinned in (sources / "gedge-cards" / "go.mod").read_text(encoding="utf-8")


def test_the_provisioner_takes_the_client_of_the_clusters_kubernetes(sources):
    """One client-go for all: what is compiled for one program is in Go's cache for the next."""
    version = next(iter(table.COMPONENTS["kubernetes"]["versions"]))
    text = (sources / "nfs-provisioner" / "go.mod").read_text(encoding="utf-8")
    assert set(re.findall(r"^\s*k8s.io/(?:api|apimachinery|client-go) v(\S+)", text, re.M)) == {"0" + version[1:]}


@pytest.mark.parametrize("component", MODULES)
def test_the_versions_are_those_of_the_pinned_modules(sources, component):
    for version, modules in table.COMPONENTS[component]["versions"].items():
        path = sources / folder_of(component) / modules
        pinned = re.search(rf"^\s*(?:require )?{MODULES[component]} v(\S+)", path.read_text(encoding="utf-8"), re.M)
        assert pinned.group(1).replace("+incompatible", "") == version
        assert path.with_suffix(".sum").is_file()


def test_a_name_belongs_to_one_component_and_a_binary_to_one_group():
    names = [name for one in table.COMPONENTS.values() for name in one["names"]]
    binaries = [binary for one in builds.GROUPS.values() for binary in one["packages"]]
    assert len(names) == len(set(names)) and len(binaries) == len(set(binaries))
    assert {binary for one in table.COMPONENTS.values() for binary in one["names"].values()} == set(binaries)


@pytest.mark.parametrize("group", builds.GROUPS)
def test_a_binary_has_the_last_word_of_its_package(sources, group):
    for binary, package in builds.GROUPS[group]["packages"].items():
        assert package.rsplit("/", 1)[1] == binary
        text = (sources / builds.GROUPS[group]["folder"] / "go.mod").read_text(encoding="utf-8")
        own = package.startswith("./") and (sources / builds.GROUPS[group]["folder"] / package / "main.go").is_file()
        assert own or package in re.findall(r"^(?:tool )?\s*(\S+)$", text, re.M) + re.findall(
            r"^tool (\S+)$", text, re.M
        )


@pytest.mark.parametrize("component", [name for name, one in table.COMPONENTS.items() if one.get("url")])
def test_a_release_brings_all_names_of_its_component(component):
    one = table.COMPONENTS[component]
    brought = [name for file, members in one["files"].items() for name in members or [file]]
    assert sorted(brought) == sorted(one["names"])


def test_what_is_pinned_is_a_digest():
    pins = [
        digest
        for versions in table.PINNED.values()
        for kinds in versions.values()
        for files in kinds.values()
        for digest in files.values()
    ]
    assert all(selection.DIGEST.match(digest) for digest in pins)


def test_the_roles_default_is_the_tables(root):
    defaults = yaml.safe_load((root / "roles" / "cluster_artifacts" / "defaults" / "main.yml").read_text())
    assert defaults["cluster_artifacts_kubernetes"] == next(iter(table.COMPONENTS["kubernetes"]["versions"]))
    assert defaults["cluster_artifacts_versions"] == {"containerd": table.RUNTIME["containerd"]["13"]}


ASKS = [
    ({"cluster_control_plane_scheduler": "kube-scheduler"}, set()),
    ({"cluster_control_plane_scheduler": "kube-scheduler-nrt"}, {"scheduler-plugins"}),
    ({"cluster_storage_server_node": "worker1"}, {"nfs-provisioner"}),
    ({"cluster_storage_server": "nfs.example.org"}, {"nfs-provisioner"}),
    ({"cluster_storage_server": "nfs.example.org", "cluster_storage_driver": "nfs.csi.k8s.io"}, set()),
    ({"cluster_storage_server": "", "cluster_storage_server_node": ""}, set()),
]


@pytest.mark.parametrize(("asked", "more"), ASKS)
def test_the_components_are_the_tables_and_those_that_other_options_ask_for(root, asked, more):
    """They may be variables of some hosts alone, whichever host the role runs for."""
    loader, known = DataLoader(), {}
    for folder in ("defaults", "vars"):
        path = root / "roles" / "cluster_artifacts" / folder / "main.yml"
        known.update(loader.load_from_file(str(path), trusted_as_template=True))
    text = known["cluster_artifacts_components"]
    known.update(inventory_hostname="localhost", groups={}, hostvars={"localhost": {}})
    usual = Templar(loader, known).template(text)
    known["groups"] = {"testbed": ["master", "worker1"]}
    known["hostvars"].update(master=asked, worker1={})
    found = Templar(loader, known).template(text)
    assert set(found) - set(usual) == more and set(usual) <= set(found) <= set(table.COMPONENTS)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1.37.2", (1, 37, 2)),
        ("v1.37.2", (1, 37, 2)),
        ("1.7", (1, 7, 0)),
        ("1.6.20~ds1-1+deb12u1", (1, 6, 20)),
        ("0.0.0-20221127172732-a5a7395122e3", (0, 0, 0)),
        ("", None),
        ("latest", None),
        ("1", None),
        ("1.37.2 ", None),
        (1.37, (1, 37, 0)),
    ],
)
def test_versions(text, numbers):
    assert parse(text) == numbers


# versions, path and words of the one problem; None where all is well.
SETS = {
    "the default": ({}, None),
    "the other minor": ({"kubernetes": "1.34.4", "etcd": "3.6.5", "scheduler-plugins": "0.34.7"}, None),
    "Debian 12": ({"containerd": "1.6.20"}, None),
    "Debian's own spelling": ({"containerd": "1.7.24~ds1-6"}, None),
    "containerd 2": ({"kubernetes": "1.38.0", "containerd": "2.1.0"}, None),
    "containerd 1 in 1.38": (
        {"kubernetes": "1.38.0", "containerd": "1.7.24"},
        ("containerd", "refuses containerd 1.x"),
    ),
    "containerd too old": ({"containerd": "1.5.9"}, ("containerd", "CRI v1")),
    "a scheduler of another minor": ({"scheduler-plugins": "0.34.7"}, ("scheduler-plugins", "take Kubernetes 1.34.4")),
    "a scheduler of no minor": ({"scheduler-plugins": "0.33.5"}, ("scheduler-plugins", "node affinity")),
    "an old Kubernetes": ({"kubernetes": "1.33.9"}, ("kubernetes", "older than 1.34")),
    "an old etcd": ({"etcd": "3.5.23"}, ("etcd", "before 3.5.24")),
    "a misspelled component": ({"multis": "4.3.0"}, ("multis", 'Did you mean "multus"?')),
    "no version": ({"multus": "newest"}, ("multus", "no version")),
}


@pytest.mark.parametrize(("versions", "problem"), SETS.values(), ids=SETS)
def test_what_fits_together(versions, problem):
    found = fits.fits({"kubernetes": "1.37.2", "etcd": "3.7.0", "containerd": "1.7.24", **versions})
    if problem is None:
        assert found == []
    else:
        (only,) = found
        assert only.path == "versions." + problem[0] and problem[1] in only.text()


def test_all_faults_are_told_at_once():
    asked = {"source": "build", "components": ["kubernetes", "scheduler-plugins"], "kubernetes": "1.38.0"}
    asked.update(versions={"containerd": "1.7"}, architecture="amd46", sha256={"etcd": {"etcd": "abc"}}, urls={})
    with pytest.raises(ProblemsError) as told:
        selection.select(asked)
    paths = {problem.path for problem in told.value.problems}
    versions = {"versions.kubernetes", "versions.containerd", "versions.scheduler-plugins"}
    assert paths == versions | {"architecture", "sha256.etcd.etcd"}


def test_the_scheduler_for_numa_nodes_says_the_version_of_its_kubernetes():
    """It refuses to start as 0.34.7 (seen): no version of Kubernetes that it can stand for is below 1."""
    assert "component-base/version.gitVersion=v1.34.7 " in builds.link_flags("scheduler-plugins", "0.34.7") + " "
