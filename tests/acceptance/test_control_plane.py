"""Role cluster_control_plane with the real etcd, API server and kubeadm, on nodes that are containers with systemd."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import time

import pytest
import yaml
from acceptance import programs
from acceptance.cluster import Cluster
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from ansible_collections.gedge.engine.plugins.module_utils.control_plane import config, flags, wanted
from helpers.container import ALLOW, INSIDE, Container, Network, unable
from helpers.lab import tool

ROOT = pathlib.Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    bool(unable()) or golang.find() is None, reason=f"no such container here: {unable() or 'no Go toolchain'}"
)
NAMES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
TIMEOUT = 600  # a crowded machine
PLAY = """\
---
- name: A control plane
  hosts: all
  gather_facts: false
  tasks:
%s    - name: Make it, or take it away
      ansible.builtin.include_role:
        name: gedge.engine.cluster_control_plane
        tasks_from: "{{ entry }}"
    - name: Keep what came of it
      ansible.builtin.copy:
        content: "{{ {'result': cluster_control_plane_result | default({}), 'join': cluster_join | default({}),
          'findings': cluster_control_plane_findings | default([]),
          'proof': cluster_control_plane_proof | default([])} | to_json }}"
        dest: "{{ place }}/{{ inventory_hostname }}.json"
        mode: "0600"
      delegate_to: localhost
      become: false
      changed_when: false
