"""Which layers --tags and --skip-tags choose, and which tags are refused: playbooks/vars/layers.yml."""

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.gedge.engine.plugins.filter.layer_faults import layer_faults

LAYERS = ["node_boot", "node_tuning", "node_sriov", "node_network", "node_rdma", "node_gpu", "node_fpga"]
LAYERS.append("node_accelerator")
CHOSEN = [
    (["all"], [], LAYERS),
    (["all", "node_sriov"], [], LAYERS),
    (["tagged"], [], LAYERS),
    (["node_sriov", "node_boot"], [], ["node_boot", "node_sriov"]),
    (["always"], [], []),
    (["untagged"], [], []),
    (["always", "node_gpu"], [], ["node_gpu"]),
    (["all"], LAYERS[:6], LAYERS[6:]),
    (["node_boot"], ["node_boot"], []),
    (["all"], ["all"], []),
    (["all"], ["tagged"], []),
    (["all"], ["untagged", "never"], LAYERS),
]
REFUSED = [
    (["all"], [], []),
    (["always", "tagged", "untagged", "never", "node_rdma"], ["all", "node_gpu"], []),
    (
        ["node_sriv"],
        [],
        ['no layer is called "node_sriv". Did you mean "node_sriov"? The layers: ' + ", ".join(LAYERS)],
    ),
    (
        ["all"],
        ["NODE-BOOT"],
        ['no layer is called "NODE-BOOT". Did you mean "node_boot"? The layers: ' + ", ".join(LAYERS)],
    ),
    (["xyz"], ["xyz"], ['no layer is called "xyz". The layers: ' + ", ".join(LAYERS)]),
    (["mine", "node_gpu"], ["mine too"], []),
    (["all"], ["molecule-notest", "notest", "molecule-idempotence-notest"], []),
]


@pytest.fixture
def value(root):
    """A function: a variable of the file with some tags."""

    def of(name, run, skip):
        loader = DataLoader()
        known = loader.load_from_file(str(root / "playbooks" / "vars" / "layers.yml"), trusted_as_template=True)
        tags = {"ansible_run_tags": tuple(run), "ansible_skip_tags": tuple(skip), "other_tags": ["mine", "mine too"]}
        return Templar(loader, {**known, **tags}).template(known[name])

    return of


@pytest.mark.parametrize(("run", "skip", "chosen"), CHOSEN)
def test_chosen(value, run, skip, chosen):
    assert value("layers_chosen", run, skip) == chosen


@pytest.mark.parametrize(("run", "skip", "faults"), REFUSED)
def test_refused(value, run, skip, faults):
    assert value("tag_faults", run, skip) == faults


@pytest.mark.parametrize(
    ("names", "unknown"), [([], 0), ("node_boot", 0), ("boot", 1), (5, 1), ({"a": 1}, 1), ([["node_boot"], None], 2)]
)
def test_names_of_any_type(names, unknown):
    assert len(layer_faults(names, LAYERS)) == unknown
