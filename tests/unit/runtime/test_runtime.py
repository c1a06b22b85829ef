"""Module runtime: what it needs of containerd, what it leaves alone, what it refuses, and how it goes back."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.runtime import config, images, toml
from helpers.breakable import Killed

CRI = config.CRI
IMAGE = "gedge.local/pause:1.0.0"


def as_asked(dump, **more):
    """A dump in which all stands as asked for."""
    texts = {"SystemdCgroup = false": "SystemdCgroup = true", "enable_cdi = false": "enable_cdi = true"}
    texts['bin_dir = "/usr/lib/cni"'] = 'bin_dir = "/opt/cni/bin"'
    for before, after in {**texts, **more}.items():
        assert before in dump
        dump = dump.replace(before, after)
    return dump


def test_a_dump_survives_reading_and_writing(dump):
    sections = toml.parse(dump)
    assert toml.parse(toml.text_of(sections)) == sections
    assert sections["plugins", CRI, "cni"]["bin_dir"] == '"/usr/lib/cni"'


# section header, names
HEADERS = {
    'plugins."io.containerd.grpc.v1.cri".cni': ("plugins", CRI, "cni"),
    "plugins.'io.containerd.cri.v1.runtime'.containerd": ("plugins", config.RUNTIME, "containerd"),
    "a.b-c": ("a", "b-c"),
    'plugins."x".registry.mirrors."docker.io"': ("plugins", "x", "registry", "mirrors", "docker.io"),
}


@pytest.mark.parametrize(("text", "expected"), HEADERS.items(), ids=HEADERS)
def test_headers(text, expected):
    assert toml.names(text) == expected


def test_what_is_set_and_what_of_the_operator_stays(node, run):
    node.dump = node.dump.replace("max_concurrent_downloads = 3", "max_concurrent_downloads = 17")
    before = node.text("/etc/containerd/config.toml")
    run(pause_image=IMAGE)
    part = toml.parse(node.text(config.PART))
    assert part[("plugins", CRI) + config.RUNC]["SystemdCgroup"] == "true"
    assert part["plugins", CRI]["sandbox_image"] == '"%s"' % IMAGE
    assert part["plugins", CRI]["enable_cdi"] == "true"
    assert part["plugins", CRI]["max_concurrent_downloads"] == "17"
    assert {name[1] for name in part if len(name) > 1} == {CRI}
    assert toml.parse(node.text(config.ROOT))[()]["imports"] == '["/etc/containerd/config.toml", "%s"]' % config.PART
    assert node.text("/etc/containerd/config.toml") == before


def test_check_mode_tells_the_steps_and_a_second_run_has_none(node, run):
    before = node.snapshot()
    foretold = run(check=True, pause_image=IMAGE)
    assert node.snapshot() == before
    assert run(pause_image=IMAGE)["steps"] == foretold["steps"]
    assert run(pause_image=IMAGE)["steps"] == []


def test_what_is_right_is_not_touched(node, run, dump):
    node.dump = as_asked(dump)
    done = run()
    assert not node.exists(config.ROOT) and "restart-unit" not in [step["action"] for step in done["steps"]]


def test_absent_is_what_was_before(node, run, archive):
    digest = archive("probe:1")
    for name in ("overlay", "br_netfilter"):
        node.load(name)
    before = node.snapshot()
    run(pause_image=IMAGE, images=[digest], mirrors={"docker.io": ["https://mirror.example"]})
    assert node.images == {"docker.io/library/probe:1": "sha256:1"}
    run(state="absent")
    assert node.snapshot() == before and node.images == {}
    assert run(state="absent")["steps"] == []


def test_images_that_were_there_before_stay(node, run, archive):
    digest = archive("gedge.local/probe:1")
    node.images = {"gedge.local/probe:1": "sha256:1"}
    run(images=[digest])
    assert run(images=[digest])["steps"] == []
    run(state="absent")
    assert node.images == {"gedge.local/probe:1": "sha256:1"}


def test_images_are_kept_as_long_as_that_is_asked_for(node, run, archive):
    digest = archive("gedge.local/probe:1")
    run(images=[digest])
    assert run(keep_images=True)["steps"] == [] and node.images
    assert [step["action"] for step in run()["steps"]] == ["remove-images"] and not node.images


def test_an_image_that_somebody_removed_comes_again(node, run, archive):
    digest = archive("gedge.local/probe:1")
    run(images=[digest])
    node.images = {}
    assert [step["action"] for step in run(images=[digest])["steps"]] == ["import-images"]
    assert node.images


def test_an_archive_that_is_another_one_is_refused(node, run):
    node.put("/var/lib/gedge/images/%s.tar" % ("a" * 64), "other")
    with pytest.raises(EngineError, match="its SHA-256 is"):
        run(images=["a" * 64])


def test_check_mode_foretells_an_archive_that_is_not_there_yet(run):
    steps = run(check=True, images=["a" * 64])["steps"]
    assert steps[-1]["action"] == "import-images" and steps[-1]["target"].endswith("/%s.tar" % ("a" * 64))


def test_without_containerd_check_mode_foretells_that_a_run_refuses(tmp_path, dump, node, run):
    bare = type(node)(tmp_path / "bare", dump, installed=False)
    assert "configure-containerd" in [step["action"] for step in run(check=True, on=bare)["steps"]]
    before = bare.snapshot()
    with pytest.raises(EngineError, match="Install the packages"):
        run(on=bare)
    kept = {path for path in bare.snapshot() if not path.startswith("/proc/")}
    assert kept - set(before) <= {"/var/lib/gedge/baseline/runtime.json"}  # that a module was not loaded before


# options, words of the refusal
REFUSED = {
    "a registry": ({"mirrors": {"no registry": []}}, "is no registry"),
    "an address": ({"mirrors": {"docker.io": ["mirror.example"]}}, "is no list of addresses"),
    "a digest": ({"images": ["abc"]}, "is no SHA-256"),
}


@pytest.mark.parametrize(("params", "words"), REFUSED.values(), ids=REFUSED)
def test_bad_options_touch_nothing(node, run, params, words):
    before = node.snapshot()
    with pytest.raises(ProblemsError, match=words):
        run(**params)
    assert node.snapshot() == before


def test_another_cgroup_driver_below_running_pods_is_refused(node, run):
    node.put("/run/containerd/io.containerd.runtime.v2.task/k8s.io/abc/x", "")
    with pytest.raises(ProblemsError, match="Drain the node"):
        run()


def test_mirrors_of_the_old_kind_are_refused_by_name(node, run):
    node.dump += '\n[plugins."%s".registry.mirrors."docker.io"]\n  endpoint = []\n' % CRI
    with pytest.raises(ProblemsError, match=r"Move docker\.io"):
        run(mirrors={"docker.io": ["https://mirror.example"]})


def test_a_hosts_file_of_others_is_refused(node, run):
    node.put(config.CERTS + "/docker.io/hosts.toml", "server = 'x'\n")
    with pytest.raises(ProblemsError, match="is there and is not ours"):
        run(mirrors={"docker.io": ["https://mirror.example"]})


def test_an_old_containerd_without_cdi_is_a_warning(node, run):
    node.dump = node.dump.replace("    enable_cdi = false\n", "")
    done = run()
    assert done["cdi"] is False and "has no CDI" in done["warnings"][0]
    assert run()["steps"] == []


def test_containerd_2_has_its_settings_elsewhere():
    base = toml.parse(
        "version = 3\n[plugins.'%s']\nenable_cdi = true\n"
        "[plugins.'%s'.cni]\nbin_dir = '/x'\nconf_dir = '/etc/cni/net.d'\n"
        "[plugins.'%s'.containerd.runtimes.runc.options]\nSystemdCgroup = false\n" % ((config.RUNTIME,) * 3)
    )
    asked = {"cni_bin_dir": "/opt/cni/bin", "cni_conf_dir": "/etc/cni/net.d", "pause_image": "", "mirrors": {}}
    assert set(config.changes(base, config.asked(asked))) == {"cni_bin_dir", "systemd_cgroup"}


def test_absent_below_a_kubelet_is_refused(node, run):
    run()
    node.put("/etc/kubernetes/kubelet.conf", "")
    before = node.snapshot()
    with pytest.raises(EngineError, match="out of its cluster first"):
        run(state="absent")
    assert node.snapshot() == before
    done = run(check=True, state="absent")
    assert done["steps"] and "out of its cluster first" in "".join(done["warnings"])


@pytest.mark.parametrize("number", range(12))
def test_a_killed_run_is_made_good_by_the_next(node, run, number):
    node.break_at(number, Killed)
    try:
        run(pause_image=IMAGE)
    except Killed:
        pass
    node.breaking = None
    run(pause_image=IMAGE)
    assert run(pause_image=IMAGE)["steps"] == [] and node.leftovers() == []
    assert config.ROOT in node.text("/proc/77/cmdline")
    run(state="absent")
    assert not node.exists(config.ROOT) and not node.exists("/var/lib/gedge")


@pytest.mark.parametrize("number", range(10))
def test_what_fails_is_put_back(node, run, number):
    for name in ("overlay", "br_netfilter"):
        node.load(name)
    before = node.snapshot()
    node.break_at(number, EngineError("refused"))
    try:
        run(pause_image=IMAGE)
    except EngineError:
        assert node.snapshot() == before


# as in an archive, as containerd calls it
NAMES = {"busybox:1": "docker.io/library/busybox:1", "a/b:1": "docker.io/a/b:1", "x.io/a:1": "x.io/a:1"}


@pytest.mark.parametrize(("name", "whole"), NAMES.items())
def test_whole_names(name, whole):
    assert images.whole(name) == whole
