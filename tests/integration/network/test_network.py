"""The whole life of a node's links on real kernels: set up, mended, kept over a restart, put back, taken away."""

import pytest
from helpers.node_links import life

pytestmark = pytest.mark.soak


def test_apply_again_mend_restart_absent(both, bare):
    life(both, "/etc/systemd/network/50-gedge-%s.network")


def test_the_management_path_is_refused(both, bare):
    before = both(lambda node: node.look())
    link = {"interface": "mgmt0", "network": "management", "purpose": "management", "addresses": ["10.0.2.99/24"]}

    def refused(node):
        node.run("mv /etc/systemd/network/10-mgmt.network /etc/systemd/network/90-mgmt.network; networkctl reload")
        result = node.module(links=[link])
        node.run("mv /etc/systemd/network/90-mgmt.network /etc/systemd/network/10-mgmt.network; networkctl reload")
        return result["msg"], node.module(links=[link])["msg"]

    for first, second in both(refused):
        assert "mgmt0 carries the management connection" in first
        assert "allow_management" in first
        assert "is governed by /etc/systemd/network/10-mgmt.network" in second
    assert both(lambda node: node.look()) == before
