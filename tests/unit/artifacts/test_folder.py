"""The folder of a cluster's programs, and the bundle: whole, right, and refused by name where not."""

import hashlib
import io
import json
import os
import tarfile

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import bundle, converge
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.folder import MANIFEST, Folder
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import System


def snapshot(path):
    """{name: content or link} of a folder."""
    return {
        name: os.readlink(path / name) if os.path.islink(path / name) else (path / name).read_bytes()
        for name in (sorted(os.listdir(path)) if path.is_dir() else ())
    }


@pytest.fixture
def some(program):
    """Two programs of one binary, and one alone."""
    names = {name: program(name, "kubernetes-node") for name in ("kubelet", "kubectl")}
    return dict(names, bridge=program("bridge", component="cni-plugins", version="1.9.1"))


def test_put_and_second_run(tmp_path, put, some):
    place = tmp_path / "artifacts"
    assert put(place, some, check_mode=True)["changed"] and not place.exists()
    found = put(place, some)
    assert found["changed"] and sorted(os.listdir(place)) == sorted([*some, "kubernetes-node", MANIFEST])
    assert os.readlink(place / "kubelet") == "kubernetes-node" and os.access(place / "bridge", os.X_OK)
    assert set(found["programs"]["kubelet"]) == {"path", "version", "sha256", "component", "binary"}
    before = snapshot(place)
    assert not put(place, some, check_mode=True)["changed"] and not put(place, some)["changed"]
    assert snapshot(place) == before


