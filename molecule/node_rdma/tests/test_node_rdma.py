"""What the nodes' kernels and logins say."""


def port(host):
    """The network device of the port."""
    return host.check_output("ls /sys/bus/pci/devices/0000:21:00.0/net")


def test_the_device_is_there(host):
    assert host.check_output("ls /sys/class/infiniband") == "rxe_" + port(host)
    assert host.check_output("cat /sys/class/infiniband/*/parent") == port(host)


def test_it_comes_back_at_boot(host):
    unit = "gedge-rxe@%s.service" % port(host)
    assert host.file("/etc/systemd/system/multi-user.target.wants/" + unit).exists
    assert "rdma_rxe" in host.file("/etc/modules-load.d/gedge-rdma.conf").content_string.split()


def test_a_login_may_pin_memory(host):
    assert host.check_output("su -l root -c 'ulimit -l'") == "unlimited"
