"""Our Multus before a real API server whose answers take their time: upstream gives up on a pod after 2.5 s."""

import json
import os
import socket
import subprocess
import threading
import time

import pytest
import yaml
from acceptance import programs
from ansible_collections.gedge.engine.plugins.module_utils.cni import multus as multus_conf

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root")

PLUGIN = """#!/bin/sh
case $CNI_COMMAND in
ADD) echo '{"cniVersion": "1.0.0", "interfaces": ['
     echo "{\\"name\\": \\"$CNI_IFNAME\\", \\"sandbox\\": \\"$CNI_NETNS\\"}],"
     echo '"ips": [{"address": "10.123.9.2/24", "interface": 0}]}' ;;
VERSION) echo '{"cniVersion": "1.0.0", "supportedVersions": ["1.0.0"]}' ;;
esac
"""
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "camera", "annotations": {"k8s.v1.cni.cncf.io/networks": "second"}},
    "spec": {"containers": [{"name": "camera", "image": "none.local/none:1"}], "automountServiceAccountToken": False},
}
SECOND = {
    "apiVersion": "k8s.cni.cncf.io/v1",
    "kind": "NetworkAttachmentDefinition",
    "metadata": {"name": "second"},
    "spec": {"config": json.dumps({"cniVersion": "1.0.0", "name": "second", "type": "plugin"})},
}


class SlowWay:
    """A TCP port before the API server's: what the server says arrives so many seconds later."""

    def __init__(self, port, seconds):
        self.behind, self.seconds = port, seconds
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        """Until the listener is closed."""
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.behind))
            except OSError:
                client.close()
                continue
            for source, sink, seconds in ((client, server, 0), (server, client, self.seconds)):
                threading.Thread(target=self.pass_on, args=(source, sink, seconds), daemon=True).start()

    @staticmethod
    def pass_on(source, sink, seconds):
        """One direction, until either side closes it."""
        try:
            while data := source.recv(65536):
                time.sleep(seconds)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return


@pytest.fixture(scope="module")
def cluster(start):
    """A cluster with the pod and its second network."""
    made = start()
    made.wait(lambda: made.list("v1", "ServiceAccount"), lambda: "no ServiceAccount, without which no pod is admitted")
    made.create(SECOND, POD, namespace="default")
    return made


@pytest.fixture(scope="module")
def netns():
    """The path of a network namespace, in which Multus looks whether an interface's name is free."""
    with subprocess.Popen(["unshare", "--net", "sleep", "infinity"]) as holder:
        yield f"/proc/{holder.pid}/ns/net"
        holder.kill()


@pytest.fixture
def multus(cluster, netns, tmp_path):
    """A function: Multus' ADD over a way that is so slow: a CompletedProcess."""
    ways = []

    def add(seconds):
        ways.append(SlowWay(cluster.port, seconds))
        config = yaml.safe_load((cluster.folder / "kubeconfig").read_text(encoding="ascii"))
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{ways[-1].port}"
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config), encoding="ascii")
        (tmp_path / "plugin").write_text(PLUGIN, encoding="ascii")
        (tmp_path / "plugin").chmod(0o755)
        (tmp_path / "net.d").mkdir(exist_ok=True)
        first = {"cniVersion": "1.0.0", "name": "first", "plugins": [{"type": "plugin"}]}
        (tmp_path / "net.d" / "first.conflist").write_text(json.dumps(first), encoding="ascii")
        return subprocess.run(
            [programs.built("multus")["multus"]],
            input=json.dumps(conf(tmp_path)),
            env=environment(tmp_path, netns),
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    yield add
    for way in ways:
        way.listener.close()


def conf(folder):
    """Its configuration as the role writes it, but for where its kubeconfig and what it keeps are."""
    conf_dir = str(folder / "net.d")
    made = json.loads(multus_conf.conf(conf_dir, {"log_level": "error"}, conf_dir, str(folder)))
    return {**made, "kubeconfig": str(folder / "kubeconfig"), "cniDir": str(folder / "kept")}


def environment(folder, netns):
    """What a runtime says by it."""
    pod = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=camera;K8S_POD_INFRA_CONTAINER_ID=c1"
    told = {"COMMAND": "ADD", "CONTAINERID": "c1", "NETNS": netns, "IFNAME": "pod0", "ARGS": pod, "PATH": str(folder)}
    return {"PATH": os.environ["PATH"], **{f"CNI_{name}": value for name, value in told.items()}}


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_pod_gets_its_networks_over_a_slow_way(cluster, multus, seconds):
    done = multus(seconds)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["interfaces"][0]["name"] == "pod0"
    pod = next(one for one in cluster.list("v1", "Pod") if one["metadata"]["name"] == "camera")
    told = json.loads(pod["metadata"]["annotations"]["k8s.v1.cni.cncf.io/network-status"])
    assert [(one["name"], one["interface"]) for one in told] == [("first", "pod0"), ("default/second", "net1")]


def test_without_an_api_server_it_is_said(multus, cluster, monkeypatch):
    monkeypatch.setattr(cluster, "port", 1)  # nobody listens there
    done = multus(0)
    assert done.returncode != 0 and "error waiting for pod" in done.stdout
