"""A Go toolchain that the test decides about, and folders of programs."""

import hashlib
import pathlib

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.folder import Folder
from ansible_collections.gedge.engine.plugins.module_utils.system import System

FAKE = """#!/bin/sh
# Says what the test wants, and writes what it was asked for into the folder after -o.
[ "$1" = version ] && { echo "go version go%(version)s linux/amd64"; exit; }
echo "$*" >> %(log)s
if [ -e %(complaint)s ]; then
  grep -q KILL %(complaint)s && kill -KILL $$
  cat %(complaint)s >&2
  exit 1
fi
[ "$1" = list ] && { seq 40; exit; }
seq 40 >&2
while [ "$1" != -o ]; do shift; done
target=$2; shift 2
for package; do echo "$package" > "$target$(basename "$package")"; done
"""


@pytest.fixture
def fake_go(tmp_path):
    """A function: a toolchain of that version that complains of something, or builds; its log lies in go.log."""

    def make(version="1.26.8", complaint=None):
        said = tmp_path / "complaint"
        said.write_text(complaint) if complaint else said.unlink(missing_ok=True)
        path = tmp_path / "go"
        path.write_text(FAKE % {"version": version, "log": tmp_path / "go.log", "complaint": said})
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def program():
    """A function: a program of a manifest whose content is its name."""

    def make(name, binary=None, version="1.37.2", component="kubernetes"):
        content = (binary or name) + version
        digest = hashlib.sha256(content.encode()).hexdigest()
        return {"component": component, "version": version, "binary": binary or name, "sha256": digest, "origin": ""}

    return make


@pytest.fixture
def put():
    """A function: put programs into a folder, each binary with the content that the fixture program tells."""

    def run(path, programs, check_mode=False):
        bring = {}
        for one in programs.values():
            content = one["binary"] + one["version"]
            bring[one["binary"]] = lambda draft, content=content: pathlib.Path(draft).write_text(content)
        return Folder(System(), str(path), "amd64").put(programs, bring, check_mode)

    return run
