"""500 generated services (a fifth but in soak): a real API server takes each object, the scheduler binds each pod where
it was promised."""

import collections

import pytest
from acceptance import deploy, sites
from helpers.seeds import SHARE

SERVICES, NODES = 500 // SHARE, 150 // SHARE
BACKENDS = ("extended-resources", "dra")
# Claims of any devices that meet a constraint.
MATCH = {"backend": "dra", "dra": {"select": "match", "numa_attribute": "dra.net/numaNode"}}


@pytest.fixture(scope="module")
def made():
    """(records, services, their placement)."""
    records = sites.fleet(1, NODES)
    return records, *sites.placed(records, sites.services(1, SERVICES * 3 // 2, records), SERVICES)


@pytest.fixture(scope="module", params=BACKENDS)
def site(request, start, made):
    """A cluster in which all of it was created, and what was created."""
    records, kept, placement = made
    objects = sites.manifests(kept, placement, records, backend=request.param)
    cluster = start()
    deploy.deploy(cluster, records, objects, dra=request.param == "dra")
    deploy.wait_until_bound(cluster, placement)
    return request.param, cluster, objects


def test_all_are_bound_where_promised(site, made):
    dummy, cluster, objects = site
    placement = made[2]
    assert deploy.bound(cluster) == deploy.expected(placement)
    assert len(deploy.expected(placement)) == SERVICES
    assert {one["kind"] for one in objects} >= {*deploy.WORKLOADS, "Service", "HorizontalPodAutoscaler"}


def test_claims_have_the_promised_devices(site, made):
    backend, cluster, dummy = site
    if backend == "extended-resources":
        assert cluster.list("resource.k8s.io/v1", "ResourceClaim") == []
        return
    promised, given = collections.Counter(), collections.Counter()
    for entry in made[2]["placements"]:
        devices = [one for one in entry["devices"] if one["resource"] == "gpu" or one["vf"] is not None]
        promised.update((entry["node"], one["address"]) for one in devices)
    for claim in cluster.list("resource.k8s.io/v1", "ResourceClaim"):
        for result in claim["status"]["allocation"]["devices"]["results"]:
            given[result["pool"], address(result["device"])] += 1
    assert promised and given == promised


def test_constraints_can_be_met(start, made):
    """One service on each node: its claim, for any devices that meet its constraint, is met on the promised node."""
    records, kept, placement = alone(*made)
    objects = sites.manifests(kept, placement, records, **MATCH)
    templates = [one["spec"]["spec"]["devices"] for one in objects if one["kind"] == "ResourceClaimTemplate"]
    matched = {each["matchAttribute"] for one in templates for each in one.get("constraints", ())}
    assert matched == {"resource.kubernetes.io/pcieRoot", "dra.net/numaNode"}
    cluster = start()
    deploy.deploy(cluster, records, objects, dra=True)
    deploy.wait_until_bound(cluster, placement)
    assert deploy.bound(cluster) == deploy.expected(placement)


def alone(records, kept, placement):
    """Those services, with devices, that share their nodes with no other of them."""
    free, chosen = {record["name"] for record in records}, []
    for one in kept:
        rows = [row for row in placement["placements"] if row["service"] == one["name"]]
        nodes = {row["node"] for row in rows}
        if nodes <= free and any(row["devices"] for row in rows):
            free -= nodes
            chosen.append(one["name"])
    rows = [row for row in placement["placements"] if row["service"] in chosen]
    return records, [one for one in kept if one["name"] in chosen], dict(placement, placements=rows)


def address(device):
    """The PCI address that a device's name tells."""
    domain, bus, slot, function = device.split("-")
    return f"{domain}:{bus}:{slot}.{function}"
