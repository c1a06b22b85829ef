"""Module worker: into a cluster and out of it, VFs first, nothing of others touched, no token told."""

import hashlib
import json
import pathlib

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError, converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from ansible_collections.gedge.engine.plugins.module_utils.worker import files, membership, options
from ansible_collections.gedge.engine.plugins.module_utils.worker.subsystem import Worker
from helpers.breakable import Breakable, Killed

VALIDATOR = ArgumentSpecValidator(options.argument_spec())
BINARY = hashlib.sha256(b"program").hexdigest()
TOKEN = "abcdef.0123456789abcdef"
PROGRAM = {"binary": "kubernetes-node", "sha256": BINARY}
ASKED = {
    "name": "node1",
    "address": "192.168.10.101",
    "join": {"endpoint": "192.168.10.100:6443", "token": TOKEN, "ca_cert_hash": "sha256:" + "a" * 64},
    "programs": dict.fromkeys(("kubelet", "kubeadm", "kubectl", "kube-proxy"), PROGRAM),
    "vfs": [{"pci": "0000:21:00.0", "count": 4}],
}
PROXY = {"server": "https://192.168.10.100:6443", "ca": "Q0E=", "token": "secret", "pod_subnet": "10.244.0.0/16"}
NO_NETWORK = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"


class ClusterNode(Breakable):
    """ready: what the API server says of the node, "" for Ready; refuses: what kubeadm join ends with."""

    def __init__(self, folder, vfs=4):
        super().__init__(folder)
        self.ready, self.refuses, self.units, self.seen = NO_NETWORK, "", set(), ""
        self.put("/usr/local/bin/kubernetes-node", "program")
        self.put("/sys/bus/pci/devices/0000:21:00.0/sriov_numvfs", f"{vfs}\n")
        for path in ("/etc/systemd/system/multi-user.target.wants/a", "/var/lib/a", "/etc/systemd/system/a", "/run/a"):
            self.put(path, "")
        self.put("/etc/a", "")

    def reads_only(self, argv):
        return argv[0] == "journalctl" or "show" in argv or "get" in argv

    def answer(self, argv):
        if argv[:2] == ["systemctl", "show"]:
            return CommandResult(0, "ActiveState=%s\n" % ("active" if argv[2] in self.units else "inactive"), "")
        if argv[:2] == ["systemctl", "restart"]:
            self.units.add(argv[2])
        if argv[1:2] == ["join"]:
            return self.join()
        if argv[1:2] == ["reset"]:
            self.units.clear()
            pathlib.Path(self.path(files.KUBECONFIG)).unlink(missing_ok=True)
        if argv[:2] == ["mkdir", "-p"]:
            pathlib.Path(argv[2]).mkdir(parents=True, exist_ok=True)
        if argv[0] == "rm":
            for path in sorted(pathlib.Path(argv[-1]).rglob("*")):
                path.unlink()
            if pathlib.Path(argv[-1]).is_dir():
                pathlib.Path(argv[-1]).rmdir()
        if "get" in argv:
            condition = {"type": "Ready", "status": "False" if self.ready else "True", "message": self.ready}
            return CommandResult(0, json.dumps({"status": {"conditions": [condition]}}), "")
        return CommandResult(0, "", "")

    def join(self):
        """kubeadm join."""
        self.seen = self.text(membership.CONFIG)
        if self.refuses:
            return CommandResult(1, "", self.refuses)
        self.put(files.KUBECONFIG, "    server: https://192.168.10.100:6443\n")
        self.units.add(files.KUBELET)
        return CommandResult(0, "", "")


class Clock:
    """Time that passes by sleeping."""

    now = 0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def node(tmp_path):
    """A node in no cluster, with its programs and VFs."""
    return ClusterNode(tmp_path)


@pytest.fixture
def run(node):
    """A function: one run of the module."""

    def once(check=False, **params):
        validated = VALIDATOR.validate({**ASKED, **params})
        assert not validated.error_messages
        return converge(Worker(validated.validated_parameters, node, Clock()), check)

    return once


def test_the_way_in(node, run):
    before = node.snapshot()
    foretold = run(check=True, kube_proxy=PROXY)
    assert node.snapshot() == before
    done = run(kube_proxy=PROXY)
    assert done["steps"] == foretold["steps"]
    asked = json.loads(node.seen)
    assert asked["nodeRegistration"]["kubeletExtraArgs"] == [{"name": "node-ip", "value": "192.168.10.101"}]
    assert asked["discovery"]["bootstrapToken"]["token"] == TOKEN
    assert not node.exists(membership.CONFIG)
    assert TOKEN not in json.dumps(done) and "secret" not in json.dumps(done)
    assert not any(TOKEN in text for text in node.snapshot().values())
    assert {files.KUBELET, files.PROXY} <= node.units
    assert "0000:21:00.0 has $$n of 4 VFs" in node.text(files.GATE)
    assert run(kube_proxy=PROXY)["steps"] == []


