"""Runs on a node, as root: kills a subsystem with SIGKILL at each point of a plan, and lets the next run converge.

python3 kill_driver.py FOLDER MODULE CLASS STATE PARAMS  (FOLDER holds the core as package "core", MODULE is such as
core.boot.subsystem, PARAMS is JSON without state); prints one JSON line per kill. A point is each single change: a
write to the kernel, a file, a command; after the last one the run survives.
"""

import importlib
import json
import os
import signal
import sys

sys.path.insert(0, sys.argv[1])
from core.converge import converge
from core.system import System

CHANGES = ("write_kernel", "write_file", "write_link", "remove_file", "run")
HARMLESS = {"show", "is-active", "modinfo", "sh", "sync", "daemon-reload"}  # nothing that a kill could halve


class Deadly(System):
    """A System that dies at the n-th point."""

    def __init__(self, point):
        super().__init__()
        self.left = point

    def tick(self):
        """Another point; the last one is deadly."""
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def deadly(name):
    """A method of System with a point before it."""

    def method(self, *args, **options):
        question = name == "write_kernel" and args[1] == "x"
        if not question and (name != "run" or not HARMLESS & set(args[0])):
            self.tick()
        return getattr(System, name)(self, *args, **options)

    return method


for change in CHANGES:
    setattr(Deadly, change, deadly(change))


def killed(make, point, params):
    """True where a run died at the point, False where the plan had fewer."""
    child = os.fork()
    if child == 0:
        converge(make(params, Deadly(point)), False)
        os._exit(0)
    dummy, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if status:
        raise SystemExit("the run itself failed")
    return False


def leftovers():
    """Drafts that a finished run must not leave."""
    folders = ("/etc/default/grub.d", "/etc/sysctl.d", "/etc/tmpfiles.d", "/etc/systemd/system", "/etc/modprobe.d")
    folders += ("/etc/modules-load.d", "/var/lib/gedge/baseline", "/boot/grub")
    names = [name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder)]
    return [name for name in names if "gedge-tmp" in name]


def main():
    """The plan to a state, killed one point later every time until it survives; in between all is undone."""
    make = getattr(importlib.import_module(sys.argv[2]), sys.argv[3])
    there = dict(json.loads(sys.argv[5]), state="present")
    gone = dict(there, state="absent")
    params, undone = (there, gone) if sys.argv[4] == "present" else (gone, there)
    point, died = 0, True
    while died:
        converge(make(undone, System()), False)
        died = killed(make, point, params)
        converge(make(params, System()), False)
        again = converge(make(params, System()), True)
        print(json.dumps({"point": point, "died": died, "again": again["steps"], "left": leftovers()}), flush=True)
        point += 1
    converge(make(gone, System()), False)


main()