"""


class Site:
    """Nodes, and the role run on them."""

    def __init__(self, folder, nodes, binaries):
        self.folder, self.nodes = pathlib.Path(folder), nodes
        hosts = {node.name: dict(node.inventory(), cluster_control_plane_address=node.address) for node in nodes}
        self.file("inventory.yml", yaml.safe_dump({"control_plane": {"hosts": hosts}}))
        self.file("play.yml", PLAY % INSIDE)
        self.kubeconfig = self.folder / "kube" / "admin.conf"
        self.options = {
            "cluster_control_plane_programs": binaries,
            "cluster_control_plane_kubeconfig": str(self.kubeconfig),
            "cluster_control_plane_timeout": TIMEOUT,
            "cluster_control_plane_nodes": ["worker"],
            "cluster_control_plane_extra_args": {"etcd": {"unsafe-no-fsync": True}},
            "place": str(self.folder),
        }
        self.said = ""

    def file(self, name, text):
        """A file in the folder."""
        self.folder.joinpath(name).write_text(text, encoding="utf-8")

    def run(self, entry="main", check=False, **options):
        """{host: what came of it}."""
        given = {**self.options, **{f"cluster_control_plane_{key}": value for key, value in options.items()}}
        self.file("options.json", json.dumps(dict(given, entry=entry)))
        words = ["-i", str(self.folder / "inventory.yml"), "-e", f"@{self.folder}/options.json", "-vv"]
        done = tool(
            "ansible-playbook", *words, *(["--check"] if check else []), str(self.folder / "play.yml"), env=ALLOW
        )
        self.said = done.stdout + done.stderr
        assert done.returncode == 0, self.said[max(self.said.find("[ERROR]"), 0) :][:6000]
        found = {node.name: self.folder.joinpath(f"{node.name}.json") for node in self.nodes}
        return {} if check else {name: json.loads(path.read_text(encoding="utf-8")) for name, path in found.items()}

    def kubectl(self, *words):
        """What kubectl on the controller says."""
        argv = [self.options["cluster_control_plane_programs"]["kubectl"]["path"], "--kubeconfig", str(self.kubeconfig)]
        return subprocess.run([*argv, *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def binaries(tmp_path_factory):
    """The programs, as role cluster_artifacts tells them."""
    place, found = tmp_path_factory.mktemp("programs"), {}
    groups = {programs.control_plane(): NAMES, programs.node(): ("kubeadm", "kubectl")}
    for path, names in groups.items():
        for name in names:
            place.joinpath(name).symlink_to(path)
            found[name] = {"path": str(place / name), "binary": os.path.basename(path), "version": programs.version()}
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory, binaries):
    """One node with its control plane, made by the role."""
    folder = tmp_path_factory.mktemp("one")
    with Network("10.77.1", "gdgcp1") as net, Container("master", folder, net) as node:
        made = Site(folder, [node], binaries)
        began = time.monotonic()
        made.first = made.run()["master"]
        made.seconds = time.monotonic() - began
        yield made


def test_all_components_are_ready(site):
    began = ready(site.nodes[0])
    print(f"role: {site.seconds:.1f} s; from etcd's start to the first readyz: {began:.1f} s")
    found = site.run("verify")["master"]
    assert found["findings"] == []
    assert found["proof"] == ["control plane: 4 of 4 components ready, etcd has master"]
    assert site.kubectl("get", "--raw", "/readyz") == "ok"


def ready(node):
    """Seconds from the start of etcd to that of the controller manager, which follows the first readyz."""
    words = ("systemctl", "show", "--value", "-p", "ExecMainStartTimestampMonotonic")
    stamps = [int(node.run(*words, unit).stdout) for unit in ("etcd", "kube-controller-manager")]
    return (stamps[1] - stamps[0]) / 1e6


def test_the_second_run_changes_nothing(site):
    again = site.run()["master"]["result"]
    assert (again["changed"], again["steps"]) == (False, [])
    assert " changed=0 " in site.said.partition("PLAY RECAP")[2]


def test_secrets_are_in_no_output(site):
    node = site.nodes[0]
    token = site.first["join"]["token"]
    key = node.run("cat", "/etc/kubernetes/pki/ca.key").stdout.splitlines()[2]
    assert re.fullmatch(r"[a-z0-9]{6}\.[a-z0-9]{16}", token)
    site.run()
    assert token not in site.said and key not in site.said
    assert site.run()["master"]["join"]["token"] == token  # it is used again
    modes = node.run(
        "find", "/etc/kubernetes", "-name", "*.key", "-printf", "%m\\n", "-o", "-name", "*.conf", "-printf", "%m\\n"
    )
    assert set(modes.stdout.split()) == {"600"}
    assert site.kubeconfig.stat().st_mode & 0o777 == 0o600


@pytest.mark.soak
def test_a_worker_could_join(site):
    join = site.first["join"]
    info = json.loads(site.kubectl("-n", "kube-public", "get", "cm", "cluster-info", "-o", "json"))
    assert f"server: https://{join['endpoint']}" in info["data"]["kubeconfig"]
    node = site.nodes[0]
    # Else it would leave /etc/kubernetes/tmp there.
    words = [
        "env",
        "KUBEADM_JOIN_DRYRUN_DIR=/run/join",
        "kubeadm",
        "join",
        "phase",
        "preflight",
        join["endpoint"],
        "--token",
        join["token"],
    ]
    words += ["--discovery-token-ca-cert-hash", join["ca_cert_hash"], "--ignore-preflight-errors=all", "--dry-run"]
    assert node.run(*words, check=False).returncode == 0


@pytest.mark.soak
def test_a_killed_etcd_comes_back(site):
    node = site.nodes[0]
    site.kubectl("create", "namespace", "kept")
    before = node.run("systemctl", "show", "--value", "-p", "MainPID", "etcd").stdout.strip()
    node.run("kill", "-9", before)
    ask = ("get", "namespace", "kept")
    Cluster.wait(
        lambda: node.run("systemctl", "is-active", "etcd", check=False).stdout == "active\n", lambda: "etcd", 60
    )
    Cluster.wait(lambda: answers(site, *ask), lambda: "the namespace is not there", 120)
    assert not site.run()["master"]["result"]["changed"]
    assert site.run("verify")["master"]["findings"] == []


def answers(site, *words):
    """Whether kubectl succeeds."""
    try:
        site.kubectl(*words)
    except subprocess.CalledProcessError:
        return False
    return True


@pytest.mark.soak
def test_another_name_is_in_the_certificate_and_only_the_api_server_starts_anew(site):
    node = site.nodes[0]
    words = ("systemctl", "show", "--value", "-p", "MainPID")
    before = {name: node.run(*words, name).stdout for name in NAMES}
    site.run(check=True, certificate_names=["edge.example"])
    changed = site.run(certificate_names=["edge.example"])["master"]["result"]
    assert [step["target"] for step in changed["steps"] if step["action"] == "start-unit"] == ["kube-apiserver.service"]
    after = {name: node.run(*words, name).stdout for name in NAMES}
    others = {name for name in NAMES if before[name] != after[name]} - {"kube-apiserver"}
    assert before["kube-apiserver"] != after["kube-apiserver"] and "etcd" not in others
    for name in others:  # on a busy machine: without an API server for 10 s, one that leads ends by itself
        assert "leaderelection lost" in node.run("journalctl", "-u", name, "-o", "cat").stdout.lower(), name
    seen = node.run("openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", "/etc/kubernetes/pki/apiserver.crt")
    assert "DNS:edge.example" in seen.stdout
    assert not site.run(certificate_names=["edge.example"])["master"]["result"]["changed"]


@pytest.mark.soak
def test_a_bad_flag_is_put_back_with_the_last_words(site):
    node = site.nodes[0]
    args = {"etcd": {"unsafe-no-fsync": True}, "kube-scheduler": {"no-such-flag": 1}}
    with pytest.raises(AssertionError, match="no-such-flag"):
        site.run(certificate_names=["edge.example"], extra_args=args)
    assert node.run("systemctl", "is-active", "kube-scheduler").stdout == "active\n"
    assert not site.run(certificate_names=["edge.example"])["master"]["result"]["changed"]


def test_absent_leaves_etcds_data_only(site):
    node = site.nodes[0]
    site.run(state="absent")
    assert not site.run(state="absent")["master"]["result"]["changed"]
    left = node.run(
        "sh", "-c", "ls /etc/kubernetes /usr/local/bin/kube* /usr/local/bin/etcd /etc/systemd/system/kube*", check=False
    )
    assert left.stdout == "" and not site.kubeconfig.exists()
    assert node.run("ls", "/var/lib/etcd").stdout == "member\n"
    assert node.run("sh", "-c", "systemctl list-units --no-legend 'kube*' 'etcd*'").stdout == ""


@pytest.mark.soak
def test_three_nodes(tmp_path, binaries):
    """The others join one by one; the loss of one is outlived; one that goes leaves etcd's cluster."""
    with contextlib.ExitStack() as running:
        net = running.enter_context(Network("10.77.2", "gdgcp2"))
        nodes = [running.enter_context(Container(f"cp{number}", tmp_path, net)) for number in (1, 2, 3)]
        made = Site(tmp_path, nodes, binaries)
        found = made.run()
        assert not any(each["result"]["changed"] for each in made.run().values())
        assert "is that of cp1" in found["cp1"]["result"]["highly_available"][1]
        assert {name: each["findings"] for name, each in made.run("verify").items()} == {
            "cp1": [],
            "cp2": [],
            "cp3": [],
        }
        nodes[2].run("systemctl", "stop", "kube-apiserver", "etcd")
        made.kubectl("create", "namespace", "kept")
        assert made.run()["cp3"]["result"]["changed"]


