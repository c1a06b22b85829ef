"""kill -9 at each point of each subsystem's plan, on a real kernel: the next run converges, nothing is left half-done.

There on one node, back on the other, both at once.
"""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers.subjects import SUBJECTS

pytestmark = pytest.mark.soak


def inverse(subject):
    """The way back as the plan that is cut off."""
    return dataclasses.replace(subject, there=subject.back, back=subject.there, least=2)


@pytest.mark.parametrize("name", SUBJECTS)
def test_kill_at_every_point(driver, name):
    there, back = SUBJECTS[name], inverse(SUBJECTS[name])
    drivers = [driver("node1", there), driver("node2", back)]
    drivers[1].rows("back")
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda one: one.rows("kill"), drivers))
    drivers[1].rows("again")
    for rows, least in zip(both, (there.least, back.least)):
        assert len(rows) >= least
        assert [row["died"] for row in rows] == [True] * (len(rows) - 1) + [False]
        assert [row for row in rows if row["again"] or row["left"]] == []
