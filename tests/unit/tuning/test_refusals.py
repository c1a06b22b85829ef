"""What a node cannot give is named before anything is touched."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError

PAGES = {"size": "2M", "count": 16}
BAD = {
    "too many": ({"hugepages": [dict(PAGES, count=900)]}, "leave less than the 512 MiB"),
    "too many on a node": ({"hugepages": [dict(PAGES, count=600, numa_node=1)]}, "NUMA node 1, which has 1024 MiB"),
    "with large ones": ({"hugepages": [dict(PAGES, count=300), {"size": "1G", "count": 1}]}, "leave less than"),
    "no node": ({"hugepages": [dict(PAGES, numa_node=7)]}, "no such NUMA node"),
    "no such size": ({"hugepages": [{"size": "16M", "count": 1, "numa_node": 0}]}, "no pages of 16384 KiB"),
    "no size": ({"hugepages": [{"size": "2 MB", "count": 1}]}, "hugepages[0].size: is no size"),
    "negative": ({"hugepages": [dict(PAGES, count=-1)]}, "is negative"),
    "CPU": ({"isolated_cpus": "7"}, "CPU 7 is not there"),
    "all CPUs": ({"isolated_cpus": "0-3"}, "isolates all CPUs"),
    "no list": ({"isolated_cpus": "x"}, "is not a number or a range"),
    "sysctl": ({"sysctls": {"vm.swapiness": 1, "vm.stat_intervall": 2}}, "sysctls.vm.swapiness: this kernel has no"),
    "both sysctls": ({"sysctls": {"vm.swapiness": 1, "vm.stat_intervall": 2}}, "sysctls.vm.stat_intervall: this"),
    "sysctl name": ({"sysctls": {"vm/../x": 1}}, "is no name of a sysctl"),
    "sysctl value": ({"sysctls": {"vm.swappiness": "1\n2"}}, "is no value of a sysctl"),
    "sysctl not ASCII": ({"sysctls": {"kernel.numa_balancing": "\u00fc"}}, "Write a number or a word, in ASCII"),
    "sysctl of pages": ({"sysctls": {"vm.nr_hugepages": 4}}, "Write it into hugepages"),
    "sysctl twice": ({"sysctls": {"vm.swappiness": 1, "vm/swappiness": 2}}, "is given twice"),
    "governor name": ({"governor": "a b"}, "is no name of a governor"),
}


@pytest.mark.parametrize(("options", "words"), [pytest.param(*row, id=name) for name, row in BAD.items()])
def test_bad_options_are_named_and_nothing_is_touched(node, tuning, options, words):
    before = node.snapshot()
    with pytest.raises(EngineError) as caught:
        tuning(node, **options)
    assert words in caught.value.text()
    assert node.snapshot() == before and node.log == []


def test_a_governor_that_the_cpus_lack(make_node, tuning):
    with pytest.raises(EngineError, match="Write one of performance, schedutil"):
        tuning(make_node(governors=True), governor="ondemand")


def test_memory_that_is_not_free_now(node, tuning):
    node.put("/proc/meminfo", "MemTotal: 2097152 kB\nMemAvailable: 150000 kB\n")
    with pytest.raises(EngineError, match="only 146 MiB of memory are free now"):
        tuning(node, hugepages=[PAGES])


def test_pages_in_use_are_not_taken_away(node, tuning):
    tuning(node, hugepages=[dict(PAGES, numa_node=0)])
    node.put("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages", "4\n")
    with pytest.raises(EngineError, match="12 pages of 2048 KiB on NUMA node 0 are in use, 8 asked for"):
        tuning(node, hugepages=[dict(PAGES, count=8, numa_node=0)])


@pytest.mark.parametrize(
    ("name", "value", "refused"), [("99-z.conf", 1, True), ("10-a.conf", 1, False), ("99-z.conf", 9, False)]
)
def test_a_file_that_would_win_at_boot(node, tuning, name, value, refused):
    node.put("/etc/sysctl.d/" + name, "# x\nvm/swappiness = %d\n" % value)
    if refused:
        with pytest.raises(EngineError, match=r"99-z.conf sets it to 1 and is read after"):
            tuning(node, sysctls={"vm.swappiness": 9})
    else:
        assert tuning(node, sysctls={"vm.swappiness": 9})["changed"]
