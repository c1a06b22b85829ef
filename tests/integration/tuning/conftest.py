"""node1 without anything of module tuning, and a way to see that nothing of it has changed."""

import pytest

FOLDERS = "/etc/sysctl.d /etc/tmpfiles.d /etc/systemd/system /var/lib/gedge"
FILES = f"find {FOLDERS} -printf '%p %m %l\\n' 2>/dev/null | sort"
PAGES = "/sys/devices/system/node/node*/hugepages/hugepages-*/nr_hugepages"
VALUES = (
    f"grep -H . {PAGES} /proc/irq/default_smp_affinity; grep -H . $(ls -v /proc/irq/*/smp_affinity_list);"
    " sysctl kernel.numa_balancing vm.swappiness vm.stat_interval net.core"
)


@pytest.fixture
def bare(lab):
    """node1 as it was before the first change."""
    done = lab.module("node1", "gedge.engine.tuning", {"state": "absent"})
    assert done.rc == 0, done.output
    yield lab
    lab.module("node1", "gedge.engine.tuning", {"state": "absent"})


@pytest.fixture
def look(lab):
    """A function: the files and values of node1 that this module could change."""
    return lambda: (lab.run("node1", FILES, check=False).stdout, lab.run("node1", VALUES, check=False).stdout)
