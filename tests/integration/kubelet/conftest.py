"""A real kubelet without a cluster (standalone) on the lab's last node, started by a unit as kubeadm has it.

GEDGE_KUBELET names the binary: a kubelet, or a program that is one when it is called so. Without it nothing is tested.
"""

import json
import os
import pathlib
import subprocess
import time

import pytest

BINARY = os.environ.get("GEDGE_KUBELET", "")
UNIT = """\
[Unit]
Description=kubelet
After=containerd.service
[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=3
[Install]
WantedBy=multi-user.target
"""
DROP_IN = """\
[Service]
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"""
# As kubeadm writes it, but that whoever asks on the node is answered.
CONFIG = """\
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: true
  webhook:
    enabled: false
authorization:
  mode: AlwaysAllow
cgroupDriver: systemd
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cpuManagerReconcilePeriod: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 10248
kind: KubeletConfiguration
memorySwap: {}
rotateCertificates: true
staticPodPath: /etc/kubernetes/manifests
"""
FILES = {
    "/usr/lib/systemd/system/kubelet.service": UNIT,
    "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": DROP_IN,
    "/var/lib/kubelet/config.yaml": CONFIG,
    "/var/lib/kubelet/kubeadm-flags.env": 'KUBELET_KUBEADM_ARGS="--v=2"\n',
}
FOLDERS = "/etc/kubernetes /etc/systemd/system /var/lib/gedge /usr/lib/systemd/system/kubelet*"
LOOK = f"find {FOLDERS} -printf '%p %m %l\\n' | sort"


class Node:
    """The node with the kubelet."""

    def __init__(self, lab):
        self.lab, self.name = lab, lab.nodes[-1]

    def run(self, command, **options):
        """A command; its output."""
        return self.lab.run(self.name, command, **options).stdout

    def write(self, path, data):
        """A file on the node; data: bytes."""
        argv = ["ssh", "-F", str(self.lab.folder / "ssh_config"), self.name]
        subprocess.run([*argv, f"mkdir -p $(dirname {path}) && cat > {path}"], input=data, check=True, timeout=900)

    def kubelet(self, options, *flags):
        """One run of the module; its result."""
        return self.lab.module(self.name, "gedge.engine.kubelet", options, *flags).tasks[0][2]

    def configz(self):
        """What the kubelet says of itself."""
        ask = (
            "import ssl,urllib.request as u; print(u.urlopen('https://127.0.0.1:10250/configz',"
            "context=ssl._create_unverified_context()).read().decode())"
        )
        return json.loads(self.run(["python3", "-c", ask]))["kubeletconfig"]

    def state(self, name):
        """A state file's content."""
        found = json.loads(self.run(f"cat /var/lib/kubelet/{name}"))
        return json.loads(found["data"]) if found.get("data") else found

    def pid(self):
        """The kubelet's process."""
        return self.run("systemctl show -p MainPID --value kubelet").strip()

    def healthy(self):
        """Wait until healthz says ok."""
        ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:10248/healthz').read().decode())"
        end = time.monotonic() + 180
        while self.lab.run(self.name, ["python3", "-c", ask], check=False).stdout.strip() != "ok":
            assert time.monotonic() < end, self.run("journalctl -u kubelet -n 40 --no-pager")
            time.sleep(2)

    def look(self):
        """All files that the module could make."""
        return self.run(LOOK, check=False)


@pytest.fixture(scope="session")
def standalone(lab):
    """The Node with containerd and a kubelet that nobody has changed yet."""
    if not BINARY:
        pytest.skip("GEDGE_KUBELET names no kubelet")
    node = Node(lab)
    node.run("apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get install -q -y containerd", timeout=1800)
    node.run(
        "mkdir -p /etc/containerd /etc/kubernetes/manifests && containerd config default | sed"
        " 's/SystemdCgroup = false/SystemdCgroup = true/' > /etc/containerd/config.toml; systemctl restart containerd"
    )
    size = pathlib.Path(BINARY).stat().st_size
    if node.run("stat -c %s /usr/bin/kubelet", check=False).strip() != str(size):
        node.write("/usr/bin/kubelet", pathlib.Path(BINARY).read_bytes())
        node.run("chmod 755 /usr/bin/kubelet")
    for path, text in FILES.items():
        node.write(path, text.encode())
    node.run("swapoff -a; systemctl daemon-reload; systemctl restart kubelet")
    node.healthy()
    return node


@pytest.fixture
def bare(standalone):
    """The same without anything of the module."""
    done = standalone.kubelet({"state": "absent"})
    assert "steps" in done, done
    yield standalone
    standalone.kubelet({"state": "absent"})
