"""A mistyped option of a role is told; a variable of the user's own is not."""

import re

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.plugin_utils import known_options

ROWS = [
    ("cluster_kubelet_cpu_manger_policy", "cluster_kubelet_cpu_manager_policy"),
    ("node_sriov_allow_vf_los", "node_sriov_allow_vf_loss"),
    ("service_fil", "service_file"),
    ("service_stat", "service_state"),
    ("cluster_kubelet_cpu_manager_policy", ""),
    ("cluster_kubelet_of_our_own", ""),
    ("cluster_kubeconfig", ""),
    ("service_owner", ""),
    ("node_count", ""),
    ("my_variable", ""),
]


@pytest.mark.parametrize(("name", "meant"), ROWS)
def test_names(name, meant):
    (found,) = known_options.faults([name]) or ("",)
    assert (f'Did you mean "{meant}"?' in found) == bool(meant)


def test_no_name_that_we_write_ourselves_is_refused(root):
    """In inventories, docs, playbooks, tests: all are options, or far from one."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("inventories", "docs", "playbooks", "molecule", "roles")
        for path in (root / folder).rglob("*")
        if path.suffix in (".yml", ".md") and "facts" not in path.parts
    )
    names = set(re.findall(r"\b(?:benchmark|cluster|lab|node|report|service)_\w+", text))
    assert len(names) > 200 and known_options.faults(names) == []


def test_each_option_of_each_role_is_known(root):
    for path in (root / "roles").glob("*/meta/argument_specs.yml"):
        doors = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values()
        own = {name for door in doors for name in door.get("options") or {} if name.startswith(path.parts[-3] + "_")}
        assert own <= set(known_options.options(path.parts[-3])), path
