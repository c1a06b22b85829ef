"""Module device_plugin with kinds accelerators and gpus: what the plugin is told, and which cards are refused."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin import files, observe
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin.kinds import KINDS
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError

from .conftest import machine, vf

EDU, DFL, VFIO, GPU = "0000:5e:00.0", "0000:60:00.0", "0000:5f:00.0", "0000:3b:00.0"
UUID = "GPU-fef8089b-4820-abfc-e83e-94318197576e"
SMI = f"0, 00000000:3B:00.0, {UUID}, NVIDIA A100-PCIE-40GB, 580.65.06, Enabled, %s, %s\n"
SPEC = f'---\ncdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n- name: "0"\n- name: {UUID}\n- name: all\n'


def device(address, driver, pci_class, numa=1):
    """A card as a topology has it."""
    return dict(vf(0), address=address, driver=driver, numa_node=numa, sriov={"role": None}, **{"class": pci_class})


def pool(*cards, name="edu", **more):
    """A pool of cards: (address, globs)."""
    listed = [{"address": address, "nodes": list(globs)} for address, *globs in cards]
    return dict({"resourcePrefix": "example.com", "resourceName": name, "cards": listed}, **more)


GPUS = [dict(pool((GPU,), name="gpu"), resourcePrefix="nvidia.com", cdi="nvidia.com/gpu")]
ALL = [pool((EDU,), (DFL, "fpga_region/region*/dfl-port.*"), (VFIO,))]


@pytest.fixture
def site(node):
    """The node with four cards of classes that the SR-IOV plugin does not take, and with all that they need."""
    node.pci = [
        *machine()[:1],
        device(EDU, "uio_pci_generic", "00ff00"),
        device(DFL, "dfl-pci", "120000", -1),
        device(VFIO, "vfio-pci", "0b4000", 0),
        device(GPU, "nvidia", "030200", 0),
    ]
    for address, below, name in ((EDU, "uio/uio3", "uio3"), (DFL, "fpga_region/region0/dfl-port.0", "dfl-port.0")):
        node.put(f"/sys/bus/pci/devices/{address}/{below}/uevent", f"MAJOR=244\nDEVNAME={name}\n")
        node.put(f"/dev/{name}", "")
    node.put(f"/sys/bus/pci/devices/{VFIO}/vendor", "0x1234")
    node.write_link(f"/sys/bus/pci/devices/{VFIO}/iommu_group", "../../../kernel/iommu_groups/41")
    node.put("/dev/vfio/vfio", "")
    node.put("/dev/vfio/41", "")
    node.put("/var/run/cdi/nvidia.yaml", SPEC)
    node.said = {
        "nvidia-smi": SMI % ("Disabled", "Disabled"),
        "containerd": "containerd github.com/containerd/containerd 1.7.24~ds1-6 \n    enable_cdi = true\n",
    }
    return node


def told(node, kind):
    """The resources of the plugin's configuration."""
    return json.loads(node.text(KINDS[kind].config))["resourceList"]


def test_there_and_back(site, run):
    before = site.snapshot()
    foretold = run(check=True, kind="accelerators", pools=ALL)
    assert site.snapshot() == before
    done = run(kind="accelerators", pools=ALL)
    assert done["steps"] == foretold["steps"] and done["offered"] == {"example.com/edu": 3}
    assert run(kind="accelerators", pools=ALL)["steps"] == [] and site.starts == 1
    assert told(site, "accelerators") == [
        {
            "resourcePrefix": "example.com",
            "resourceName": "edu",
            "cards": [
                {"address": EDU, "driver": "uio_pci_generic", "numa": 1, "nodes": ["uio/uio*"], "cdi": []},
                {
                    "address": DFL,
                    "driver": "dfl-pci",
                    "numa": None,
                    "nodes": ["fpga_region/region*/dfl-port.*"],
                    "cdi": [],
                },
                {"address": VFIO, "driver": "vfio-pci", "numa": 0, "nodes": [], "cdi": []},
            ],
        }
    ]
    run(kind="accelerators", state="absent")
    left = {path: text for path, text in site.snapshot().items() if not path.startswith(("/proc", "/var/lib/kubelet"))}
    assert left == {path: text for path, text in before.items() if not path.startswith("/var/lib/kubelet")}
    assert run(kind="accelerators", state="absent")["steps"] == []


