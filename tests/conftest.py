"""Lets plain pytest import ansible_collections.gedge.engine from this checkout, as Ansible does."""

import os
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Before the first import of ansible, which reads its configuration then.
os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")

import hypothesis  # noqa: E402
import pytest  # noqa: E402
from ansible.plugins.loader import init_plugin_loader  # noqa: E402

# CI tries the same cases every time, so that a red run is the change's doing; a developer's runs go on exploring.
hypothesis.settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("house")

init_plugin_loader([str(ROOT / "collections"), str(ROOT / ".ansible" / "collections")])

# tools/run_tests.py gives it in CI, whose time ends.
DEADLINE = float(os.environ.get("GEDGE_DEADLINE", "inf"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """No test begins, nor does a fixture of it, where CI has no time left for it."""
    if time.time() > DEADLINE:
        pytest.skip("no time left in CI, on this machine; the stage's own make target runs it")


@pytest.fixture(scope="session")
def root():
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def fixtures():
    """tests/fixtures: saved trees, transcripts, testbed files."""
    return ROOT / "tests" / "fixtures"
