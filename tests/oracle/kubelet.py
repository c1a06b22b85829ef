"""Builds the oracle beside this file (the kubelet's own code behind a small Go program) and asks it.

The whole kubelet is too much to compile for some questions: the managers bring the scheduler, a client of the API and
the container runtime along. So the files that decide are taken out of the module as they are (SLIM), without those
that only start and store; two packages of records are stubs. GEDGE_ORACLE=whole builds with the module itself.

The binary lies in ~/.cache/gedge-engine/oracle, keyed by the program's sources, its modules and the Go version.
"""

import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gedge-engine" / "oracle"
KEPT = 4  # binaries: of other checkouts and of the last changes
TRIES = 3  # a busy machine loses a download to a timeout
USUAL = "/usr/local/go/bin/go"
MODULE = "k8s.io/kubernetes"
FLAGS = ["-p", "1", "-ldflags", "-s -w"]
# No C, no paths of this machine, and nothing but what go.sum has seen.
ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath -mod=readonly", "GOWORK": "off"}

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


def go():
    """The path of the Go toolchain, None where there is none."""
    return shutil.which("go") or (USUAL if os.access(USUAL, os.X_OK) else None)


def whole():
    """True where the module itself is asked for."""
    return os.environ.get("GEDGE_ORACLE") == "whole"


def sources():
    """All that the binary is made of."""
    kinds = ("*.go", "*.s", "go.mod", "go.sum", "stubs/**/*.go")
    return sorted(path for kind in kinds for path in HERE.glob(kind))


def digest(tool):
    """Changes with the sources and with the toolchain."""
    found = hashlib.sha256(subprocess.check_output([tool, "version"]) + repr((SLIM, ENVIRONMENT, FLAGS)).encode())
    for path in sources():
        found.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16] + ("-whole" if whole() else "")


def binary():
    """The path of the oracle, built where it is not yet there."""
    tool = go()
    target = CACHE / digest(tool) / "oracle"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / "lock", "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            build(tool, target)
    return target


def build(tool, target):
    """Compile with one process at a time, behind all others, and put it in place when it is whole."""
    folder = HERE if whole() else tree(tool, target.parent / "tree")
    fresh = target.with_suffix(".new")
    run(["nice", "-n", "19", tool, "build", *FLAGS, "-o", str(fresh), "."], folder)
    shutil.rmtree(target.parent / "tree", ignore_errors=True)
    fresh.rename(target)
    for old in sorted(CACHE.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def run(words, folder):
    """A command's output; raises RuntimeError with the end of what it complains of."""
    environment = dict(os.environ, **ENVIRONMENT)
    for dummy in range(TRIES):
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        said = done.stderr or done.stdout
        if done.returncode == 0 or "timeout" not in said:
            break
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{said[-4000:]}")
    return done.stdout


def tree(tool, folder):
    """A copy of the program beside the module's files that decide; the module's hash is that of go.sum."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    version = re.search(rf"{MODULE} (v\S+)", (HERE / "go.mod").read_text(encoding="utf-8")).group(1)
    module = pathlib.Path(json.loads(run([tool, "mod", "download", "-json", f"{MODULE}@{version}"], HERE))["Dir"])
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
    run([tool, "mod", "edit", "-replace", f"{MODULE}=./kubernetes"], folder)
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
