"""Module rdma on a modelled node: exact check mode, nothing left, refusals, put back, kill -9 at every change."""

import os

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError

GOAL = {
    "rxe": [{"interface": "ens3.30"}, {"interface": "ens1"}],
    "netns": "exclusive",
    "roce": {"interfaces": [{"interface": "ens1"}], "bandwidth": 50},
    "memlock": "unlimited",
    "memlock_services": ["kubelet.service"],
}
OTHER = {
    "rxe": [{"interface": "ens1"}],
    "netns": "shared",
    "roce": {"interfaces": [{"interface": "ens1"}], "priority": 5, "dscp": 46, "pfc": True, "ecn": False},
    "memlock": "4096",
}
UNIT = "/etc/systemd/system/gedge-roce-ens1.service"


def actions(result):
    """(target, action) of the steps that are no files."""
    return [(step["target"], step["action"]) for step in result["steps"] if "file" not in step["action"]]


def test_all_of_it(nodes, rdma):
    node = next(nodes)
    foretold = rdma(node, True, **GOAL)
    assert not node.log
    done = rdma(node, **GOAL)
    assert done["steps"] == foretold["steps"]
    assert actions(done) == [
        ("ib_uverbs", "load-module"),
        ("rdma_ucm", "load-module"),
        ("mlx5_ib", "load-module"),
        ("rdma_rxe", "load-module"),
        ("rxe_ens1", "add-rxe"),
        ("rxe_ens3", "add-rxe"),
        ("ens1", "set-dscp-26"),
        ("ens1", "set-ets"),
        ("ens1", "set-pfc-3"),
        ("rxe_ens1", "set-tos"),
        ("ens1", "set-trust"),
    ]
    assert done["disruption"] == "link"
    assert {row["setting"] for row in done["unsupported"]} == {"ecn"}
    state = node.dcb["ens1"]
    assert state["pfc"] == [False] * 3 + [True] + [False] * 4 and state["dscp"] == [[26, 3]]
    assert (state["tsa"][:2], state["bw"][:2], state["tc"]) == (["ets"] * 2, [50, 50], [0, 0, 0, 1, 0, 0, 0, 0])
    assert node.read("/sys/module/ib_core/parameters/netns_mode") == "N"
    assert node.read("/sys/kernel/config/rdma_cm/rxe_ens1/ports/1/default_roce_tos") == "106"
    assert rdma(node, **GOAL)["steps"] == []


def test_the_units_set_at_boot_what_was_set_now(nodes, rdma):
    node = next(nodes)
    rdma(node, **GOAL)
    lines = [line[10:] for line in node.read(UNIT).splitlines() if line.startswith("ExecStart=")]
    assert "dcb pfc set dev ens1 prio-pfc 3:on" in lines
    assert "dcb app replace dev ens1 dscp-prio 26:3" in lines
    assert "dcb apptrust set dev ens1 order dscp" in lines
    assert any(line.startswith("dcb ets set dev ens1 tc-tsa 0:ets 1:ets 2:strict") for line in lines)
    assert any("echo 106 > /sys/kernel/config/rdma_cm/rxe_ens1/ports/1/default_roce_tos" in line for line in lines)
    rules = node.read("/etc/udev/rules.d/90-gedge-rxe.rules")
    for unit in ("gedge-rxe@ens1.service", "gedge-rxe@ens3.service", "gedge-roce-ens1.service"):
        assert unit in rules and node.link("/etc/systemd/system/multi-user.target.wants/" + unit)


def test_absent_restores_all(nodes, rdma):
    node = next(nodes)
    before = node.snapshot()
    for asked in (GOAL, OTHER, GOAL):
        rdma(node, **asked)
        assert rdma(node, **asked)["steps"] == []
    assert rdma(node, True, state="absent")["steps"] == rdma(node, state="absent")["steps"]
    left = {key: value for key, value in node.snapshot().items() if before.get(key) != value}
    # The kernel keeps what others may use by now.
    assert {key for key in left if not key.startswith(("/sys/module", "/sys/class/infiniband", "/sys/kernel"))} == set()
    assert node.list("/sys/class/infiniband") == node.list("/sys/kernel/config/rdma_cm") == []
    assert not node.exists("/var/lib/gedge") and rdma(node, state="absent")["steps"] == []


