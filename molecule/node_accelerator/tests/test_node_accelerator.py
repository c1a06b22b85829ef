"""What the nodes' kernels say of an entry of the user's catalogue."""


def test_module_and_its_option(host):
    assert "dummy" in host.check_output("cat /proc/modules")
    assert host.run("ip link show dummy0").rc != 0  # numdummies=0: by default there would be one
    assert host.file("/etc/modules-load.d/gedge-node-accelerator.conf").contains("^dummy$")


def test_device_node_has_its_permissions_also_when_it_comes_anew(host):
    seen = host.file("/dev/nvme0")
    assert (seen.mode, seen.user, seen.group) == (0o660, "root", "disk")
    host.check_output(
        "chmod 0600 /dev/nvme0; udevadm trigger --action=change /sys/class/nvme/nvme0; udevadm settle --timeout=30"
    )
    assert host.file("/dev/nvme0").mode == 0o660


def test_the_neighbour_is_not_touched(host):
    assert host.file("/dev/nvme0n1").mode == 0o660
    assert host.file("/dev/nvme0n1").group == "disk"
