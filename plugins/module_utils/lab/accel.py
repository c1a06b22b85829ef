# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""KVM or not: only where a stock guest really boots with it: /dev/kvm alone proves nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
import time

DEVICE = "/dev/kvm"
MARKER = "Run /init as init process"
PROBE_SECONDS = 20


def facts(system, qemu_version, image):
    """What the verdict depends on: the CPU, both kernels, QEMU."""
    models = [line for line in (system.read("/proc/cpuinfo") or "").splitlines() if line.startswith("model name")]
    return {
        "cpu": models[0].split(":", 1)[1].strip() if models else "",
        "kernel": system.read("/proc/sys/kernel/osrelease"),
        "qemu": list(qemu_version),
        "guest": os.path.basename(image),
    }


def usable():
    """True where this user may open /dev/kvm at all."""
    return os.access(DEVICE, os.R_OK | os.W_OK)


def choose(system, cache, qemu, version, image, progress):
    """("kvm" or "tcg", why). The verdict of a probe is kept in the cache."""
    if not usable():
        return "tcg", "%s is absent or may not be opened" % DEVICE
    known = facts(system, version, image)
    name = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
    path = os.path.join(cache, "kvm", name + ".json")
    verdict = load(path)
    if verdict is None:
        progress.say("kvm", "trying whether a guest boots with it, at most %d s" % PROBE_SECONDS)
        verdict = dict(known, **probe(qemu, image))
        system.write_file(path, json.dumps(verdict, indent=1) + "\n")
        progress.say("kvm", verdict["why"])
    return ("kvm" if verdict["boots"] else "tcg"), verdict["why"]


def load(path):
    """A verdict of before, or None."""
    try:
        with open(path, encoding="utf-8") as handle:
            return json.load(handle)
    except (OSError, ValueError):
        return None


def probe_argv(qemu, image, serial):
    """A machine with nothing but the guest's kernel."""
    return [
        qemu,
        "-name",
        "gedge-kvm-probe",
        "-accel",
        "kvm",
        "-cpu",
        "host",
        "-machine",
        "q35",
        "-m",
        "512M",
        "-smp",
        "1",
        "-kernel",
        os.path.join(image, "vmlinuz"),
        "-initrd",
        os.path.join(image, "initrd.img"),
        "-append",
        "console=ttyS0 panic=-1",
        "-no-reboot",
        "-nodefaults",
        "-vga",
        "none",
        "-display",
        "none",
        "-serial",
        "file:" + serial,
    ]


def probe(qemu, image, seconds=PROBE_SECONDS):
    """{"boots", "why"}: start the kernel with KVM and wait for its last word before the init process."""
    with tempfile.TemporaryDirectory(prefix="gedge-kvm-") as folder:
        serial = os.path.join(folder, "serial.log")
        with open(os.path.join(folder, "out"), "w+", encoding="utf-8") as out:
            child = subprocess.Popen(probe_argv(qemu, image, serial), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            try:
                boots, why = wait(child, serial, seconds)
            finally:
                child.kill()
                child.wait()
            out.seek(0)
            said = out.read().strip()
    return {"boots": boots, "why": "%s (%s)" % (why, said.splitlines()[0][:200]) if said else why}


def wait(child, serial, seconds):
    """(boots, why) of a probe that runs."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        text = tail(serial)
        if MARKER in text:
            return True, "a guest boots with KVM (%.1f s)" % (time.monotonic() - begin)
        if child.poll() is not None:
            return False, "QEMU with KVM ended with rc %d: software emulation is used" % child.returncode
        time.sleep(0.2)
    seen = "printed %d bytes" % len(tail(serial))
    return False, "a guest with KVM did not boot within %d s (%s): software emulation is used" % (seconds, seen)


def tail(path, size=1 << 20):
    """The last bytes of a file as text, "" where there is none."""
    try:
        with open(path, "rb") as handle:
            handle.seek(max(0, os.path.getsize(path) - size))
            return handle.read().decode(errors="replace")
    except OSError:
        return ""
