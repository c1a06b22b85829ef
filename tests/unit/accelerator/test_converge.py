"""Whole runs on a node made of files: foretold by check mode, once, restored by absent, whole after kill -9."""

import grp
import hashlib
import os
import pwd

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError

from .conftest import Node

USER, GROUP = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
A100, H100, CARD = "0000:3b:00.0", "0000:af:00.0", "0000:65:00.0"
AFU, OTHER = "f7df405cbd7acf7222f144b0b93acd18", "850adcc26ceb4b22972296ed5a4b9b2d"


def asic(**keys):
    """An entry of the user's for an ASIC."""
    entry = {
        "name": "ASIC",
        "kind": "accelerator",
        "vendor": "1f56",
        "modules": ["dummy"],
        "options": {"dummy": "numdummies=0"},
        "nodes": [{"kernel": "asic[0-9]", "mode": "0660", "owner": USER, "group": GROUP}],
    }
    return [dict(entry, **keys)]


def add_asic(node):
    """An ASIC with a device node."""
    node.device("0000:41:00.0", "1f56:0001", "120000")
    node.put("/dev/asic0", "").chmod(0o600)
    return {"kind": "accelerator", "catalogue": asic()}


def add_gpu(node):
    """Two GPUs whose driver runs, one with MIG, and the container toolkit."""
    for index, (address, ids) in enumerate(((A100, "10de:20b0"), (H100, "10de:2331"))):
        node.device(address, ids, "030200", driver="nvidia")
        node.gpu(index, address, mig=index == 0, instances=["3g.20gb"] if index == 0 else [])
    node.put("/usr/bin/nvidia-ctk", "")
    node.modules.update({"nvidia": 1, "nvidia_uvm": 0, "nouveau": 0})
    node._show_modules()  # pylint: disable=protected-access
    mig = [{"address": A100, "instances": {"1g.5gb": 2}}, {"address": H100, "instances": {"3g.20gb": 1}}]
    return {"kind": "gpu", "gpu": {"mig": mig, "persistence": True, "cdi": True, "nonfree": True}}


def add_fpga(node):
    """A D5005 with its DFL tree and one VF to have, and another function to program."""
    node.device(CARD, "8086:0b2b", "120000", driver="dfl-pci", vfs=1)
    node.dfl(CARD, OTHER)
    node.modules.update(
        {"dfl_pci": 1, "dfl_fme": 0, "dfl_fme_mgr": 0, "dfl_fme_region": 0, "dfl_fme_br": 0, "dfl_afu": 0}
    )
    node._show_modules()  # pylint: disable=protected-access
    made = node.put("/srv/afu.gbs", AFU + "\n")
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    bitstream = {"afu_id": AFU, "url": "file://" + str(made), "sha256": digest}
    return {"kind": "fpga", "fpga": {"vfs": 1, "vfio": "vfs", "bitstreams": [bitstream]}}


