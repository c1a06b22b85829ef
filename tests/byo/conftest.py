"""A cluster that nothing of this collection made: one VM, plain commands (node/make.sh), kubeadm's static pods.

    make byo

A lab of its own, with an inventory made of inventories/lab in build/byo; half an hour under emulation. KEEP_LAB=1
leaves it running, and the next run takes it as it is. What the node runs is in the cache, or is built (10 minutes).
"""

import os
import pathlib
import shutil
import socket
import subprocess
import time

import pytest
import yaml
from acceptance import programs
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang, image
from helpers.cluster_lab import ClusterLab
from helpers.lab import ROOT

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = ROOT / "build" / "byo"
NODE = "node1"
MAKE_S = 3600
# The image that static pods run, by the names that kubeadm asks for: node/make.sh gives it the others.
IMAGE = "gedge.local/k8s/all:1"
STATIC_PODS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
# What the roles ask for, and what they need not bring: kubectl is the cluster's own.
VARIABLES = {
    "cluster_kubelet_cpu_manager_policy": "static",
    "cluster_kubelet_topology_manager_policy": "single-numa-node",
    "cluster_kubelet_memory_manager_policy": "Static",
    "cluster_artifacts_components": ["multus", "rdma-cni", "sriov-cni", "sriov-device-plugin", "gedge-cards"],
    "cluster_kubectl": str(FOLDER / "kubectl"),
}


def pytest_collection_modifyitems(items):
    """Everything here needs a lab, and an hour."""
    for item in items:
        item.add_marker(pytest.mark.lab)
        item.add_marker(pytest.mark.soak)


def inventory(folder=FOLDER, variables=None, **node):
    """The path of a testbed: inventories/lab with its first node only, and room for a control plane in it. node: keys
    of that node."""
    source = ROOT / "inventories" / "lab"
    whole = yaml.safe_load((source / "testbed.yml").read_text(encoding="utf-8"))
    ports = whole["switches"]["tor"]["ports"]
    whole["site"] = {"name": "byo", "title": "A cluster of others"}
    whole["switches"]["tor"]["ports"] = {
        number: port for number, port in ports.items() if not port.get("peer", "").startswith("node2/")
    }
    whole["nodes"] = {NODE: {**whole["nodes"][NODE], "lab": {"suite": "trixie", "cpus": 4, "memory": 3072}, **node}}
    (folder / "group_vars").mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "group_vars" / "all.yml", folder / "group_vars" / "all.yml")
    (folder / "group_vars" / "testbed.yml").write_text(yaml.safe_dump(variables or VARIABLES), encoding="utf-8")
    (folder / "testbed.yml").write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return folder / "testbed.yml"


def pack(folder):
    """What node/make.sh needs beside it."""
    pause = {"/pause": programs.built("pause")["pause"]}
    image.make(
        {
            "name": IMAGE,
            "files": {"/usr/local/bin/kubernetes": programs.control_plane(), **pause},
            "links": {f"/usr/local/bin/{name}": "kubernetes" for name in STATIC_PODS},
            "entrypoint": ["/pause"],
            "command": [],
            "environment": {"PATH": "/usr/local/bin"},
            "architecture": "amd64",
        },
        str(folder / "kubernetes.tar"),
    )
    shutil.copytree(HERE / "node", folder, dirs_exist_ok=True)
    shutil.copytree(pathlib.Path(programs.built("cni-plugins")["bridge"]).parent, folder / "cni")
    shutil.copy(programs.node(), folder / "kubernetes")


