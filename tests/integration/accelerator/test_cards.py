"""The module beside cards of the right identity, on a real kernel: what it sees, and what it would do.

Needs QEMU >= 10.1: GEDGE_QEMU=PATH. The cards answer lspci and sysfs; no driver would work with them."""

A100, D5005, X220 = "0000:21:00.0", "0000:22:00.0", "0000:81:00.0"


def test_the_kernel_sees_them(cards):
    listed = cards.run("lspci -Dnn")
    for words in (
        f"{A100} 3D controller [0302]",
        "[10de:20b0]",
        f"{D5005} Processing accelerators [1200]",
        "[1f56:0001]",
    ):
        assert words in listed


def test_gpu(cards):
    """The plan of a node with an A100 and no driver: Debian's own archive, from the node's sources."""
    done = cards.module(
        "gedge.engine.accelerator", {"kind": "gpu", "gpu": {"nonfree": True, "modules": "auto"}}, "--check"
    )
    assert [(one["address"], one["family"], one["numa_node"]) for one in done["devices"]] == [(A100, "ampere", 0)]
    assert done["driver"] == {"branch": 535, "modules": "proprietary"}
    targets = {step["target"]: step["after"] for step in done["steps"]}
    assert "Components: contrib non-free non-free-firmware" in targets["/etc/apt/sources.list.d/gedge-node-gpu.sources"]
    assert "blacklist nouveau" in targets["/etc/modprobe.d/gedge-node-gpu.conf"]


def test_gpu_packages_resolve_in_the_node(cards):
    """With the areas added as planned, the node's own apt finds and resolves every package."""
    asked = {"kind": "gpu", "gpu": {"nonfree": True}}
    done = cards.module("gedge.engine.accelerator", asked)
    assert not done.get("failed"), done
    try:
        cards.run("apt-get -q update")
        plan = cards.run("apt-get -s --no-install-recommends install " + " ".join(done["missing_packages"]))
        assert "Inst nvidia-kernel-dkms (535" in plan and "Inst nvidia-smi (535" in plan
        assert cards.module("gedge.engine.accelerator", asked)["steps"] == []
    finally:
        gone = cards.module("gedge.engine.accelerator", {"kind": "gpu", "state": "absent"})
    assert gone["changed"] and cards.run("find /etc /var/lib/gedge -name '*gedge-node*'", check=False) == ""


def test_fpga(cards):
    """Debian's kernel has no DFL: said, not hidden; a whole card goes to vfio-pci and comes back."""
    done = cards.module("gedge.engine.accelerator", {"kind": "fpga"}, "--check")
    assert [(one["address"], one["family"], one["driver"]) for one in done["devices"]] == [(D5005, "stratix10", None)]
    assert not [step for step in done["steps"] if step["action"] == "load-module"]
    whole = {"kind": "fpga", "fpga": {"vfio": "all"}}
    foretold = cards.module("gedge.engine.accelerator", whole, "--check")
    done = cards.module("gedge.engine.accelerator", whole)
    assert done["steps"] == foretold["steps"], done
    driver = f"basename $(readlink /sys/bus/pci/devices/{D5005}/driver)"
    assert cards.run(driver).strip() == "vfio-pci"
    assert cards.module("gedge.engine.accelerator", whole)["steps"] == []
    cards.module("gedge.engine.accelerator", {"kind": "fpga", "state": "absent"})
    assert cards.run(f"ls /sys/bus/pci/devices/{D5005}/driver", check=False) == ""


def test_accelerator(cards):
    """SAPEON by its vendor; the rest of the entry is the user's."""
    done = cards.module("gedge.engine.accelerator", {"kind": "accelerator"}, "--check")
    assert [(one["address"], one["name"], one["numa_node"]) for one in done["devices"]] == [(X220, "SAPEON X220", 1)]
    assert done["steps"] == []
    mine = [{"name": "SAPEON X220", "devices": ["0001"], "modules": ["dummy"]}]
    done = cards.module("gedge.engine.accelerator", {"kind": "accelerator", "catalogue": mine}, "--check")
    assert [step["action"] for step in done["steps"] if not step["target"].startswith("/")] == ["load-module"]
