"""A bare node becomes Ready in a real cluster by the roles; a second run changes nothing, absent leaves nothing.

Needs the node's address in the management network (playbook site, or role node_network)."""

import json
import pathlib

import pytest

pytestmark = pytest.mark.soak

PLAY = str(pathlib.Path(__file__).parent / "roles.yml")
LOOK = "find /etc /usr/local /opt -not -path '/etc/ssl/*' -printf '%p %m %l\\n' | sort; nft list ruleset; ip -br link"


@pytest.fixture(scope="module")
def node(lab):
    """The lab's last node."""
    return lab.nodes[-1]


def run(lab, node, variables, wanted):
    """The three roles on the node: a Play."""
    done = lab.playbook(PLAY, "--limit", node, "-e", f"@{variables}", "-e", f"wanted={wanted}", timeout=3600)
    assert done.rc == 0, done.output
    return done


def test_in_and_out(lab, node, variables, control_plane):
    before = lab.run(node, LOOK).stdout
    run(lab, node, variables, "present")
    told = json.loads(control_plane.kubectl("get", "node", node, "-o", "json"))
    ready = [one["status"] for one in told["status"]["conditions"] if one["type"] == "Ready"]
    assert ready == ["True"]
    assert run(lab, node, variables, "present").changed() == 0
    run(lab, node, variables, "absent")
    assert lab.run(node, LOOK).stdout == before
    assert control_plane.kubectl("get", "nodes", "-o", "name") == ""