def test_it_needs_no_pci_ids(site, run):
    site.remove_file("/usr/share/misc/pci.ids")
    assert run(kind="accelerators", pools=ALL)["offered"] == {"example.com/edu": 3}


def test_a_device_node_with_another_number_starts_nothing_anew(site, run):
    """The plugin looks at them itself; a pod that runs would lose sight of nothing, but a start is never for free."""
    run(kind="accelerators", pools=ALL)
    site.remove_file(f"/sys/bus/pci/devices/{EDU}/uio/uio3/uevent")
    site.put(f"/sys/bus/pci/devices/{EDU}/uio/uio0/uevent", "DEVNAME=uio0\n")
    site.put("/dev/uio0", "")
    assert run(kind="accelerators", pools=ALL)["steps"] == []


def test_another_driver_starts_it_anew(site, run):
    run(kind="accelerators", pools=[pool((EDU,))])
    site.pci[1]["driver"] = "vfio-pci"
    site.write_link(f"/sys/bus/pci/devices/{EDU}/iommu_group", "../../../kernel/iommu_groups/41")
    assert run(kind="accelerators", pools=[pool((EDU,))])["steps"][-1]["action"] == "restart-unit"
    assert told(site, "accelerators")[0]["cards"][0]["driver"] == "vfio-pci"


def test_a_gpu_is_told_by_its_name_in_cdi(site, run):
    assert run(kind="gpus", pools=GPUS)["offered"] == {"nvidia.com/gpu": 1}
    (card,) = told(site, "gpus")[0]["cards"]
    assert card["cdi"] == [f"nvidia.com/gpu={UUID}"] and card["nodes"] == []
    unit = site.text(files.unit_path(KINDS["gpus"]))
    assert "After=kubelet" in unit and "ExecStartPre" not in unit  # one that is sick at boot is told as sick


def test_both_kinds_go_beside_each_other(site, run):
    run(kind="accelerators", pools=ALL)
    run(kind="gpus", pools=GPUS)
    run(kind="gpus", state="absent")
    assert told(site, "accelerators")


# What is done to the node, the pools, and what is said.
REFUSED = {
    "not there": (lambda site: site.pci.pop(1), ALL, "0000:5e:00.0: is not on this node"),
    "no driver": (lambda site: site.pci[1].update(driver=None), ALL, "has no driver"),
    "no node": (lambda site: site.remove_file("/dev/uio3"), ALL, r"nothing fits uio/uio\* in its folder"),
    "no group": (lambda site: site.remove_file("/dev/vfio/41"), ALL, "has no device node /dev/vfio/41"),
    "no globs": (lambda site: None, [pool((DFL,))], "nobody says which device nodes it makes.*pod_nodes"),
    "glob for nothing": (lambda site: None, [pool((DFL, "dfl-fme.*"))], r"nothing fits dfl-fme\.\*"),
    "no program": (lambda site: site.remove_file("/usr/local/lib/gedge/sriovdp"), ALL, "is not on this node"),
}


