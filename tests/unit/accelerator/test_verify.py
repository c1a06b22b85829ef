"""The independent reading: each fault is named, and what is right is not."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.accelerator_reading import accelerator_reading
from ansible_collections.gedge.engine.plugins.filter.accelerator_verdict import accelerator_verdict
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import accelerator
from hypothesis import given
from hypothesis import strategies as st

from .conftest import transcript

A100 = "0000:3b:00.0"
BUSES = "GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f, 00000000:3B:00.0\n"
BUSES += "GPU-9b4f1e0a-0d5d-8f3c-6f6e-3a0f4b6f2d11, 00000000:AF:00.0\n"
ENTRY = {
    "name": "ASIC",
    "kind": "accelerator",
    "vendor": "1f56",
    "driver": "asic",
    "modules": ["asic-core"],
    "blacklist": ["bad"],
    "nodes": [{"kernel": "asic*", "mode": "0660", "group": "video"}],
    "health": "asic-smi",
}


def uevent(address, ids, pci_class, driver=None):
    """The lines of one device as grep prints them."""
    path = f"/sys/bus/pci/devices/{address}/uevent"
    lines = [f"{path}:DRIVER={driver}"] if driver else []
    return (
        "\n".join([*lines, f"{path}:PCI_CLASS={pci_class}", f"{path}:PCI_ID={ids}", f"{path}:PCI_SUBSYS_ID=0:0"]) + "\n"
    )


def asic(driver="asic", modules="asic_core 1 0 - Live 0x0\n", nodes="/dev/asic0 660 root video\n"):
    """What is found of one ASIC."""
    text = uevent("0000:41:00.0", "1F56:0001", "120000", driver) + uevent("0000:00:1f.0", "8086:2918", "60100")
    return accelerator_reading(text, modules, nodes, "accelerator", [ENTRY])


def test_what_is_right():
    found = asic()
    assert found["findings"] == [] and list(found["devices"]) == ["0000:41:00.0"]
    assert found["health"] == [{"name": "ASIC", "argv": ["asic-smi"]}]


WRONG = [
    ({"driver": None}, "driver asic asked for, none found"),
    ({"driver": "other"}, "driver asic asked for, other found"),
    ({"modules": ""}, "module asic-core is not loaded"),
    ({"modules": "asic_core 1 0\nbad 1 0\n"}, "module bad is loaded and must not be"),
    ({"nodes": "/dev/asic0 600 root root\n"}, "0660 root video asked for, 600 root root found"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_what_is_wrong_is_named(change, words):
    assert [row["what"] for row in asic(**change)["findings"]] == [words]


def test_a_card_given_away_whole():
    text = uevent("0000:65:00.0", "8086:0B2B", "120000", "vfio-pci")
    assert accelerator_reading(text, "", "", "fpga", whole=True)["findings"] == []
    lines = [row["what"] for row in accelerator_reading(text, "", "", "fpga")["findings"]]
    assert lines and all("dfl" in line and "not loaded" in line for line in lines)


def test_health():
    item = {"name": "ASIC", "argv": ["asic-smi"]}
    verdict = accelerator_verdict(asic(), [{"rc": 2, "stderr": "x\nno device\n", "item": item}])
    assert verdict["findings"][0]["what"] == "health command failed: asic-smi: no device"
    verdict = accelerator_verdict(asic(), [{"rc": 0, "item": item}])
    assert verdict["findings"] == [] and len(verdict["proof"]) == 2


MIG = [
    ([{"address": A100, "instances": {"4g.20gb": 1, "2g.10gb": 1, "1g.5gb": 1}}], []),
    ([{"address": A100, "instances": {"3g.20gb": 2}}], ["MIG 2 of 3g.20gb asked for"]),
    ([{"address": A100}], ["MIG off asked for, 1 of 1g.5gb"]),
    ([{"address": "0000:AF:00.0", "instances": {}}], []),
    ([{"instances": {}}], ["MIG off asked for"]),
    ([{"address": "0000:d8:00.0", "instances": {"1g.5gb": 1}}], ["asked for, off found"]),
]


@pytest.mark.parametrize(("mig", "words"), MIG)
def test_mig(mig, words):
    rows = accelerator.mig_findings(mig, BUSES, transcript("nvidia-smi-L.txt"))
    assert len(rows) == len(words)
    assert all(part in row["what"] for part, row in zip(words, rows))


AFU = "d8424dc4-a4a3-c413-f89e-433683f9040b"
SYSFS = """/sys/devices/pci0000:64/0000:64:00.0/0000:65:00.0/sriov_numvfs:1
/sys/devices/pci0000:64/0000:64:00.0/0000:65:00.0/fpga_region/region0/dfl-port.0/afu_id:d8424dc4a4a3c413f89e433683f9040b
/sys/devices/pci0000:20/0000:20:00.0/0000:21:00.0/sriov_numvfs:4
"""
CARDS = {"0000:65:00.0": {"driver": "dfl-pci"}, "0000:65:00.1": {"driver": "vfio-pci"}}
FPGA = [
    ((1, "vfs", [{"afu_id": AFU, "address": "0000:65:00.0"}]), []),
    ((-1, "none", []), []),
    ((-1, "none", [{"afu_id": AFU}]), []),  # not of the NIC, which has VFs too
    ((2, "none", []), ["2 VFs asked for, 1 found"]),
    ((-1, "none", [{"afu_id": AFU.replace("d8", "d9"), "address": "0000:65:00.0"}]), ["asked for, d8424dc4"]),
]


@pytest.mark.parametrize(("asked", "words"), FPGA)
def test_fpga(asked, words):
    rows = accelerator.fpga_findings(CARDS, *asked, SYSFS)
    assert len(rows) == len(words)
    assert all(part in row["what"] for part, row in zip(words, rows))


def test_a_vf_without_vfio_is_named():
    cards = dict(CARDS, **{"0000:65:00.1": {"driver": "dfl-pci"}})
    assert [row["what"] for row in accelerator.fpga_findings(cards, 1, "vfs", [], SYSFS)] == [
        "vfio-pci asked for, dfl-pci found"
    ]


def test_a_faulty_catalogue_is_told():
    with pytest.raises(AnsibleFilterError, match=r"catalogue\[0\].vendor"):
        accelerator_reading("", "", "", "gpu", [{"name": "x", "kind": "gpu"}])


@given(st.text(), st.text(), st.text())
def test_no_text_ends_in_a_traceback(uevents, modules, nodes):
    accelerator_reading(uevents, modules, nodes, "accelerator", [ENTRY])
    accelerator.mig_findings([{"instances": {}}], uevents, modules)
    accelerator.fpga_findings(CARDS, 1, "vfs", [{"afu_id": AFU}], nodes)
