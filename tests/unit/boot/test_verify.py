"""The second opinion on what a node was booted with."""

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import boot

ASKED = {
    "iommu": "on",
    "isolated_cpus": "2-3",
    "nohz_full": True,
    "hugepages": [{"size": "1G", "count": 1, "numa_node": 0}, {"size": "2M", "count": 9}],
    "arguments": ['dyndbg="file a +p"', "quiet"],
    "modules": ["vfio-pci"],
    "module_options": {"vfio-pci": {"disable_idle_d3": True}},
}
PAGES = "/sys/devices/system/node/node%d/hugepages/hugepages-%dkB/nr_hugepages"
RIGHT = {
    "/proc/cmdline": 'BOOT_IMAGE=/boot/x "dyndbg=file a +p" quiet',
    "/sys/devices/system/cpu/isolated": "2-3",
    "/sys/devices/system/cpu/nohz_full": "2-3",
    PAGES % (0, 1048576): "1",
    PAGES % (1, 1048576): "0",
    "/sys/module/vfio_pci/parameters/disable_idle_d3": "Y",
}
NAMES = ["/sys/class/iommu/dmar0", "/sys/module/vfio_pci"]
WRONG = [
    ({"/proc/cmdline": "quiet"}, 'was started without dyndbg="file a +p"'),
    ({"/sys/devices/system/cpu/isolated": ""}, "isolated: 2-3 asked for, none found"),
    ({"/sys/devices/system/cpu/nohz_full": "  (null)"}, "nohz_full: 2-3 asked for, none found"),
    ({PAGES % (0, 1048576): "0"}, "1 asked for, 0 found"),
    ({"/sys/module/vfio_pci/parameters/disable_idle_d3": "N"}, "disable_idle_d3=True asked for, N found"),
]


def lines(**changes):
    """As grep -H prints them."""
    return [f"{path}:{text}" for path, text in dict(RIGHT, **changes).items()]


def test_right():
    assert boot.boot(lines(), NAMES, ASKED) == []
    assert boot.boot([], [], {"iommu": "leave"}) == []


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_wrong(changes, words):
    assert [row["what"] for row in boot.boot(lines(**changes), NAMES, ASKED)] == [words]


def test_missing_names():
    found = [row["what"] for row in boot.boot(lines(), [], ASKED)]
    assert found == ["on asked for, it is off", "is not loaded"]
