"""A real kernel's nftables in a network namespace of its own, with files below a folder."""

import os
import subprocess

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

NFT = "/usr/sbin/nft"


class NamespaceSystem(System):
    """Commands run in a named network namespace; systemd is not there, so what it is asked is kept instead."""

    def __init__(self, folder, name):
        super().__init__(str(folder))
        self.name = name
        self.asked = []

    def run(self, argv, check=True, stdin=None):
        """As System, in the namespace."""
        if argv[0] == "systemctl":
            self.asked.append(argv[1])
            return CommandResult(0, "", "")
        return super().run(["ip", "netns", "exec", self.name, *argv], check, stdin)

    def listing(self):
        """What nft says of all tables."""
        return self.run([NFT, "-s", "list", "ruleset"]).out


@pytest.fixture(scope="session")
def kernel():
    """Skips where this machine's kernel or user may not load rules: the lab's nodes run the same tests for real."""
    trial = subprocess.run(["unshare", "-n", NFT, "list", "ruleset"], capture_output=True, check=False)
    if trial.returncode != 0:
        pytest.skip("needs root, nft and nf_tables")


@pytest.fixture
def node(kernel, tmp_path):
    """A node with nft and no rule."""
    name = f"gedge-test-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "usr/sbin/nft").touch()
    yield NamespaceSystem(tmp_path, name)
    subprocess.run(["ip", "netns", "delete", name], check=True)
