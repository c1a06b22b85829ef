"""The order of the nodes in role cluster_control_plane. What the role does is in tests/acceptance."""

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

HOSTS = ["cp1", "cp2", "cp3"]
FIRST = {"__cluster_control_plane_first": "cp1", "cluster_control_plane_hosts": HOSTS}


def turns(root, name, included):
    """[hosts that run it] of each task that includes a file."""
    loader, found = DataLoader(), []
    path = root / "roles" / "cluster_control_plane" / "tasks" / name
    for task in loader.load_from_file(str(path), trusted_as_template=True):
        if task.get("ansible.builtin.include_tasks") == included:
            items = Templar(loader, FIRST).template(task["loop"]) if "loop" in task else [None]
            at = [
                {"inventory_hostname": host, "__cluster_control_plane_turn": item} for host in HOSTS for item in items
            ]
            told = [one for one in at if Templar(loader, {**FIRST, **one}).evaluate_conditional(task["when"])]
            found.append([one["inventory_hostname"] for one in told])
    return found


@pytest.mark.parametrize(
    ("name", "included", "order"),
    [
        ("present.yml", "node.yml", [["cp1"], ["cp2", "cp3"]]),
        ("absent.yml", "remove.yml", [["cp2", "cp3"], ["cp1"]]),
    ],
)
def test_the_first_node_comes_first_and_goes_last(root, name, included, order):
    """By tasks of their own: the includes of one loop run in the order in which their hosts answer."""
    assert turns(root, name, included) == order
