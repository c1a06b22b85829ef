"""The role: a release on a server of our own on loopback (no release site is reached here), and what is refused."""

import functools
import hashlib
import http.server
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import table

ROOT = Path(__file__).resolve().parents[3]
ARCHIVES = {
    "cni-plugins-linux-amd64-v1.9.1.tgz": ["./LICENSE", *("./" + name for name in table.CNI)],
    "etcd-v3.7.0-linux-amd64.tar.gz": ["etcd-v3.7.0-linux-amd64/etcdctl", "etcd-v3.7.0-linux-amd64/etcd"],
}
PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: gedge.engine.cluster_artifacts}
    - ansible.builtin.copy:
        content: "{{ cluster_artifacts | default({}) | to_json }}"
        dest: "{{ cluster_artifacts_told }}"
      check_mode: false
      changed_when: false
"""


class Silent(http.server.SimpleHTTPRequestHandler):
    """Writes no log."""

    def log_message(self, *dummy):
        """Nothing."""


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """(address, folder) of a server with programs that say their name."""
    folder = tmp_path_factory.mktemp("release")
    for archive, members in ARCHIVES.items():
        with tarfile.open(folder / archive, "w:gz") as tar:
            for member in members:
                info = tarfile.TarInfo(member)
                text = f"#!/bin/sh\necho {Path(member).name}\n".encode()
                info.size, info.mode = len(text), 0o644
                tar.addfile(info, io.BytesIO(text))
    handler = functools.partial(Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


@pytest.fixture
def play(tmp_path, release):
    """A function: run the role with these variables; (what it printed, changed, the fact)."""
    address, folder = release
    (tmp_path / "play.yml").write_text(PLAY)
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    usual = {
        "source": "upstream",
        "components": ["etcd", "cni-plugins"],
        "urls": {"etcd": address, "cni-plugins": address},
        "sha256": {"etcd": sums, "cni-plugins": sums},
        "dir": str(tmp_path / "one"),
        "cache_dir": str(tmp_path / "cache"),
        "told": str(tmp_path / "told.json"),
    }

    def run(*options, **changes):
        given = {f"cluster_artifacts_{name}": value for name, value in {**usual, **changes}.items()}
        given["ansible_python_interpreter"] = sys.executable
        (tmp_path / "variables.yml").write_text(yaml.safe_dump(given))
        words = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", *options]
        words += [tmp_path / "play.yml", "-e", f"@{tmp_path / 'variables.yml'}"]
        env = dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), ANSIBLE_NOCOLOR="1")
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=env, cwd=tmp_path)
        text = done.stdout + done.stderr
        assert (done.returncode == 0) == (" failed=0 " in text)
        told = json.loads((tmp_path / "told.json").read_text()) if done.returncode == 0 else None
        return text, " changed=0 " not in text, told

    run.sums = sums
    return run


def test_a_release_and_nothing(play, tmp_path):
    text, changed, told = play("--check")
    assert changed and told and not (tmp_path / "one").exists(), text
    text, changed, told = play()
    assert changed and len(told) == 11, text
    for name, version in (("etcd", "3.7.0"), ("vlan", "1.9.1")):
        assert subprocess.check_output([told[name]["path"]], text=True) == name + "\n"
        assert told[name]["sha256"] == hashlib.sha256(Path(told[name]["path"]).read_bytes()).hexdigest()
        assert told[name]["version"] == version
    for options in ((), ("--check",)):
        text, changed, again = play(*options)
        assert not changed and again == told, text
    text, changed, told = play(state="absent")
    assert changed and told == {} and not (tmp_path / "one").exists(), text
    assert len(os.listdir(tmp_path / "cache" / "downloads")) == 2


def test_another_file_than_the_pinned_one(play, tmp_path):
    wrong = dict.fromkeys(play.sums, "0" * 64)
    text, dummy, told = play(sha256={"etcd": wrong, "cni-plugins": play.sums})
    assert told is None and "checksum" in text and not (tmp_path / "one").exists()


REFUSED = {
    "does not fit": ({"kubernetes": "1.38.0"}, "refuses containerd 1.x"),
    "no bundle": ({"source": "bundle", "bundle": "/nonexistent.tar"}, "there is no file /nonexistent.tar"),
    "no Go": ({"source": "build", "go": "/nonexistent/go"}, "there is no Go toolchain"),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_before_anything_is_touched(play, tmp_path, changes, words):
    text, dummy, told = play("--check" if "go" in changes else "--diff", **changes)
    assert told is None and words in " ".join(text.split()), text
    assert sorted(os.listdir(tmp_path)) == ["play.yml", "variables.yml"]
