"""What goes wrong while a service is deployed: the run recovers or says what is wrong, and the next one makes it good.

GEDGE_FAULTS names some of them by a word of their names each.
"""

import json
import os
import pathlib
import threading

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import qmp
from cluster.test_service import BOTH

pytestmark = pytest.mark.soak

NODE = "node2"
AFTER_S = 25  # the objects are made by then, the pods are not ready yet
WORDS = os.environ.get("GEDGE_FAULTS", "")


def reset(lab):
    """As pulling the plug."""
    qmp.execute(str(lab.folder / NODE / "qmp.sock"), "system_reset", {})


def on_node(command):
    """A fault by a command on the node."""
    return lambda lab: lab.run(NODE, command)


def api_server_away(lab):
    """For a minute."""
    lab.run("master", "systemctl stop kube-apiserver; sleep 60; systemctl start kube-apiserver", timeout=180)


FAULTS = {
    "VM reset": reset,
    "kubelet killed": on_node("systemctl kill -s KILL kubelet"),
    "containerd killed": on_node("systemctl kill -s KILL containerd"),
    "API server away": api_server_away,
    "plugin restarted": on_node("systemctl restart gedge-sriov-device-plugin"),
    "VFs removed": on_node("echo 0 > /sys/bus/pci/devices/0000:21:00.0/sriov_numvfs"),
}
CHOSEN = [name for name in FAULTS if not WORDS or any(word in name for word in WORDS.split())]
# What may be said where it did not recover by itself.
SAID = ("waits", "announces none", "finds no node", "could not be made", "cannot be reached", "is not Ready", "refused",
        "was not read", "has no pod", "TopologyAffinityError", "UnexpectedAdmissionError", "instead of")  # fmt: skip


def as_asked(cluster, name):
    """What a person does after a fault that no next run of a service can mend."""
    if name == "VFs removed":
        cluster.made("site", "--tags", "node_sriov,node_network,node_rdma", "--limit", NODE)
        cluster.made("cluster", "--tags", "cluster_sriov")


@pytest.fixture(params=CHOSEN)
def fault(request, cluster):
    """(name, function); afterwards the node is as the testbed asks."""
    yield request.param, FAULTS[request.param]
    cluster.until(lambda: cluster.ready() == cluster.workers, 900)
    as_asked(cluster, request.param)


def test_a_fault_during_a_deployment(cluster, services, fault):
    name, happen = fault
    services([], service_state="absent")
    timer = threading.Timer(AFTER_S, happen, [cluster])
    timer.start()
    done, folder = services(BOTH, cluster_service_timeout=600, cluster_service_patience=240)
    timer.join()
    text = " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in text
    if done.returncode:
        assert any(word in text for word in SAID), text[-6000:]
    cluster.until(lambda: cluster.ready() == cluster.workers, 900)
    assert cluster.cordoned() == []
    as_asked(cluster, name)
    if name == "VFs removed":
        cluster.kubectl("delete", "pods", "--all", "--wait=false")
    again, folder = services(BOTH, cluster_service_timeout=900, cluster_service_patience=300)
    assert again.returncode == 0, again.stdout + again.stderr
    proof = json.loads(pathlib.Path(folder / "proof.json").read_text(encoding="utf-8"))
    assert proof["equal"], proof["findings"]
    assert cluster.cordoned() == []
