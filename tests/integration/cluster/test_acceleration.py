"""A pod with a VF: Multus, networks and the device plugin by our roles, on a real kubelet with a real control plane."""

import json
import pathlib

import pytest

pytestmark = pytest.mark.soak

PLAY = pathlib.Path(__file__).with_name("accelerate.yml")
FILES = "find /etc/cni /etc/pcidp /opt/cni /usr/local/lib/gedge /etc/systemd/system -printf '%p %l\\n' | sort"


@pytest.fixture(scope="module")
def facts(worker, tmp_path_factory):
    """Folder with the node's topology, once it has its VFs."""
    done = worker.lab.playbook("site", "--tags", "node_sriov", "--limit", worker.name)
    assert done.rc == 0, done.output
    found = worker.lab.module(worker.name, "gedge.engine.topology_facts", {}).tasks[0][2]
    folder = tmp_path_factory.mktemp("facts")
    folder.joinpath(f"{worker.name}.topology.json").write_text(json.dumps(found["topology"]), encoding="ascii")
    return folder


@pytest.fixture
def accelerated(worker, facts):
    """The node with the roles' work done; and with none of it afterwards."""
    before = worker.run(FILES, check=False)
    done = worker.play(PLAY, "-e", f"facts_dir={facts}")
    assert done.rc == 0, done.output
    yield worker
    gone = worker.play(PLAY, "-e", f"facts_dir={facts}", "-e", "state=absent")
    assert gone.rc == 0, gone.output
    assert worker.run(FILES, check=False) == before
    assert not any(worker.allocatable().values())


def pod(definition, resource, address):
    """A pod with a VF of a pool, its CPU for itself."""
    amounts = {"cpu": "1", "memory": "64Mi", resource: "1"}
    networks = json.dumps([{"name": definition, "ips": [address]}])
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p1", "namespace": "default", "annotations": {"k8s.v1.cni.cncf.io/networks": networks}},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
            "containers": [
                {
                    "name": "c",
                    "image": "gedge.local/probe:1",
                    "imagePullPolicy": "Never",
                    "resources": {"requests": amounts, "limits": amounts},
                }
            ],
        },
    }


def test_a_pod_gets_its_vf(accelerated, facts):
    worker = accelerated
    again = worker.play(PLAY, "-e", f"facts_dir={facts}")
    assert again.rc == 0 and again.changed() == 0, again.output
    found = worker.cluster.list("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")
    one = next(each for each in found if json.loads(each["spec"]["config"]).get("vlan") == 30)
    resource = one["metadata"]["annotations"]["k8s.v1.cni.cncf.io/resourceName"]
    assert worker.allocatable()[resource] > 0
    worker.cluster.create(pod(one["metadata"]["name"], resource, "192.168.20.107/28"))
    status = worker.until_running("p1")
    networks = json.loads(worker.pod("p1")["metadata"]["annotations"]["k8s.v1.cni.cncf.io/network-status"])
    assert networks[0]["name"] == "podnet" and networks[1]["ips"] == ["192.168.20.107"]
    assert "192.168.20.107/28" in worker.inside("p1", "ip -4 addr show net1")
    address = networks[1]["device-info"]["pci"]["pci-address"]
    assert status["phase"] == "Running" and address
    # A plugin that starts anew while the pod runs must not take the VF from it, nor lose it.
    worker.run("systemctl restart gedge-sriov-device-plugin")
    still = worker.play(PLAY, "-e", f"facts_dir={facts}")
    assert still.rc == 0, still.output
    assert "192.168.20.107/28" in worker.inside("p1", "ip -4 addr show net1")