def test_without_a_token_a_node_that_has_joined_stays(run):
    run()
    assert run(join={**ASKED["join"], "token": ""})["steps"] == []


def test_the_way_out_is_what_was_before(node, run):
    before = {path: text for path, text in node.snapshot().items() if "kubernetes-node" not in path}
    run(kube_proxy=PROXY)
    done = run(state="absent")
    assert done["disruption"] == "drain" and not node.units
    assert {path: text for path, text in node.snapshot().items() if path != "/usr/local/bin"} == before
    assert run(state="absent")["steps"] == []


def test_a_node_of_others_is_left_alone(node, run):
    node.put(files.KUBECONFIG, "server: https://192.0.2.9:6443\n")
    before = node.snapshot()
    done = run()
    assert done["left_alone"] and done["steps"] == [] and "that others made" in done["warnings"][0]
    assert run(state="absent")["steps"] == [] and node.snapshot() == before


def test_the_kubelet_does_not_start_before_the_vfs(node, run):
    node.put("/sys/bus/pci/devices/0000:21:00.0/sriov_numvfs", "3\n")
    before = node.snapshot()
    assert "has 3 of 4 VFs" in run(check=True)["warnings"][0]
    with pytest.raises(ProblemsError, match=r"PF 0000:21:00\.0 has 3 of 4 VFs"):
        run()
    assert node.snapshot() == before


def test_programs_that_are_missing_are_told_and_refused(node, run):
    node.put("/usr/local/bin/kubernetes-node", "another")
    assert run(check=True)["missing"] == ["/usr/local/bin/kubernetes-node"]
    with pytest.raises(ProblemsError, match="Copy it there first"):
        run()
    assert not node.exists(files.UNITS + files.KUBELET)


def test_check_mode_foretells_that_another_program_starts_its_units_anew(node, run):
    run(kube_proxy=PROXY)
    node.put("/usr/local/bin/kubernetes-node", "another")
    steps = run(check=True, kube_proxy=PROXY)["steps"]
    assert [(step["action"], step["target"]) for step in steps] == [
        ("bring-program", "/usr/local/bin/kubernetes-node"),
        ("start-unit", files.KUBELET),
        ("start-unit", files.PROXY),
    ]


def test_what_kubeadm_refuses_is_told_and_put_back(node, run):
    node.refuses = f"error: token {TOKEN} is bad"
    before = node.snapshot()
    with pytest.raises(ApplyError, match=r"rc 1: error: token \*\*\* is bad") as told:
        run()
    assert told.value.put_back
    after = node.snapshot()
    assert {path for path in after if path not in before} <= {"/etc/kubernetes/manifests"}


def test_a_node_that_does_not_get_ready_says_why(node, run):
    node.ready = "PLEG is not healthy"
    with pytest.raises(EngineError, match="PLEG is not healthy"):
        run(timeout=10)


def test_another_cluster_is_refused(run):
    run()
    with pytest.raises(ProblemsError, match="the node is in the cluster of"):
        run(join={**ASKED["join"], "endpoint": "192.168.10.109:6443"})


def test_a_program_of_others_is_refused(node, run):
    node.put("/usr/local/bin/kubectl", "theirs")
    with pytest.raises(ProblemsError, match="is a program that others put there"):
        run()


# options, words
REFUSED = {
    "name": ({"name": "Node_1"}, "is no name of a node"),
    "address": ({"address": ""}, "is no address"),
    "endpoint": ({"join": {**ASKED["join"], "endpoint": "https://x"}}, "is no host:port"),
    "hash": ({"join": {**ASKED["join"], "ca_cert_hash": "abc"}}, "is no digest of a CA"),
    "programs": ({"programs": {"kubelet": PROGRAM}}, "programs.kubeadm: is missing"),
}


@pytest.mark.parametrize(("params", "words"), REFUSED.values(), ids=REFUSED)
def test_bad_options_touch_nothing(node, run, params, words):
    before = node.snapshot()
    with pytest.raises(ProblemsError, match=words):
        run(**params)
    assert node.snapshot() == before


@pytest.mark.parametrize("number", range(14))
def test_a_killed_run_is_made_good_by_the_next(node, run, number):
    node.break_at(number, Killed)
    try:
        run(kube_proxy=PROXY)
    except Killed:
        pass
    node.breaking = None
    run(kube_proxy=PROXY)
    assert run(kube_proxy=PROXY)["steps"] == [] and node.leftovers() == []
    assert not node.exists(membership.CONFIG)
