"""A control plane on this machine: etcd, API server, scheduler and controllers, as processes of the test."""

from __future__ import annotations

import json
import pathlib
import secrets
import socket
import subprocess
import time

import kubernetes
import urllib3
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from kubernetes.dynamic import DynamicClient

START_S = 120
# Those that make pods, claims and bound volumes. No others: one would take nodes without a kubelet for dead.
CONTROLLERS = (
    "deployment-controller",
    "replicaset-controller",
    "statefulset-controller",
    "daemonset-controller",
    "job-controller",
    "horizontal-pod-autoscaler-controller",
    "serviceaccount-controller",
    "resourceclaim-controller",
    "persistentvolume-binder-controller",
    "persistentvolume-protection-controller",
    "persistentvolumeclaim-protection-controller",
)


class Cluster:
    """Started by "with". objects: a kubernetes.dynamic.DynamicClient."""

    def __init__(self, program, folder):
        self.program, self.folder = str(program), pathlib.Path(folder)
        self.token = secrets.token_hex(16)
        self.etcd, self.peer, self.port = free_ports(3)
        self.processes = []

    def __enter__(self):
        self._write()
        self._start("etcd", *self._etcd())
        self._start("kube-apiserver", *self._apiserver())
        self._wait_until_ready()
        as_whom = [f"--kubeconfig={self.folder}/kubeconfig", "--leader-elect=false", "--secure-port=0"]
        self._start("kube-scheduler", *as_whom, "--kube-api-qps=500", "--kube-api-burst=1000")
        controllers = "--controllers=" + ",".join(CONTROLLERS)
        self._start("kube-controller-manager", *as_whom, controllers, "--kube-api-qps=500", "--kube-api-burst=1000")
        return self

    def __exit__(self, *dummy):
        for process in self.processes:
            process.kill()  # nothing of it is kept
            process.wait()

    def _write(self):
        """The key of service accounts, who may enter, and a kubeconfig."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.folder.joinpath("sa.key").write_bytes(key)
        self.folder.joinpath("tokens.csv").write_text(f"{self.token},test,1,system:masters\n", encoding="ascii")
        cluster = {"server": self.url, "certificate-authority": f"{self.folder}/apiserver.crt"}
        kubeconfig = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "test", "user": {"token": self.token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "current-context": "test",
        }
        self.folder.joinpath("kubeconfig").write_text(yaml.safe_dump(kubeconfig), encoding="ascii")

    @property
    def url(self):
        """Where the API server is."""
        return f"https://127.0.0.1:{self.port}"

    def _etcd(self):
        here, peer = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{self.peer}"
        yield from ("--data-dir", f"{self.folder}/etcd", "--unsafe-no-fsync")
        yield from ("--listen-client-urls", here, "--advertise-client-urls", here)
        yield from ("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer)
        yield from ("--initial-cluster", f"default={peer}")

    def _apiserver(self):
        yield f"--etcd-servers=http://127.0.0.1:{self.etcd}"
        yield from (f"--secure-port={self.port}", "--bind-address=127.0.0.1", "--endpoint-reconciler-type=none")
        yield from (f"--cert-dir={self.folder}", f"--token-auth-file={self.folder}/tokens.csv")
        yield from ("--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/16")
        yield "--service-account-issuer=https://kubernetes.default.svc"
        yield f"--service-account-key-file={self.folder}/sa.key"
        yield f"--service-account-signing-key-file={self.folder}/sa.key"
        yield "--allow-privileged=true"

    def _start(self, name, *flags):
        log = self.folder.joinpath(f"{name}.log").open("wb")
        words = [self.program, name, *flags]
        self.processes.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def _wait_until_ready(self):
        end = time.monotonic() + START_S
        while not self._is_ready():
            ended = [process.args[1] for process in self.processes if process.poll() is not None]
            assert not ended, f"{ended[0]} ended: {self.log(ended[0])}"
            assert time.monotonic() < end, self.log("kube-apiserver")
            time.sleep(0.5)
        client = kubernetes.config.new_client_from_config(f"{self.folder}/kubeconfig")
        self.objects = DynamicClient(client, cache_file=f"{self.folder}/discovery.json")

    def _is_ready(self):
        if not self.folder.joinpath("apiserver.crt").exists():
            return False
        client = kubernetes.config.new_client_from_config(f"{self.folder}/kubeconfig")
        try:
            request = client.param_serialize("GET", "/readyz", auth_settings=["BearerToken"])
            return client.call_api(*request).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def log(self, name):
        """The end of what a program has said."""
        return self.folder.joinpath(f"{name}.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _resource(self, one):
        """The resource of an object's kind."""
        return self.objects.resources.get(api_version=one["apiVersion"], kind=one["kind"])

    def create(self, *objects, **query):
        """Create them as they are; an unknown or repeated key is refused (strict validation).

        Returns what the server made of them. Raises kubernetes' ApiException."""
        query = {"field_validation": "Strict", **query}
        return [read(self._resource(one).create(body=one, serialize=False, **query)) for one in objects]

    def merge(self, one, status=False):
        """Write what is given of an object, or of its status as its owner would."""
        whole = {"body": one, "name": one["metadata"]["name"], "content_type": "application/merge-patch+json"}
        resource = self._resource(one)
        (resource.status if status else resource).patch(serialize=False, **whole)

    def list(self, api_version, kind):
        """All objects of a kind, as dicts."""
        found = self._resource({"apiVersion": api_version, "kind": kind}).get(serialize=False)
        return read(found)["items"]

    def same_kinds(self, objects):
        """All objects of these kinds, as kubectl get -o json shows them."""
        kinds = sorted({(one["apiVersion"], one["kind"]) for one in objects})
        return [dict(one, apiVersion=version, kind=kind) for version, kind in kinds for one in self.list(version, kind)]

    def install(self, crds):
        """Create CustomResourceDefinitions and wait until they are served."""
        crds = list(crds)
        self.create(*crds)
        names = {one["metadata"]["name"] for one in crds}
        self.wait(lambda: names <= self._established(), lambda: f"not served: {names - self._established()}")
        self.objects.resources.invalidate_cache()

    def _established(self):
        found = self.list("apiextensions.k8s.io/v1", "CustomResourceDefinition")
        return {
            one["metadata"]["name"]
            for one in found
            if any(
                each["type"] == "Established" and each["status"] == "True"
                for each in one.get("status", {}).get("conditions") or ()
            )
        }

    @staticmethod
    def wait(done, why, seconds=600):
        """Until done() is true; fails with the text of why()."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, why()
            time.sleep(1)


def read(response):
    """The object of an answer; a client's own classes for it cost a hundred times as much."""
    return json.loads(response.data)


def free_ports(count):
    """Ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for dummy in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
