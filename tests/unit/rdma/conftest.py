"""A node made of files with a small model of the kernel's RDMA: what rxe, ib_core, configfs and a NIC with DCB do."""

import json
import os
import pathlib
import shutil
import tempfile

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.rdma.subsystem import Rdma
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System
from ansible_collections.gedge.engine.plugins.modules.rdma import argument_spec

VALIDATOR = ArgumentSpecValidator(argument_spec())
DONE = CommandResult(0, "", "")
NO_DCB = CommandResult(1, "", "Attribute read: Operation not supported\n")
BUSY = CommandResult(1, "", "error: Device or resource busy\n")
READING = ("show", "-j")
FOLDERS = (
    "modprobe.d",
    "modules-load.d",
    "systemd/system/multi-user.target.wants",
    "security/limits.d",
    "udev/rules.d",
)


class Killed(BaseException):
    """The module died here."""


class RdmaNode(System):
    """nics: {name: (driver, PCI device id)}; dcb: names of those with traffic classes; vlans: {name: name below}."""

    def __init__(self, folder, nics, dcb=(), vlans=()):
        super().__init__(str(folder))
        self.dcb = {
            name: {"pfc": [False] * 8, "dscp": [], "tsa": ["strict"] * 8, "bw": [0] * 8, "tc": [0] * 8, "trust": []}
            for name in dcb
        }
        self.busy, self.log, self.breaking, self.holders = False, [], None, []
        for path in FOLDERS:
            os.makedirs(self.path("/etc/" + path), exist_ok=True)
        for number, (name, (driver, device)) in enumerate(nics.items(), 1):
            self._nic(name, driver, device, "0000:%02x:00.0" % number)
        for name, below in dict(vlans).items():
            self.put("/sys/class/net/%s/uevent" % name, "DEVTYPE=vlan\nINTERFACE=%s\n" % name)
            os.symlink("../" + below, self.path("/sys/class/net/%s/lower_%s" % (name, below)))

    def _nic(self, name, driver, device, pci):
        folder = "/sys/bus/pci/devices/" + pci
        self.put(folder + "/class", "0x020000")
        self.put(folder + "/device", device)
        os.makedirs(self.path("%s/net/%s" % (folder, name)))
        os.symlink("../../../../bus/pci/drivers/" + driver, self.path(folder + "/driver"))
        self.put("/sys/class/net/%s/uevent" % name, "INTERFACE=%s\n" % name)
        os.symlink(self.path(folder), self.path("/sys/class/net/%s/device" % name))

    def put(self, path, text):
        """A file of the node."""
        target = pathlib.Path(self.path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def hardware(self, name, netdev):
        """An RDMA device of a NIC."""
        os.makedirs(self.path("/sys/class/infiniband/%s/device/net/%s" % (name, netdev)))

    def snapshot(self):
        """{path or thing: value} of all that a person can see, without baseline and lock."""
        seen = {"dcb " + name: json.dumps(value, sort_keys=True) for name, value in self.dcb.items()}
        for folder, folders, names in os.walk(self.root):
            for name in names + folders:
                path = pathlib.Path(folder, name)
                key = str(path)[len(self.root) :]
                if not key.startswith(("/var/lib", "/run")) and key not in ("/var", "/etc", "/sys"):
                    seen[key] = "-> " + os.readlink(path) if path.is_symlink() else path.is_file() and path.read_text()
        return seen

    # -- every change can be broken

    def break_at(self, number, error):
        """The change of that number (from 0) ends with error."""
        self.log.clear()
        self.breaking = (number, error)

    def _change(self, what):
        self.log.append(what)
        if self.breaking and len(self.log) - 1 == self.breaking[0]:
            error, self.breaking = self.breaking[1], None
            raise error

    def write_kernel(self, path, value):
        self._change("kernel " + path)
        self.put(path, str(value))

    def write_file(self, path, text, mode=0o644):
        self._change("file " + path)
        if self.breaking and self.breaking == (len(self.log), Killed):
            self.put(path + ".gedge-tmp", text[: len(text) // 2])
        self._change("rename " + path)
        super().write_file(path, text, mode)

    def write_link(self, path, target):
        self._change("link " + path)
        super().write_link(path, target)

    def remove_file(self, path):
        self._change("remove " + path)
        super().remove_file(path)

    def remove_folder(self, path):
        self._change("rmdir " + path)
        super().remove_folder(path)

    def run(self, argv, check=True, stdin=None):
        assert all(isinstance(word, str) for word in argv), argv
        result = self._answer(argv)
        if check and result.rc:
            raise EngineError("rc %d: %s" % (result.rc, result.err.strip()), " ".join(argv))
        return result

    def _answer(self, argv):
        if set(READING) & set(argv[1:4]):
            return self._shown(argv)
        try:
            self._change(" ".join(argv))
        except EngineError as error:
            return CommandResult(1, "", error.text())
        name = argv[0] + ("_" + argv[1] if argv[0] in ("rdma", "dcb") else "")
        return getattr(self, "_do_" + name, lambda words: DONE)(argv) or DONE

    def _shown(self, argv):
        if argv[0] == "rdma":
            return CommandResult(0, json.dumps(self.holders if argv[4] == "ctx" else []), "")
        state = self.dcb.get(argv[-1])
        if state is None or argv[2] == "dcbx":
            return NO_DCB
        answers = {
            "pfc": {"pfc_cap": 8, "prio_pfc": state["pfc"]},
            "ets": {"ets_cap": 8, "tc_bw": state["bw"], "tc_tsa": state["tsa"], "prio_tc": state["tc"]},
            "app": {"dscp_prio": state["dscp"]} if state["dscp"] else {},
            "apptrust": {"order": state["trust"]},
        }
        return CommandResult(0, json.dumps(answers[argv[2]]), "")

    def _do_modprobe(self, argv):
        if argv[1] == "-r":
            shutil.rmtree(self.path("/sys/module/" + argv[2]), ignore_errors=True)
            return
        os.makedirs(self.path("/sys/module/" + argv[1]), exist_ok=True)
        if not self.exists("/sys/module/ib_core"):
            mode = "N" if "netns_mode=0" in (self.read("/etc/modprobe.d/gedge-rdma.conf") or "") else "Y"
            self.put("/sys/module/ib_core/parameters/netns_mode", mode)

    def _do_rdma_link(self, argv):
        folder = "/sys/class/infiniband/" + argv[3]
        if argv[2] == "add":
            self.put(folder + "/parent", argv[7])
        else:
            shutil.rmtree(self.path(folder))

    def _do_rdma_system(self, argv):
        if self.busy:
            return BUSY
        self.put("/sys/module/ib_core/parameters/netns_mode", "Y" if argv[4] == "shared" else "N")
        return DONE

    def _do_mkdir(self, argv):
        if not self.exists(argv[2]):
            self.put(argv[2] + "/ports/1/default_roce_tos", "0")

    def _do_rmdir(self, argv):
        shutil.rmtree(self.path(argv[1]))

    def _do_dcb_pfc(self, argv):
        number, word = argv[6].split(":")
        self.dcb[argv[4]]["pfc"][int(number)] = word == "on"

    def _do_dcb_app(self, argv):
        row = [int(word) for word in argv[6].split(":")]
        table = self.dcb[argv[4]]["dscp"]
        if (row in table) == (argv[2] == "add"):
            return CommandResult(1, "", "Attribute write: File exists\n")
        table.append(row) if argv[2] == "add" else table.remove(row)
        return DONE

    def _do_dcb_apptrust(self, argv):
        self.dcb[argv[4]]["trust"] = argv[6:]

    def _do_dcb_ets(self, argv):
        words, key = argv[5:], None
        for word in words:
            if ":" not in word:
                key = {"tc-tsa": "tsa", "tc-bw": "bw", "prio-tc": "tc"}[word]
                continue
            index, value = word.split(":")
            self.dcb[argv[4]][key][int(index)] = value if key == "tsa" else int(value)


def make_params(**options):
    """The module's parameters with Ansible's defaults filled in."""
    checked = VALIDATOR.validate(dict(options))
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


@pytest.fixture(scope="session")
def rdma():
    """A function: one run of the module on a node; its result."""
    return lambda node, check_mode=False, **options: converge(Rdma(make_params(**options), node), check_mode)


@pytest.fixture
def folder(tmp_path):
    """An empty folder, in memory where there is such."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="gedge-unit-", dir=parent) as made:
        yield pathlib.Path(made)


@pytest.fixture
def nodes(folder):
    """An endless row of nodes: ens1 with traffic classes and no RDMA, ens2 with RDMA, ens3 without any of it."""

    def row():
        number = 0
        while True:
            number += 1
            nics = {"ens1": ("ixgbe", "0x10fb"), "ens2": ("mlx5_core", "0x1017"), "ens3": ("igb", "0x10c9")}
            yield RdmaNode(folder / str(number), nics, ["ens1"], {"ens3.30": "ens3"})

    return row()


@pytest.fixture
def killed():
    """The error of a module that dies."""
    return Killed
