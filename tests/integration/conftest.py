"""Tests on the nodes of a running lab. tools/run_tests.py starts and stops it; without it the first test starts it."""

import os

import pytest
from helpers.lab import Lab


def pytest_collection_modifyitems(items):
    """Everything here needs the lab."""
    for item in items:
        item.add_marker(pytest.mark.lab)


@pytest.fixture(scope="session")
def lab():
    """The test lab, running. GEDGE_LAB_DIR names the folder of another one that runs already."""
    running = Lab(os.environ.get("GEDGE_LAB_DIR"))
    if not running.answers():
        started = running.ansible_playbook("lab")
        assert started.returncode == 0, started.stdout + started.stderr
    return running
