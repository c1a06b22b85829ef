"""What finds no place: the scheduler leaves it Pending, for the want that placement told."""

import pytest
from acceptance import deploy, sites
from acceptance.cluster import Cluster
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from unit.placement.sites import container, service

WANTS = {
    # name: container, what placement names, what the scheduler names
    "gpus": (container("main", gpu=9), "GPU", "Insufficient nvidia.com/gpu"),
    "cpus": (container("main", 80), "CPU", "Insufficient cpu"),
    "memory": (container("main", 2, "900Gi", topology="none"), "memory", "Insufficient memory"),
    "pages": (container("main", hugepages={"2Mi": "90Gi"}), "2Mi hugepages", "Insufficient hugepages-2Mi"),
    "vfs": (container("main", sriov=17), "VF", "Insufficient gedge.io/sriov_a"),
    "asics": (container("main", asic=9), "ASIC", "Insufficient gedge.io/asic"),
}


@pytest.fixture(scope="module")
def site(start):
    """(cluster, placement) with one of each, beside one that fits."""
    records = [sites.large("node1"), sites.large("node2")]
    asked = [service(name, [box]) for name, (box, dummy, dummy2) in WANTS.items()]
    asked.append(service("fits", [container("main", gpu=1, sriov=1)]))
    placement = place.place(records, asked).result("all")
    objects = sites.manifests(asked, placement, records, unplaced="pending", backend="extended-resources")
    cluster = start()
    deploy.deploy(cluster, records, objects)
    deploy.wait_until_bound(cluster, placement)
    Cluster.wait(lambda: all(deploy.reason(pod) for pod in deploy.unbound(cluster)), lambda: deploy.waiting(cluster))
    return cluster, placement


def test_only_what_fits_is_bound(site):
    cluster, placement = site
    assert deploy.bound(cluster) == deploy.expected(placement)
    assert {deploy.service_of(pod) for pod in deploy.unbound(cluster)} == set(WANTS)


@pytest.mark.parametrize("name", WANTS)
def test_pending_for_the_reason_that_was_told(site, name):
    cluster, placement = site
    dummy, ours, theirs = WANTS[name]
    (told,) = [one["what"] for one in placement["failed"] if one["service"] == name]
    assert ours in told
    (pod,) = [one for one in deploy.unbound(cluster) if deploy.service_of(one) == name]
    assert theirs in deploy.reason(pod)
