"""What the nodes' kernels say."""


def test_hugepages_of_each_numa_node(host):
    path = "/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/nr_hugepages"
    assert [host.file(path % node).content_string.strip() for node in (0, 1)] == ["8", "12"]


def test_sysctls(host):
    assert host.sysctl("vm.swappiness") == 10
    assert host.check_output("sysctl -n net.ipv4.tcp_rmem").split() == ["4096", "131072", "33554432"]


def test_new_interrupts_avoid_the_isolated_cpu(host):
    assert int(host.file("/proc/irq/default_smp_affinity").content_string, 16) == 0b0111


def test_no_interrupt_that_can_move_is_on_the_isolated_cpu(host):
    on_it = "grep -l 3 /proc/irq/[0-9]*/smp_affinity_list"
    script = f"for f in $({on_it}); do echo 0-2 2>/dev/null >$f && echo $f; done; true"
    assert host.check_output(script) == ""


def test_the_unit_will_run(host):
    assert host.service("gedge-tuning").is_enabled
