# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Builds a guest image below the cache, or finds it there. Needs root, but no loop mount and no KVM.

An image is a folder: root.ext4 (sparse, unpartitioned), grub.lnx (GRUB as a -kernel), vmlinuz, initrd.img, recipe.json.
It is built in a folder beside its place and renamed when it is complete: a killed build leaves no half image.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess

from ..errors import EngineError
from ..locked import locked
from . import mirrors, recipe

COMPLETE = "recipe.json"
SPACE_MIB = 2500
LOCK_ADVICE = "Give lab_cache_dir to this user"
STAGES = (
    ("running apt-get update", "fetching package lists"),
    ("downloading packages", "downloading packages"),
    ("extracting archives", "unpacking the essential packages"),
    ("installing essential", "installing the essential packages"),
    ("installing remaining", "installing the other packages"),
    ("cleaning apt cache", "cleaning up"),
)


def folder(cache, made):
    """Where the image of a recipe lies."""
    return os.path.join(cache, "images", recipe.digest(made))


def identity(path):
    """Changes when an image is built again, also of the same recipe: a disk laid over the other one would be spoilt."""
    return "%s@%d" % (path, os.stat(os.path.join(path, COMPLETE)).st_mtime_ns)


def ready(path):
    """True where a complete image lies."""
    return os.path.exists(os.path.join(path, COMPLETE))


