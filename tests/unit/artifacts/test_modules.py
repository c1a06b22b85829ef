"""The modules' doors: one JSON each, no traceback, nothing in check mode."""

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.gedge.engine.plugins.modules import artifact_bundle, artifacts, go_programs, image_archive


@pytest.fixture
def call(capsys):
    """A function: run a module's main() with options; (rc, its JSON)."""

    def run(module, **options):
        with patch_module_args(options), pytest.raises(SystemExit) as left:
            module.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return left.value.code, json.loads(out)

    return run


def test_from_binaries_to_a_bundle(call, tmp_path, root, fake_go):
    build = {"folder": str(root / "roles" / "cluster_artifacts" / "files" / "build"), "groups": {"rdma-cni": "1.6.0"}}
    build.update(cache=str(tmp_path / "cache"), go=fake_go(), progress_file=str(tmp_path / "progress"))
    for check_mode in (True, False):
        code, built = call(go_programs, _ansible_check_mode=check_mode, **build)
        assert (code, built["built"]) == (0, ["rdma-cni"]) and (tmp_path / "cache").exists() != check_mode
    assert (tmp_path / "progress").read_text().startswith("programs rdma-cni: fetching modules\n")
    programs = {"rdma": {"component": "rdma-cni", "version": "1.6.0", "binary": "rdma"}}
    folder = {"folder": str(tmp_path / "one"), "programs": programs, "binaries": built["binaries"]}
    code, kept = call(artifacts, **folder)
    assert code == 0 and kept["changed"] and kept["programs"]["rdma"]["sha256"] == built["binaries"]["rdma"]["sha256"]
    pack = {"folder": str(tmp_path / "one"), "path": str(tmp_path / "bundle.tar")}
    assert call(artifact_bundle, **pack)[1]["changed"] and not call(artifact_bundle, **pack)[1]["changed"]
    code, kept = call(artifacts, folder=str(tmp_path / "two"), programs=programs, bundle=pack["path"])
    assert code == 0 and (tmp_path / "two" / "rdma").read_bytes() == (tmp_path / "one" / "rdma").read_bytes()


def test_an_image(call, tmp_path):
    asked = {"path": str(tmp_path / "x.tar"), "name": "gedge.local/x:1", "files": {"/x": __file__}}
    assert call(image_archive, _ansible_check_mode=True, **asked)[1]["changed"] and not (tmp_path / "x.tar").exists()
    code, made = call(image_archive, **asked)
    assert code == 0 and made["changed"] and not call(image_archive, **asked)[1]["changed"]


def test_a_failure_is_told(call, tmp_path):
    code, said = call(image_archive, path=str(tmp_path / "x.tar"), name="x", files={})
    assert code == 1 and said["problems"][0]["path"] == "name"
    code, said = call(artifacts, folder="relative")
    assert code == 1 and "absolute path" in said["msg"]
    code, said = call(artifacts, folder=str(tmp_path), archives=[])
    assert code == 1 and "downloads" in said["msg"]
    code, said = call(artifact_bundle, folder=str(tmp_path), path=str(tmp_path / "x"))
    assert code == 1 and "there is no manifest" in said["msg"]
    code, said = call(go_programs, folder=str(tmp_path), groups={"multus": "4.3.0"}, cache=str(tmp_path))
    assert code == 1 and "is not there" in said["msg"]
