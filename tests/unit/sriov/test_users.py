"""VFs in use are not taken away, unless it is allowed by name; absent restores what was."""

import os
import pathlib

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.sriov import users
from helpers.fake_node import changed

A = "0000:21:00.0"
CHECKPOINT = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"


def pfs(count, *vfs):
    """What is asked of the first PF."""
    return [{"select": {"address": A}, "count": count, "vfs": list(vfs)}]


def has_address(node, dummy):
    """VF 1 has an address."""
    node.pfs[A].vfs[1].addresses.append("10.0.0.1")


def elsewhere(node, dummy):
    """VF 1 is in a container."""
    vf = node.pfs[A].vfs[1]
    vf.elsewhere = True
    node._show_vf(node.pfs[A], vf)


def bound(node, dummy):
    """VF 1 is bound to vfio-pci."""
    node.made(A, 0)
    node.made(A, 3, {1: "vfio-pci"})


def opened(node, fixtures):
    """A VM has VF 1 open."""
    bound(node, fixtures)
    node.put("/proc/4711/comm", "qemu-system-x86\n")
    os.makedirs(node.path("/proc/4711/fd"))
    os.symlink("/dev/vfio/101", node.path("/proc/4711/fd/9"))


def claimed(node, fixtures):
    """The kubelet gave VF 1 to a pod."""
    node.put(CHECKPOINT, (fixtures / "sriov" / "kubelet_internal_checkpoint").read_text())


USES = [
    (has_address, r"ens1f0 VF 1 \(0000:21:10.2\) has the address 10.0.0.1/24 on ens1f0v1"),
    (elsewhere, r"ens1f0 VF 1 \(0000:21:10.2\) was moved into another network namespace"),
    (bound, r"ens1f0 VF 1 \(0000:21:10.2\) is bound to vfio-pci"),
    (opened, r"ens1f0 VF 1 \(0000:21:10.2\) is open in process 4711 \(qemu-system-x86\)"),
    (claimed, r"ens1f0 VF 1 \(0000:21:10.2\) is claimed by pod 5d1c2f0e\S+ \(upf, gedge.io/sriov_a\)"),
]
CASES = [pytest.param(use, words, id=use.__name__) for use, words in USES]


@pytest.mark.parametrize(("use", "words"), CASES)
@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
def test_a_count_change_that_takes_a_vf_in_use_is_refused(node, sriov, fixtures, use, words, check_mode):
    node.made(A, 3)
    use(node, fixtures)
    before = node.snapshot()
    with pytest.raises(EngineError, match="VFs in use would be lost: .*" + words + ".*allow_vf_loss"):
        sriov(node, pfs(4), check_mode)
    assert changed(before, node) == {}


@pytest.mark.parametrize(("use", "words"), CASES)
@pytest.mark.parametrize("name", [A, "ens1f0"])
def test_it_is_allowed_by_name(node, sriov, fixtures, use, words, name):
    node.made(A, 3)
    use(node, fixtures)
    sriov(node, pfs(4), allow_vf_loss=[name])
    assert len(node.pfs[A].vfs) == 4


@pytest.mark.parametrize(("use", "words"), CASES)
def test_what_takes_no_vf_away_is_not_refused(node, sriov, fixtures, use, words):
    node.made(A, 3)
    use(node, fixtures)
    sriov(node, pfs(3, {"range": "0-2", "vlan": 30}))
    assert [vf.admin["vlan"] for vf in node.pfs[A].vfs] == [30] * 3


def test_another_driver_for_a_vf_in_use_is_refused_for_that_vf_only(node, sriov):
    node.made(A, 3)
    has_address(node, None)
    with pytest.raises(EngineError, match="ens1f0 VF 1"):
        sriov(node, pfs(3, {"range": "1", "driver": "vfio-pci"}))
    sriov(node, pfs(3, {"range": "0,2", "driver": "vfio-pci"}))
    assert [vf.driver for vf in node.pfs[A].vfs] == ["vfio-pci", "igbvf", "vfio-pci"]


def test_a_vf_that_is_bound_to_vfio_but_not_open_may_get_another_driver(node, sriov):
    node.made(A, 2, {1: "vfio-pci"})
    sriov(node, pfs(2, {"range": "1", "driver": "netdevice"}))
    assert node.pfs[A].vfs[1].driver == "igbvf"


def test_a_driverctl_file_of_before_comes_back_with_absent(node, sriov):
    path = "/etc/driverctl.d/pci-0000:21:10.0"
    node.write_file(path, "vfio-pci\n")
    sriov(node, pfs(1, {"range": "0", "driver": "netdevice"}))
    assert not node.exists(path)
    sriov(node, state="absent")
    assert node.read(path) == "vfio-pci"


def test_a_misspelled_permission_is_named(node, sriov):
    with pytest.raises(ProblemsError, match=r'allow_vf_loss: no PF .*got .ens1fo.*Did you mean "ens1f0"\?'):
        sriov(node, pfs(1), allow_vf_loss=["ens1fo"])


