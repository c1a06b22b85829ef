"""The management path cannot be lost, see helpers.broken_changes. Both nodes work at once, each on its share."""

import pytest
from helpers.broken_changes import BOOT, cases, data, failed

pytestmark = pytest.mark.soak


@pytest.fixture
def exposed(both):
    """Data networks set up, and mgmt0's file sorted after ours, so that the module governs it when it is asked to."""

    def expose(node):
        node.run("cd /etc/systemd/network && [ -e 90-mgmt.network ] || mv 10-mgmt.network 90-mgmt.network")
        node.run("networkctl reload")
        node.wait(60)  # networkd takes mgmt0 up anew under its other file
        node.change(links=data(node))
        # What earlier tests left at run time only is gone after the first reset: each case begins from a boot's state.
        node.run("sync")  # or the reset brings back what the confirmation has taken away, until the next run
        node.reset()
        node.wait(BOOT)

    def hide(node):
        node.change(state="absent")
        node.run("cd /etc/systemd/network && mv 90-mgmt.network 10-mgmt.network; networkctl reload")

    both(expose)
    yield
    both(hide)


def test_the_node_comes_back_every_time(nodes, both, exposed):
    todo = cases()
    failures = []

    def share(node):
        failures.extend(failed(node, todo[nodes.index(node) :: len(nodes)]))

    both(share)
    assert failures == []
