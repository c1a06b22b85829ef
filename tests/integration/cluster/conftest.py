"""A real cluster: a control plane on this machine, and the lab's last node as its worker.

GEDGE_KUBERNETES_NODE names the binary that is kubelet and kubectl (go_programs, group kubernetes-node),
GEDGE_PROGRAMS a folder with what role cluster_artifacts has: multus, sriov, sriovdp, rdma and the CNI plugins.
Without them nothing is tested.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import time

import pytest
import yaml
from acceptance import programs
from integration.cluster.reachable import Reachable

NODE_PROGRAM = os.environ.get("GEDGE_KUBERNETES_NODE", "")
FOLDER = os.environ.get("GEDGE_PROGRAMS", "")
CNI = ("bridge", "loopback", "host-local", "static", "portmap", "macvlan")
IMAGE = "gedge.local/probe:1"
PODNET = {
    "cniVersion": "1.0.0",
    "name": "podnet",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipam": {"type": "host-local", "subnet": "10.244.1.0/24", "routes": [{"dst": "0.0.0.0/0"}]},
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}
KUBELET = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "cgroupDriver": "systemd",
    "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
    "cpuManagerPolicy": "static",
    "topologyManagerPolicy": "single-numa-node",
    "reservedSystemCPUs": "0",
}
PROBE = {
    "path": "/root/probe.tar",
    "name": IMAGE,
    "files": {"/bin/busybox": "/bin/busybox"},
    "links": {f"/bin/{name}": "busybox" for name in ("sh", "sleep", "ip", "ping", "cat")},
    "command": ["/bin/sleep", "100000000"],
    "environment": {"PATH": "/bin"},
}
UNIT = """\
[Unit]
After=containerd.service
[Service]
ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/config.yaml --kubeconfig=/etc/kubernetes/kubelet.conf \
  --hostname-override=%(node)s --node-ip=10.0.2.15
