"""The module on a node made of files: exact check mode, nothing twice, faults put back, kills mended, taken back."""

import json
import stat

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.control_plane import access, certificates, etcd, service
from ansible_collections.gedge.engine.plugins.module_utils.control_plane.subsystem import ControlPlane
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError, converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from helpers.breakable import Killed
from helpers.fake_control_plane import PKI, FakeClock, FakeNode

from .conftest import MEMBERS, params


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function: a FakeNode, whose network everybody uses."""

    def node(number=1, cluster=None):
        one = FakeNode(tmp_path / f"node{number}", f"node{number}", f"10.0.0.{number}", cluster)
        monkeypatch.setattr(service.https, "status", one.status)
        monkeypatch.setattr(etcd.https, "post", one.post)
        return one

    return node


def run(node, check_mode=False, **options):
    """The module's result."""
    return converge(ControlPlane(params(**options), node, FakeClock()), check_mode)


def foretold(steps):
    """What check mode must say as the run does."""
    return [(step["action"], step["target"], step["reason"], step["before"], step["after"]) for step in steps]


def test_check_mode_is_exact_and_the_second_run_changes_nothing(make):
    node = make()
    before = node.snapshot()
    said = run(node, check_mode=True)
    assert node.snapshot() == before and node.log == []
    done = run(node)
    assert foretold(said["steps"]) == foretold(done["steps"]) and done["changed"]
    node.log.clear()
    again = run(node)
    assert (again["changed"], again["steps"], node.log) == (False, [], [])
    assert again["certificates"].keys() >= {"apiserver", "etcd/peer", "admin.conf"}
    assert node.leftovers() == [] and not node.exists("/run/gedge-etcd.env")


def test_no_key_is_in_a_result(make):
    node = make()
    result = json.dumps(run(node))
    secrets = [node.text(path) for path in certificates.files(None) if path.endswith(".key") and node.exists(path)]
    assert secrets and not [text for text in secrets if text in result]


def test_a_new_name_renews_one_certificate_and_starts_one_unit(make):
    node = make()
    run(node)
    before, started = node.snapshot(), dict(node.started)
    result = run(node, certificate_names=["edge.example"])
    changed = {path for path, text in node.snapshot().items() if before.get(path) != text and "/proc/" not in path}
    assert changed == {f"{PKI}/apiserver.crt", f"{PKI}/apiserver.key", "/etc/kubernetes/gedge-kubeadm.yaml"}
    assert {name for name, one in started.items() if node.started[name] != one} == {"kube-apiserver"}
    assert not run(node, certificate_names=["edge.example"])["changed"] and result["changed"]


def test_cluster_info_names_the_endpoint_that_the_node_need_not_reach(make):
    node = make()
    run(node, endpoint="10.0.2.2:6443")
    assert "server: https://10.0.2.2:6443" in node.maps["cluster-info"]["data"]["kubeconfig"]
    assert not run(node, endpoint="10.0.2.2:6443")["changed"]
    assert not node.exists("/run/gedge-control-plane.conf") and not node.exists("/run/gedge-kubeadm.yaml")


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver", "kube-scheduler"])
def test_a_component_that_crashes_says_its_last_words_and_all_is_put_back(make, name):
    node = make()
    before = node.snapshot()
    node.broken.add(name)
    with pytest.raises(ApplyError) as error:
        run(node, timeout=5)
    assert error.value.put_back and "its last words" in str(error.value) and name in str(error.value)
    after = {path: text for path, text in node.snapshot().items() if "/proc" not in path and ".failed-" not in path}
    assert {path: text for path, text in after.items() if text != "empty"} == before
    assert node.started == {}
    node.broken.clear()
    assert run(node)["changed"] and not run(node)["changed"]


def test_a_bad_change_gets_the_old_files_back(make):
    node = make()
    run(node)
    before = node.snapshot()
    node.refused = "edge.example"
    with pytest.raises(ApplyError) as error:
        run(node, certificate_names=["edge.example"], timeout=5)
    assert error.value.put_back and set(node.started) == set(service_names())
    own = {path: text for path, text in node.snapshot().items() if "/proc" not in path}
    assert own == {path: text for path, text in before.items() if "/proc" not in path}


def test_a_run_that_was_killed_anywhere_is_finished_by_the_next(make):
    whole = alike(make(9))
    run(whole)
    for number in range(len(whole.log)):
        node = alike(make(100 + number))
        node.break_at(number, Killed())
        with pytest.raises(Killed):
            run(node)
        run(node)
        assert not run(node)["changed"], whole.log[number]
        assert set(node.started) == set(whole.started)
        assert node.leftovers() == [], whole.log[number]


def alike(node):
    """Another machine by the name of the first node."""
    node.name, node.address = "node1", "10.0.0.1"
    return node


