"""kill -9 at each point of each subsystem's plan, on a real kernel: the next run converges, nothing is left half-done.

There on one node, back on the other, both at once; in the end a listing of each node equals the one of before.
"""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers.listing import differences, listing
from helpers.subjects import SUBJECTS

pytestmark = pytest.mark.soak

# Of kernel modules that the tools of RDMA and connection tracking load by themselves; they stay until the next boot, as
# the README says. The key of a NIC's receive queues is drawn when the first one goes up.
LOADED = {
    "rdma": ("sysctls: + sunrpc.", "sysctls: + net.iw_cm."),
    "network": (
        "sysctls: + net.netfilter.nf_",
        "sysctls: + net.nf_conntrack_max",
        "sysctls: + net.core.netdev_rss_key",
        "sysctls: - net.core.netdev_rss_key",
    ),
}


def inverse(subject):
    """The way back as the plan that is cut off."""
    return dataclasses.replace(subject, there=subject.back, back=subject.there, least=2)


def without(one, words):
    """The listing of a node once the driver has taken the subject away."""
    one.rows(words)
    return listing(one.lab, one.node)


@pytest.mark.parametrize("name", SUBJECTS)
def test_kill_at_every_point(driver, name):
    there, back = SUBJECTS[name], inverse(SUBJECTS[name])
    drivers = [driver("node1", there), driver("node2", back)]
    with ThreadPoolExecutor() as pool:
        before = list(pool.map(without, drivers, ("back", "again")))
        both = list(pool.map(lambda one: one.rows("kill"), drivers))
        after = list(pool.map(without, drivers, ("back", "again")))
    for rows, least in zip(both, (there.least, back.least)):
        assert len(rows) >= least
        assert [row["died"] for row in rows] == [True] * (len(rows) - 1) + [False]
        assert [row for row in rows if row["again"] or row["left"]] == []
    found = [line for pair in zip(before, after) for line in differences(*pair)]
    assert [line for line in found if not line.startswith(LOADED.get(name, ()))] == []
