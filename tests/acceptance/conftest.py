"""A control plane for each module's tests; building it for the first time takes a quarter of an hour."""

import contextlib

import pytest
from acceptance import programs
from acceptance.cluster import Cluster
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang


@pytest.fixture(scope="session")
def control_plane():
    """The binary."""
    if golang.find() is None:
        pytest.skip("no Go toolchain here: the API server and the scheduler cannot be built from their modules")
    return programs.control_plane()


@pytest.fixture(scope="module")
def start(control_plane, tmp_path_factory):
    """A function: a running Cluster with the CRDs; channel: of Gateway API."""
    with contextlib.ExitStack() as running:

        def make(channel="standard"):
            cluster = running.enter_context(Cluster(control_plane, tmp_path_factory.mktemp("cluster")))
            cluster.install(programs.crds(channel))
            return cluster

        yield make
