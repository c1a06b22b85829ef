"""Nodes that are containers with a systemd of their own: this machine's files below an overlay that is kept in memory.

Needs root, overlayfs, cgroup2 and a systemd that is installed here; no virtual machine, no image and no network but
veth pairs. Ansible enters through inventory(): the local connection, and a "sudo" that goes into the namespaces.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess
import time

SYSTEMD = "/lib/systemd/systemd"
# What a booting node would start that has no business in here.
MASKED = """systemd-udevd.service systemd-udev-trigger.service systemd-timesyncd.service systemd-resolved.service
 systemd-networkd.service systemd-logind.service getty.target console-getty.service systemd-modules-load.service
 systemd-remount-fs.service systemd-sysctl.service systemd-binfmt.service dbus.service dbus.socket modprobe@.service
 systemd-sysusers.service systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service systemd-update-utmp.service
 systemd-update-utmp-runlevel.service systemd-user-sessions.service systemd-tmpfiles-clean.timer
 sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount
 systemd-journal-flush.service e2scrub_reap.service remote-fs.target""".split()
INIT = r"""
set -e
mount --make-rprivate /
mkdir -p {folder}/memory && mount -t tmpfs -o mode=755 tmpfs {folder}/memory
mkdir -p {folder}/memory/upper {folder}/memory/work {folder}/memory/root
R={folder}/memory/root
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/memory/upper,workdir={folder}/memory/work $R
rm -rf $R/etc/systemd/system $R/etc/kubernetes $R/var/lib/etcd $R/var/lib/gedge $R/var/log/journal
mkdir -p $R/etc/systemd/system/multi-user.target.wants
ln -s /lib/systemd/system/multi-user.target $R/etc/systemd/system/default.target
for u in {masked}; do ln -s /dev/null $R/etc/systemd/system/$u; done
echo {name} > $R/etc/hostname; : > $R/etc/fstab; echo "127.0.0.1 localhost {name}" > $R/etc/hosts; : > $R/etc/machine-id
mount -t proc proc $R/proc; mount -t sysfs -o ro sysfs $R/sys; mount -t cgroup2 cgroup2 $R/sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs $R/run; mount -t tmpfs -o mode=755 tmpfs $R/dev; mount -t tmpfs tmpfs $R/tmp
mkdir -p $R{folder}/shared; mount --bind {folder}/shared $R{folder}/shared # after /tmp: the folder may be below it
for d in null zero full random urandom tty; do : > $R/dev/$d; mount --bind /dev/$d $R/dev/$d; done
mkdir $R/dev/pts $R/dev/shm; mount -t devpts -o newinstance,ptmxmode=0666 devpts $R/dev/pts
mount -t tmpfs tmpfs $R/dev/shm
ln -s pts/ptmx $R/dev/ptmx; ln -s /proc/self/fd $R/dev/fd; : > $R/dev/console; mount --bind /dev/null $R/dev/console
hostname {name}; ip link set lo up
cd $R; pivot_root . mnt; umount -l /mnt
exec env -i container=gedge PATH=/usr/sbin:/usr/bin:/sbin:/bin {systemd} --unit=multi-user.target
"""
# Without it Ansible would leave "sudo" out and work on this machine; plays make sure, too, see INSIDE.
ALLOW = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "true"}
INSIDE = """\
    - name: Be inside of the node
      ansible.builtin.command: uname -n
      register: whose
      failed_when: whose.stdout != inventory_hostname
      changed_when: false
      check_mode: false
