"""node1 without anything of modules boot and tuning, and a way to see that nothing of it has changed."""

import pytest

FOLDERS = (
    "/etc/default /etc/sysctl.d /etc/tmpfiles.d /etc/systemd/system /etc/modprobe.d /etc/modules-load.d /var/lib/gedge"
)
FILES = f"find {FOLDERS} -printf '%p %m %l\\n' 2>/dev/null | sort; md5sum /boot/grub/grub.cfg"
PAGES = "/sys/devices/system/node/node*/hugepages/hugepages-*/nr_hugepages"
VALUES = (
    f"grep -H . {PAGES} /proc/irq/default_smp_affinity; grep -H . $(ls -v /proc/irq/*/smp_affinity_list);"
    " sysctl kernel.numa_balancing vm.swappiness vm.stat_interval net.core; lsmod | grep -c ipip"
)


@pytest.fixture(scope="session")
def reboot(lab):
    """A function: a real one of node1; done when the boot id is another and the boot has ended."""

    def act():
        done = lab.module("node1", "ansible.builtin.reboot", {"reboot_timeout": 600})
        assert done.rc == 0, done.output
        lab.run("node1", "systemctl is-system-running --wait", check=False, timeout=600)

    return act


@pytest.fixture
def bare(lab, reboot):
    """node1 as it was before the first change, started without any argument of ours."""
    reasons = []
    for name in ("tuning", "boot"):
        done = lab.module("node1", f"gedge.engine.{name}", {"state": "absent"})
        assert done.rc == 0, done.output
        reasons += done.tasks[0][2]["reboot_reasons"]
    if reasons:
        reboot()
    yield lab
    for name in ("tuning", "boot"):
        lab.module("node1", f"gedge.engine.{name}", {"state": "absent"})


@pytest.fixture
def look(lab):
    """A function: the files and values of node1 that these modules could change."""
    return lambda: (lab.run("node1", FILES, check=False).stdout, lab.run("node1", VALUES, check=False).stdout)
