"""A node made of files that GRUB starts: update-grub, modprobe and modinfo as far as the module sees them."""

import os
import pathlib
import subprocess
import tempfile

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.boot import grub
from ansible_collections.gedge.engine.plugins.module_utils.boot.subsystem import Boot
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from ansible_collections.gedge.engine.plugins.modules.boot import argument_spec
from helpers.breakable import Breakable

VALIDATOR = ArgumentSpecValidator(argument_spec())
KERNELS = ("6.1.0-56-amd64", "6.1.0-50-amd64")
SECTION = "### BEGIN /etc/grub.d/10_linux ###\n%s### END /etc/grub.d/10_linux ###\n"
ENTRY = "\tlinux\t/boot/vmlinuz-%s root=UUID=1 ro %s %s\n\tlinux\t/boot/vmlinuz-%s root=UUID=1 ro single %s\n"
# {module: {option: (value, file mode)}} of those that can be loaded
MODULES = {
    "igb": {"max_vfs": ("0", 0o444)},
    "vfio_pci": {"disable_idle_d3": ("N", 0o644), "ids": ("", 0o444)},
    "ipip": {},
}


class GrubNode(Breakable):
    """4 CPUs, two NUMA nodes with 4 GiB each, an IOMMU of Intel's; igb is loaded."""

    def __init__(self, folder):
        super().__init__(folder)
        self.forgets = ""  # a word that update-grub leaves out of the last entry
        self.put("/etc/default/grub", 'GRUB_CMDLINE_LINUX="console=ttyS0"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n')
        for path in ("/usr/sbin/update-grub", "/etc/default/grub.d/init-select.cfg", "/var/lib/dpkg/status"):
            self.put(path, "")
        for path in ("/etc/modprobe.d/mlx4.conf", "/etc/modules-load.d/other.conf"):
            self.put(path, "")
        self.put("/sys/devices/system/cpu/present", "0-3\n")
        self.put("/sys/firmware/acpi/tables/DMAR", "")
        self.put("/proc/cpuinfo", "vendor_id\t: GenuineIntel\nflags\t\t: fpu pdpe1gb\n")
        for node in (0, 1):
            self.put(f"/sys/devices/system/node/node{node}/meminfo", f"Node {node} MemTotal:  4194304 kB\n")
        for kernel in KERNELS:
            self.put(f"/boot/vmlinuz-{kernel}", "")
        self.update_grub()
        self.reboot()
        self.load("igb")

    def setting(self):
        """(GRUB_CMDLINE_LINUX, GRUB_CMDLINE_LINUX_DEFAULT) as a shell makes them."""
        script = 'for f in etc/default/grub etc/default/grub.d/*.cfg; do [ -e "$f" ] && . "./$f"; done;'
        script += ' printf "%s\\n%s" "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT"'
        return subprocess.run(
            ["sh", "-c", script], cwd=self.root, check=True, capture_output=True, text=True
        ).stdout.split("\n")

    def update_grub(self):
        """grub.cfg with a normal entry and one for recovery of each kernel."""
        linux, default = self.setting()
        entries = [ENTRY % (kernel, linux, default, kernel, linux) for kernel in KERNELS]
        if self.forgets:
            entries[-1] = entries[-1].replace(self.forgets, "")
        self.put(grub.CONFIG, "# made\n" + SECTION % "".join(entries))

    def reboot(self):
        """The command line of the first entry; the modules of modules-load.d with their options."""
        words = self.text(grub.CONFIG).splitlines()[2].split("\t", 2)[2].split(" ", 1)[1]
        self.put("/proc/cmdline", f"BOOT_IMAGE=/boot/vmlinuz-{KERNELS[0]} {words}\n")
        for name in ("igb", *(self.read("/etc/modules-load.d/gedge.conf") or "#").splitlines()):
            if not name.startswith("#"):
                self.load(name)

    def load(self, name):
        """As modprobe: with the options of modprobe.d."""
        folder = f"/sys/module/{name}"
        self.put(folder + "/initstate", "live\n")
        self.put(folder + "/refcnt", "0\n")
        given = (self.read("/etc/modprobe.d/gedge.conf") or "").replace("=", " ").split()
        for key, (default, mode) in MODULES[name].items():
            value = given[given.index(key) + 1] if key in given else default
            path = pathlib.Path(self.path(f"{folder}/parameters/{key}"))
            if path.exists():
                path.chmod(0o644)
            self.put(f"{folder}/parameters/{key}", value + "\n")
            path.chmod(mode)

    def unload(self, name):
        """As modprobe -r."""
        subprocess.run(["rm", "-r", self.path(f"/sys/module/{name}")], check=True)

    def reads_only(self, argv):
        return argv[0] in ("modinfo", "sh")

    def answer(self, argv):
        if argv[0] == "sh":
            script = argv[2].replace("/etc/default", self.root + "/etc/default")
            done = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
            return CommandResult(0, done.stdout.replace(self.root, ""), "")
        if argv[0] == "modinfo":
            if argv[1] == "ext4":
                return CommandResult(0, "name: ext4\nfilename:       (builtin)\n", "")
            if argv[1] not in MODULES:
                return CommandResult(1, "", "not found")
            return CommandResult(0, "".join(f"parm:           {key}:text\n" for key in MODULES[argv[1]]), "")
        if argv[0].endswith("update-grub"):
            self.update_grub()
        elif argv[0] == "modprobe":
            (self.unload if argv[1] == "-r" else self.load)(argv[-1])
        return CommandResult(0, "", "")


def make_params(**options):
    """The module's parameters with Ansible's defaults filled in."""
    checked = VALIDATOR.validate(options)
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


@pytest.fixture(scope="session")
def boot():
    """A function: one run of the module on a node; its result."""

    def run(node, check_mode=False, **options):
        return converge(Boot(make_params(**options), node), check_mode)

    return run


@pytest.fixture
def folder(tmp_path):
    """An empty folder, in memory where there is such: files are written with fsync, many times."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="gedge-unit-", dir=parent) as made:
        yield pathlib.Path(made)


@pytest.fixture
def make_node(folder):
    """A function: a new node."""
    count = iter(range(1000))
    return lambda: GrubNode(folder / str(next(count)))


@pytest.fixture
def node(make_node):
    """See GrubNode."""
    return make_node()
