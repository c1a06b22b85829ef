"""What the nodes will boot with, and the module that is loaded now."""


def test_every_entry_of_grub_has_the_arguments(host):
    lines = [line for line in host.file("/boot/grub/grub.cfg").content_string.splitlines() if "vmlinuz" in line]
    assert len(lines) >= 2
    for line in lines:
        assert " isolcpus=managed_irq,domain,3 " in line
        assert ' gedge.molecule="a b"' in line
        assert "console=ttyS0" in line  # the image's own


def test_the_module_is_loaded_and_will_be(host):
    assert host.file("/sys/module/ipip").is_directory
    assert "ipip" in host.file("/etc/modules-load.d/gedge.conf").content_string.splitlines()


def test_modprobe_knows_the_option(host):
    assert "options vfio_pci disable_idle_d3=1" in host.check_output("modprobe -c").splitlines()
