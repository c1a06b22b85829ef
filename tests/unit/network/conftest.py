"""A node made of files, the module's parameters as Ansible hands them over, and a clock that is the node's."""

import os
import types

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.network import apply, pending
from ansible_collections.gedge.engine.plugins.module_utils.network.run import act
from ansible_collections.gedge.engine.plugins.modules.network import argument_spec
from helpers.fake_network import FakeNetwork
from helpers.fake_networkmanager import FakeNetworkManager

VALIDATOR = ArgumentSpecValidator(argument_spec())


def make_params(**options):
    """The module's parameters with Ansible's defaults filled in."""
    checked = VALIDATOR.validate(options)
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


@pytest.fixture
def call(monkeypatch):
    """A function: one run of the module on a node, confirmed unless keep is False; its result."""
    monkeypatch.setenv("SSH_CONNECTION", "")
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # nobody pulls the plug here

    def run(node, check_mode=False, keep=True, **options):
        clock = types.SimpleNamespace(monotonic=lambda: node.now, sleep=node.sleep)
        monkeypatch.setattr(apply, "time", clock)
        monkeypatch.setattr(pending, "time", clock)
        result = act(make_params(**options), check_mode, node)
        if keep and result["confirm"]:
            act(make_params(confirm=result["confirm"]["token"]), False, node)
        return result

    return run


@pytest.fixture(params=[FakeNetwork, FakeNetworkManager], ids=["networkd", "networkmanager"])
def make(request, tmp_path):
    """A function: a node that nobody has touched; each test runs once under each backend."""
    return lambda name="node", *ports: request.param(tmp_path / str(name), *ports)


@pytest.fixture
def node(make):
    """A node that nobody has touched."""
    return make()