def test_nothing_asked_and_no_rdma_nic_is_nothing_to_do(nodes, rdma):
    assert rdma(next(nodes), drivers=False)["steps"] == []


def test_an_interface_with_rdma_gets_no_soft_one(nodes, rdma):
    node = next(nodes)
    wanted = [{"interface": "ens2"}, {"interface": "ens2v0"}, {"interface": "ens2.40"}, {"pci": "0000:02:00.0"}]
    result = rdma(node, rxe=wanted)
    assert [step for step in result["steps"] if step["action"] == "add-rxe"] == []
    assert [row["interface"] for row in result["skipped"]] == ["ens2", "ens2v0"]  # a VLAN lies over ens2
    assert "RDMA (by module mlx5_ib)" in result["skipped"][0]["reason"]
    node.hardware("mlx5_0", "ens2")
    assert "mlx5_0" in rdma(node, rxe=wanted)["skipped"][0]["reason"]


def test_what_is_not_there_yet_is_foretold_by_its_name(nodes, rdma):
    result = rdma(next(nodes), True, rxe=[{"interface": "ens3v1.40"}])
    assert ("rxe_ens3v1", "add-rxe") in actions(result)


def test_an_interface_that_is_not_there_at_last_fails_and_is_put_back(nodes, rdma):
    node = next(nodes)
    before = node.snapshot()
    with pytest.raises(ApplyError, match="no such network device") as failed:
        rdma(node, drivers=False, rxe=[{"interface": "ens3v1"}])
    assert failed.value.put_back
    left = {key for key, value in node.snapshot().items() if before.get(key) != value}
    assert {key for key in left if not key.startswith("/sys/module")} == set()


def test_a_foreign_soft_device_is_left(nodes, rdma):
    node = next(nodes)
    node.put("/sys/class/infiniband/rxe0/parent", "ens1")
    result = rdma(node, rxe=[{"interface": "ens1"}])
    assert "rxe0 already" in result["skipped"][0]["reason"] and ("rxe_ens1", "add-rxe") not in actions(result)
    rdma(node, state="absent")
    assert node.list("/sys/class/infiniband") == ["rxe0"]


def test_in_use_is_refused_by_name(nodes, rdma):
    node = next(nodes)
    rdma(node, **GOAL)
    node.holders = [{"ifname": "rxe_ens3", "pid": 42, "comm": "rping"}, {"ifname": "rxe_ens1", "comm": "ib_core"}]
    node.log.clear()
    with pytest.raises(EngineError, match=r"rxe_ens3 by rping \(pid 42\)"):
        rdma(node, **dict(GOAL, rxe=[]))
    assert node.log == []


def with_namespace(node):
    """A process in a namespace of its own, beside the first one."""
    for pid, number, name in (("1", 1, "systemd"), ("77", 2, "bird")):
        node.put("/proc/%s/comm" % pid, name)
        os.makedirs(node.path("/proc/%s/ns" % pid))
        os.symlink("net:[%d]" % number, node.path("/proc/%s/ns/net" % pid))


def test_a_namespace_puts_the_mode_off(nodes, rdma):
    node = next(nodes)
    node.put("/sys/module/ib_core/parameters/netns_mode", "Y")
    with_namespace(node)
    node.put("/run/netns/red", "")
    foretold = rdma(node, True, netns="exclusive", drivers=False)
    done = rdma(node, netns="exclusive", drivers=False)
    assert done["steps"] == foretold["steps"] and [step["action"] for step in done["steps"]] == ["write-file"]
    assert done["disruption"] == "reboot"
    assert done["reboot_reasons"] == foretold["reboot_reasons"]
    assert "namespace red, bird (pid 77)" in done["reboot_reasons"][0]


