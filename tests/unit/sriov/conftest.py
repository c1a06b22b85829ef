"""Nodes made of files, parameters as Ansible hands them over, and a clock that does not wait."""

import os
import pathlib
import tempfile
import types

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.sriov import apply
from ansible_collections.gedge.engine.plugins.module_utils.sriov.subsystem import Sriov
from ansible_collections.gedge.engine.plugins.modules.sriov import argument_spec
from helpers.fake_node import FakeNode, FakePf

VALIDATOR = ArgumentSpecValidator(argument_spec())


def make_params(pfs=(), **options):
    """The module's parameters with Ansible's defaults filled in."""
    checked = VALIDATOR.validate(dict(options, pfs=list(pfs)))
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


def run(node, pfs=(), check_mode=False, **options):
    """One run of the module on a node; its result."""
    return converge(Sriov(make_params(pfs, **options), node), check_mode)


@pytest.fixture(autouse=True, scope="module")
def clock():
    """Waiting takes no time."""
    now = [0.0]
    fake = types.SimpleNamespace(monotonic=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apply, "time", fake)
        patch.setenv("SSH_CONNECTION", "")
        yield


@pytest.fixture(scope="session")
def params():
    """See make_params."""
    return make_params


@pytest.fixture(scope="session")
def sriov():
    """See run."""
    return run


@pytest.fixture
def folder(tmp_path):
    """An empty folder, in memory where there is such: the nodes' files are written with fsync, thousands of times."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(prefix="gedge-unit-", dir=parent) as made:
        yield pathlib.Path(made)


@pytest.fixture
def node(folder):
    """Two PFs, one per NUMA node, without VFs."""
    return FakeNode(folder, [FakePf("0000:21:00.0", "ens1f0"), FakePf("0000:81:00.0", "ens2f0", numa_node=1)])
