"""Lets plain pytest import ansible_collections.gedge.engine from this checkout, as Ansible does."""

import os
import pathlib

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


@pytest.fixture(scope="session")
def root():
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def fixtures():
    """tests/fixtures: saved trees, transcripts, testbed files."""
    return ROOT / "tests" / "fixtures"