DAMAGE = {
    "a byte": lambda place: (place / "bridge").write_bytes(b"x"),
    "a file": lambda place: (place / "kubernetes-node").unlink(),
    "a link": lambda place: (place / "kubelet").unlink(),
    "the manifest": lambda place: (place / MANIFEST).write_text("{"),
    "a list for a manifest": lambda place: (place / MANIFEST).write_text('{"programs": ["x"]}'),
    "no manifest": lambda place: (place / MANIFEST).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_was_damaged_is_mended(tmp_path, put, some, damage):
    put(tmp_path, some)
    before = snapshot(tmp_path)
    damage(tmp_path)
    assert put(tmp_path, some, check_mode=True)["changed"]
    assert put(tmp_path, some)["changed"]
    assert snapshot(tmp_path) == before


def test_what_nobody_wants_goes_and_what_is_not_ours_stays(tmp_path, put, some, program):
    put(tmp_path, some)
    (tmp_path / "notes").write_text("mine")
    put(tmp_path, {"kubelet": program("kubelet", version="1.34.4")})
    assert sorted(os.listdir(tmp_path)) == ["kubelet", MANIFEST, "notes"]
    assert not os.path.islink(tmp_path / "kubelet")
    asked = {"folder": str(tmp_path), "architecture": "amd64", "state": "absent"}
    assert converge.converge(System(), asked, check_mode=True)["changed"]
    assert converge.converge(System(), asked)["changed"] and os.listdir(tmp_path) == ["notes"]
    assert not converge.converge(System(), asked)["changed"]


def test_a_wrong_file_changes_nothing(tmp_path, put, some):
    put(tmp_path, some)
    before = snapshot(tmp_path)
    wrong = dict(some, bridge=dict(some["bridge"], sha256="0" * 64), kubeadm=dict(some["kubelet"], version="1.34.4"))
    with pytest.raises(EngineError, match=r"bridge: its SHA-256 is [0-9a-f]{64}, 0{64} is expected"):
        put(tmp_path, wrong)
    assert snapshot(tmp_path) == before


def take(tmp_path, names, check_mode=False, **asked):
    """Have programs out of the bundle of the test."""
    names = {name: {key: one[key] for key in ("component", "version", "binary")} for name, one in names.items()}
    given = {"folder": str(tmp_path / "two"), "architecture": "amd64", "state": "present", "programs": names}
    given.update(bundle=str(tmp_path / "bundle.tar"), binaries=None, archives=None, downloads=None)
    return converge.converge(System(), dict(given, **asked), check_mode)


@pytest.fixture
def packed(tmp_path, put, some):
    """A folder of programs, packed."""
    put(tmp_path / "one", some)
    bundle.pack(System(), str(tmp_path / "one"), str(tmp_path / "bundle.tar"))
    return tmp_path / "bundle.tar"


def test_a_bundle_brings_the_same_folder(tmp_path, packed, some):
    assert take(tmp_path, some, check_mode=True)["changed"] and not (tmp_path / "two").exists()
    assert take(tmp_path, some)["changed"]
    assert snapshot(tmp_path / "two") == snapshot(tmp_path / "one")
    assert not take(tmp_path, some, check_mode=True)["changed"] and not take(tmp_path, some)["changed"]


def test_the_same_folder_gives_the_same_bundle(tmp_path, packed, put, some):
    assert not bundle.pack(System(), str(tmp_path / "one"), str(packed))["changed"]
    put(tmp_path / "later", some)
    os.utime(tmp_path / "later" / "bridge", (1, 1))
    found = bundle.pack(System(), str(tmp_path / "later"), str(tmp_path / "again.tar"))
    assert (tmp_path / "again.tar").read_bytes() == packed.read_bytes()
    assert found["sha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()


def test_a_part_of_a_bundle(tmp_path, packed, some):
    take(tmp_path, {"kubectl": some["kubectl"]})
    assert sorted(os.listdir(tmp_path / "two")) == ["kubectl", "kubernetes-node", MANIFEST]


def test_what_is_damaged_in_the_folder_does_not_get_into_a_bundle(tmp_path, packed):
    (tmp_path / "one" / "bridge").write_bytes(b"x")
    with pytest.raises(EngineError, match=r"bridge: is not what the manifest tells"):
        bundle.pack(System(), str(tmp_path / "one"), str(tmp_path / "new.tar"))
    with pytest.raises(EngineError, match="there is no manifest"):
        bundle.pack(System(), str(tmp_path), str(tmp_path / "new.tar"))
    assert not (tmp_path / "new.tar").exists()


def rewrite(path, change):
    """Write a bundle anew from its members: change({name: bytes}) -> [(name, bytes, link or None)]."""
    with tarfile.open(path) as tar:
        members = {info.name: tar.extractfile(info).read() for info in tar.getmembers()}
    with tarfile.open(path, "w") as tar:
        for name, data, link in change(members):
            info = tarfile.TarInfo(name)
            if link:
                info.type, info.linkname = tarfile.SYMTYPE, link
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def rows(members, **other):
    """The rows for rewrite, some of them with another content; None leaves one out."""
    return [(name, data, None) for name, data in {**members, **other}.items() if data is not None]


def told(members, **keys):
    """A manifest with other keys at its top."""
    return json.dumps({**json.loads(members[MANIFEST]), **keys}).encode()


def program_told(members, **keys):
    """A manifest with other keys of bridge."""
    content = json.loads(members[MANIFEST])
    content["programs"]["bridge"].update(keys)
    return json.dumps(content).encode()


BROKEN = {
    "a byte": (lambda m: rows(m, bridge=m["bridge"][:-1] + b"x"), "bridge is damaged"),
    "a file too few": (lambda m: rows(m, bridge=None), "not those of its manifest: bridge"),
    "a file too many": (lambda m: rows(m, more=b"x"), "not those of its manifest: more"),
    "a file outside": (lambda m: [*rows(m), ("../evil", b"x", None)], "not those of its manifest: ../evil"),
    "a file twice": (lambda m: [*rows(m), ("bridge", m["bridge"], None)], "not those of its manifest"),
    "a link for a file": (lambda m: [*rows(m, bridge=None), ("bridge", b"", "/etc/passwd")], "bridge is damaged"),
    "no manifest": (lambda m: rows(m, **{MANIFEST: None}), "it has no manifest"),
    "the manifest last": (lambda m: rows(m)[1:] + rows(m)[:1], "it has no manifest"),
    "no JSON": (lambda m: rows(m, **{MANIFEST: b"\xff"}), "none of this collection"),
    "another's": (lambda m: rows(m, **{MANIFEST: told(m, collection="other")}), "none of this collection"),
    "another format": (lambda m: rows(m, **{MANIFEST: told(m, format=2)}), "has format 2"),
    "programs of no shape": (lambda m: rows(m, **{MANIFEST: told(m, programs=[])}), "damaged at programs"),
    "no architecture": (lambda m: rows(m, **{MANIFEST: told(m, architecture=1)}), "damaged at architecture"),
    "another architecture": (lambda m: rows(m, **{MANIFEST: told(m, architecture="arm64")}), "is for arm64"),
    "another digest": (lambda m: rows(m, **{MANIFEST: program_told(m, sha256="0" * 64)}), "bridge is damaged"),
    "no digest": (lambda m: rows(m, **{MANIFEST: program_told(m, sha256="x")}), "damaged at bridge"),
    "a path for a binary": (lambda m: rows(m, **{MANIFEST: program_told(m, binary="../x")}), "damaged at bridge"),
    "the manifest for a binary": (
        lambda m: rows(m, **{MANIFEST: program_told(m, binary=MANIFEST)}),
        "damaged at bridge",
    ),
    "another component": (lambda m: rows(m, **{MANIFEST: program_told(m, component="etcd")}), "damaged at bridge"),
    "another version": (lambda m: rows(m, **{MANIFEST: program_told(m, version="1.8.0")}), "has version 1.8.0"),
}


@pytest.mark.parametrize(("change", "words"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_broken_bundle_is_refused_and_nothing_is_left(tmp_path, packed, some, change, words, check_mode):
    rewrite(packed, change)
    with pytest.raises(EngineError) as said:
        take(tmp_path, some, check_mode)
    assert words in str(said.value) and str(packed) in str(said.value)
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("size", [0, 100, 512, 1500, 3000, -513, -1024])
def test_a_bundle_that_ends_too_early(tmp_path, packed, some, size):
    whole = packed.read_bytes()
    packed.write_bytes(whole[:size])
    try:
        take(tmp_path, some)
    except EngineError as error:
        assert str(packed) in str(error)
        assert not (tmp_path / "two").exists()
    else:  # only the padding was missing
        assert snapshot(tmp_path / "two") == snapshot(tmp_path / "one")


def test_a_bundle_without_what_is_asked_for(tmp_path, packed, some, program):
    with pytest.raises(EngineError) as said:
        take(tmp_path, dict(some, etcd=program("etcd", component="etcd"), kubeadm=program("kubeadm")))
    assert "the bundle has no etcd" in str(said.value) and "the bundle has no kubeadm" in str(said.value)


def test_an_old_folder_stays_where_a_bundle_is_damaged(tmp_path, packed, some):
    take(tmp_path, some)
    before = snapshot(tmp_path / "two")
    rewrite(packed, lambda m: rows(m, bridge=b"x"))
    (tmp_path / "two" / "kubernetes-node").write_bytes(b"y")
    before["kubernetes-node"] = b"y"
    (tmp_path / "two" / "bridge").unlink()
    del before["bridge"]
    with pytest.raises(EngineError, match="bridge"):
        take(tmp_path, some)
    assert snapshot(tmp_path / "two") == before


WRONG = {
    "relative": ({"folder": "artifacts"}, "absolute path"),
    "the root": ({"folder": "/"}, "absolute path"),
    "a program of no shape": ({"programs": {"kubelet": "1.37.2"}, "bundle": None}, "programs.kubelet: lacks component"),
    "a program that nothing brings": ({"bundle": None, "binaries": {}}, "programs.kubelet: nothing brings it"),
    "an archive of no shape": ({"bundle": None, "archives": [{}], "downloads": "/x"}, "archives[0]: lacks sha256"),
    "a bundle that is not there": ({"bundle": "/nonexistent.tar"}, "cannot be read as a bundle"),
}


@pytest.mark.parametrize(("asked", "words"), WRONG.values(), ids=WRONG)
def test_bad_input(tmp_path, some, asked, words):
    with pytest.raises(EngineError) as said:
        take(tmp_path, {"kubelet": some["kubelet"]}, **asked) if "programs" not in asked else take(
            tmp_path, {}, **asked
        )
    assert words in str(said.value)


def test_a_folder_that_cannot_be_made(put, some):
    with pytest.raises(EngineError, match="cluster_artifacts_dir"):
        put("/proc/artifacts", some)


def test_the_manifest_of_somebody_else_removes_nothing_outside(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "mine").write_text("x")
    manifest = {"programs": {"../mine": {"binary": "../mine"}}}
    (tmp_path / "one" / MANIFEST).write_text(json.dumps(manifest))
    Folder(System(), str(tmp_path / "one"), "amd64").clear()
    assert (tmp_path / "mine").exists() and not (tmp_path / "one").exists()
