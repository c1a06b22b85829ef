"""A node made of files with accelerators in it, and a small model of what answers: modprobe, chmod, nvidia-smi."""

import itertools
import os
import pathlib
import shutil
import tempfile

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.accelerator import smi
from ansible_collections.gedge.engine.plugins.module_utils.accelerator.subsystem import Accelerator
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System
from ansible_collections.gedge.engine.plugins.modules.accelerator import argument_spec

VALIDATOR = ArgumentSpecValidator(argument_spec())
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "accelerator"
PCI = "/sys/bus/pci/devices"
RELEASE = "6.1.0-56-amd64"
SOURCES = "deb [signed-by=/usr/share/keyrings/a.gpg] http://mirror.example.com/debian bookworm main\n"
REFUSED = "[N/A]"


class Killed(BaseException):
    """The module died here: kill -9 leaves no chance to clean up."""


def transcript(name):
    """A saved transcript."""
    return (FIXTURES / name).read_text()


class Node(System):
    """A System below a folder. gpus: {index: {"address", "name", "mig", "pending", "instances", "persistence"}}."""

    def __init__(self, folder):
        super().__init__(str(folder))
        self.log, self.breaking, self.numbers = [], None, itertools.count(1)
        self.modules, self.gpus, self.apps, self.installed = {"nvme": 0}, {}, "", set()
        self.resets = True  # whether a GPU of Ampere can be reset, so that its MIG mode holds at once
        self.put("/proc/sys/kernel/osrelease", RELEASE + "\n")
        self.put("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n")
        self.put("/etc/apt/sources.list", SOURCES)
        self.put(
            f"/lib/modules/{RELEASE}/modules.dep", "kernel/drivers/net/dummy.ko:\nkernel/drivers/vfio/vfio-pci.ko:\n"
        )
        self._show_modules()

    # -- for tests

    def put(self, path, text):
        """A file of the node that somebody else made."""
        target = pathlib.Path(self.path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def device(self, address, ids, pci_class, driver=None, vfs=0):
        """A PCI function; ids: "10de:20b0"."""
        vendor, device = ids.split(":")
        attributes = {"vendor": "0x" + vendor, "device": "0x" + device, "class": "0x" + pci_class, "numa_node": "0"}
        if vfs:
            attributes.update(sriov_totalvfs=str(vfs), sriov_numvfs="0", sriov_offset="1", sriov_stride="1")
            attributes["sriov_vf_device"] = "0b2c"
        for name, text in attributes.items():
            self.put(f"{PCI}/{address}/{name}", text + "\n")
        if driver:
            os.symlink(f"../../../drivers/{driver}", self.path(f"{PCI}/{address}/driver"))

    def dfl(self, address, afu_id, number=0):
        """The DFL tree of a card (Documentation/ABI/testing/sysfs-platform-dfl-*)."""
        region = f"{PCI}/{address}/fpga_region/region{number}"
        self.put(f"{region}/dfl-fme.{number}/bitstream_id", "0x2300011001030f\n")
        self.put(f"{region}/dfl-fme.{number}/bitstream_metadata", "0x190318\n")
        inner = f"{region}/dfl-fme.{number}/dfl-fme-region.1/fpga_region/region1"
        self.put(f"{inner}/compat_id", "f3c9941350814aadbced07eb84a6d0bb\n")
        self.put(f"{region}/dfl-port.{number}/afu_id", afu_id + "\n")

    def gpu(self, index, address, name="NVIDIA A100-SXM4-40GB", mig=False, instances=()):
        """A GPU with a driver that answers. mig None: it has none."""
        self.put("/usr/bin/nvidia-smi", "")
        self.gpus[index] = {
            "address": address,
            "name": name,
            "mig": mig,
            "pending": mig,
            "instances": list(instances),
            "persistence": False,
        }

    def snapshot(self):
        """{what: value} of all that a person can see, without our baseline."""
        seen = {"modules": dict(self.modules), "gpus": {key: dict(value) for key, value in self.gpus.items()}}
        for folder, folders, names in os.walk(self.root):
            for name in names + folders:
                path = pathlib.Path(folder, name)
                short = str(path)[len(self.root) :]
                if short.endswith(("gedge.lock", "/run", "/lock")) or short.startswith("/var/lib/gedge"):
                    continue
                text = os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else "folder"
                seen[short] = (text, oct(path.lstat().st_mode) if short.startswith("/dev") else "")
        return {key: value for key, value in seen.items() if value != ("folder", "") or "gedge" in key}

    def break_at(self, number, error):
        """The change of that number (from 0) ends with error."""
        self.log.clear()
        self.breaking = (number, error)

    # -- System

    def _change(self, what):
        self.log.append(what)
        if self.breaking and len(self.log) - 1 == self.breaking[0]:
            error, self.breaking = self.breaking[1], None
            raise error

    def write_file(self, path, text, mode=0o644):
        self._change("file " + path)
        if self.breaking and self.breaking[0] == len(self.log) and isinstance(self.breaking[1], Killed):
            self.put(path + ".gedge-tmp", text[: len(text) // 2])
        self._change("rename " + path)
        super().write_file(path, text, mode)

    def write_link(self, path, target):
        self._change("link " + path)
        super().write_link(path, target)

    def remove_file(self, path):
        self._change("remove " + path)
        super().remove_file(path)

    def write_kernel(self, path, value):
        self._change(f"kernel {path} {value}")
        place, name = path.rsplit("/", 1)
        if name == "drivers_probe":
            device = f"{PCI}/{value}"
            driver = (self.read(device + "/driver_override") or "").strip()
            if driver and not os.path.lexists(self.path(device + "/driver")):
                os.symlink(f"../../../drivers/{driver}", self.path(device + "/driver"))
        elif name == "unbind":
            os.unlink(self.path(place))
        elif name == "sriov_numvfs":
            self._set_vfs(place, int(value))
        else:
            self.put(path, str(value))

    def _set_vfs(self, place, count):
        for name in [name for name in self.list(place) if name.startswith("virtfn")]:
            shutil.rmtree(self.path(f"{PCI}/{self.link_name(place + '/' + name)}"))
            os.unlink(self.path(f"{place}/{name}"))
        self.put(place + "/sriov_numvfs", f"{count}\n")
        for index in range(count):
            address = place.rsplit("/", 1)[1][:-1] + str(index + 1)
            self.device(address, "8086:0b2c", "120000")
            os.symlink("../" + place.rsplit("/", 1)[1], self.path(f"{PCI}/{address}/physfn"))
            os.symlink("../" + address, self.path(f"{place}/virtfn{index}"))

    def run(self, argv, check=True, stdin=None):
        assert all(isinstance(word, str) for word in argv), argv
        result = self._answer(argv)
        if check and result.rc:
            raise EngineError(f"rc {result.rc}: {result.err}", " ".join(argv))
        return result

    def _answer(self, argv):
        if argv[0] == "dpkg-query":
            return CommandResult(0, "".join(f"{name} installed\n" for name in self.installed), "")
        if argv[0] == "nvidia-smi" and self._asks(argv):
            return CommandResult(0, self._said(argv), "")
        try:
            self._change(" ".join(argv))
        except EngineError as error:
            return CommandResult(1, "", error.text())
        return getattr(self, "_" + argv[0].replace("-", "_"), lambda words: CommandResult(0, "", ""))(argv)

    def _modprobe(self, argv):
        self.modules.pop(argv[-1], None) if argv[1] == "-r" else self.modules.setdefault(argv[1], 0)
        self._show_modules()
        return CommandResult(0, "", "")

    def _chmod(self, argv):
        os.chmod(argv[2], int(argv[1], 8))
        return CommandResult(0, "", "")

    def _chown(self, argv):
        shutil.chown(argv[2], *argv[1].split(":"))
        return CommandResult(0, "", "")

    def _fpgaconf(self, argv):
        address = "{}:{}:{}.{}".format(*(argv[place][2:] for place in (2, 4, 6, 8)))
        self.dfl(address, pathlib.Path(self.path(argv[9])).read_text().strip())
        return CommandResult(0, "", "")

    def _nvidia_ctk(self, argv):
        self.put("/run/cdi/nvidia.yaml", "cdiVersion: 0.5.0\n")
        return CommandResult(0, "", "")

    def _show_modules(self):
        self.put(
            "/proc/modules",
            "".join(f"{name.replace('-', '_')} 16384 {n} - Live 0x0\n" for name, n in self.modules.items()),
        )

    # -- nvidia-smi

    @staticmethod
    def _asks(argv):
        return argv[1].startswith("--query") or argv[1] == "-L" or argv[-1] in ("-lgi", "-lgip")

    def _said(self, argv):
        if argv == smi.QUERY:
            return "".join(self._row(index, gpu) for index, gpu in self.gpus.items())
        if argv == smi.APPS:
            return self.apps
        if argv[1] == "-L":
            return "".join(f"GPU {i}: {gpu['name']} (UUID: GPU-{i})\n" for i, gpu in self.gpus.items())
        if argv[-1] == "-lgip":
            return (
                transcript("mig-lgip.txt")
                if any(gpu["mig"] for gpu in self.gpus.values())
                else "No MIG-enabled devices found.\n"
            )
        chosen = [
            (i, gpu) for i, gpu in self.gpus.items() if "-i" not in argv or gpu["address"] == argv[argv.index("-i") + 1]
        ]
        rows = [
            f"|   {i}  MIG {name}       9        {n}          0:4     |\n"
            for i, gpu in chosen
            for n, name in enumerate(gpu["instances"])
        ]
        return "".join(rows) or "No GPU instances found: Not Found\n"

    @staticmethod
    def _row(index, gpu):
        words = {True: "Enabled", False: "Disabled", None: REFUSED}
        cells = [index, "0000" + gpu["address"].upper(), f"GPU-{index}", gpu["name"], "550.163.01"]
        return ", ".join(map(str, [*cells, words[gpu["persistence"]], words[gpu["mig"]], words[gpu["pending"]]])) + "\n"

    def _nvidia_smi(self, argv):
        if argv[1] == "-pm":
            for gpu in self.gpus.values():
                gpu["persistence"] = argv[2] == "1"
            return CommandResult(0, "", "")
        gpu = next(one for one in self.gpus.values() if one["address"] == argv[argv.index("-i") + 1])
        if "-mig" in argv:
            gpu["pending"] = argv[-1] == "1"
            if self.resets:
                gpu["mig"] = gpu["pending"]
        elif "-dgi" in argv:
            if not gpu["instances"]:
                return CommandResult(6, "No GPU instances found: Not Found\n", "")
            gpu["instances"] = []
        elif "-cgi" in argv:
            gpu["instances"] = argv[argv.index("-cgi") + 1].split(",")
        return CommandResult(0, "", "")


@pytest.fixture
def folder(tmp_path):
    """An empty folder, in memory where there is such: files are written with fsync."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="gedge-unit-", dir=parent) as made:
        yield pathlib.Path(made)


@pytest.fixture
def node(folder):
    """A node without any accelerator."""
    return Node(folder)


def make_params(kind, **options):
    """The module's parameters with Ansible's defaults filled in."""
    checked = VALIDATOR.validate(dict(options, kind=kind))
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


@pytest.fixture(scope="session")
def accelerator():
    """A function: one run of the module on a node; its result."""

    def run(node, kind, check_mode=False, **options):
        return converge(Accelerator(make_params(kind, **options), node), check_mode)

    return run


@pytest.fixture(scope="session")
def killed():
    """The error that stands for kill -9."""
    return Killed
