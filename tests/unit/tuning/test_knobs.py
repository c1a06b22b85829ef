"""Texts of the kernel: masks, lists, names of sysctls; and that the README tells the profile as it is."""

import pathlib

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import hugepages, tuning_profile
from ansible_collections.gedge.engine.plugins.module_utils.tuning import knobs
from hypothesis import given
from hypothesis import strategies as st

MASKS = [([0], "1"), ([0, 1, 2, 3], "f"), ([32], "1,00000000"), ([0, 33], "2,00000001"), ([63], "80000000,00000000")]


@pytest.mark.parametrize(("cpus", "mask"), MASKS)
def test_masks(cpus, mask):
    assert knobs.mask(cpus) == mask
    assert knobs.mask_cpus(mask) == cpus


@given(st.sets(st.integers(0, 300)))
def test_any_mask_is_read_as_written(cpus):
    assert knobs.mask_cpus(knobs.mask(cpus)) == sorted(cpus)


NAMES = [
    ("vm.swappiness", "/proc/sys/vm/swappiness"),
    ("net/ipv4/ip_forward", "/proc/sys/net/ipv4/ip_forward"),
    ("net.ipv4.conf.ens1f0/30.rp_filter", "/proc/sys/net/ipv4/conf/ens1f0.30/rp_filter"),
    ("net/ipv4/conf/ens1f0.30/rp_filter", "/proc/sys/net/ipv4/conf/ens1f0.30/rp_filter"),
]


@pytest.mark.parametrize(("key", "path"), NAMES)
def test_names_of_sysctls(key, path):
    assert knobs.sysctl_path(key) == path
    assert knobs.sysctl_path(knobs.sysctl_key(path)) == path


SAME = [
    ("/proc/sys/net/ipv4/tcp_rmem", "1\t2\t3", "1 2 3", True),
    ("/proc/sys/vm/swappiness", "1", "10", False),
    (knobs.DEFAULT_AFFINITY, "00000000,0000000f", "f", True),
    (knobs.irq_path(4), "0,1,2", "0-2", True),
    (knobs.irq_path(4), "0", "1", False),
]


@pytest.mark.parametrize(("path", "one", "two", "same"), SAME)
def test_same(path, one, two, same):
    assert knobs.same(path, one, two) == same


@given(st.text())
def test_a_size_of_any_text_is_read_or_refused(text):
    pages, problems = hugepages.asked([{"size": text, "count": 1}])
    assert len(pages) + len(problems) == 1
    assert all(hugepages.size_kib(hugepages.size_text(page.size_kib)) == page.size_kib for page in pages)


def test_the_readme_tells_the_profile():
    text = (pathlib.Path(__file__).resolve().parents[3] / "roles" / "node_tuning" / "README.md").read_text(
        encoding="utf-8"
    )
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `") and line.count("|") == 4]
    told = {row[0].strip("| `"): (row[1].strip("`"), row[2].rstrip(" |").replace("`", "")) for row in rows}
    for setting in tuning_profile.EDGE_ACCELERATED:
        assert told[setting.key] == (setting.value, setting.reason)
