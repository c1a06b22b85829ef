"""From components and a source to what is built or downloaded."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.artifact_set import artifact_set
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import builds, table

DIGEST = "0" * 64


def test_etcd_comes_with_its_kubernetes():
    for kubernetes, etcd in (("1.37.2", "3.7.0"), ("1.34.4", "3.6.5")):
        found = artifact_set(["kubernetes", "etcd"], "build", kubernetes)
        assert found["versions"] == {"kubernetes": kubernetes, "etcd": etcd}
        assert found["groups"] == {"kubernetes-node": kubernetes, "kubernetes-control-plane": kubernetes}
        assert artifact_set(["etcd"], "build", kubernetes)["groups"] == {"kubernetes-control-plane": kubernetes}


def test_only_our_build_has_binaries_of_several_programs():
    built = artifact_set(["kubernetes"], "build", "1.37.2")["names"]
    assert {one["binary"] for one in built.values()} == {"kubernetes-node", "kubernetes-control-plane"}
    brought = artifact_set(["kubernetes"], "bundle", "1.37.2")["names"]
    assert all(name == one["binary"] for name, one in brought.items()) and set(brought) == set(built)


def test_all_components_have_groups():
    asked = list(table.COMPONENTS)
    found = artifact_set(asked, "build", "1.34.4")
    assert set(found["groups"]) == set(builds.GROUPS) and found["downloads"] == []
    assert len(found["names"]) == sum(len(one["names"]) for one in table.COMPONENTS.values())


REFUSED = {
    "not pinned": (["etcd"], "upstream", {}, "etcd-v3.7.0-linux-amd64.tar.gz"),
    "images only": (["nfd"], "upstream", {}, "only images"),
    "not built here": (["multus"], "build", {"versions": {"multus": "4.2.0"}}, "Offered: 4.3.0"),
    "etcd of another": (["kubernetes", "etcd"], "build", {"versions": {"etcd": "3.6.5"}}, "built with etcd 3.7.0"),
    "no such component": (["kubernets"], "bundle", {}, 'Did you mean "kubernetes"?'),
    "Kubernetes twice": (["kubernetes"], "bundle", {"versions": {"kubernetes": "1.36.0"}}, "is asked for elsewhere"),
    "no digest": (["etcd"], "upstream", {"sha256": {"etcd": {"x": "sha256:12"}}}, "64 hexadecimal digits"),
}


SHAPES = {
    "a word": ({"components": "multus"}, "components: is no list (got 'multus')"),
    "words": ({"components": "multus,etcd"}, "components: is no list"),
    "nothing": ({"components": None}, "components: is no list"),
    "versions": ({"versions": "1.37.2"}, "versions: is no mapping"),
    "digests": ({"sha256": {"etcd": DIGEST}}, "sha256.etcd: is no mapping"),
    "addresses": ({"urls": ["x"]}, "urls: is no mapping"),
}


@pytest.mark.parametrize(("given", "words"), SHAPES.values(), ids=SHAPES)
def test_another_shape_is_one_fault(given, words):
    with pytest.raises(AnsibleFilterError, match="1 problem\n") as told:
        artifact_set(**{"components": ["etcd"], "source": "build", "kubernetes": "1.37.2", **given})
    assert words in str(told.value)


TOGETHER = {
    "1.99.0": ["versions.containerd: Kubernetes 1.99 refuses", "versions.kubernetes: no modules are pinned"],
    "1.20.0": ["versions.kubernetes: older than"],  # one sentence for one version
}


@pytest.mark.parametrize("kubernetes", TOGETHER)
def test_what_does_not_fit_and_what_cannot_be_built_is_told_together(kubernetes):
    with pytest.raises(AnsibleFilterError) as told:
        artifact_set(["kubernetes"], "build", kubernetes, versions={"containerd": "1.7.24"})
    lines = [line.strip("- ") for line in str(told.value).splitlines()[1:]]
    assert [line.startswith(words) for line, words in zip(lines, TOGETHER[kubernetes], strict=True)] == [True] * len(
        lines
    )


@pytest.mark.parametrize(("components", "source", "more", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(components, source, more, words):
    with pytest.raises(AnsibleFilterError, match=r"gedge\.engine\.artifact_set: ") as told:
        artifact_set(components, source, "1.37.2", **more)
    assert words in str(told.value)


def test_downloads_have_their_address_and_their_members():
    sums = {"etcd": {"etcd-v3.7.0-linux-arm64.tar.gz": DIGEST}}
    found = artifact_set(["etcd"], "upstream", "1.37.2", architecture="arm64", sha256=sums)["downloads"]
    (only,) = found
    assert only["url"].startswith("https://") and only["url"].endswith("/v3.7.0/etcd-v3.7.0-linux-arm64.tar.gz")
    assert only["members"] == {"etcd": "etcd-v3.7.0-linux-arm64/etcd"} and only["sha256"] == DIGEST
    near = {"etcd": "http://127.0.0.1/{version}/"}
    found = artifact_set(["etcd"], "upstream", "1.37.2", architecture="arm64", sha256=sums, urls=near)["downloads"]
    assert found[0]["url"] == "http://127.0.0.1/3.7.0/etcd-v3.7.0-linux-arm64.tar.gz"


def test_a_pinned_version_of_upstreams_need_not_be_one_that_is_built():
    sums = {"kubernetes": dict.fromkeys(table.COMPONENTS["kubernetes"]["names"], DIGEST)}
    found = artifact_set(["kubernetes"], "upstream", "1.36.4", sha256=sums)
    assert {one["version"] for one in found["downloads"]} == {"1.36.4"} and len(found["downloads"]) == 7
