"""When the roles ask a node whose testbed names no such device: where only the module can judge an option."""

import pytest
from helpers.role_tasks import Role

NONE = {"testbed_accelerators": [{"kind": "asic"}]}
SOME = {"catalogue": [{"name": "x"}], "state": "absent"}
OPTIONS = {
    "node_gpu": dict(SOME, mig=[{"instances": {"x": 1}}], repository={"branch": 1}, toolkit_packages=["A B"]),
    "node_fpga": dict(SOME, bitstreams=[{"url": "x"}]),
    "node_accelerator": SOME,
}
CASES = [(role, option, value) for role, options in OPTIONS.items() for option, value in options.items()]


@pytest.mark.parametrize("role", OPTIONS)
def test_nothing_is_asked_for(role):
    assert not Role(role, **NONE).runs(0)
    assert Role(role).runs(0)  # without a testbed nobody knows what the node has


@pytest.mark.parametrize(("role", "option", "value"), CASES)
def test_an_option_is_asked_for(role, option, value):
    assert Role(role, **NONE, **{f"{role}_{option}": value}).runs(0)