CHECKPOINTS = [
    ("none", None, {}),
    ("no entries", '{"Data":{"PodDeviceEntries":null}}', {}),
    (
        "a list, as before Kubernetes 1.20",
        '{"Data":{"PodDeviceEntries":[{"PodUID":"u","ContainerName":"c","ResourceName":"r","DeviceIDs":["x"]}]}}',
        {"x": ["is claimed by pod u (c, r)"]},
    ),
    (
        "a NUMA node without devices",
        '{"Data":{"PodDeviceEntries":[{"PodUID":"u","ContainerName":"c","ResourceName":"r","DeviceIDs":{"0":null}}]}}',
        {},
    ),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(t, e, id=i) for i, t, e in CHECKPOINTS])
def test_pod_claims(text, expected):
    assert users.pod_claims(text) == expected


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Data":3}'])
def test_a_checkpoint_that_says_nothing_is_no_permission(text):
    with pytest.raises(EngineError, match="nobody knows which VFs pods hold"):
        users.pod_claims(text)


def test_pod_claims_of_the_kubelets_checkpoint(fixtures):
    claims = users.pod_claims((fixtures / "sriov" / "kubelet_internal_checkpoint").read_text())
    assert sorted(claims) == ["0000:21:10.2", "0000:21:10.4", "GPU-8dbb9d52-6d5a-4f0c-8f2e-64f1f3b1a0a5"]


def test_link_local_addresses_are_nobodys():
    text = """[{"ifname": "v0", "addr_info": [{"scope": "link", "local": "fe80::1", "prefixlen": 64}]},
               {"ifname": "v1", "addr_info": [{"scope": "global", "local": "10.0.0.1", "prefixlen": 8}, {}]}, {}]"""
    assert users.addresses(text) == {"v1": ["10.0.0.1/8"]}


# -- absent


def by_hand(node):
    """What an operator had set before."""
    pf = node.made(A, 2, {0: "vfio-pci"})
    pf.vfs[1].admin.update(vlan=7, qos=2)
    node.put("/etc/systemd/network/50-mine.link", "[Match]\nPath=x\n")


@pytest.mark.parametrize("start", [pytest.param(lambda node: None, id="no VFs"), pytest.param(by_hand, id="by hand")])
@pytest.mark.parametrize("select", [[], pfs(None)], ids=["all", "by address"])
def test_absent_restores(node, sriov, start, select):
    start(node)
    before = node.snapshot()
    goal = pfs(
        4, {"range": "0", "mac": "02:00:00:00:00:01", "vlan": 30, "mtu": 2000}, {"range": "3", "driver": "vfio-pci"}
    )
    sriov(node, [dict(goal[0], mtu=4000)], allow_vf_loss=[A])
    sriov(node, pfs(3), allow_vf_loss=[A])
    foretold = sriov(node, select, check_mode=True, state="absent", allow_vf_loss=[A])
    done = sriov(node, select, state="absent", allow_vf_loss=[A])
    assert done == foretold and done["changed"]
    assert changed(before, node) == {}
    assert not pathlib.Path(node.path("/var/lib/gedge/baseline/sriov.json")).exists()
    assert sriov(node, select, state="absent")["steps"] == []


def test_absent_asks_for_no_package(node, sriov):
    os.unlink(node.path("/usr/sbin/driverctl"))
    assert sriov(node, pfs(1, {"range": "0", "driver": "vfio-pci"}))["missing_packages"] == ["driverctl"]
    assert sriov(node, state="absent", allow_vf_loss=[A])["missing_packages"] == []


def test_absent_of_one_pf_leaves_the_other(node, sriov):
    sriov(node, [{"select": {"vendor": "8086"}, "count": 1}])
    sriov(node, pfs(None), state="absent")
    assert [len(pf.vfs) for pf in node.pfs.values()] == [0, 1]


def test_absent_refuses_to_take_vfs_in_use(node, sriov):
    sriov(node, pfs(2))
    has_address(node, None)
    with pytest.raises(EngineError, match="has the address"):
        sriov(node, state="absent")


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"0000:21:00.0": {}}', '{"0000:21:00.0": {"vfs": [], "mtu": 1500}}'])
def test_a_baseline_that_cannot_be_read_is_named(node, sriov, text):
    node.put("/var/lib/gedge/baseline/sriov.json", text)
    with pytest.raises(EngineError, match=r"sriov.json: is no baseline that this module has written.*Remove it"):
        sriov(node, state="absent")


# -- driverctl's files


def test_an_override_of_an_operator_for_a_vf_whose_driver_is_not_asked_for_stays(node, sriov):
    path = "/etc/driverctl.d/pci-0000:21:10.2"
    node.made(A, 2, {1: "vfio-pci"})
    node.put(path, "vfio-pci\n")
    sriov(node, pfs(2, {"range": "0-1", "vlan": 30}))
    assert node.text(path) == "vfio-pci\n"
    sriov(node, pfs(2, {"range": "1", "driver": "netdevice"}))
    assert not node.exists(path)


def test_an_override_that_says_other_than_what_is_goes(node, sriov):
    path = "/etc/driverctl.d/pci-0000:21:10.2"
    node.made(A, 2)
    node.put(path, "vfio-pci\n")
    sriov(node, pfs(2, {"range": "0-1", "vlan": 30}))
    assert not node.exists(path)