"""
ENTER = """#!/bin/bash
# Ansible calls it as sudo: what it runs begins with a shell.
while [ $# -gt 0 ] && [ "$1" != /bin/sh ]; do shift; done
exec nsenter -t {pid} -m -u -i -p -n -C -- env -i HOME=/root USER=root LC_ALL=C.UTF-8 \\
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
"""


def unable():
    """Why there can be no such node here, "" where there can."""
    if os.geteuid() != 0:
        return "needs root"
    if "overlay" not in pathlib.Path("/proc/filesystems").read_text(encoding="ascii"):
        return "needs overlayfs"
    return "" if os.path.exists(SYSTEMD) and shutil.which("nsenter") else "needs systemd and nsenter"


class Container:
    """One node. net: a Network; Started by "with"."""

    def __init__(self, name, folder, net):
        self.name, self.folder, self.net = name, pathlib.Path(folder) / name, net
        self.group = pathlib.Path(hierarchy()) / f"gedge-test-{os.getpid()}-{name}"
        self.address = ""

    def __enter__(self):
        for path in (self.folder / "shared", self.group):
            path.mkdir(parents=True)
        text = INIT.format(folder=self.folder, name=self.name, masked=" ".join(MASKED), systemd=SYSTEMD)
        self.folder.joinpath("init").write_text(text, encoding="ascii")
        inside = f"echo $$ > {self.group}/cgroup.procs; exec unshare -C /bin/bash {self.folder}/init"
        log = self.folder.joinpath("log").open("wb")
        words = ["unshare", "-m", "-u", "-i", "-n", "-p", "--fork", "--kill-child", "/bin/bash", "-c", inside]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self._first()
        self.address = self.net.connect(self)
        enter = self.folder / "enter"
        enter.write_text(ENTER.format(pid=self.pid), encoding="ascii")
        enter.chmod(0o755)
        self.wait(lambda: self.run("systemctl", "is-active", "multi-user.target", check=False).stdout == "active\n")
        return self

    def __exit__(self, *dummy):
        # The kernel ends all of a PID namespace with its PID 1.
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()
        for folder, dummy_names, dummy_files in os.walk(self.group, topdown=False):
            end = time.monotonic() + 10
            while time.monotonic() < end:
                try:
                    os.rmdir(folder)
                    break
                except OSError:
                    time.sleep(0.1)
        self.net.disconnect(self)

    def _first(self):
        """The PID, seen from here, of the node's PID 1."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            found = children.read_text(encoding="ascii").split()
            if found:
                return int(found[0])
            time.sleep(0.02)
        raise AssertionError(self.log())

    def run(self, *words, check=True, stdin=None):
        """Run a command in the node."""
        argv = ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-p", "-n", "-C", "--"]
        argv += ["env", "-i", "HOME=/root", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *words]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, input=stdin)
        assert not check or done.returncode == 0, f"{self.name}: {words}: {done.stdout}{done.stderr}"
        return done

    def wait(self, done, seconds=180):
        """Until done()."""
        end = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.1)

    def log(self):
        """What it said on its console."""
        return self.folder.joinpath("log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def inventory(self):
        """Variables by which Ansible reaches it."""
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_remote_tmp": f"{self.folder}/shared",
            # Ansible takes no way of becoming root where it is root, unless ALLOW says so: see there.
            "ansible_become": True,
            "ansible_become_method": "sudo",
            "ansible_become_exe": str(self.folder / "enter"),
        }


class Network:
    """A bridge of this machine with the nodes on it. prefix: the first three bytes of their addresses."""

    def __init__(self, prefix, name):
        self.prefix, self.name, self.nodes = prefix, name, []

    def __enter__(self):
        subprocess.run(["ip", "link", "add", self.name, "type", "bridge"], check=True)
        subprocess.run(["ip", "address", "add", self.prefix + ".1/24", "dev", self.name], check=True)
        subprocess.run(["ip", "link", "set", self.name, "up"], check=True)
        return self

    def __exit__(self, *dummy):
        subprocess.run(["ip", "link", "delete", self.name], check=False)

    def connect(self, node):
        """Give a node its address in it."""
        self.nodes.append(node.name)
        number = 9 + len(self.nodes)
        outside, address = f"{self.name}{number}", f"{self.prefix}.{number}"
        words = ["ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", str(node.pid)]
        subprocess.run(words, check=True)
        subprocess.run(["ip", "link", "set", outside, "master", self.name, "up"], check=True)
        for words in (["address", "add", address + "/24", "dev", "eth0"], ["link", "set", "eth0", "up"]):
            subprocess.run(["nsenter", "-t", str(node.pid), "-n", "--", "ip", *words], check=True)
        return address

    def disconnect(self, node):
        """A veth goes with its namespace."""


def hierarchy():
    """Where cgroup2 is mounted."""
    for line in pathlib.Path("/proc/self/mounts").read_text(encoding="ascii").splitlines():
        place, kind = line.split()[1:3]
        if kind == "cgroup2":
            return place
    raise RuntimeError("no cgroup2 is mounted")
