"""What a node cannot give, and what others say otherwise: named before anything is touched."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.boot import grub
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError

PAGES = {"size": "1G", "count": 1}
BAD = {
    "no CPU": ({"isolated_cpus": "2-9"}, "isolated_cpus: CPU 4-9 is not there"),
    "all CPUs": ({"isolated_cpus": "0-3"}, "isolates all CPUs"),
    "CPU 0": ({"isolated_cpus": "0", "nohz_full": True}, "CPU 0 keeps the time"),
    "no list": ({"isolated_cpus": "a"}, "is not a number or a range"),
    "too many pages": ({"hugepages": [dict(PAGES, count=8)]}, "leave less than the 512 MiB"),
    "with small ones": ({"hugepages": [dict(PAGES, count=7), {"size": "2M", "count": 400}]}, "leave less than"),
    "too many on a node": ({"hugepages": [dict(PAGES, count=4, numa_node=0)]}, "on NUMA node 0, which has 4096 MiB"),
    "no such node": ({"hugepages": [dict(PAGES, numa_node=2)]}, "hugepages[0].numa_node"),
    "twice": ({"hugepages": [PAGES, dict(PAGES, numa_node=1)]}, "hugepages[1]: means the same pages as hugepages[0]"),
    "no size": ({"hugepages": [{"size": "1T", "count": 1}]}, "hugepages[0].size: is no size"),
    "negative": ({"hugepages": [dict(PAGES, count=-1)]}, "hugepages[0].count: is negative"),
    "default size": ({"default_hugepagesz": "big"}, "default_hugepagesz: is no size"),
    "two in one": ({"arguments": ["a=1 b=2"]}, "arguments[0]: holds 2 arguments"),
    "empty": ({"arguments": [" "]}, "arguments[0]: is empty"),
    "dollar": ({"arguments": ["a=$b"]}, "GRUB cannot hand over"),
    "semicolon as name": ({"arguments": ["a;b"]}, "is no name of an argument"),
    "argument twice": ({"arguments": ["panic=1", "panic=2"]}, "panic is given twice"),
    "made elsewhere": ({"isolated_cpus": "3", "arguments": ["isolcpus=2"]}, "isolcpus is made by an option of its own"),
    "module": ({"modules": ["nope"]}, "there is no module nope"),
    "module name": ({"modules": ["a b"]}, "modules[0]: is no name"),
    "option": ({"module_options": {"igb": {"max": 1}}}, "module_options.igb.max: the module has no such option"),
    "builtin": ({"module_options": {"ext4": {"a": 1}}}, "Write ext4.a=1 into arguments"),
    "options": ({"module_options": {"igb": 3}}, "module_options.igb: is no module with a dictionary"),
    "option value": ({"module_options": {"igb": {"max_vfs": 'a"b'}}}, "cannot be written into a modprobe.d file"),
}


@pytest.mark.parametrize(("options", "words"), [pytest.param(*row, id=name) for name, row in BAD.items()])
def test_bad_options_are_named_and_nothing_is_touched(node, boot, options, words):
    before = node.snapshot()
    with pytest.raises(EngineError) as caught:
        boot(node, **options)
    assert words in caught.value.text()
    assert node.snapshot() == before and node.log == []


# file of others, its text, what is asked for, words of the refusal, or of the warning
OTHERS = {
    "isolcpus before": ("LINUX=isolcpus=2", {"isolated_cpus": "3"}, "drops the second isolcpus", True),
    "isolcpus after": ("LINUX_DEFAULT=isolcpus=2", {"isolated_cpus": "3"}, "drops the second isolcpus", True),
    "nohz_full": ("LINUX=nohz_full=2", {"isolated_cpus": "3"}, "must name the same CPUs", True),
    "after ours": ("LINUX_DEFAULT=panic=9", {"arguments": ["panic=5"]}, "stands after ours and would win", True),
    "before ours": ("LINUX=panic=9", {"arguments": ["panic=5"]}, "sets panic=9; ours stands after it and wins", False),
    "pages": ('LINUX="hugepagesz=1G hugepages=2"', {"hugepages": [PAGES]}, "ignores a size that is given again", True),
}


@pytest.mark.parametrize(
    ("text", "options", "words", "refused"), [pytest.param(*row, id=name) for name, row in OTHERS.items()]
)
def test_others_that_say_otherwise_are_named_with_their_file(node, boot, text, options, words, refused):
    node.put("/etc/default/grub.d/other.cfg", "GRUB_CMDLINE_%s\n" % text)
    before = node.snapshot()
    if refused:
        with pytest.raises(EngineError) as caught:
            boot(node, **options)
        assert "/etc/default/grub.d/other.cfg" in caught.value.text() and words in caught.value.text()
        assert node.snapshot() == before
    else:
        (warning,) = boot(node, **options)["warnings"]
        assert warning.startswith("/etc/default/grub.d/other.cfg") and words in warning


def test_what_the_node_runs_with_but_no_file_sets_is_named(node, boot):
    node.put("/proc/cmdline", node.text("/proc/cmdline").strip() + " isolcpus=2\n")
    (warning,) = boot(node, isolated_cpus="3")["warnings"]
    assert "isolcpus=2, which no file of GRUB sets" in warning


@pytest.mark.parametrize(("name", "refused"), [("a.conf", False), ("kvm.conf", True)])
def test_module_options_of_others(node, boot, name, refused):
    node.put("/etc/modprobe.d/" + name, "options igb max_vfs=2\n")
    if refused:
        with pytest.raises(EngineError, match="sets other options of igb"):
            boot(node, module_options={"igb": {"max_vfs": 4}})
    else:
        done = boot(node, module_options={"igb": {"max_vfs": 4}})
        assert done["warnings"] == ["/etc/modprobe.d/a.conf sets options of igb; ours win"]


NO_GRUB = {
    "direct boot": (lambda node: node.put("/proc/cmdline", "root=/dev/vda ro\n"), "BOOT_IMAGE"),
    "no update-grub": (lambda node: node.remove_file("/usr/sbin/update-grub"), "no update-grub"),
    "no grub.cfg": (lambda node: node.remove_file(grub.CONFIG), "no /boot/grub/grub.cfg"),
    "extlinux": (lambda node: node.put("/boot/extlinux/extlinux.conf", ""), "extlinux"),
    "entries of BLS": (lambda node: node.put(grub.CONFIG, "blscfg\n"), "BLS"),
    "systemd-boot": (
        lambda node: node.put(
            "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
            "\0\0\0\0" + "".join(char + "\0" for char in "systemd-boot 252"),
        ),
        "systemd-boot",
    ),
}


@pytest.mark.parametrize(("change", "words"), [pytest.param(*row, id=name) for name, row in NO_GRUB.items()])
def test_a_node_that_grub_does_not_start_says_so_and_modules_work(node, boot, change, words):
    change(node)
    before = node.snapshot()
    with pytest.raises(EngineError) as caught:
        boot(node, arguments=["panic=5"])
    assert words in caught.value.text() and "panic=5" in caught.value.text()
    assert node.snapshot() == before
    done = boot(node, modules=["ipip"])
    assert [step["action"] for step in done["steps"]] == ["write-file", "load-module"]


def test_a_direct_boot_that_has_all_that_is_asked_for_is_right(node, boot):
    node.put("/proc/cmdline", "root=/dev/vda ro panic=5\n")
    done = boot(node, arguments=["panic=5"])
    assert (done["steps"], done["reboot_reasons"]) == ([], [])


IOMMU = [
    ("intel by its table", {}, "on", ["intel_iommu=on", "iommu=pt"]),
    ("amd by its table", {"IVRS": True}, "on", ["iommu=pt"]),
    ("amd off", {"IVRS": True}, "off", ["amd_iommu=off"]),
    ("intel by its vendor", {"DMAR": False}, "on", ["intel_iommu=on", "iommu=pt"]),
    ("not asked for", {}, "leave", []),
]


@pytest.mark.parametrize(("tables", "asked", "arguments"), [pytest.param(*row, id=name) for name, *row in IOMMU])
def test_the_iommu_argument_follows_the_hardware(node, boot, tables, asked, arguments):
    if tables:
        node.remove_file("/sys/firmware/acpi/tables/DMAR")
        if "IVRS" in tables:
            node.put("/sys/firmware/acpi/tables/IVRS", "")
    done = boot(node, check_mode=True, iommu=asked)
    assert done["arguments"] == arguments
    assert any("no IOMMU" in text for text in done["warnings"]) == ("DMAR" in tables)
