"""Both nodes of the lab at once: what their kernels say of the network, and the module with its confirmation."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import qmp

pytest.register_assert_rewrite("helpers.broken_changes", "helpers.node_links")

# All that a change of the network can change, as text. What the kernel makes by itself and what only passes is left
# out: link-local addresses, lifetimes, interface numbers, whether a cable is in, and the queues that a port has from
# the first time on that it is up.
LOOK = r"""
ip -d addr show | grep -v -E 'valid_lft|inet6 fe80' | sed -E 's/^[0-9]+: //; s/(qlen|qdisc) [a-z0-9]+//g; s/@[^:]*//'
ip -4 route show table all | sort
ip -6 route show table all | grep -v -E 'fe80|ff00' | sort
ip -4 rule
ip -6 rule
grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null | sort
F='/etc/systemd /etc/NetworkManager /etc/sysctl.d /etc/gedge /var/lib/gedge'
find $F ! -type d -printf '%p %m %l ' -exec md5sum {} ';' 2>/dev/null | sort
find /etc/gedge /var/lib/gedge 2>/dev/null
nft list ruleset 2>/dev/null
"""
GONE = "test ! -e /var/lib/gedge/network/pending && ! pgrep -f '^/usr/bin/python3$' >/dev/null"


class Node:
    """One node of the lab."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name

    def run(self, command, check=True, timeout=120):
        """The output of a command."""
        return self.lab.run(self.name, command, check=check, timeout=timeout).stdout

    def look(self):
        """Lines of all that counts."""
        return self.run(LOOK).splitlines()

    def module(self, *options, **params):
        """The result of one run of the module, which confirms nothing by itself."""
        play = self.lab.module(self.name, "gedge.engine.network", {"confirm_by": "token", **params}, *options)
        assert play.tasks, play.output
        return play.tasks[0][2]

    def change(self, **params):
        """A change that is confirmed; its result."""
        result = self.module(**dict({"confirm_within": 1800}, **params))
        assert not result.get("failed") and "confirm" in result, result
        if result["confirm"]:
            kept = self.module(confirm=result["confirm"]["token"])
            assert not kept.get("failed"), kept
        return result

    def answers(self):
        """True where a new connection reaches the node."""
        with contextlib.suppress(Exception):
            argv = "true"
            return self.lab.run(self.name, argv, check=False, timeout=8).returncode == 0
        return False

    def wait(self, seconds):
        """Wait until the node answers, and no change is made or waits; how long it took, in seconds."""
        begin = time.monotonic()
        while time.monotonic() < begin + seconds:
            with contextlib.suppress(Exception):
                if self.lab.run(self.name, GONE, check=False, timeout=8).returncode == 0:
                    return time.monotonic() - begin
            time.sleep(0.5)
        raise AssertionError(f"{self.name} is not back after {seconds} s")

    def reset(self):
        """The reset button: no file is written out, nothing is told."""
        qmp.execute(str(self.lab.folder / self.name / "qmp.sock"), "system_reset", {})


@pytest.fixture(scope="session")
def nodes(lab):
    """The nodes of the lab."""
    return [Node(lab, name) for name in lab.nodes]


@pytest.fixture(scope="session")
def both(nodes):
    """A function: call something with each node at the same time; the list of what came back."""

    def call(function):
        with ThreadPoolExecutor(len(nodes)) as pool:
            return list(pool.map(function, nodes))

    return call


@pytest.fixture
def bare(both):
    """The nodes without anything of ours, and once more afterwards."""
    both(lambda node: node.change(state="absent"))
    yield
    both(lambda node: node.change(state="absent"))
