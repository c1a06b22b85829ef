# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The inner half of a light node: python3 -m lab.light.inside FOLDER FD, in fresh namespaces, becomes its PID 1.

It makes the node's network devices and hands them to the outer half (lab.light.node) through the socket FD, which
answers with the node's address; then it builds the root from image and overlay, and executes systemd there.
"""

from __future__ import annotations

import array
import json
import os
import socket
import subprocess
import sys

from .cable import open_tap
from .way_in import INSIDE

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LINKS = (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"), ("ptmx", "pts/ptmx"))
# Of the kernel that all nodes share, nothing may be changed from in here but what belongs to the network namespace.
READ_ONLY = ("proc/sys", "proc/sysrq-trigger", "sys")
WITHOUT = "sys_module sys_rawio sys_time sys_pacct syslog mac_admin mac_override wake_alarm block_suspend mknod".split()
# gedge-lab-seed reads what QEMU gives; the console is a file that nobody types into.
MASKED = ("gedge-lab-seed.service", "console-getty.service", "systemd-resolved.service")
SYSTEMD = "/lib/systemd/systemd"
LINK = "[Match]\nName=%s\n[Network]\nAddress=%s\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"


def run(*words):
    """Run a command of the host."""
    subprocess.run(list(words), check=True)


def make_ports(ports):
    """The files of the node's network devices, in their order."""
    taps = []
    for port in ports:
        taps.append(open_tap(port["interface"]))
        run("ip", "link", "set", port["interface"], "address", port["mac"])
    return taps


def hand_over(fd, taps):
    """Give the outer half the devices; returns its answer, None where it has gone."""
    with socket.socket(fileno=fd) as outer:
        outer.sendmsg([b"devices"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", taps))] if taps else [])
        answer = outer.recv(4096)
    for tap in taps:
        os.close(tap)
    return json.loads(answer) if answer else None


def build(folder, spec):
    """The root folder: the image below, the node's own files above, kernel file systems, devices."""
    lower, root = os.path.join(folder, "image"), os.path.join(folder, "root")
    run("mount", "-t", "ext4", "-o", "loop,ro,noload", spec["image"], lower)
    layers = "lowerdir=%s,upperdir=%s,workdir=%s" % (lower, os.path.join(folder, "files"), os.path.join(folder, "work"))
    run("mount", "-t", "overlay", "-o", layers, "overlay", root)
    for kind, place, options in (
        ("proc", "proc", "nosuid,nodev,noexec"),
        ("sysfs", "sys", "nosuid,nodev,noexec"),
        ("cgroup2", "sys/fs/cgroup", "nosuid,nodev,noexec"),
        ("tmpfs", "run", "mode=755,nosuid,nodev"),
        ("tmpfs", "tmp", "mode=1777,nosuid,nodev"),
        ("tmpfs", "dev", "mode=755,nosuid"),
    ):
        run("mount", "-t", kind, "-o", options, kind, os.path.join(root, place))
    make_devices(os.path.join(root, "dev"), spec["console"])
    protect(root)
    return root


def make_devices(place, console):
    """What a program may expect in /dev; the console is the pseudo-terminal that the outer half reads."""
    for name, source in [(name, "/dev/" + name) for name in DEVICES] + [("console", console)]:
        write(place, name, "")
        run("mount", "--bind", source, os.path.join(place, name))
    for name in ("pts", "shm"):
        os.mkdir(os.path.join(place, name))
    run("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620,gid=5", "devpts", place + "/pts")
    run("mount", "-t", "tmpfs", "-o", "mode=1777,nosuid,nodev", "tmpfs", place + "/shm")
    for name, target in LINKS:
        os.symlink(target, os.path.join(place, name))


def protect(root):
    """Read only, but for the settings of the node's own network namespace."""
    for place in [os.path.join(root, name) for name in READ_ONLY]:
        if os.path.exists(place):  # a kernel without the SysRq key has no file for it
            if not os.path.ismount(place):
                run("mount", "--bind", place, place)
            run("mount", "-o", "remount,bind,ro", place)
    place = os.path.join(root, "proc/sys/net")
    run("mount", "--bind", place, place)
    run("mount", "-o", "remount,bind,rw", place)


def write(root, name, text, mode=0o644):
    """Write a file below a root, in the place of whatever is there."""
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    os.chmod(path, mode)


def seed(root, spec, answer):
    """What makes this node of the shared image: name, keys, way in. A virtual machine's comes from QEMU."""
    name = spec["name"]
    write(root, "etc/hostname", name + "\n")
    write(root, "etc/hosts", "127.0.0.1 localhost\n127.0.1.1 %s\n" % name)
    write(root, "etc/fstab", "")
    write(root, "etc/resolv.conf", "")
    write(root, "etc/systemd/network/10-mgmt.network", LINK % (INSIDE, answer["node"]))
    write(root, "root/.ssh/authorized_keys", spec["public_key"], 0o600)
    os.chmod(os.path.join(root, "root/.ssh"), 0o700)
    key = os.path.join(root, "etc/ssh/ssh_host_ed25519_key")
    if not os.path.exists(key):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key)
    for unit in MASKED:
        place = os.path.join(root, "etc/systemd/system", unit)
        if os.path.lexists(place):
            os.unlink(place)
        os.symlink("/dev/null", place)


def enter(root):
    """Make the folder this process's root; nothing of the host is left below it."""
    old = os.path.join(root, "mnt")
    os.chdir(root)
    run("pivot_root", ".", old)
    os.chdir("/")
    # By the node's own program: those of the host are out of reach now.
    run("umount", "-l", "/mnt")


def main(argv):
    """Become the node's PID 1."""
    folder, fd = argv[1], int(argv[2])
    with open(os.path.join(folder, "light.json"), encoding="utf-8") as handle:
        spec = json.load(handle)
    answer = hand_over(fd, make_ports(spec["ports"]))
    if answer is None:
        raise SystemExit("the outer half has ended")
    spec["console"] = answer["console"]
    root = build(folder, spec)
    seed(root, spec, answer)
    enter(root)
    console = os.open("/dev/console", os.O_RDWR | os.O_NOCTTY)
    for number in (0, 1, 2):
        os.dup2(console, number)
    drop = ",".join("-" + name for name in WITHOUT)
    words = ["setpriv", "--bounding-set", drop, SYSTEMD, "systemd.unified_cgroup_hierarchy=1"]
    os.execve("/usr/bin/setpriv", words, {"container": "gedge-lab", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


if __name__ == "__main__":
    main(sys.argv)