class Byo(ClusterLab):
    """The lab with a cluster of others. tunnel: the port of this machine behind which its API server is."""

    def __init__(self, folder=FOLDER, **more):
        super().__init__(None, inventory(folder, **more), [NODE])
        self.kubeconfig, self.kubectl_path = folder / "kubeconfig", folder / "kubectl"
        self.tunnel, self.port = None, 0

    def node(self, command, **options):
        """What a command says on the node."""
        return self.run(NODE, command, **options).stdout

    def make(self, folder):
        """The cluster, by plain commands."""
        pack(folder)
        self.node("rm -rf /var/tmp/byo")
        copy = ["scp", "-q", "-r", "-F", str(self.folder / "ssh_config"), str(folder), f"{NODE}:/var/tmp/byo"]
        subprocess.run(copy, check=True, timeout=MAKE_S)
        done = self.run(NODE, "/var/tmp/byo/make.sh 2>&1", check=False, timeout=MAKE_S)
        (FOLDER / "make.log").write_text(done.stdout, encoding="utf-8")
        assert done.returncode == 0, done.stdout[-6000:]
        self.node("rm -rf /var/tmp/byo")  # only of one that was made whole

    def connect(self):
        """kubectl and a kubeconfig on this machine: through a tunnel, as nothing but SSH comes into the lab's VMs."""
        self.kubectl_path.unlink(missing_ok=True)
        self.kubectl_path.symlink_to(programs.node())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        options = ["-o", "ExitOnForwardFailure=yes", "-o", "ControlPath=none"]
        way = ["-N", "-L", f"127.0.0.1:{self.port}:127.0.0.1:6443"]
        argv = ["ssh", "-F", str(self.folder / "ssh_config"), *options, *way, NODE]
        self.tunnel = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        config = yaml.safe_load(self.node("cat /etc/kubernetes/admin.conf"))
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{self.port}"
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
        self.until(lambda: "ok" in self.kubectl("get", "--raw", "/readyz", check=False), 300, "no API server")

    def play(self, playbook, *args, **options):
        """A playbook with KUBECONFIG: a Play."""
        env = {"KUBECONFIG": str(self.kubeconfig), **options.pop("env", {})}
        began = time.monotonic()
        play = self.playbook(playbook, *args, env=env, timeout=MAKE_S, **options)
        seconds = time.monotonic() - began
        print(f"{playbook} {' '.join(args)[:80]}: rc {play.rc}, {play.changed()} changed, {seconds:.0f} s")
        return play

    def static_pods(self):
        """{component: digest of its manifest} of the control plane's pods that are ready."""
        return {
            pod["metadata"]["labels"]["component"]: pod["metadata"]["annotations"]["kubernetes.io/config.hash"]
            for pod in self.get("pods", "-n", "kube-system", "-l", "tier=control-plane")["items"]
            if all(one["ready"] for one in pod["status"].get("containerStatuses") or [{"ready": False}])
        }

    def files(self):
        """{path: digest} of what is set up on the node: files, and links by their targets."""
        folders = "/etc /opt /usr/local /var/lib/kubelet/*.yaml /var/lib/kubelet/*.env /usr/lib/systemd"
        listed = self.node(
            f"find {folders} -xdev -type f -exec sha256sum {{}} +; find {folders} -xdev -type l -printf '%l  %p\\n'",
            timeout=300,
        )
        return {path: digest for digest, path in (line.split(None, 1) for line in listed.splitlines())}


@pytest.fixture(scope="session")
def byo(tmp_path_factory):
    """The Byo: its node configured by playbook site, its cluster made by hand, reachable from here."""
    if golang.find() is None:
        pytest.skip("no Go toolchain here: Kubernetes cannot be built from its modules")
    lab = Byo()
    try:
        if not lab.answers():
            lab.made("lab")
        if lab.run(NODE, "test -e /etc/kubernetes/admin.conf -a ! -e /var/tmp/byo", check=False).returncode != 0:
            # Without what needs a reboot.
            lab.made("site", "--skip-tags", "node_boot,node_tuning")
            lab.make(tmp_path_factory.mktemp("byo"))
        lab.connect()
        yield lab
    finally:
        if lab.tunnel:
            lab.tunnel.terminate()
            lab.tunnel.wait()
        if os.environ.get("KEEP_LAB") != "1":
            lab.made("lab_down")
