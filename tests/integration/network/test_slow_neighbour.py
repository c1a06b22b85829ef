"""The clock of one node does not run out because another one of the play is still busy."""

import json
import pathlib

CHANGE = pathlib.Path(__file__).with_name("change.yml")
BUSY = "setsid flock /run/lock/gedge.lock sleep 60 >/dev/null 2>&1 </dev/null &"
LINKS = [{"interface": "ens1f0", "network": "sriov-a", "vlan": 31}]


def test_a_change_is_kept_while_a_slow_node_is_still_busy(lab, nodes, both, bare):
    nodes[1].run(BUSY)
    asked = {"node_network_links": LINKS, "node_network_filters": [], "node_network_confirm_within": 30}
    play = lab.playbook(str(CHANGE), "-e", json.dumps(asked))
    assert play.rc == 0, play.failures()
    both(lambda node: node.wait(5))
    assert all("ens1f0.31" in line for line in both(lambda node: node.run("ip -br link show dev ens1f0.31")))
