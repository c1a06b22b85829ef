"""Runs on a node, as root: lets a subsystem's plan be cut off at each point, and lets the next run converge.

python3 driver.py FOLDER kill           SIGKILL before each point in turn; prints one JSON line per kill
python3 driver.py FOLDER hold POINT     converges up to a point, prints HELD and stays there: the machine is reset then
python3 driver.py FOLDER back           undoes all
python3 driver.py FOLDER again          converges, and prints what is left to do ("again") and to tidy ("left")

FOLDER holds the core as package "core" and subject.json: {"module", "class", "there", "back"}, the last two complete
parameters of the module. A point is each single change: a write to the kernel, a file, a command.
"""

import importlib
import json
import os
import signal
import sys
import time

sys.path.insert(0, sys.argv[1])
from core.converge import converge
from core.network import pending
from core.system import System

FOLDER = sys.argv[1]
CHANGES = ("write_kernel", "write_file", "write_link", "remove_file", "remove_folder", "run")
# Words of commands that change nothing that a cut could halve.
HARMLESS = set("-j --json --version daemon-reload settle show get list dpkg-query -s is-active".split())
# Where drafts and marks of half-done work would lie.
FOLDERS = (
    "/etc/systemd /etc/driverctl.d /etc/default /etc/modprobe.d /etc/modules-load.d /etc/sysctl.d /etc/tmpfiles.d "
    "/etc/udev /etc/security /etc/gedge /boot/grub /var/lib/gedge /run/gedge"
).split()

with open(os.path.join(FOLDER, "subject.json"), encoding="utf-8") as handle:
    SUBJECT = json.load(handle)


def subsystem(goal, system):
    """The subsystem with the parameters of a goal, "there" or "back"."""
    home = importlib.import_module("core." + SUBJECT["module"])
    return getattr(home, SUBJECT["class"])(SUBJECT[goal], system)


def run(goal, check_mode=False):
    """One undisturbed run; a change that waits for its confirmation gets it."""
    one = subsystem(goal, System())
    result = converge(one, check_mode)
    promise = getattr(one, "promise", None)
    if promise:
        pending.confirm(one.system, promise["token"])
    return result


class Cut(System):
    """A System that calls cut() at the n-th point."""

    def __init__(self, point, cut):
        super().__init__()
        self.left = point
        self.cut = cut

    def tick(self):
        """Another point."""
        self.left -= 1
        if self.left < 0:
            self.cut()


def with_point(name):
    """A method of System with a point before it."""

    def method(self, *args, **options):
        if name != "run" or not HARMLESS & set(args[0]):
            self.tick()
        return getattr(System, name)(self, *args, **options)

    return method


for change in CHANGES:
    setattr(Cut, change, with_point(change))


def killed(point):
    """True where a run died at the point, False where the plan had fewer."""
    child = os.fork()
    if child == 0:
        converge(subsystem("there", Cut(point, lambda: os.kill(os.getpid(), signal.SIGKILL))), False)
        os._exit(0)
    dummy, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if status:
        raise SystemExit("the run itself failed")
    return False


def leftovers():
    """Drafts and marks that a finished run must not leave."""
    names = [name for folder in FOLDERS for dummy, dummy, files in os.walk(folder) for name in files]
    return [name for name in names if "gedge-tmp" in name or "pending" in name]


def again():
    """What the next run leaves to do after it has converged."""
    run("there")
    return {"again": run("there", check_mode=True)["steps"], "left": leftovers()}


def kill():
    """The plan, killed one point later every time until it survives; in between all is undone."""
    point, died = 0, True
    while died:
        run("back")
        died = killed(point)
        print(json.dumps(dict(again(), point=point, died=died)), flush=True)
        point += 1
    run("back")


def hold(point):
    """Stop at the point; says DONE where the plan had fewer."""

    def cut():
        print("HELD", flush=True)
        time.sleep(600)

    run("back")
    converge(subsystem("there", Cut(point, cut)), False)
    print("DONE", flush=True)


if sys.argv[2] == "kill":
    kill()
elif sys.argv[2] == "hold":
    hold(int(sys.argv[3]))
elif sys.argv[2] == "back":
    print(json.dumps(run("back")["changed"]))
else:
    print(json.dumps(again()))
