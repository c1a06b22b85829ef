"""The role installs what the module says is missing, and asks for nothing where nothing is."""

import pytest
from helpers.role_tasks import Role


@pytest.mark.parametrize("missing", [[], ["driverctl"]])
def test_missing_packages_are_installed(missing):
    role = Role("node_sriov", node_sriov_result={"missing_packages": missing})
    assert role.runs(1) == bool(missing)
    assert role.options(1, "gedge.engine.packages") == {"names": missing}
