# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How CDI calls the GPUs of this node, and whether the container runtime understands it.

nvidia-ctk (or the toolkit's nvidia-cdi-refresh) writes the specifications; a GPU has its UUID as one of its names in
them. They are YAML, which nothing on a node reads, so their names are looked for in the text."""

from __future__ import annotations

import re

from ..accelerator import smi
from ..errors import EngineError

FOLDERS = ("/etc/cdi", "/var/run/cdi")
KIND = re.compile(r'(?m)^\s*[{,]?\s*"?kind"?\s*:\s*"?([\w./-]+)"?')
NAME = re.compile(r'"?\bname"?\s*:\s*"?([\w.:-]+)"?')
OURS = "/etc/containerd/gedge.toml"  # role cluster_runtime has containerd read it
VERSION = re.compile(r" v?(\d+)\.(\d+)\.")
OFF = re.compile(r"(?m)^\s*enable_cdi\s*=\s*false")
SPEC_ADVICE = "Have nvidia-ctk write one (role node_gpu with node_gpu_cdi: true, and the toolkit's packages installed)"
MIG_ADVICE = (
    "MIG devices are not offered yet: take MIG off it (role node_gpu), or leave the GPUs to NVIDIA's own plugin "
    "(cluster_gpu_driver: theirs)"
)


def names(system):
    """{"gpus": {address: Gpu}, "cdi": {kind: {name}}}"""
    try:
        found = smi.gpus(system.run(smi.QUERY, check=False).out)
    except EngineError:  # there is none
        found = []
    specs = {}
    for folder in FOLDERS:
        for name in system.list(folder):
            text = system.read("%s/%s" % (folder, name)) or ""
            kind = KIND.search(text)
            if kind:
                specs.setdefault(kind.group(1), set()).update(NAME.findall(text))
    return {"gpus": {gpu.address: gpu for gpu in found}, "cdi": specs}


def cdi(known, kind, address):
    """([full name in CDI], None), or ([], (what, advice)) for a GPU that cannot be offered."""
    gpu = known["gpus"].get(address)
    if gpu is None:
        return [], ("is not known to nvidia-smi", "Run role node_gpu; nvidia-smi says what is wrong with the driver")
    if gpu.mig or gpu.mig_pending:
        return [], ("has MIG on", MIG_ADVICE)
    if gpu.uuid not in known["cdi"].get(kind, ()):
        return [], ("has no specification of CDI: none in %s names %s" % (" or ".join(FOLDERS), gpu.uuid), SPEC_ADVICE)
    return ["%s=%s" % (kind, gpu.uuid)], None


def runtime_fault(system):
    """What keeps this node's container runtime from CDI: (what, advice), None where nothing is known to."""
    try:
        version = VERSION.search(system.run(["containerd", "--version"], check=False).out)
        words = ["--config", OURS] if system.exists(OURS) else []
        dump = system.run(["containerd", *words, "config", "dump"], check=False).out
    except EngineError:
        return None  # another runtime, which says so itself
    if version and tuple(map(int, version.groups())) < (1, 7):
        what = "containerd %s.%s knows no CDI" % version.groups()
        return what, "Take containerd 1.7 or newer: Debian 13 has it, Debian 12 does not"
    if OFF.search(dump):
        return (
            "containerd has CDI switched off",
            "Run role cluster_runtime, or set enable_cdi = true in its configuration",
        )
    return None
