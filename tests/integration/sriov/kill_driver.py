"""Runs on a node, as root: kills the core with SIGKILL at each point of a plan, and lets the next run converge.

python3 kill_driver.py FOLDER STATE  (FOLDER holds the core as package "core"); prints one JSON line per kill.
A point is each single change: a write to the kernel, a file, a command. It is killed before that, so after the last.
"""

import json
import os
import signal
import sys

sys.path.insert(0, sys.argv[1])
from core.converge import converge
from core.sriov.subsystem import Sriov
from core.system import System

PF = "0000:21:00.0"
VFS = [
    {"range": "0", "vlan": 30, "mac": "02:00:00:00:02:00", "mtu": 1400},
    {"range": "1", "vlan": 40, "driver": "vfio-pci"},
]
CHANGES = ("write_kernel", "write_file", "write_link", "remove_file", "run")
HARMLESS = ("-j", "--version", "daemon-reload", "settle", "modprobe")  # they change nothing that a kill could halve


def wanted(state, count):
    """Parameters of the module for one PF."""
    keys = ("mac", "vlan", "qos", "spoofchk", "trust", "min_tx_rate", "max_tx_rate", "link_state", "driver", "mtu")
    vfs = [dict(dict.fromkeys(keys), **vf) for vf in VFS]
    select = dict.fromkeys(("name", "address", "network", "vendor", "device", "numa_node"), None)
    pf = {"select": dict(select, address=PF), "count": count, "mtu": None, "up": None, "vfs": vfs}
    return {"pfs": [pf] if state == "present" else [], "ports": [], "allow_vf_loss": [PF], "iommu_at_boot": False, "state": state}


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
        if name != "run" or not set(HARMLESS) & set(args[0]):
            self.tick()
        return getattr(System, name)(self, *args, **options)

    return method


for change in CHANGES:
    setattr(Deadly, change, deadly(change))


def killed(point, params):
    """True where a run died at the point, False where the plan had fewer."""
    child = os.fork()
    if child == 0:
        converge(Sriov(params, Deadly(point)), False)
        os._exit(0)
    dummy, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if status:
        raise SystemExit("the run itself failed")
    return False


def leftovers():
    """Drafts and marks that a finished run must not leave."""
    folders = (
        "/etc/systemd/network",
        "/etc/systemd/system",
        "/etc/driverctl.d",
        "/var/lib/gedge/baseline",
        "/run/gedge",
    )
    names = [name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder)]
    autoprobe = System().read("/sys/bus/pci/devices/%s/sriov_drivers_autoprobe" % PF)
    return [name for name in names if "gedge-tmp" in name or "pending" in name] + (
        [] if autoprobe == "1" else ["autoprobe"]
    )


def main():
    """The plan to a state, killed one point later every time until it survives; in between all is undone."""
    state = sys.argv[2]
    params, undone = wanted(state, 2), wanted("absent" if state == "present" else "present", 2)
    point, died = 0, True
    while died:
        converge(Sriov(undone, System()), False)
        died = killed(point, params)
        converge(Sriov(params, System()), False)
        again = converge(Sriov(params, System()), True)
        print(json.dumps({"point": point, "died": died, "again": again["steps"], "left": leftovers()}), flush=True)
        point += 1
    converge(Sriov(wanted("absent", 0), System()), False)


main()
