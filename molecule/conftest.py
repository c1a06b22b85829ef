"""How the verifier's tests reach the nodes: by plain ssh, since Ansible would take seconds for every command."""

import json
import pathlib
import sys

import pytest
import testinfra

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "collections"))

from helpers.lab import Lab, tool  # noqa: E402

LAB = Lab()


@pytest.fixture(scope="session")
def all_variables():
    """{node: its variables} as the testbed file gives them."""
    listing = tool("ansible-inventory", "-i", str(LAB.testbed), "--list")
    assert listing.returncode == 0, listing.stderr
    return json.loads(listing.stdout)["_meta"]["hostvars"]


@pytest.fixture(params=LAB.nodes)
def node(request):
    """The name of a node; every test runs for each."""
    return request.param


@pytest.fixture
def variables(all_variables, node):
    """The variables of the node."""
    return all_variables[node]


@pytest.fixture
def host(node):
    """The node, as testinfra sees it."""
    return testinfra.get_host(f"ssh://{node}", ssh_config=str(LAB.folder / "ssh_config"))
