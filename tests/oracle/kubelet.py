"""Builds the oracle beside this file (the kubelet's own code behind a small Go program) and asks it.

The whole kubelet is too much to compile for some questions: the managers bring the scheduler, a client of the API and
the container runtime along. So the files that decide are taken out of the module as they are (SLIM), without those
that only start and store; two packages of records are stubs. GEDGE_ORACLE=whole builds with the module itself.

The binary lies in ~/.cache/gedge-engine/programs/oracle, keyed by its sources, its modules and the Go version.
"""

import json
import os
import pathlib
import shutil
import subprocess

from ansible_collections.gedge.engine.plugins.module_utils.artifacts import cache, golang

HERE = pathlib.Path(__file__).resolve().parent
MODULE = "k8s.io/kubernetes"
FLAGS = ["-p", "1", "-ldflags", "-s -w"]
SOURCES = ("*.go", "*.s", "go.mod", "go.sum", "stubs/**/*.go")

CM = "pkg/kubelet/cm/"
# Folder of the module: the files that are left out, or those that are taken where a list begins with "only".
SLIM = {
    CM + "admission": [],
    CM + "containermap": [],
    CM + "cpumanager": ["cpu_manager.go", "cpu_manager_others.go", "cpu_manager_windows.go", "fake_cpu_manager.go"],
    CM + "cpumanager/state": ["state_checkpoint.go"],
    CM + "cpumanager/topology": [],
    CM + "devicemanager": [],
    CM + "devicemanager/checkpoint": [],
    CM + "devicemanager/plugin/v1beta1": ["stub.go"],
    CM + "memorymanager": ["memory_manager.go", "fake_memory_manager.go"],
    CM + "memorymanager/state": ["state_checkpoint.go"],
    CM + "qos": [],
    CM + "resourceupdates": [],
    CM + "topologymanager": [],
    CM + "topologymanager/bitmask": [],
    "pkg/api/v1/pod": [],
    "pkg/apis/core": [],
    "pkg/apis/core/helper": [],
    "pkg/apis/core/v1/helper": [],
    "pkg/apis/core/v1/helper/qos": [],
    "pkg/apis/scheduling": [],
    "pkg/features": [],
    "pkg/kubelet/checkpointmanager": [],
    "pkg/kubelet/checkpointmanager/checksum": [],
    "pkg/kubelet/checkpointmanager/errors": [],
    "pkg/kubelet/config": ["only", "sources.go"],
    "pkg/kubelet/kubeletconfig": ["only", "defaults.go"],
    "pkg/kubelet/lifecycle": ["only", "interfaces.go"],
    "pkg/kubelet/metrics": [],
    "pkg/kubelet/pluginmanager/cache": [],
    "pkg/kubelet/util/store": [],
    "pkg/util/filesystem": [],
    "pkg/util/hash": [],
}


def whole():
    """True where the module itself is asked for."""
    return os.environ.get("GEDGE_ORACLE") == "whole"


def binary():
    """The path of the oracle, built where it is not yet there."""
    made_of = golang.version(golang.find()), golang.ENVIRONMENT, SLIM, FLAGS, whole()
    sources = [str(path) for kind in SOURCES for path in HERE.glob(kind)]
    return cache.kept(cache.usual(), "oracle", cache.digest(*made_of, files=sources), build)


def build(draft):
    """Compile with one process at a time."""
    beside = pathlib.Path(draft + ".tree")
    folder = HERE if whole() else tree(beside)
    golang.run([golang.find(), "build", *FLAGS, "-o", draft, "."], folder)
    shutil.rmtree(beside, ignore_errors=True)


def tree(folder):
    """A copy of the program beside the module's files that decide; the module's hash is that of go.sum."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    module = pathlib.Path(golang.module(MODULE, HERE))
    for kind in ("*.go", "*.s", "go.mod", "go.sum"):
        for path in HERE.glob(kind):
            shutil.copy(path, folder)
    part = folder / "kubernetes"
    shutil.copytree(HERE / "stubs", part)
    for name, listed in SLIM.items():
        (part / name).mkdir(parents=True, exist_ok=True)
        for path in module.joinpath(name).glob("*.go"):
            if wanted(path.name, listed):
                (part / name / path.name).write_bytes(path.read_bytes())
    (part / "go.mod").write_bytes((module / "go.mod").read_bytes())
    golang.run([golang.find(), "mod", "edit", "-replace", f"{MODULE}=./kubernetes"], folder)
    return folder


def wanted(name, listed):
    """True for a file that is compiled in."""
    return not name.endswith("_test.go") and ((name in listed) == (listed[:1] == ["only"]))


def ask(cases):
    """The kubelet's answer to each case, in their order."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([str(binary())], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases), done.stderr[-4000:]
    return answers
