"""Which devices a pool has, and which pools are refused."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin import files, pools, shared
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin.kinds import KINDS

from .conftest import CARD, PF, machine, vf

VFS = [vf(0, rdma=["mlx5_2"]), vf(1), vf(2, "vfio-pci"), vf(3, None)]
DEVICES = machine(*VFS)
BY_NUMBER = {one["sriov"]["index"]: one["address"] for one in VFS}


def pool(name="a", **more):
    """An entry of resourceList."""
    selector = more.pop("selector", {"rootDevices": [PF]})
    return {"resourceName": name, "resourcePrefix": "gedge.io", "selectors": [selector], **more}


@pytest.mark.parametrize(
    ("selector", "numbers"),
    [
        ({"rootDevices": [PF]}, [0, 1, 2]),  # number 3 has no driver: the plugin cannot make a device of it
        ({"rootDevices": [PF + "#0-1"]}, [0, 1]),
        ({"rootDevices": [PF + "#0,2"]}, [0, 2]),
        ({"pfNames": ["ens1f0#1"]}, [1]),
        ({"rootDevices": [PF], "drivers": ["vfio-pci"]}, [2]),
        ({"rootDevices": [PF], "isRdma": True}, [0]),
        ({"rootDevices": [PF], "isRdma": False}, [0, 1, 2]),
        ({"vendors": ["8086"], "devices": ["10ca"]}, [0, 1, 2]),
        ({"vendors": ["8086"]}, [0, 1, 2]),  # the PF has VFs: it is no device of a pool
        ({"pciAddresses": [BY_NUMBER[1]]}, [1]),
    ],
)
def test_members(selector, numbers):
    found, faults = pools.members([pool(selector=selector)], "sriov", DEVICES, {})
    assert found == {"gedge.io/a": sorted(BY_NUMBER[number] for number in numbers)}
    assert faults == []


def test_the_first_pool_that_fits_has_it():
    two = [pool("a", selector={"rootDevices": [PF + "#0"]}), pool("b")]
    found = pools.members(two, "sriov", DEVICES, {})[0]
    assert found == {"gedge.io/a": [BY_NUMBER[0]], "gedge.io/b": [BY_NUMBER[1], BY_NUMBER[2]]}


def test_cards():
    found, faults = pools.members(
        [pool(deviceType="accelerator", selector={"pciAddresses": [CARD]})], "sriov", DEVICES, {}
    )
    assert (found, faults) == ({"gedge.io/a": [CARD]}, [])


def test_an_rdma_device_in_a_pod_counts():
    """In exclusive mode the host does not see it; the kubelet knows it from before."""
    known = {"gedge.io/a": [BY_NUMBER[1]]}
    found = pools.members([pool(selector={"rootDevices": [PF], "isRdma": True})], "sriov", DEVICES, known)[0]
    assert found == {"gedge.io/a": [BY_NUMBER[0], BY_NUMBER[1]]}


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({"rootDevices": [PF + "#0-7"]}, "has no VF 4, 5, 6, 7"),
        ({"rootDevices": ["0000:99:00.0"]}, "has no device on this node"),
        ({"rootDevices": ["0000:99:00.0#1"]}, "0000:99:00.0 has no VF 1"),
        ({"rootDevices": [PF + "#3"]}, "has no device on this node"),
    ],
)
def test_a_pool_that_lacks_devices_is_told(selector, text):
    faults = pools.members([pool(selector=selector)], "sriov", DEVICES, {})[1]
    assert any(text in fault.what for fault in faults)
    assert all("gedge.io/a" in fault.path for fault in faults)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ([{"resourceName": "a-b", "selectors": [{"vendors": ["8086"]}]}], "pools[0].resourceName"),
        ([pool(), pool()], "pools[1].resourceName"),
        ([pool(selectors=[])], "pools[0].selectors"),
        ([pool(selector={})], "pools[0].selectors[0]"),
        ([pool(selector={"pfname": ["x"]})], "pools[0].selectors[0].pfname"),
        ([pool(selector={"vendors": "8086"})], "pools[0].selectors[0].vendors"),
        ([pool(selector={"rootDevices": [PF + "#x"]})], "pools[0].selectors[0].rootDevices"),
        ([pool(deviceType="accelerator", selector={"rootDevices": [PF]})], "pools[0].selectors[0].rootDevices"),
        ([pool(selector={"rootDevices": [PF + "#0", PF + "#2"]})], "pools[0].selectors[0].rootDevices"),
        ([pool(resourcename="x")], "pools[0].resourcename"),
    ],
)
def test_what_is_wrong_anywhere(given, path):
    assert path in [problem.path for problem in pools.problems(given, "sriov")]


@pytest.mark.parametrize(
    ("selector", "most", "count"),
    [({"ifNames": ["ens1f0v0"]}, 63, 63), ({"vendors": ["8086"]}, 10, 10), ({"ifNames": ["ens1f0v1"]}, 63, 0)],
)
def test_shared_rdma(selector, most, count):
    given = [{"resourceName": "r", "rdmaHcaMax": most, "selectors": selector}]
    assert pools.problems(given, "rdma-shared") == []
    found, faults = shared.members(given, DEVICES)
    assert found == {"rdma/r": count}
    assert bool(faults) == (count == 0)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"net": []}, True),  # it is in a pod
        ({"rdma": ["mlx5_9"]}, True),
        ({"iommu_group": 99}, True),  # of a VF with a network driver: nobody looks
        ({"driver": "vfio-pci"}, False),
        ({"numa_node": 1}, False),
    ],
)
def test_the_digest_knows_what_a_plugin_reads(change, same):
    before = files.digest("text", [vf(0)])
    assert (files.digest("text", [dict(vf(0), **change)]) == before) == same


def test_the_unit_waits_for_its_devices_and_takes_an_old_plugins_flags():
    texts = files.wanted(KINDS["sriov"], [pool()], [vf(0), vf(2, "vfio-pci")], "/p/sriovdp", 4)
    unit = texts["/etc/systemd/system/gedge-sriov-device-plugin.service"]
    assert f"test -e /sys/bus/pci/drivers/igbvf/{BY_NUMBER[0]} && test -e" in unit
    assert "ExecStart=/p/sriovdp -config-file /etc/pcidp/gedge.json -logtostderr=true -v 4\n" in unit
    assert files.wanted(KINDS["sriov"], [], [], "/p/sriovdp", 4) == {}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([{"vendors": ["a"]}], {"vendors": ["a"]}),
        ({"vendors": ["a"]}, {"vendors": ["a"]}),
        ([{"vendors": ["a"]}, {"vendors": ["b"]}], [{"vendors": ["a"]}, {"vendors": ["b"]}]),
    ],
)
def test_one_selector_is_no_list(given, written):
    text = files.config(KINDS["sriov"], [pool(selectors=given)])
    assert json.loads(text)["resourceList"][0]["selectors"] == written
