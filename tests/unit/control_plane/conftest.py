"""What is asked for, and what a node may have, as the planning sees it."""

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.control_plane import (
    certificates,
    cluster,
    observe,
    service,
    units,
    wanted,
)
from ansible_collections.gedge.engine.plugins.module_utils.control_plane.options import argument_spec

VALIDATOR = ArgumentSpecValidator(argument_spec())
NOW = 1_800_000_000.0
YEAR = 365 * 86400
MEMBERS = [{"name": f"node{number}", "address": f"10.0.0.{number}"} for number in (1, 2, 3)]
BINARY = "kubernetes-control-plane"
PROGRAMS = {name: {"binary": BINARY} for name in wanted.COMPONENTS} | {
    name: {"binary": "kubernetes-node"} for name in wanted.TOOLS
}


def params(**options):
    """The module's parameters."""
    usual = {"version": "1.37.2", "name": "node1", "members": MEMBERS[:1], "programs": PROGRAMS}
    result = VALIDATOR.validate({**usual, **options})
    assert result.error_messages == []
    return result.validated_parameters


@pytest.fixture
def ask():
    """A function: Wanted for some options."""
    return lambda **options: wanted.read(params(**options))


def bare():
    """A node with nothing on it."""
    return observe.State(
        files={},
        foreign=[],
        links=dict.fromkeys(wanted.COMPONENTS + wanted.TOOLS),
        digests={},
        certificates=dict.fromkeys(certificates.KINDS),
        kubeconfigs=dict.fromkeys(certificates.KUBECONFIGS),
        keys=set(),
        changed={},
        units={name: service.Unit() for name in wanted.COMPONENTS},
        data=False,
        objects=None,
        ca=None,
        shared=dict.fromkeys(certificates.SHARED),
        now=NOW,
        records={},
    )


def made(asked):
    """A node that has all that is asked for."""
    found = bare()
    found.files = units.files(asked)
    found.links = {name: one["binary"] for name, one in PROGRAMS.items()}
    found.certificates = {
        name: certificates.Certificate(NOW + YEAR, kind.names(asked) if kind.names else frozenset(), name, kind.signer)
        for name, kind in certificates.KINDS.items()
    }
    found.ca = "PEM"
    found.kubeconfigs = {
        name: certificates.Kubeconfig(
            certificates.server(name, asked), "PEM", certificates.Certificate(NOW + YEAR, signer="ca")
        )
        for name in certificates.KUBECONFIGS
    }
    found.keys = set(certificates.files(asked))
    found.shared = {name: f"text of {name}" for name in certificates.SHARED}
    found.changed = dict.fromkeys(found.keys, NOW - 100)
    program = f"{wanted.BIN}/{BINARY}"
    found.units = {
        name: service.Unit(active=True, since=NOW - 50, program=program, well=True) for name in wanted.COMPONENTS
    }
    found.data = True
    found.objects = {"digest": cluster.digest(asked), "server": asked.server, "ca": "PEM"}
    return found
