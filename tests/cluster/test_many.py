"""Generated services, sized for the lab, one after another and together: nothing is given twice, nothing is left.

GEDGE_MANY says how many (make soak: 100); by default 4 one after another, and 16 together.
"""

import collections
import json
import os
import pathlib
import random
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from helpers.cluster_lab import IDLE
from unit.placement import sites

pytestmark = pytest.mark.soak

MANY = int(os.environ.get("GEDGE_MANY", "0"))
ONE_BY_ONE, TOGETHER = MANY or 4, MANY or 16
# The lab's two workers give three CPUs each to who wants one for itself, and seven VFs without RDMA.
EXCLUSIVE, VFS = 5, 8
LEFT = (
    "ls -A /var/lib/cni/networks/podnet | grep -v -e lock -e last_reserved; ls -A /var/lib/cni/sriov;"
    " find /var/lib/cni/multus -maxdepth 1 -type f; ls /run/netns 2>/dev/null; true"
)


def sized(count, seed, exclusive, vfs):
    """So many services of the generator, in what the lab can give; exclusive, vfs: how many get such a thing."""
    dice, found = random.Random(seed), []
    for one in sites.random_services(dice, 2 * count, [{"name": "node1"}, {"name": "node2"}])[:count]:
        box = dict(one["containers"][0], image="gedge.local/benchmark:1", command=IDLE)
        asked = box["acceleration"]
        vf = min(asked["communication"]["sriov"], 1, vfs)
        whole = bool(vf or asked["topology"] != "none") and exclusive > 0
        exclusive, vfs = exclusive - whole, vfs - vf
        box["resources"] = {"cpu": "1" if whole else "20m", "memory": "24Mi", "hugepages": {}}
        box["acceleration"] = {
            "topology": "single-numa-node" if whole else "none",
            "compute": {},
            "communication": {"sriov": vf, "macvlan": dice.choice([0, 0, 1])},
        }
        found.append(
            {"name": one["name"], "containers": [box], "traffic": [], "networks": one["networks"] if vf else {}}
        )
    return found


def proof_of(folder):
    """The proof, all of it equal."""
    proof = json.loads(pathlib.Path(folder / "proof.json").read_text(encoding="utf-8"))
    assert proof["equal"], proof["findings"]
    for row in proof["rows"]:
        assert row["promised"]["distance"] == row["achieved"]["distance"]
    return proof


def given(rows):
    """[(what, where)] of everything that only one pod may have."""
    for row in rows:
        got = row["achieved"]
        for address in got["addresses"]:
            yield "address", address
        for device in got["devices"]:
            yield "device", (got["node"], device["address"])
        for cpu in cpuset.parse(got["cpus"]) if row["promised"]["cpus"] else ():
            yield "CPU", (got["node"], cpu)


@pytest.fixture(scope="module")
def clean(cluster):
    """A function: nothing of services is in the cluster or on its nodes."""
    before = {node: cluster.run(node, LEFT).stdout for node in cluster.workers}

    def check():
        cluster.until(lambda: cluster.ours() == {}, 120)
        cluster.until(lambda: {node: cluster.run(node, LEFT).stdout for node in cluster.workers} == before, 120)

    return check


def test_one_after_another(cluster, services, clean):
    for number, one in enumerate(sized(ONE_BY_ONE, 6, ONE_BY_ONE, ONE_BY_ONE), 1):
        begun = time.monotonic()
        done, folder = services([one])
        print(f"{number} of {ONE_BY_ONE}: {one['name']}, {time.monotonic() - begun:.0f} s", flush=True)
        cluster.passed(done)
        assert [row["service"] for row in proof_of(folder)["rows"]] == [one["name"]]
        assert {key.split("/")[2].rsplit("-", 2)[0] for key in cluster.ours() if key.startswith("Pod/")} == {
            one["name"]
        }
    done, dummy = services([], service_state="absent")
    cluster.passed(done)
    clean()


def test_together(cluster, services, clean):
    wanted = sized(TOGETHER, 7, EXCLUSIVE, VFS)
    done, folder = services(wanted, cluster_service_timeout=3600)
    cluster.passed(done)
    rows = proof_of(folder)["rows"]
    assert sorted(row["service"] for row in rows) == sorted(one["name"] for one in wanted)
    twice = [what for what, times in collections.Counter(given(rows)).items() if times > 1]
    assert twice == []
    assert cluster.cordoned() == []
    done, dummy = services([], service_state="absent", cluster_service_timeout=3600)
    cluster.passed(done)
    clean()
