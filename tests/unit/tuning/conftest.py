"""A node made of files: the kernel's answers for hugepages, IRQs, sysctls and governors."""

import errno
import os
import pathlib
import tempfile

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from ansible_collections.gedge.engine.plugins.module_utils.tuning import files, knobs
from ansible_collections.gedge.engine.plugins.module_utils.tuning.subsystem import Tuning
from ansible_collections.gedge.engine.plugins.modules.tuning import argument_spec
from helpers.breakable import Breakable, refusal

VALIDATOR = ArgumentSpecValidator(argument_spec())
SYSCTLS = {
    "vm/swappiness": "60",
    "vm/stat_interval": "1",
    "kernel/numa_balancing": "1",
    "net/core/rmem_max": "212992",
    "net/ipv4/tcp_rmem": "4096\t131072\t6291456",
}
# {IRQ: (user, CPUs)}; 31 and 0 are those that nobody may move
IRQS = {0: ("", "0-3"), 24: ("ens1f0-rx-0", "0-3"), 25: ("PCIe PME", "2-3"), 30: ("rtc0", "0-1"), 31: ("nvme0q1", "2")}
FIXED = (0, 31)
PAGES = "/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/%s_hugepages"


class TunedNode(Breakable):
    """4 CPUs, two NUMA nodes with 1 GiB each. room: {NUMA node: pages that can be had}; irqbalance: whether it runs."""

    def __init__(self, folder, governors=False):
        super().__init__(folder)
        self.room = {0: 400, 1: 400}
        self.compacted = 0  # pages more that compaction brings, once
        self.irqbalance = None
        for key, value in SYSCTLS.items():
            self.put("/proc/sys/" + key, value + "\n")
        for number, (user, cpus) in IRQS.items():
            self.appear(number, user, cpus)
        self.put(knobs.DEFAULT_AFFINITY, "f\n")
        self.put("/proc/meminfo", "MemTotal: 2097152 kB\nMemAvailable: 1742848 kB\n")
        self.put("/sys/devices/system/cpu/present", "0-3\n")
        for node in (0, 1):
            self.put(f"/sys/devices/system/node/node{node}/meminfo", f"Node {node} MemTotal:  1048576 kB\n")
            self.put(PAGES % (node, "nr"), "0\n")
            self.put(PAGES % (node, "free"), "0\n")
        for cpu in range(4 if governors else 0):
            folder = f"/sys/devices/system/cpu/cpu{cpu}/cpufreq"
            self.put(folder + "/scaling_governor", "schedutil\n")
            self.put(folder + "/scaling_available_governors", "performance schedutil\n")
        for path in ("/etc/sysctl.d/README", "/etc/tmpfiles.d/a", "/var/lib/a", "/etc/systemd/system/a"):
            self.put(path, "")
        self.put("/etc/systemd/system/multi-user.target.wants/a", "")

    def appear(self, number, user, cpus=None):
        """An IRQ with its user, by default on the CPUs of the default."""
        default = ",".join(map(str, knobs.mask_cpus(self.read(knobs.DEFAULT_AFFINITY) or "f")))
        self.put(knobs.irq_path(number), f"{cpus or default}\n")
        self.put(f"/proc/irq/{number}/spurious", "")
        if user:
            os.makedirs(self.path(f"/proc/irq/{number}/{user}"), exist_ok=True)

    def kernel(self, path, value):
        irq, pages = knobs.IRQ.match(path), knobs.PAGES.search(path)
        if irq and int(irq.group(1)) in FIXED:
            raise refusal(path, errno.EIO)
        if irq and value == "x":
            raise refusal(path, errno.EINVAL)
        if path == knobs.COMPACT:
            self.room = {node: count + self.compacted for node, count in self.room.items()}
            self.compacted = 0
        elif pages:
            node = int(pages.group(1))
            got = min(int(value), self.room[node])
            self.put(path, f"{got}\n")
            self.put(PAGES % (node, "free"), f"{got}\n")
        elif path != knobs.DROP_CACHES:
            self.put(path, value + "\n")

    def write_kernel(self, path, value):
        if value == "x":
            return self.kernel(path, value)  # a question, no change
        return super().write_kernel(path, value)

    def reads_only(self, argv):
        return "show" in argv

    def answer(self, argv):
        if "show" in argv:
            return CommandResult(0, "0\n" if self.irqbalance is None else "77\n", "")
        if "try-restart" in argv:
            banned = files.banned({files.BALANCE: self.read(files.BALANCE) or ""})
            self.put(
                "/proc/77/environ", "PATH=/bin\0IRQBALANCE_BANNED_CPULIST=%s\0" % banned if banned else "PATH=/bin\0"
            )
        return CommandResult(0, "", "")


def make_params(**options):
    """The module's parameters with Ansible's defaults filled in."""
    checked = VALIDATOR.validate(options)
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


@pytest.fixture(scope="session")
def tuning():
    """A function: one run of the module on a node; its result."""

    def run(node, check_mode=False, **options):
        return converge(Tuning(make_params(**options), node), check_mode)

    return run


@pytest.fixture
def make_node(tmp_path):
    """A function: a new node, in memory where there is such."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    count = iter(range(1000))
    with tempfile.TemporaryDirectory(prefix="gedge-unit-", dir=parent) as made:
        yield lambda **options: TunedNode(pathlib.Path(made, str(next(count))), **options)


@pytest.fixture
def node(make_node):
    """See TunedNode."""
    return make_node()