KINDS = {"accelerator": add_asic, "gpu": add_gpu, "fpga": add_fpga}
all_kinds = pytest.mark.parametrize("add", KINDS.values(), ids=KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_node_without_a_device_gets_no_step(node, accelerator, kind):
    node.device("0000:23:00.0", "1002:5159", "030000")
    node.device("0000:82:00.0", "1234:11e8", "00ff00")
    before = node.snapshot()
    done = accelerator(node, kind)
    assert (done["steps"], done["devices"], done["missing_packages"], done["reboot_reasons"]) == ([], [], [], [])
    assert accelerator(node, kind, state="absent")["steps"] == []
    assert node.snapshot() == before and node.log == []


@all_kinds
def test_check_foretells_the_run_and_the_second_run_does_nothing(node, accelerator, add):
    asked = add(node)
    before = node.snapshot()
    foretold = accelerator(node, check_mode=True, **asked)
    assert node.snapshot() == before and foretold["steps"]
    done = accelerator(node, **asked)
    assert (done["steps"], done["reboot_reasons"]) == (foretold["steps"], foretold["reboot_reasons"])
    after = node.snapshot()
    assert accelerator(node, **asked)["steps"] == []
    assert node.snapshot() == after != before


@all_kinds
def test_absent_restores(node, accelerator, add):
    asked = add(node)
    before = node.snapshot()
    accelerator(node, **asked)
    gone = accelerator(node, kind=asked["kind"], catalogue=asked.get("catalogue", []), state="absent")
    assert gone["changed"]
    assert _but_programmed(node.snapshot()) == _but_programmed(before)
    assert not os.path.exists(node.path("/var/lib/gedge"))
    assert not accelerator(node, kind=asked["kind"], catalogue=asked.get("catalogue", []), state="absent")["changed"]


def _but_programmed(snapshot):
    """Without what absent does not promise: the bitstream, and attributes of a function that was bound."""
    return {key: value for key, value in snapshot.items() if not key.endswith(("/afu_id", "/driver_override"))}


@all_kinds
def test_killed_at_every_change_and_run_again(folder, accelerator, killed, add):
    number = 0
    while True:
        fresh = type_of_node(folder, number)
        asked = add(fresh)
        before = fresh.snapshot()
        fresh.break_at(number, killed())
        try:
            accelerator(fresh, **asked)
        except killed:
            pass
        else:
            break
        accelerator(fresh, **asked)
        assert accelerator(fresh, **asked)["steps"] == []
        assert not [name for name in fresh.snapshot() if name.endswith(".gedge-tmp")]
        accelerator(fresh, kind=asked["kind"], catalogue=asked.get("catalogue", []), state="absent")
        assert _but_programmed(fresh.snapshot()) == _but_programmed(before), number
        number += 1
    assert number >= 8


@all_kinds
def test_absent_killed_at_every_change_and_run_again(folder, accelerator, killed, add):
    number = 0
    while True:
        fresh = type_of_node(folder, number)
        asked = add(fresh)
        before = fresh.snapshot()
        accelerator(fresh, **asked)
        away = {"kind": asked["kind"], "catalogue": asked.get("catalogue", []), "state": "absent"}
        fresh.break_at(number, killed())
        try:
            accelerator(fresh, **away)
        except killed:
            pass
        else:
            break
        accelerator(fresh, **away)
        assert _but_programmed(fresh.snapshot()) == _but_programmed(before), number
        number += 1
    assert number >= 6


@all_kinds
def test_a_refused_change_is_put_back(folder, accelerator, add):
    number = refused = 0
    while True:
        fresh = type_of_node(folder, number)
        asked = add(fresh)
        before = fresh.snapshot()
        fresh.break_at(number, EngineError("refused"))
        try:
            accelerator(fresh, **asked)
        except EngineError as error:
            refused += 1
            if "NOT put back" not in error.text():
                assert _but_programmed(fresh.snapshot()) == _but_programmed(before), (number, error.text())
        if fresh.breaking:
            break
        number += 1
    assert refused >= 5


def type_of_node(folder, number):
    """A fresh node beside the others."""
    return Node(folder / str(number))


def test_no_driver_yet(node, accelerator):
    """Before the driver is installed: files, packages and what waits are named; nothing is guessed."""
    node.device(A100, "10de:20b0", "030200", driver="nouveau")
    node.modules["nouveau"] = 1
    node._show_modules()  # pylint: disable=protected-access
    mig = [{"instances": {"3g.20gb": 2}}]
    done = accelerator(node, "gpu", gpu={"mig": mig, "persistence": True, "nonfree": True}, check_mode=True)
    assert done["driver"] == {"branch": 535, "modules": "proprietary"}
    assert done["missing_packages"][:2] == ["linux-headers-6.1.0-56-amd64", "linux-headers-amd64"]
    assert "nvidia-kernel-dkms" in done["missing_packages"]
    assert done["reboot_reasons"] == ["module nouveau is loaded and holds the device"]
    assert [step["target"].rsplit("/", 1)[-1] for step in done["steps"]] == [
        "gedge-node-gpu.sources",
        "gedge-node-gpu.conf",
        "gedge-node-gpu.conf",
        "gedge-node-gpu.service",
        "gedge-node-gpu.service",
    ]
    assert any("MIG" in text for text in done["deferred"])


def test_absent_does_not_look_at_what_was_asked(node, accelerator):
    """The role hands its variables over also then; a GPU that was taken out must not stop it."""
    asked = add_gpu(node)
    before = node.snapshot()
    accelerator(node, **asked)
    asked["gpu"]["mig"].append({"address": "0000:99:00.0", "instances": {"1g.5gb": 1}})
    done = accelerator(node, **asked, state="absent")
    assert node.snapshot() == before and "nvidia-kernel-dkms" in done["packages"] and done["missing_packages"] == []


def test_another_makers_gpu_needs_no_nvidia_archive(node, accelerator):
    node.device("0000:41:00.0", "1002:740f", "038000")
    mine = [{"name": "AMD MI210", "kind": "gpu", "vendor": "1002", "devices": ["740f"], "packages": ["firmware-amd"]}]
    done = accelerator(node, "gpu", catalogue=mine, gpu={"nonfree": True})
    assert (done["missing_packages"], done["steps"], done["driver"]) == (["firmware-amd"], [], None)


def test_a_gpu_in_use_is_not_torn_down(node, accelerator):
    asked = add_gpu(node)
    node.apps = "00000000:3B:00.0, 4711, /usr/bin/python3\n"
    before = node.snapshot()
    with pytest.raises(EngineError, match=r"GPU 0000:3b:00.0 is used by process 4711 \(/usr/bin/python3\)"):
        accelerator(node, **asked)
    assert node.snapshot() == before


def test_a_gpu_of_a_pod_is_not_torn_down(node, accelerator):
    asked = add_gpu(node)
    node.put(
        "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint",
        '{"Data": {"PodDeviceEntries": [{"PodUID": "u1", "ContainerName": "c", "ResourceName": "nvidia.com/gpu",'
        ' "DeviceIDs": {"0": ["GPU-0"]}}]}}',
    )
    with pytest.raises(EngineError, match=r"used by pod u1 \(c, nvidia.com/gpu\)"):
        accelerator(node, **asked)


def test_what_is_right_does_not_ask_who_uses_it(node, accelerator):
    asked = add_gpu(node)
    accelerator(node, **asked)
    node.apps = "00000000:3B:00.0, 4711, /usr/bin/python3\n"
    assert accelerator(node, **asked)["steps"] == []


def test_ampere_waits_for_a_reboot_and_hopper_does_not(node, accelerator):
    add_gpu(node)
    node.resets = False
    node.gpus[0].update(mig=False, pending=False, instances=[])
    one = {"mig": [{"address": A100, "instances": {"1g.5gb": 1}}]}
    done = accelerator(node, "gpu", gpu=one)
    assert done["disruption"] == "reboot"
    assert "MIG of GPU 0000:3b:00.0 is switched on at the next reboot" in done["reboot_reasons"]
    assert accelerator(node, "gpu", gpu=one)["steps"] == []
    node.resets = True
    done = accelerator(node, "gpu", gpu={"mig": [{"address": H100, "instances": {"1g.5gb": 1}}]})
    assert [step["disruption"] for step in done["steps"] if step["action"] == "set-mig-mode"] == ["drain"]
    assert node.gpus[1]["instances"] == ["1g.5gb"]


MIG_FAULTS = [
    ([{"address": "0000:99:00.0", "instances": {"1g.5gb": 1}}], "GPUs: 0000:3b:00.0, 0000:af:00.0"),
    ([{"address": A100, "instances": {"1g.9gb": 1}}], "Profiles of this GPU: 1g.10gb"),
    ([{"address": A100, "instances": {"3g.20gb": 3}}], "holds 2 of 3g.20gb at most"),
    ([{"instances": {"3g.20gb": 9}}], "gpu.mig[0].instances.3g.20gb"),
    ([{"instances": {"large": 1}}], "nvidia-smi mig -lgip"),
    ([{"address": "3b:00", "instances": {}}], "gpu.mig[0].address"),
]


@pytest.mark.parametrize(("mig", "words"), MIG_FAULTS)
def test_mig_faults(node, accelerator, mig, words):
    add_gpu(node)
    before = node.snapshot()
    with pytest.raises(EngineError) as caught:
        accelerator(node, "gpu", gpu={"mig": mig})
    assert words in caught.value.text()
    assert node.snapshot() == before


def test_an_fpga_in_use_is_not_programmed(node, accelerator):
    asked = add_fpga(node)
    os.makedirs(node.path("/proc/77/fd"))
    os.symlink("/dev/dfl-port.0", node.path("/proc/77/fd/5"))
    node.put("/proc/77/comm", "hello_fpga\n")
    with pytest.raises(EngineError, match=r"process 77 \(hello_fpga\)"):
        accelerator(node, **asked)


def test_a_bitstream_for_another_region_is_refused(node, accelerator):
    asked = add_fpga(node)
    asked["fpga"]["bitstreams"][0]["interface_id"] = "00000000-0000-0000-0000-000000000001"
    with pytest.raises(EngineError, match="is made for interface"):
        accelerator(node, **asked)


def test_an_fpga_without_its_driver_warns(node, accelerator):
    """Debian's kernels have no CONFIG_FPGA."""
    node.device(CARD, "8086:0b2b", "120000")
    done = accelerator(node, "fpga", check_mode=True)
    assert "no module dfl-pci" in done["warnings"][0] and "CONFIG_FPGA" in done["warnings"][1]
    with pytest.raises(EngineError, match="no DFL port"):
        asked = {"afu_id": AFU, "url": "file:///x", "sha256": "a" * 64}
        accelerator(node, "fpga", fpga={"bitstreams": [asked]})


def test_identity_is_read(node, accelerator):
    add_fpga(node)
    identity = accelerator(node, "fpga", check_mode=True)["devices"][0]["identity"]
    assert identity == {
        "bitstream_id": "0x2300011001030f",
        "bitstream_metadata": "0x190318",
        "interface_id": "f3c9941350814aadbced07eb84a6d0bb",
        "afu_ids": [OTHER],
    }


def test_a_whole_card_goes_to_vfio(node, accelerator):
    add_fpga(node)
    accelerator(node, "fpga", fpga={"vfio": "all"})
    assert node.link_name(f"/sys/bus/pci/devices/{CARD}/driver") == "vfio-pci"
    assert "ids=8086:0b2b" in node.read("/etc/modprobe.d/gedge-node-fpga.conf")
    assert node.read("/etc/modules-load.d/gedge-node-fpga.conf").splitlines()[1:] == ["vfio-pci"]


def test_a_module_with_other_options_needs_a_reboot(node, accelerator):
    asked = add_asic(node)
    node.modules["dummy"] = 0
    node._show_modules()  # pylint: disable=protected-access
    node.put("/sys/module/dummy/parameters/numdummies", "1\n")
    done = accelerator(node, **asked)
    assert done["reboot_reasons"] == ["module dummy runs with numdummies=1, 0 is asked for"]
    assert done["disruption"] == "reboot"


def test_a_group_that_is_not_there_is_refused(node, accelerator):
    add_asic(node)
    bad = asic(nodes=[{"kernel": "asic0", "mode": "0660", "group": "no-such-group"}])
    with pytest.raises(EngineError, match="there is no group no-such-group"):
        accelerator(node, "accelerator", catalogue=bad)


def test_names_of_packages_are_checked_without_a_gpu(node, accelerator):
    with pytest.raises(ProblemsError, match=r"gpu\.toolkit_packages\[1\]: is no package name \(got 'A B'\)"):
        accelerator(node, "gpu", gpu={"toolkit_packages": ["a1", "A B"]})


def test_options_of_another_kind_are_refused(node, accelerator):
    with pytest.raises(EngineError, match="is not for kind fpga"):
        accelerator(node, "fpga", gpu={"persistence": True})
