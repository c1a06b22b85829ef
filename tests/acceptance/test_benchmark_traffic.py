"""The proof tool with real traffic: two network namespaces, shaped veth pairs, the image's own iperf3 in a chroot.

Nothing changed between the sides: no difference is seen. One side with two thirds of the rate: that is what comes out.
Three times the same. Needs root, and Debian's package lists for the image.
"""

import json
import os
import shutil
import subprocess
import time

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import debian
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils.benchmark import definitions, pods, results
from helpers.image_tree import unpacked

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces and chroot need root")

OPTIONS = {"image": "none.local/none:1", "namespace": "none", "nodes": ["one", "two"]}
RATE, SLOWER = 30, 20  # Mbit/s: far below what a busy machine can do, so that its other work does not decide
BURST = "64kb"  # what a wire makes up for after a pause: a sender that did not get a CPU for 15 ms has lost nothing
TRIES = 4
CATALOGUE = """
measures:
  throughput:
    title: TCP throughput (iperf3)
    unit: bit/s
    better: more
    server: [iperf3, -s]
    client: [iperf3, -c, "{address}", -n, 1M, -J]
    read: {json: end.sum_received.bits_per_second}
comparisons:
  same: {title: The same wire twice, measure: throughput, runs: 12, a: {name: wire}, b: {name: the same wire}}
  slower: {title: A slower wire, measure: throughput, runs: 12, a: {name: wire}, b: {name: slower wire}}
"""
ADDRESSES = {"same": {"a": "10.123.1.2", "b": "10.123.1.2"}, "slower": {"a": "10.123.1.2", "b": "10.123.2.2"}}


class Wires:
    """Two namespaces, each the network of a sleeping process; everything ends with these."""

    def __init__(self, tree):
        self.tree, self.children = tree, []
        self.environment = dict(os.environ, TMPDIR="/dev/shm")
        self.client, self.server = self._space(), self._space()

    def _space(self):
        child = subprocess.Popen(["unshare", "--net", "--kill-child", "--fork", "sleep", "600"])
        self.children.append(child)
        own, end = os.readlink("/proc/self/ns/net"), time.monotonic() + 30
        while time.monotonic() < end:
            children = ["pgrep", "-P", str(child.pid)]
            sleeper = subprocess.run(children, capture_output=True, text=True, check=False).stdout.strip()
            if sleeper and os.readlink(f"/proc/{sleeper}/ns/net") != own:
                return sleeper
            time.sleep(0.05)
        raise AssertionError("no network namespace: unshare --net failed")

    def run(self, pid, *words, check=True):
        """A command in the network of a process."""
        command = ["nsenter", "-t", pid, "-n", *words]
        return subprocess.run(command, capture_output=True, text=True, check=check, env=self.environment)

    def wire(self, number, rate):
        """A veth pair, 10.123.NUMBER.1 to .2, with a rate in Mbit/s both ways."""
        ends = f"gwire{number}a", f"gwire{number}b"
        self.run(self.client, "ip", "link", "add", ends[0], "type", "veth", "peer", ends[1], "netns", self.server)
        for pid, name, host in ((self.client, ends[0], 1), (self.server, ends[1], 2)):
            self.run(pid, "ip", "address", "add", f"10.123.{number}.{host}/24", "dev", name)
            self.run(pid, "ip", "link", "set", name, "up")
            shape = f"tc qdisc add dev {name} root tbf rate {rate}mbit burst {BURST} latency 50ms"
            self.run(pid, *shape.split())

    def serve(self, words):
        """Start a server of the image and wait until it answers."""
        log = subprocess.DEVNULL
        command = ["nsenter", "-t", self.server, "-n", "chroot", self.tree, *words]
        self.children.append(subprocess.Popen(command, stdin=log, stdout=log, stderr=log, env=self.environment))
        for dummy in range(100):
            if "5201" in self.run(self.server, "ss", "-Hltn").stdout:
                return
            time.sleep(0.1)
        raise AssertionError("the server does not listen")

    def ask(self, words):
        """What a client of the image puts out, None where it fails."""
        done = self.run(self.client, "chroot", self.tree, *words, check=False)
        return done.stdout if done.returncode == 0 else None

    def end(self):
        """Kill what was started here."""
        for child in reversed(self.children):
            child.kill()
            child.wait()


@pytest.fixture(scope="module")
def tree(tmp_path_factory, root):
    """The image as its pods see it: a folder with nothing but its files."""
    if shutil.which("apt-get") is None:
        pytest.skip("the image is made of Debian packages, and there is no apt here")
    recipe = yaml.safe_load((root / "roles" / "benchmark" / "files" / "image.yml").read_text(encoding="utf-8"))
    try:
        collected = debian.collect({**{key: recipe[key] for key in ("packages", "programs", "folders")}, "cache": None})
    except EngineError as error:
        pytest.skip(f"Debian's packages cannot be had: {error}")
    return unpacked(root, recipe, collected, tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def wires(tree):
    """Two wires, and the server on them."""
    made = Wires(str(tree))
    try:
        made.wire(1, RATE)
        made.wire(2, SLOWER)
        made.serve(["/usr/bin/iperf3", "-s"])
        yield made
    finally:
        made.end()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["iperf3", "--version"], "iperf 3"),
        (["sockperf", "--version"], "sockperf"),
        (["ib_send_lat", "--help"], "Usage"),
        (["ib_write_bw", "--help"], "Usage"),
        (["rping", "-h"], "rping"),
        (["stress-ng", "--cpu", "1", "--timeout", "1", "--temp-path", "/dev/shm"], "successful run completed"),
        (["/bin/taskset", "--help"], "BusyBox"),
        (["/bin/on-cpus", "near", "none0", "true"], "on-cpus: nobody knows the NUMA node of none0"),
    ],
)
def test_a_program_runs_from_the_images_own_files(tree, words, said):
    environment = {"PATH": "/bin:/usr/bin", "TMPDIR": "/dev/shm"}
    command = [shutil.which("chroot"), str(tree), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert said in done.stdout + done.stderr


def measured(wires, name, runs=None):
    """The result of a comparison by real runs."""
    whole = definitions.read(yaml.safe_load(CATALOGUE))
    comparison = whole["comparisons"][name]
    plan = pods.plan(name, dict(comparison, runs=runs or comparison["runs"]), whole["measures"], OPTIONS)
    said = []
    for step in plan["schedule"]:
        words = pods.filled(plan["clients"][step["side"]], ADDRESSES[name][step["side"]], 1)
        said.append(wires.ask(words))
    return results.result(plan, said)


def concluded(wires, name):
    """As a user would: where it was too noisy to say, again with as many runs as the tool asks for."""
    found = measured(wires, name)
    for dummy in range(TRIES - 1):
        if found["verdict"] == "undecided" and found["runs_needed"]:
            print(results.table([found]))
            found = measured(wires, name, found["runs_needed"])
    return found


@pytest.mark.parametrize(("name", "verdict"), [("same", "none"), ("slower", "difference")])
def test_three_times_the_same_conclusion(wires, name, verdict):
    found = [concluded(wires, name) for dummy in range(3)]
    for one in found:
        print(results.table([one]))
    assert [one["verdict"] for one in found] == [verdict] * 3, [one["text"] for one in found]
    if verdict == "difference":
        assert all(one["ratio"]["low"] <= RATE / SLOWER * 1.1 for one in found)
        assert all(one["ratio"]["high"] >= RATE / SLOWER * 0.9 for one in found)
    json.dumps(found)
