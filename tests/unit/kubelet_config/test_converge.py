"""The module on a node made of files: exact check mode, nothing twice, crash loops, restored exactly, kills."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config import checkpoint, document, launch
from helpers.breakable import Killed

from .conftest import BASE, KUBEADM

ASKED = {
    "cpu_manager_policy": "static",
    "cpu_manager_policy_options": {"full-pcpus-only": True},
    "topology_manager_policy": "single-numa-node",
    "memory_manager_policy": "Static",
    "reserved_cpus": "0,8",
    "system_reserved": {"memory": "1Gi"},
}
OTHER = dict(ASKED, reserved_cpus="0-1,8-9", system_reserved={"memory": "1536Mi"})
FILE = launch.FILE
CPU, MEMORY = (f"{launch.ROOT}/{name}" for name in checkpoint.NAMES)


def actions(done):
    """[(action, target's last part)] of a result."""
    return [(step["action"], step["target"].rsplit("/", 1)[-1]) for step in done["steps"]]


def test_check_foretells_the_run_and_the_second_does_nothing(node, kubelet):
    before = node.snapshot()
    foretold = kubelet(node, check_mode=True, **ASKED)
    assert node.snapshot() == before and node.log == []
    assert kubelet(node, **ASKED) == foretold
    assert foretold["disruption"] == "drain"
    assert actions(foretold) == [
        ("write-file", "gedge-kubelet.conf"),
        ("stop-unit", "kubelet.service"),
        ("remove-state", "cpu_manager_state"),
        ("remove-state", "memory_manager_state"),
        ("write-file", "99-gedge.conf"),
        ("write-file", "zz-gedge.conf"),
        ("reload-units", "systemd"),
        ("start-unit", "kubelet.service"),
    ]
    node.log.clear()
    again = kubelet(node, **ASKED)
    assert (again["changed"], again["steps"], node.log) == (False, [], [])


def test_the_drop_in_has_all_that_is_asked_for_and_memory_to_the_byte(node, kubelet):
    kubelet(node, **ASKED)
    written = document.parse(node.text(FILE))
    assert written["cpuManagerPolicyOptions"] == {"full-pcpus-only": "true"}
    assert (written["cpuManagerPolicy"], written["reservedSystemCPUs"]) == ("static", "0,8")
    # 1 GiB and the 100 MiB of the default threshold, half on each NUMA node of the same size.
    assert written["reservedMemory"] == [{"numaNode": node, "limits": {"memory": "562Mi"}} for node in (0, 1)]
    assert "evictionHard" not in written
    head = node.text(FILE).splitlines()[1:3]
    assert head == ['apiVersion: "kubelet.config.k8s.io/v1beta1"', 'kind: "KubeletConfiguration"']


def test_kubeadms_unit_is_repeated_with_the_folder_behind_it(node, kubelet):
    kubelet(node, **ASKED)
    assert node.text(launch.DROP_IN).splitlines()[-2:] == [
        "ExecStart=",
        "ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS"
        " $KUBELET_EXTRA_ARGS --config-dir=/etc/kubernetes/kubelet.conf.d",
    ]


def test_an_upgrade_of_the_unit_is_taken_over_without_a_drain(node, kubelet):
    kubelet(node, **ASKED)
    node.put(KUBEADM, node.text(KUBEADM).replace("ExecStart=/usr/bin/kubelet", "ExecStart=/usr/bin/kubelet --v=4"))
    done = kubelet(node, **ASKED)
    assert done["disruption"] == "none"
    assert "--v=4" in node.text(launch.DROP_IN) and "--config-dir" in node.text(launch.DROP_IN)


def test_a_folder_that_others_name_later_takes_our_file(node, kubelet):
    kubelet(node, **ASKED)
    node.put("/etc/default/kubelet", "KUBELET_EXTRA_ARGS=--config-dir=/etc/site.d\n")
    foretold = kubelet(node, check_mode=True, **ASKED)
    assert actions(foretold)[1:-2] == [
        ("remove-file", "99-gedge.conf"),
        ("remove-file", "zz-gedge.conf"),
        ("write-file", "99-gedge.conf"),
    ]
    assert foretold["steps"][3]["target"] == "/etc/site.d/99-gedge.conf"


def test_only_the_state_file_that_no_longer_fits_goes(node, kubelet):
    kubelet(node, **ASKED)
    kept = node.text(MEMORY)
    done = kubelet(node, **dict(ASKED, reserved_cpus="0-1,8-9"))
    # without strict-cpu-reservation the CPUs for all are the same
    assert ("remove-state", "cpu_manager_state") not in actions(done)
    done = kubelet(node, **dict(ASKED, cpu_manager_policy_options={"strict-cpu-reservation": True}))
    assert [one for one in actions(done) if one[0] == "remove-state"] == [("remove-state", "cpu_manager_state")]
    assert node.text(MEMORY) == kept
    done = kubelet(node, **dict(ASKED, system_reserved={"memory": "2Gi"}))
    assert ("remove-state", "memory_manager_state") in actions(done)


def test_the_policies_go_there_and_back(node, kubelet):
    for asked in (ASKED, {}, OTHER, ASKED, {"cpu_manager_policy": "static", "kube_reserved": {"cpu": "500m"}}):
        assert kubelet(node, **asked)["changed"]
        assert node.state == "active"
        assert kubelet(node, **asked)["steps"] == []


def test_500m_of_80_cpus_leave_79_to_pin(make_node, kubelet):
    node = make_node(cores=20)
    done = kubelet(node, cpu_manager_policy="static", kube_reserved={"cpu": "500m"})
    expected = done["expected"]
    assert expected["sentence"] == "Reserving 500m of 80 CPUs shows 79500m allocatable, of which 79 can be pinned"
    assert (expected["allocatable"]["cpu"], expected["pinnable_cpus"], expected["reserved_cpus"]) == ("79500m", 79, "0")
    assert expected["allocatable"]["memory"] == "8092Mi"


def test_a_kubelet_that_crashes_is_put_back_with_its_last_words(node, kubelet):
    kubelet(node, **OTHER)
    before, start = node.snapshot(), node.clock.now
    node.fault = "no such luck"
    with pytest.raises(ApplyError) as caught:
        restart = node._start

        def start_once():
            restart()
            node.fault = ""

        node._start = start_once
        kubelet(node, **ASKED)
    assert caught.value.put_back
    assert 'it says: run.go:72] "command failed" err="no such luck"' in caught.value.text()
    assert node.snapshot() == before and node.state == "active"
    assert node.clock.now - start < 60


def test_what_cannot_be_put_back_is_told(node, kubelet):
    node.fault = "no such luck"
    node._stale = lambda config: "broken for good"
    with pytest.raises(ApplyError, match=r"NOT put back: .*broken for good"):
        kubelet(node, **ASKED)


def test_a_kubelet_that_never_answers_is_put_back_when_the_time_is_over(node, kubelet):
    before, answers = node.snapshot(), node.fetch
    node.fetch = lambda url, timeout=2: answers(url) if not node.exists(FILE) else None
    start = node.clock.now
    with pytest.raises(ApplyError, match="is not well within 30 s") as caught:
        kubelet(node, timeout=30, **ASKED)
    assert caught.value.put_back and node.snapshot() == before
    assert node.clock.now - start <= 2 * 30 + 2


def test_a_drop_in_that_nobody_read_so_far_is_told_and_counts_only_with_ours(node, kubelet):
    node.put(f"{launch.FOLDER}/10-site.conf", "kind: KubeletConfiguration\ntopologyManagerScope: pod\nmaxPods: 9\n")
    before, start = node.snapshot(), node._start
    assert kubelet(node, check_mode=True)["steps"] == []
    done = kubelet(node, check_mode=True, topology_manager_policy="none")
    assert f"reads {launch.FOLDER}/10-site.conf from now on" in done["warnings"][0]

    def fail_once():
        node.fault, node._start = "no", start
        start()
        node.fault = ""

    node._start = fail_once
    with pytest.raises(ApplyError) as caught:
        kubelet(node, topology_manager_policy="restricted")
    assert caught.value.put_back and node.snapshot() == before
    kubelet(node, topology_manager_policy="restricted")
    assert node.state == "active" and kubelet(node, topology_manager_policy="restricted")["warnings"][0].startswith(
        "topo"
    )
    kubelet(node, state="absent")
    assert node.snapshot() == before


def test_a_state_file_that_a_reboot_made_wrong_is_mended(node, kubelet):
    kubelet(node, **ASKED)
    node.put("/sys/devices/system/cpu/online", "0-14\n")
    node._start()
    assert node.state == "activating"  # kubernetes#110478
    done = kubelet(node, **ASKED)
    assert ("remove-state", "cpu_manager_state") in actions(done)
    assert [step["reason"] for step in done["steps"]][1].startswith("it knows other CPUs")
    assert node.state == "active" and kubelet(node, **ASKED)["steps"] == []


def test_a_stopped_kubelet_is_started_without_a_drain(node, kubelet):
    kubelet(node, **ASKED)
    node.state, node.pid = "inactive", 0
    done = kubelet(node, **ASKED)
    assert (actions(done), done["disruption"]) == ([("start-unit", "kubelet.service")], "none")


def test_a_little_less_memory_after_a_boot_is_no_change(node, kubelet):
    kubelet(node, **ASKED)
    for path in ("/sys/devices/system/node/node0/meminfo", "/proc/meminfo"):
        text = node.text(path)
        number = text.split()[-2]
        node.put(path, text.replace(number, str(int(number) - 5000)))
    node.remove_file(MEMORY)
    done = kubelet(node, **ASKED)
    assert "write-file" not in [action for action, dummy in actions(done)]


def test_options_that_others_set_are_taken_out(make_node, kubelet):
    base = (
        BASE + "cpuManagerPolicy: static\ncpuManagerPolicyOptions:\n  full-pcpus-only: 'true'\nkubeReserved: {cpu: 1}\n"
    )
    node = make_node(base=base)
    kubelet(node, cpu_manager_policy="none")
    assert document.parse(node.text(FILE))["cpuManagerPolicyOptions"] == {"full-pcpus-only": None}
    assert kubelet(node, cpu_manager_policy="none")["steps"] == []


def test_policies_that_others_set_stay_where_nothing_is_asked_for(make_node, kubelet):
    """In a cluster of one's own a role without variables takes no policy, nor does one that asks for another thing."""
    theirs = "cpuManagerPolicy: static\ntopologyManagerPolicy: restricted\nkubeReserved: {cpu: 1, memory: 256Mi}\n"
    theirs += "memoryManagerPolicy: Static\nevictionHard: {memory.available: 0%}\n"
    theirs += "reservedMemory:\n- numaNode: 0\n  limits: {memory: 256Mi}\n"
    node = make_node(base=BASE + theirs)
    before = node.snapshot()
    assert kubelet(node)["steps"] == [] and node.snapshot() == before
    kubelet(node, cpu_manager_reconcile_period="5s")
    assert document.parse(node.text(FILE)) == {"cpuManagerReconcilePeriod": "5s"}


def test_absent_restores_exactly(node, kubelet):
    before = node.snapshot()
    assert kubelet(node, state="absent")["steps"] == []
    kubelet(node, **ASKED)
    kubelet(node, state="absent")
    assert node.snapshot() == before and node.state == "active"
    assert kubelet(node, state="absent")["steps"] == []


def test_absent_leaves_a_folder_that_was_there(node, kubelet):
    node.put(launch.FOLDER + "/note", "")
    node.remove_file(launch.FOLDER + "/note")
    before = node.snapshot()
    kubelet(node, **ASKED)
    kubelet(node, state="absent")
    assert node.snapshot() == before


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_refusal_at_any_change_is_put_back(make_node, kubelet, state):
    count = changes(make_node(), kubelet, state)
    for number in range(count):
        node = make_node()
        begin(node, kubelet, state)
        before = settled(node)
        node.break_at(number, EngineError("no"))
        with pytest.raises(EngineError) as caught:
            kubelet(node, **goal(state))
        assert getattr(caught.value, "put_back", True), (number, caught.value.text())
        assert settled(node) == before and node.state == "active", number


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_kill_at_any_change_is_made_good_by_the_next_run(make_node, kubelet, state):
    model = make_node()
    begin(model, kubelet, state)
    kubelet(model, **goal(state))
    untouched = make_node().snapshot()
    for number in range(changes(make_node(), kubelet, state)):
        node = make_node()
        begin(node, kubelet, state)
        node.break_at(number, Killed())
        with pytest.raises(Killed):
            kubelet(node, **goal(state))
        kubelet(node, **goal(state))
        assert settled(node) == settled(model) and node.state == "active", number
        assert kubelet(node, **goal(state))["steps"] == []
        assert node.leftovers() == []
        kubelet(node, state="absent")
        assert node.snapshot() == untouched, number


def test_state_files_come_back_byte_for_byte(node, kubelet):
    kubelet(node, **ASKED)
    data = json.loads(json.loads(node.text(CPU))["data"])
    data["defaultCpuSet"], data["entries"] = "0-3,8-15", {"pod": {"c": "4-7"}}
    mine = json.dumps({"policyName": "static", "data": json.dumps(data)})
    node.put(CPU, mine)
    restart = node._start

    def fail_once():
        node.fault = "no"
        restart()
        node.fault, node._start = "", restart

    node._start = fail_once
    with pytest.raises(ApplyError):
        kubelet(node, cpu_manager_policy="none")
    assert node.text(CPU) == mine and node.state == "active"


def goal(state):
    """Options of the run that is broken."""
    return ASKED if state == "present" else {"state": state}


def begin(node, kubelet, state):
    """The state from which the run starts."""
    if state == "absent":
        kubelet(node, **ASKED)


def changes(node, kubelet, state):
    """How many changes the run makes."""
    begin(node, kubelet, state)
    node.log.clear()
    kubelet(node, **goal(state))
    return len(node.log)


def settled(node):
    """A node without its baseline."""
    return {path: text for path, text in node.snapshot().items() if "/var/lib/gedge" not in path and path != "/var/lib"}


def test_the_state_of_before_is_forgotten_at_boot_and_that_drains_nothing(node, kubelet):
    """The memory of a NUMA node differs from boot to boot, and the kubelet then refuses its own file."""
    kubelet(node, **ASKED)
    assert [line for line in node.text(launch.BOOT).splitlines() if line.startswith("r! ")] == [
        "r! /var/lib/kubelet/cpu_manager_state",
        "r! /var/lib/kubelet/memory_manager_state",
    ]
    node.remove_file(launch.BOOT)
    done = kubelet(node, **ASKED)
    assert actions(done) == [("write-file", "gedge-kubelet.conf")] and done["disruption"] == "none"
    kubelet(node)
    assert not node.exists(launch.BOOT)
