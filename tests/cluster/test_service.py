"""Services as real pods on the lab's nodes: deployed, proven, updated, refused, explained, removed."""

import json
import pathlib

import pytest
import yaml
from helpers.cluster_lab import IDLE
from helpers.lab import ROOT

IMAGE = "gedge.local/benchmark:1"


def service(name, *, apart=(), cpu=1, vfs=1, image=IMAGE):
    """A service with a CPU and a VF of one NUMA node, kept from the node of others."""
    return {
        "name": name,
        "anti_affinity": list(apart),
        "containers": [
            {
                "image": image,
                "command": IDLE,
                "resources": {"cpu": cpu, "memory": "64Mi"},
                "acceleration": {"topology": "single-numa-node", "communication": {"sriov": vfs}},
            }
        ],
        "networks": {"sriov": ["sriov-a"] * vfs},
    }


BOTH = [service("camera"), service("detector", apart=["camera"])]


def proof_of(folder):
    """What the proof says."""
    return json.loads(pathlib.Path(folder / "proof.json").read_text(encoding="utf-8"))


def text_of(done):
    """What a playbook said, in one line."""
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.soak
def test_all_three_paths_of_the_example(cluster, services):
    example = ROOT / "docs" / "examples" / "lab-cluster.yml"
    wanted = yaml.safe_load(example.read_text(encoding="utf-8"))["services"]
    done, folder = services(wanted)
    cluster.passed(done)
    proof = proof_of(folder)
    assert proof["equal"] and [row["service"] for row in proof["rows"]] == ["archive", "camera", "console", "detector"]
    paths = {pod["metadata"]["labels"]["gedge.io/service"]: pod["metadata"]["labels"]["gedge.io/path"]
             for pod in cluster.pods()}  # fmt: skip
    assert paths == {"archive": "dual", "camera": "accelerated", "console": "basic", "detector": "accelerated"}


def test_each_pod_has_what_was_promised_and_they_hear_each_other(cluster, services):
    done, folder = services(BOTH)
    cluster.passed(done)
    proof = proof_of(folder)
    assert proof["equal"], proof["findings"]
    assert [row["service"] for row in proof["rows"]] == ["camera", "detector"]
    for row in proof["rows"]:
        assert all(row["equal"].values()) and row["achieved"]["devices"][0]["vf"]
        assert row["achieved"]["addresses"] and row["achieved"]["vlans"] == row["promised"]["vlans"] == [30]
    assert len({row["achieved"]["node"] for row in proof["rows"]}) == 2
    (address,) = proof["rows"][1]["achieved"]["addresses"]
    said = cluster.kubectl("exec", "deploy/camera", "--", "ping", "-c", "3", "-I", "net1", address.split("/")[0])
    assert " 0% packet loss" in said


def test_the_second_run_changes_nothing(cluster, services):
    before = cluster.ours()
    done, dummy = services(BOTH)
    cluster.passed(done)
    assert "changed=1" not in done.stdout.replace(" ", ""), done.stdout[-3000:]
    assert cluster.ours() == before


def test_what_is_gone_goes_and_the_other_pod_stays(cluster, services):
    before = cluster.ours()
    done, folder = services(BOTH[:1])
    cluster.passed(done)
    after = cluster.ours()
    assert after and set(after.items()) <= set(before.items())
    assert not [name for name in after if "detector" in name]
    assert proof_of(folder)["equal"]


@pytest.mark.soak
def test_a_pod_that_cannot_start_is_explained_with_what_to_change(services):
    done, dummy = services([*BOTH[:1], service("lost", image="gedge.local/none:1")], cluster_service_timeout=120)
    assert done.returncode != 0
    assert "the registry of the image gedge.local/none:1 cannot be reached from that node" in text_of(done)


@pytest.mark.soak
def test_a_field_that_somebody_else_has_set_is_told_with_its_owner(cluster, services):
    services(BOTH[:1])
    cluster.kubectl("set", "image", "deployment/camera", "*=lab/none:1")
    done, dummy = services(BOTH[:1])
    text = text_of(done)
    assert done.returncode != 0 and ".image is set by" in text and "cluster_service_force_conflicts=true" in text, text
    done, dummy = services(BOTH[:1], cluster_service_force_conflicts=True)
    cluster.passed(done)


# What udev does where it comes between two steps of sriov-cni: the VF has its host's name as an alternative one.
UDEV = """
for name in $(ip netns list | cut -d' ' -f1); do
  host=$(ip -n "$name" -d link show net1 2>/dev/null | awk '/parentdev/ {print $NF}') && [ "$host" ] || continue
  known=$(grep -l "$host" /var/lib/cni/sriov/*-net1 | head -n 1)
  given=$(python3 -c "import json, sys; print(json.load(open(sys.argv[1]))['HostIFNames'])" "$known")
  ip -n "$name" link property del dev net1 altname "$given" 2>/dev/null
  ip -n "$name" link property add dev net1 altname "$given" && echo "$name $given"
done
"""


def test_nothing_is_left(cluster, services):
    """Not in the cluster, not in the ledger, and each VF is what the testbed asks for."""
    assert any(cluster.run(node, UDEV).stdout.split() for node in cluster.workers)
    done, folder = services([], service_state="absent")
    cluster.passed(done)
    assert cluster.ours() == {}
    ledger = json.loads(pathlib.Path(folder / "services.json").read_text(encoding="utf-8"))
    assert ledger["placements"] == [] and ledger["addresses"] == []
    assert json.loads(pathlib.Path(folder / "deployed.json").read_text(encoding="utf-8")) == []
    play = cluster.made("site", "--tags", "node_sriov", "--check", "--limit", ",".join(cluster.workers))
    assert [task for task, dummy, result in play.tasks if result.get("changed")] == []
