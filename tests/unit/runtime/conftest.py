"""A node with containerd, as files and answers: what it is started with, what it was told to import."""

import hashlib
import io
import json
import pathlib
import tarfile

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.runtime import config, images, kernel, options
from ansible_collections.gedge.engine.plugins.module_utils.runtime.subsystem import Runtime
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from helpers.breakable import Breakable

DONE = CommandResult(0, "", "")
FRAGMENT = "/usr/lib/systemd/system/containerd.service"
VALIDATOR = ArgumentSpecValidator(options.argument_spec())


class ContainerNode(Breakable):
    """dump: what containerd says of its own configuration; started: with which arguments, () for not."""

    def __init__(self, folder, dump, installed=True):
        super().__init__(folder)
        self.dump, self.installed, self.images = dump, installed, {}
        self.put("/proc/filesystems", "nodev\tsysfs\n\text4\n")
        self.put(kernel.FORWARD, "0\n")
        for path in ("/etc/sysctl.d/a", "/etc/modules-load.d/a", "/var/lib/a", "/etc/systemd/system/a", "/proc/self"):
            self.put(path, "")
        if installed:
            self.put(FRAGMENT, "[Service]\nExecStart=/usr/bin/containerd\n")
            self.put("/etc/containerd/config.toml", "version = 2\n")
            self.start()

    def start(self):
        """systemctl restart."""
        ours = self.exists(config.DROP_IN)
        words = ["/usr/bin/containerd"] + (["--config", config.ROOT] if ours else [])
        self.put("/proc/77/cmdline", "\0".join(words) + "\0")

    def reads_only(self, argv):
        return argv[:2] == ["systemctl", "show"] or "dump" in argv or "--version" in argv or argv[-1] == "list"

    def answer(self, argv):
        if argv[:2] == ["systemctl", "show"]:
            names = ("loaded", FRAGMENT, "active", "77") if self.installed else ("not-found", "", "inactive", "0")
            return CommandResult(0, "LoadState=%s\nFragmentPath=%s\nActiveState=%s\nMainPID=%s\n" % names, "")
        if argv[:2] == ["systemctl", "restart"]:
            self.start()
        if argv[-1] == "--version":
            return CommandResult(0, "containerd github.com/containerd/containerd 1.7.24~ds1\n", "")
        if "dump" in argv:
            return CommandResult(0, self.dump, "")
        if argv[0] == "modprobe":
            self.load(argv[1])
        return self.ctr(argv) if argv[0] == "ctr" else DONE

    def load(self, name):
        """modprobe."""
        if name == "overlay":
            self.put("/proc/filesystems", self.text("/proc/filesystems") + "nodev\toverlay\n")
        else:
            self.put("/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n")

    def ctr(self, argv):
        """Images."""
        if argv[4] == "import":
            with tarfile.open(argv[5]) as tar:
                told = json.loads(tar.extractfile("manifest.json").read())
            self.images.update({images.whole(tag): "sha256:1" for one in told for tag in one["RepoTags"]})
        elif argv[4] == "remove":
            self.images = {name: digest for name, digest in self.images.items() if name not in argv[5:]}
        rows = ["REF TYPE DIGEST SIZE"] + ["%s application/x %s 1 MiB" % row for row in self.images.items()]
        return CommandResult(0, "\n".join(rows) + "\n", "")


@pytest.fixture(scope="session")
def dump(fixtures):
    """What Debian 13's containerd 1.7.24 says of its own configuration, as packaged."""
    return pathlib.Path(fixtures, "containerd", "debian13-1.7.24.toml").read_text()


@pytest.fixture
def node(tmp_path, dump):
    """A node with a containerd that nobody has set up."""
    return ContainerNode(tmp_path, dump)


@pytest.fixture
def run(node):
    """A function: one run of the module on the node."""

    def once(check=False, on=None, **params):
        validated = VALIDATOR.validate(params)
        assert not validated.error_messages
        return converge(Runtime(validated.validated_parameters, on or node), check)

    return once


@pytest.fixture
def archive(node):
    """A function: an archive on the node with an image of this name; its digest."""

    def make(name, folder="/var/lib/gedge/images"):
        data = json.dumps([{"RepoTags": [name]}]).encode()
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            info = tarfile.TarInfo("manifest.json")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        target = pathlib.Path(node.path("%s/%s.tar" % (folder, digest)))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(buffer.getvalue())
        return digest

    return make