def test_the_second_and_third_node_join(make):
    cluster = {}
    nodes = [make(number, cluster) for number in (1, 2, 3)]
    shared = {}
    for node in nodes:
        options = {"name": node.name, "members": MEMBERS, "shared": shared, "endpoint": "10.0.0.100"}
        make_network(node)
        said = run(node, check_mode=True, **options)
        result = run(node, **options)
        assert foretold(said["steps"]) == foretold(result["steps"])
        assert not run(node, **options)["changed"]
        shared = shared or {name: node.read(f"{PKI}/{name}") for name in certificates.SHARED}
        keys = [f"{PKI}/{name}" for name in ("ca.key", "sa.key", "etcd/ca.key")]
        if node is not nodes[0]:
            assert [stat.S_IMODE(node.mode(path)) for path in keys] == [0o600] * 3
    assert [(one["name"], one["learner"]) for one in cluster.values()] == [(f"node{n}", False) for n in (1, 2, 3)]
    run(nodes[2], state="absent", remove_etcd_data=True, name="node3", members=MEMBERS)
    assert list(cluster) == ["10.0.0.1", "10.0.0.2"]


def service_names():
    """All components."""
    return ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def make_network(node):
    """This node's components answer on its addresses."""
    service.https.status, etcd.https.post = node.status, node.post


def test_a_member_that_does_not_come_up_leaves_the_others(make):
    cluster = {}
    first, second = make(1, cluster), make(2, cluster)
    make_network(first)
    run(first, members=MEMBERS, endpoint="10.0.0.100")
    shared = {name: first.read(f"{PKI}/{name}") for name in certificates.SHARED}
    make_network(second)
    second.broken.add("etcd")
    options = {"name": "node2", "members": MEMBERS, "shared": shared, "endpoint": "10.0.0.100", "timeout": 5}
    with pytest.raises(ApplyError):
        run(second, **options)
    second.broken.clear()
    run(second, **options)
    assert [one["name"] for one in cluster.values()] == ["node1", "node2"]


def test_keys_that_did_not_come_along_are_told(make):
    node = make(2, {"10.0.0.1": {"name": "node1", "learner": False}})
    with pytest.raises(EngineError, match=r"shared\.ca\.crt"):
        run(node, name="node2", members=MEMBERS)


def give(node, check_mode=False, **options):
    """What the first node gives."""
    usual = {"address": "10.0.0.1", "port": 6443, "server": "", "nodes": ["node1", "worker"], "shared": False}
    return access.read(node, {**usual, "ttl_minutes": 60, **options}, check_mode)


def test_a_token_is_made_only_where_one_is_needed_and_used_again(make):
    node = make()
    assert give(node, check_mode=True)["kubeconfig"] == ""
    with pytest.raises(EngineError, match="there is no control plane here"):
        give(node)
    run(node)
    before = node.snapshot()
    said = give(node, check_mode=True)
    assert (said["changed"], said["join"]["token"], node.tokens) == (True, "", [])
    made = give(node)
    again = give(node)
    assert (made["changed"], again["changed"], again["join"]) == (True, False, made["join"])
    assert made["join"]["endpoint"] == "10.0.0.1:6443" and made["join"]["ca_cert_hash"].startswith("sha256:")
    node.nodes.append("worker")
    assert give(node)["join"]["token"] == ""
    assert node.snapshot() == before and made["shared"] == {}


def test_the_kubeconfig_names_what_the_controller_reaches(make):
    node = make()
    run(node)
    assert "server: https://gate.example:16443\n" in give(node, server="https://gate.example:16443")["kubeconfig"]
    assert set(give(node, shared=True)["shared"]) == set(certificates.SHARED)
    with pytest.raises(ProblemsError):
        give(node, server="gate.example")


def test_absent_leaves_nothing_but_data(make):
    node = make()
    before = node.snapshot()
    run(node)
    said = run(node, check_mode=True, state="absent")
    done = run(node, state="absent")
    assert foretold(said["steps"]) == foretold(done["steps"])
    left = {path: text for path, text in node.snapshot().items() if "/proc" not in path and text != "empty"}
    assert left == {**before, "/var/lib/etcd/member/wal/0.wal": "data"} and node.started == {}
    assert not run(node, state="absent")["changed"]
    with pytest.raises(EngineError, match="etcd whose CA is not here"):
        run(node)
    assert run(node, state="absent", remove_etcd_data=True)["changed"]
    assert not node.exists("/var/lib/etcd")
    assert run(node)["changed"]


def test_missing_programs_are_told_before_anything_is_touched(make):
    node = make()
    node.remove_file("/usr/local/bin/kubernetes-node")
    before = node.snapshot()
    with pytest.raises(EngineError, match="there is no program kubeadm"):
        run(node)
    assert node.snapshot() == before
