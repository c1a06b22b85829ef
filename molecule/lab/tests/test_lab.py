"""What the guests themselves say of the machine that they run on."""


def test_numa_nodes(host):
    assert host.check_output("cat /sys/devices/system/node/online") == "0-1"


def test_host_bridge_per_numa_node(host):
    numa_nodes = {
        address: host.file(f"/sys/bus/pci/devices/{address}/numa_node").content_string.strip()
        for address in ("0000:21:00.0", "0000:81:00.0")
    }
    assert numa_nodes == {"0000:21:00.0": "0", "0000:81:00.0": "1"}


def test_four_ports_with_seven_vfs_each(host):
    totals = host.check_output("cat /sys/bus/pci/devices/*/sriov_totalvfs").split()
    assert [total for total in totals if total == "7"] == ["7"] * 4


def test_iommu_groups(host):
    assert int(host.check_output("ls /sys/kernel/iommu_groups | wc -l")) > 4


def test_suite_is_the_one_of_the_testbed_file(host, variables):
    assert host.system_info.codename == variables["testbed_lab"]["suite"]


def test_the_system_is_up(host):
    assert host.check_output("systemctl is-system-running --wait || true") == "running"