class Builder:
    """One build of one image."""

    def __init__(self, system, made, target, progress, mirror=None):
        """made: recipe.recipe(); target: folder(); mirror: URI of an archive, None takes the host's own."""
        self.system, self.made, self.target, self.progress, self.mirror = system, made, target, progress, mirror
        self.suite = made["suite"]
        self.work = target + ".build"
        self.tree = os.path.join(self.work, "tree")

    def say(self, what):
        """A line for the person who waits."""
        self.progress.say("image " + self.suite, what)

    def build(self):
        """Build the image unless somebody else has done so meanwhile; True where this call built it."""
        with locked(self.target + ".lock", LOCK_ADVICE) as lock:
            if ready(self.target):
                return False
            shutil.rmtree(self.work, ignore_errors=True)
            os.makedirs(self.work)
            self.check_space()
            self.unpack(lock)
            self.configure()
            self.pack()
            os.rename(self.work, self.target)
            return True

    def check_space(self):
        """Refuse before half of it is done: the tree and the disk lie there at the same time."""
        disk = os.statvfs(self.work)
        free = disk.f_bavail * disk.f_frsize >> 20
        if free < SPACE_MIB:
            what = "building an image needs %d MiB, %d are free" % (SPACE_MIB, free)
            raise EngineError(what, self.work, "Make room, or set lab_cache_dir to another place")

    # -- the tree

    def unpack(self, lock):
        """mmdebstrap into the tree, its log beside it."""
        self.write(os.path.join(self.work, "early"), recipe.EARLY_FILES)
        with open(os.path.join(self.work, "mmdebstrap.log"), "w", encoding="utf-8") as log:
            child = subprocess.Popen(
                self.mmdebstrap(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                errors="replace",
                pass_fds=(lock,),
                env=dict(os.environ, LC_ALL="C.UTF-8", TMPDIR=self.work),
            )
            tail = self.follow(child.stdout, log)
        if child.wait() != 0:
            raise EngineError(
                "mmdebstrap ended with rc %d:\n%s" % (child.returncode, "\n".join(tail)),
                "image " + self.suite,
                "The whole log is in " + log.name,
            )

    def mmdebstrap(self):
        """The command. The apt lines are words of their own, so that each guest gets the host's own archive."""
        words = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", "--skip=cleanup/apt/lists"]
        words += ["--include=" + ",".join(self.made["packages"]), '--aptopt=APT::Install-Recommends "false"']
        words += ["--dpkgopt=" + option for option in self.made["dpkg"]]
        words += ["--essential-hook=copy-in %s /" % os.path.join(self.work, "early", "etc")]
        return words + [self.suite, self.tree] + self.sources()

    def sources(self):
        """The guest's apt lines."""
        if self.mirror:
            return mirrors.sources(self.suite, self.mirror)
        entries, host = mirrors.read(self.system), mirrors.codename(self.system)
        return mirrors.sources(self.suite, mirrors.archive(entries, host), mirrors.security(entries, host))

    def follow(self, lines, log):
        """Copy the output to the log, name each stage once; returns the last lines."""
        tail, told = [], set()
        for line in lines:
            log.write(line)
            tail = (tail + [line.rstrip()])[-12:]
            for mark, stage in STAGES:
                if line.startswith("I: " + mark) and stage not in told:
                    told.add(stage)
                    self.say(stage)
        return tail

    def write(self, root, files):
        """Write files below a root."""
        for name, text in files.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if os.path.lexists(path):
                os.unlink(path)
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text)
            os.chmod(path, 0o755 if name in recipe.EXECUTABLE else 0o644)

    def configure(self):
        """Our files, the services, no host keys, GRUB."""
        self.say("configuring")
        self.write(self.tree, recipe.FILES)
        self.chroot("apt-cache", "gencaches")
        self.chroot("systemctl", "-q", "mask", *self.made["masked"])
        self.chroot("systemctl", "-q", "enable", *self.made["enabled"])
        for name in os.listdir(self.inside("etc/ssh")):
            if name.startswith("ssh_host_"):
                os.unlink(self.inside("etc/ssh", name))
        self.make_grub()

    def make_grub(self):
        """Pack the guest's GRUB behind a Linux boot header: a kernel to QEMU, yet it reads the guest's grub.cfg."""
        modules = self.inside("usr/lib/grub/i386-pc")
        shutil.copytree(modules, self.inside("boot/grub/i386-pc"), dirs_exist_ok=True)
        version = next(name[8:] for name in sorted(os.listdir(self.inside("boot"))) if name.startswith("vmlinuz-"))
        self.write(self.tree, {"boot/grub/grub.cfg": recipe.grub_cfg(version), "tmp/early.cfg": recipe.GRUB_EARLY})
        self.chroot(
            "grub-mkimage",
            "-O",
            "i386-pc",
            "-c",
            "/tmp/early.cfg",
            "-o",
            "/tmp/core.img",
            "-p",
            "(hd0)/boot/grub",
            *recipe.GRUB_MODULES,
        )
        with open(os.path.join(self.work, "grub.lnx"), "wb") as packed:
            for part in (os.path.join(modules, "lnxboot.img"), self.inside("tmp/core.img")):
                with open(part, "rb") as handle:
                    packed.write(handle.read())
        for name in ("early.cfg", "core.img"):
            os.unlink(self.inside("tmp", name))
        for name in ("vmlinuz", "initrd.img"):
            shutil.copy(self.inside("boot", "%s-%s" % (name, version)), os.path.join(self.work, name))

    def inside(self, *names):
        """A path in the tree."""
        return os.path.join(self.tree, *names)

    def chroot(self, *words):
        """Run a command of the guest in its tree."""
        self.system.run(["chroot", self.tree] + list(words))

    # -- the disk

    def pack(self):
        """The tree as a sparse ext4 file system; the tree is not kept."""
        self.say("writing the disk")
        disk = os.path.join(self.work, "root.ext4")
        with open(disk, "wb") as handle:
            handle.truncate(self.made["disk_gib"] << 30)
        self.system.run(
            [
                "mke2fs",
                "-q",
                "-t",
                "ext4",
                "-L",
                "root",
                "-d",
                self.tree,
                "-E",
                "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1",
                "-O",
                "^metadata_csum_seed",
                disk,
            ]
        )
        shutil.rmtree(self.tree)
        shutil.rmtree(os.path.join(self.work, "early"))
        with open(os.path.join(self.work, COMPLETE), "w", encoding="utf-8") as handle:
            json.dump(self.made, handle, indent=1)
