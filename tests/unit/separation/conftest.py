"""Whether this machine can load rules into a network namespace of its own."""

import subprocess

import pytest


@pytest.fixture(scope="session")
def kernel():
    """Skips where this machine's kernel or user may not load rules: the lab's nodes run the same for real."""
    trial = subprocess.run(["unshare", "-n", "/usr/sbin/nft", "list", "ruleset"], capture_output=True, check=False)
    if trial.returncode != 0:
        pytest.skip("needs root, nft and nf_tables")