def test_a_busy_kernel_without_a_reason_is_no_failure(nodes, rdma):
    node = next(nodes)
    node.put("/sys/module/ib_core/parameters/netns_mode", "Y")
    node.busy = True
    assert ("rdma", "set-netns") in actions(rdma(node, netns="exclusive", drivers=False))
    again = rdma(node, netns="exclusive", drivers=False)
    assert again["steps"] == [] and "nobody can be named for" in again["reboot_reasons"][0]


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"rxe": [{}]}, "rxe[0]"),
        ({"rxe": [{"interface": "a", "pci": "0000:01:00.0"}]}, "rxe[0]"),
        ({"rxe": [{"interface": "no such name"}]}, "rxe[0].interface"),
        ({"rxe": [{"interface": "ens1"}, {"pci": "21:00.0"}]}, "rxe[1].pci"),
        ({"rxe": [{"interface": "ens1", "vlan": 4095}]}, "rxe[0].vlan"),
        ({"rxe": [{"pci": "0000:ff:00.0"}]}, "rxe[0]"),
        ({"roce": {"interfaces": []}}, "roce.interfaces"),
        ({"roce": {"interfaces": [{"interface": "ens1"}], "priority": 8}}, "roce.priority"),
        ({"roce": {"interfaces": [{"interface": "ens1"}], "dscp": 64}}, "roce.dscp"),
        ({"roce": {"interfaces": [{"interface": "ens1"}], "bandwidth": 100}}, "roce.bandwidth"),
        ({"memlock": "lots"}, "memlock"),
        ({"memlock_services": ["kubelet.service"]}, "memlock_services"),
        ({"memlock": "unlimited", "memlock_services": ["kubelet"]}, "memlock_services[0]"),
    ],
)
def test_each_fault_has_a_path_and_advice(nodes, rdma, options, path):
    with pytest.raises(ProblemsError) as refused:
        rdma(next(nodes), **options)
    assert [problem.path for problem in refused.value.problems] == [path]
    assert refused.value.problems[0].advice


RUNS = [
    pytest.param({}, GOAL, id="fresh"),
    pytest.param(OTHER, GOAL, id="other"),
    pytest.param(GOAL, {"state": "absent"}, id="absent"),
]


def start(node, rdma, first):
    """An earlier run, if any."""
    if first:
        rdma(node, **first)
    node.log.clear()


@pytest.mark.parametrize(("first", "then"), RUNS)
def test_killed_at_any_change_the_next_run_converges(nodes, rdma, killed, first, then):
    counted, whole = next(nodes), next(nodes)
    start(counted, rdma, first)
    rdma(counted, **then)
    start(whole, rdma, first)
    rdma(whole, **then)
    died = 0
    for number in range(len(counted.log)):
        node = next(nodes)
        start(node, rdma, first)
        node.break_at(number, killed)
        try:
            rdma(node, **then)
        except killed:
            died += 1
        node.breaking = None
        rdma(node, **then)
        assert rdma(node, **then)["steps"] == []
        drafts = [key for key in node.snapshot() if key.endswith(".gedge-tmp")]
        assert drafts == []
        assert settings(node) == settings(whole), number
    assert died == len(counted.log)


@pytest.mark.parametrize(("first", "then"), RUNS[:2])
def test_refused_at_any_change_it_is_put_back(nodes, rdma, first, then):
    counted = next(nodes)
    start(counted, rdma, first)
    rdma(counted, **then)
    failed = 0
    for number in range(len(counted.log)):
        node = next(nodes)
        start(node, rdma, first)
        before = settings(node)
        node.break_at(number, EngineError("no", "here"))
        try:
            rdma(node, **then)
        except ApplyError as error:
            failed += 1
            assert error.put_back, (number, error.text())
            assert settings(node) == before, number
        except EngineError:  # before the first change
            assert settings(node) == before, number
    assert failed > len(counted.log) / 2


def settings(node):
    """What a person sees, without modules, which may stay, and the paths of the node's own folder."""
    gone = ("/sys/module", "/sys/bus", "/sys/kernel/config/rdma_cm/")
    return {
        key: value
        for key, value in node.snapshot().items()
        if not key.startswith(gone) and not (isinstance(value, str) and node.root in value) and value is not False
    }