Restart=always
RestartSec=3
[Install]
WantedBy=multi-user.target
"""
CONTAINERD = (
    "containerd config default | sed 's/SystemdCgroup = false/SystemdCgroup = true/;"
    f' s#sandbox_image = .*#sandbox_image = "{IMAGE}"#\' > /etc/containerd/config.toml'
)


class Worker:
    """The node, and what is asked of it."""

    def __init__(self, lab, cluster):
        self.lab, self.cluster, self.name = lab, cluster, lab.nodes[-1]

    def run(self, command, **options):
        """A command; its output."""
        return self.lab.run(self.name, command, **options).stdout

    def write(self, path, data, mode="644"):
        """A file on the node; data: bytes."""
        argv = ["ssh", "-F", str(self.lab.folder / "ssh_config"), self.name]
        command = f"mkdir -p $(dirname {path}) && cat > {path}.new && chmod {mode} {path}.new && mv {path}.new {path}"
        subprocess.run([*argv, command], input=data, check=True, timeout=900)

    def program(self, source, path):
        """A program on the node, unless it is there."""
        size = pathlib.Path(source).stat().st_size
        if self.run(f"stat -c %s {path}", check=False).strip() != str(size):
            self.write(path, pathlib.Path(source).read_bytes(), "755")

    def join(self):
        """Make it a worker, with an image of busybox that is probe and pause."""
        packages = "containerd busybox-static"
        self.run(
            f"dpkg -s {packages} >/dev/null 2>&1 || {{ apt-get -q update && apt-get -q -y install {packages}; }}",
            timeout=1800,
        )
        archive = self.lab.module(self.name, "gedge.engine.image_archive", PROBE)
        assert archive.rc == 0, archive.output
        self.program(NODE_PROGRAM, "/usr/local/bin/kubernetes-node")
        for name in CNI:
            self.program(pathlib.Path(FOLDER, name), f"/opt/cni/bin/{name}")
        self.write("/etc/cni/net.d/10-podnet.conflist", json.dumps(PODNET).encode())
        self.write("/etc/kubernetes/kubelet.conf", yaml.safe_dump(self.cluster.seen_from_nodes()).encode(), "600")
        self.write("/var/lib/kubelet/config.yaml", json.dumps(KUBELET).encode())
        self.write("/etc/systemd/system/kubelet.service", (UNIT % {"node": self.name}).encode())
        self.run(
            f"mkdir -p /etc/containerd; {CONTAINERD}; ln -sf kubernetes-node /usr/local/bin/kubelet; swapoff -a;"
            " sysctl -qw net.ipv4.ip_forward=1; rm -f /var/lib/kubelet/*_manager_state; systemctl restart containerd;"
            " ctr -n k8s.io images import /root/probe.tar; systemctl daemon-reload; systemctl restart kubelet",
            timeout=600,
        )
        self.cluster.wait(self.is_ready, lambda: self.run("journalctl -u kubelet -n 40 --no-pager"), 300)

    def is_ready(self):
        """Whether its kubelet says so."""
        return self.condition("Ready") == "True"

    def object(self):
        """Its Node, {} before it has one."""
        found = [one for one in self.cluster.list("v1", "Node") if one["metadata"]["name"] == self.name]
        return found[0] if found else {}

    def condition(self, kind):
        """Status of a condition of its Node."""
        conditions = self.object().get("status", {}).get("conditions", ())
        return next((one["status"] for one in conditions if one["type"] == kind), "")

    def allocatable(self, prefix="gedge.io/"):
        """{resource: number} of its Node, those of a prefix."""
        found = self.object()["status"]["allocatable"]
        return {name: int(amount) for name, amount in found.items() if name.startswith(prefix)}

    def pod(self, name):
        """A pod in namespace default, {} where there is none."""
        found = [one for one in self.cluster.list("v1", "Pod") if one["metadata"]["name"] == name]
        return found[0] if found else {}

    def until_running(self, name, seconds=300):
        """Its status once it runs."""
        phase = lambda: self.pod(name).get("status", {}).get("phase")  # noqa: E731
        self.cluster.wait(lambda: phase() == "Running", lambda: self.why(name), seconds)
        return self.pod(name)["status"]

    def why(self, name):
        """What the events and the kubelet say of a pod."""
        events = [
            one.get("note", "")
            for one in self.cluster.list("events.k8s.io/v1", "Event")
            if one["regarding"].get("name") == name
        ]
        return "\n".join([json.dumps(self.pod(name).get("status")), *events[-10:]])

    def inside(self, name, command):
        """A command in a pod's network namespace."""
        uid = self.pod(name)["metadata"]["uid"]
        find = (
            "ctr -n k8s.io containers ls -q 'labels.io.kubernetes.pod.uid=="
            f"{uid}' | while read c; do ctr -n k8s.io tasks ls | awk -v c=$c '$1 == c {{print $2}}'; done | head -1"
        )
        return self.run(f"nsenter -n -t $({find}) {command}")

    def play(self, path, *args):
        """A playbook against this node only, with the cluster's kubeconfig."""
        more = ["--limit", self.name, "-e", f"cluster_kubeconfig={self.cluster.folder}/kubeconfig"]
        return self.lab.playbook(str(path), *more, *args)


@pytest.fixture(scope="session")
def worker(lab, tmp_path_factory):
    """The lab's last node in a cluster, with its VFs and nothing of the roles that are tried."""
    if not NODE_PROGRAM or not FOLDER:
        pytest.skip("GEDGE_KUBERNETES_NODE and GEDGE_PROGRAMS name no programs")
    with contextlib.ExitStack() as running:
        folder = tmp_path_factory.mktemp("cluster")
        cluster = running.enter_context(Reachable(programs.control_plane(), folder))
        one = Worker(lab, cluster)
        one.join()
        yield one
        one.run("systemctl disable --now kubelet", check=False)
        time.sleep(1)