def test_command_lines_are_those_of_kubeadm(tmp_path, binaries):
    """But for what a static pod alone needs: who is in etcd's cluster is told at its first start."""
    asked = wanted.Wanted(
        version=programs.version(),
        name="master",
        members=[("master", "10.0.0.10")],
        endpoint=("10.0.0.99", 6443),
        port=6443,
        names=[],
        service_subnet="10.96.0.0/16",
        pod_subnet="10.244.0.0/16",
        dns_domain="cluster.local",
        programs={},
        shared={},
        scheduler_config={},
        extra_args={},
        renew_before_days=30,
        data_dir="/var/lib/etcd",
        timeout=60,
    )
    tmp_path.joinpath("kubeadm.yaml").write_text(config.text(asked), encoding="ascii")
    environment = dict(os.environ, KUBEADM_INIT_DRYRUN_DIR=str(tmp_path))
    argv = [binaries["kubeadm"]["path"], "init", "phase"]
    more = ["--dry-run", "--config", str(tmp_path / "kubeadm.yaml")]
    said = ""
    for phase in (["control-plane", "all"], ["etcd", "local"]):
        done = subprocess.run([*argv, *phase, *more], env=environment, capture_output=True, text=True, check=True)
        said = done.stdout
    texts = {name: tmp_path.joinpath(f"{name}.yaml") for name in NAMES}
    texts = {name: path.read_text(encoding="ascii") if path.exists() else said for name, path in texts.items()}
    for name, text in texts.items():
        theirs = dict(
            re.findall(r"(?m)^    - --([a-z-]+)=(.*)$", text.partition(f"    - {name}\n")[2].partition("image:")[0])
        )
        theirs.pop("initial-cluster", None)
        assert flags.of(name, asked) == theirs, name