@pytest.mark.parametrize(("spoil", "pools", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_before_anything_is_touched(site, run, spoil, pools, words):
    spoil(site)
    before = site.snapshot()
    with pytest.raises(ProblemsError, match=words):
        run(kind="accelerators", pools=pools)
    assert site.snapshot() == before and site.starts == 0


NO_GPU = {
    "MIG": ("nvidia-smi", SMI % ("Enabled", "Enabled"), "has MIG on.*cluster_gpu_driver: theirs"),
    "MIG to come": ("nvidia-smi", SMI % ("Disabled", "Enabled"), "has MIG on"),
    "a dead driver": ("nvidia-smi", "No devices were found\n", "is not known to nvidia-smi"),
    "an old runtime": ("containerd", "containerd c 1.6.20~ds1 x\n", "containerd 1.6 knows no CDI"),
    "CDI off": ("containerd", "containerd c 1.7.24 x\n  enable_cdi = false\n", "has CDI switched off"),
}


@pytest.mark.parametrize(("program", "says", "words"), NO_GPU.values(), ids=NO_GPU)
def test_a_gpu_that_cannot_be_offered(site, run, program, says, words):
    site.said[program] = says
    with pytest.raises(ProblemsError, match=words):
        run(kind="gpus", pools=GPUS)
    assert run(kind="accelerators", pools=ALL)["offered"]  # these need none of it


@pytest.mark.parametrize(
    "spec", [None, SPEC.replace(UUID, "GPU-0"), SPEC.replace("nvidia.com/gpu", "nvidia.com/other")]
)
def test_a_gpu_without_a_specification(site, run, spec):
    site.remove_file("/var/run/cdi/nvidia.yaml")
    if spec:
        site.put("/var/run/cdi/nvidia.yaml", spec)
    with pytest.raises(ProblemsError, match=f"none in /etc/cdi or /var/run/cdi names {UUID}"):
        run(kind="gpus", pools=GPUS)
    site.put("/etc/cdi/nvidia.json", json.dumps({"kind": "nvidia.com/gpu", "devices": [{"name": UUID}]}))
    assert run(kind="gpus", pools=GPUS)["offered"] == {"nvidia.com/gpu": 1}


def test_a_card_has_one_owner(site, run):
    """The SR-IOV plugin has it, as long as its socket is there; another plugin has the very name."""
    listed = {"Data": {"RegisteredDevices": {"gedge.io/fpga": [EDU]}}}
    site.put(observe.CHECKPOINT, json.dumps(listed))
    site.put(f"{observe.SOCKETS[0]}/gedge.io_fpga.sock", "")
    with pytest.raises(ProblemsError, match=r"offered by another plugin already, as gedge\.io/fpga"):
        run(kind="accelerators", pools=ALL)
    site.close()
    site.put(observe.CHECKPOINT, json.dumps({"Data": {"RegisteredDevices": {"nvidia.com/gpu": [UUID]}}}))
    with pytest.raises(ProblemsError, match=f"with device {UUID}.*cluster_gpu_driver: theirs"):
        run(kind="gpus", pools=GPUS)


def test_the_sriov_plugin_takes_none_of_these_cards(site, run):
    run(kind="accelerators", pools=ALL)
    site.pci[2]["class"] = "120000"
    wanted = [{"resourceName": "fpga", "resourcePrefix": "gedge.io", "deviceType": "accelerator"}]
    wanted[0]["selectors"] = {"pciAddresses": [DFL]}
    with pytest.raises(ProblemsError, match=r"offered by another plugin already, as example\.com/edu"):
        run(pools=wanted)


@pytest.mark.parametrize(
    "after", [{"state": "absent"}, {"pools": [pool((VFIO,))]}, {"pools": [pool((EDU,), name="x")]}]
)
def test_a_card_that_a_pod_holds_is_not_taken_away(site, run, after):
    run(kind="accelerators", pools=ALL)
    site.held = {"example.com/edu": {EDU: "default/detector"}, "cpu.other": {}}
    before = site.snapshot()
    with pytest.raises(ProblemsError, match=r"example\.com/edu: is held by default/detector"):
        run(kind="accelerators", **after)
    assert site.snapshot() == before
    assert run(check=True, kind="accelerators", drained=True, state="absent")["steps"]
    assert run(kind="accelerators", pools=ALL)["steps"] == []
    site.held = {}
    assert run(kind="accelerators", state="absent")["steps"]


BAD = {
    "no cards": (pool(), "is no list of cards"),
    "no address": (pool(("5e:00.0",)), "has no PCI address"),
    "absolute": (pool((EDU, "/dev/mem")), r"nodes\[0\]: is not written right"),
    "upwards": (pool((EDU, "a/b", "../x/y")), r"nodes\[1\]: is not written right"),
    "no list": (dict(pool(), cards=[{"address": EDU, "nodes": "uio/uio*"}]), "is no list of globs"),
    "twice": (pool((EDU,), (EDU,)), "is in example.com/edu, too"),
    "shared": (pool((EDU,), replicas=4), "time slicing, MPS. is not there yet"),
    "a slip": (dict(pool((EDU,)), cid="x"), 'Did you mean "cdi"'),
    "no name": (dict(pool((EDU,)), resourcePrefix=""), "needs resourcePrefix and resourceName"),
}


@pytest.mark.parametrize(("one", "words"), BAD.values(), ids=BAD)
def test_what_is_wrong_on_any_node(run, one, words):
    with pytest.raises(ProblemsError, match=words):
        run(kind="accelerators", pools=[one])
