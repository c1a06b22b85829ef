"""A control plane that nodes of a lab can join: native processes on this machine, certificates and token by kubeadm.

A lab's VM reaches this machine as 10.0.2.2. kubeadm keeps its usual folder in the nodes' configuration, so it runs in a
mount namespace of its own, in which /etc/kubernetes is a folder of the test's.
"""

from __future__ import annotations

import os
import pathlib
import secrets
import subprocess
import time

import yaml
from acceptance.cluster import free_ports

FROM_A_VM = "10.0.2.2"
SERVICES, PODS = "10.96.0.0/16", "10.244.0.0/16"
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
NODE = ("kubeadm", "kubectl", "kubelet", "kube-proxy")
IN_A_FOLDER = 'mount --bind "$0" /etc/kubernetes && exec "$@"'
START_S = 600  # seconds; beside VMs that measure it gets a small share of a CPU


class ControlPlane:
    """Started by "with". kubeconfig: of an administrator, for this machine; join: what cluster_worker wants."""

    def __init__(self, folder, control_plane, node, version):
        """control_plane, node: the binaries that are several programs; version: of Kubernetes."""
        self.folder, self.version = pathlib.Path(folder), version
        self.bin, self.etc, self.pki = self.folder / "bin", self.folder / "kubernetes", self.folder / "kubernetes/pki"
        self.binaries = {**dict.fromkeys(CONTROL_PLANE, control_plane), **dict.fromkeys(NODE, node)}
        self.etcd, self.peer, self.port = free_ports(3)
        self.token = f"{secrets.token_hex(3)}.{secrets.token_hex(8)}"
        self.kubeconfig = self.etc / "super-admin.conf"
        self.processes = []

    def __enter__(self):
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self):
        for folder in (self.bin, self.pki):
            folder.mkdir(parents=True, exist_ok=True)
        for name, path in self.binaries.items():
            (self.bin / name).symlink_to(path)
        self._write()
        self._phase("certs", "all")
        for name in ("admin", "super-admin", "controller-manager", "scheduler"):
            self._phase("kubeconfig", name)
            path = self.etc / f"{name}.conf"
            path.write_text(path.read_text().replace(f"{FROM_A_VM}:", "127.0.0.1:"))
        self._start("etcd", *self._etcd())
        self._start("kube-apiserver", *self._apiserver())
        self._wait_until_ready()
        self._start("kube-controller-manager", *self._controllers())
        self._start("kube-scheduler", *self._as_whom("scheduler"), "--secure-port=0", "--leader-elect=false")
        for phase in (("upload-config", "all"), ("bootstrap-token",)):
            self._phase(*phase, "--kubeconfig", str(self.kubeconfig))
        self._tell_nodes_the_address()

    def __exit__(self, *dummy):
        for process in self.processes:
            process.kill()  # nothing of it is kept
            process.wait()

    @property
    def join(self):
        """What a node needs to join."""
        digest = self.run("sh", "-c", HASH, self.pki / "ca.crt").stdout.strip()
        return {
            "endpoint": f"{FROM_A_VM}:{self.port}",
            "token": self.token,
            "ca_cert_hash": f"sha256:{digest}",
        }

    def run(self, *words, check=True, stdin=None):
        """A command with our programs in its path: CompletedProcess with text."""
        env = dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}", KUBECONFIG=str(self.kubeconfig))
        argv = [str(word) for word in words]
        return subprocess.run(argv, check=check, capture_output=True, text=True, env=env, input=stdin, timeout=300)

    def kubectl(self, *words, **options):
        """The output of kubectl."""
        return self.run("kubectl", *words, **options).stdout

    def log(self, name):
        """The end of what a program has said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _write(self):
        address = f"{FROM_A_VM}:{self.port}"
        node = {"name": "controller"}
        documents = [
            {
                "apiVersion": "kubeadm.k8s.io/v1beta4",
                "kind": "InitConfiguration",
                "localAPIEndpoint": {"advertiseAddress": this_machine(), "bindPort": self.port},
                "nodeRegistration": node,
                "bootstrapTokens": [{"token": self.token, "ttl": "24h0m0s"}],
            },
            {
                "apiVersion": "kubeadm.k8s.io/v1beta4",
                "kind": "ClusterConfiguration",
                "kubernetesVersion": f"v{self.version}",
                "controlPlaneEndpoint": address,
                "networking": {"serviceSubnet": SERVICES, "podSubnet": PODS},
                "apiServer": {"certSANs": [FROM_A_VM, "127.0.0.1", "localhost"]},
            },
        ]
        (self.folder / "kubeadm.yaml").write_text(yaml.safe_dump_all(documents))

    def _phase(self, *words):
        pathlib.Path("/etc/kubernetes").mkdir(exist_ok=True)
        argv = ["kubeadm", "init", "phase", *words, "--config", self.folder / "kubeadm.yaml"]
        done = self.run("unshare", "-m", "sh", "-c", IN_A_FOLDER, self.etc, *argv, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"

    def _etcd(self):
        here, peer = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{self.peer}"
        yield from ("--data-dir", f"{self.folder}/etcd", "--unsafe-no-fsync")
        yield from ("--listen-client-urls", here, "--advertise-client-urls", here)
        yield from ("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer)
        yield from ("--initial-cluster", f"default={peer}")

    def _apiserver(self):
        pki = self.pki
        yield f"--etcd-servers=http://127.0.0.1:{self.etcd}"
        yield from (f"--secure-port={self.port}", f"--advertise-address={this_machine()}")
        yield from (f"--client-ca-file={pki}/ca.crt", f"--tls-cert-file={pki}/apiserver.crt")
        yield f"--tls-private-key-file={pki}/apiserver.key"
        yield f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt"
        yield f"--kubelet-client-key={pki}/apiserver-kubelet-client.key"
        yield from (f"--service-account-key-file={pki}/sa.pub", f"--service-account-signing-key-file={pki}/sa.key")
        yield from ("--service-account-issuer=https://kubernetes.default.svc", "--authorization-mode=Node,RBAC")
        yield from ("--enable-bootstrap-token-auth=true", "--allow-privileged=true")
        yield from ("--enable-admission-plugins=NodeRestriction", f"--service-cluster-ip-range={SERVICES}")

    def _controllers(self):
        pki = self.pki
        yield from self._as_whom("controller-manager")
        yield from (f"--cluster-signing-cert-file={pki}/ca.crt", f"--cluster-signing-key-file={pki}/ca.key")
        yield from (f"--root-ca-file={pki}/ca.crt", f"--service-account-private-key-file={pki}/sa.key")
        yield from ("--use-service-account-credentials=true", "--leader-elect=false", "--secure-port=0")
        yield "--controllers=*,bootstrap-signer-controller,token-cleaner-controller"
        yield from ("--allocate-node-cidrs", f"--cluster-cidr={PODS}", f"--service-cluster-ip-range={SERVICES}")

    def _as_whom(self, name):
        path = f"{self.etc}/{name}.conf"
        return (f"--kubeconfig={path}", f"--authentication-kubeconfig={path}", f"--authorization-kubeconfig={path}")

    def _start(self, name, *flags):
        log = (self.folder / f"{name}.log").open("wb")
        words = [str(self.bin / name), *flags]
        self.processes.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def _wait_until_ready(self):
        end = time.monotonic() + START_S
        while self.run("kubectl", "get", "--raw", "/readyz", check=False).returncode:
            assert time.monotonic() < end, self.log("kube-apiserver")
            time.sleep(0.5)

    def _tell_nodes_the_address(self):
        """kubeadm writes the address of the kubeconfig that it was given."""
        found = self.kubectl("-n", "kube-public", "get", "configmap", "cluster-info", "-o", "yaml")
        told = found.replace(f"https://127.0.0.1:{self.port}", f"https://{FROM_A_VM}:{self.port}")
        self.kubectl("replace", "-f", "-", stdin=told)


HASH = "openssl x509 -in $0 -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -r | cut -d' ' -f1"


def this_machine():
    """An address of this machine that is not loopback: the API server wants one to advertise."""
    done = subprocess.run(["hostname", "-I"], check=True, capture_output=True, text=True)
    return next(word for word in done.stdout.split() if ":" not in word)
