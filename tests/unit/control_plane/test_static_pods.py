"""Mode static-pods on a node made of files: exact check mode, nothing twice, faults put back, kills mended."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.control_plane import (
    certificates,
    config,
    pods,
    pods_planning,
    service,
    wanted,
)
from ansible_collections.gedge.engine.plugins.module_utils.control_plane.pods_subsystem import StaticPods
from ansible_collections.gedge.engine.plugins.module_utils.control_plane.subsystem import ControlPlane
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError, converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from helpers.breakable import Killed
from helpers.fake_control_plane import CONF, PKI, FakeClock
from helpers.fake_static_pods import PodNode

from .conftest import MEMBERS, params

KUBELETS = (
    pods_planning.STOP,
    pods_planning.START,
    pods_planning.KUBELET,
    pods_planning.MARK,
    pods_planning.ROTATE,
)
IMAGES = [f"gedge.local/kubernetes/{name}:v1.37.2" for name in wanted.COMPONENTS[1:]]
IMAGES += ["gedge.local/kubernetes/etcd:3.6.5-0", "gedge.local/kubernetes/pause:3.10.2"]
PROGRAMS = {name: {"binary": "kubernetes-node"} for name in pods_planning.TOOLS}


def options(**more):
    """The module's parameters in this mode."""
    return params(**{"mode": "static-pods", "images": IMAGES, "programs": PROGRAMS, **more})


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function: a PodNode, whose network everybody uses."""

    def node(number=1, cluster=None):
        name, address = ("node1", "10.0.0.1") if cluster is None else (f"node{number}", f"10.0.0.{number}")
        one = PodNode(tmp_path / f"node{number}", name=name, address=address, cluster=cluster)
        monkeypatch.setattr(service.https, "status", one.status)
        monkeypatch.setattr(service.https, "post", one.post)
        return one

    return node


def run(node, check_mode=False, **more):
    """The module's result."""
    given = options(**more)
    node.asked = wanted.read(given)
    return converge(StaticPods(given, node, FakeClock()), check_mode)


def foretold(said):
    """What check mode must say as the run does."""
    return [(step["action"], step["target"], step["reason"], step["before"], step["after"]) for step in said["steps"]]


def short(said):
    """[(action, last name of the target)] of what concerns the kubelet and pods."""
    return [(step["action"], step["target"].rsplit("/", 1)[-1]) for step in said["steps"] if step["action"] in KUBELETS]


def own(node):
    """{path: text} of the node, but for processes."""
    return {path: text for path, text in node.snapshot().items() if not path.startswith("/proc") and text != "empty"}


def test_check_mode_is_exact_and_the_second_run_changes_nothing(make):
    node = make()
    before = node.snapshot()
    said = run(node, check_mode=True)
    assert node.snapshot() == before and node.log == []
    done = run(node)
    assert foretold(said) == foretold(done)
    assert short(done) == [
        ("start-kubelet", "kubelet.service"),
        *[("start-pod", f"{name}.yaml") for name in wanted.COMPONENTS],
        ("mark-node", "node1"),
        ("rotate-certificate", "kubelet.conf"),
    ]
    node.log.clear()
    again = run(node)
    assert (again["changed"], again["steps"], node.log) == (False, [], [])
    assert set(node.pids) == set(wanted.COMPONENTS) and node.leftovers() == []
    assert not [name for name in wanted.COMPONENTS if node.exists(f"/etc/systemd/system/{name}.service")]


CHANGES = {
    # name: (options, what of the kubelet and pods changes)
    "a flag": ({"extra_args": {"kube-scheduler": {"v": 4}}}, [("start-pod", "kube-scheduler.yaml")]),
    "a flag of etcd": (
        {"extra_args": {"etcd": {"snapshot-count": 5000}}},
        [("stop-pod", "kube-apiserver.yaml"), ("start-pod", "etcd.yaml"), ("start-pod", "kube-apiserver.yaml")],
    ),
    "another name": ({"certificate_names": ["edge.example"]}, [("start-pod", "kube-apiserver.yaml")]),
    "another endpoint": (
        {"endpoint": "10.0.0.99"},
        [
            ("start-kubelet", "kubelet.service"),
            ("start-pod", "kube-apiserver.yaml"),
            ("rotate-certificate", "kubelet.conf"),
        ],
    ),
    "another version": (
        {"version": "1.37.3", "images": [name.replace("v1.37.2", "v1.37.3") for name in IMAGES]},
        [("start-pod", f"{name}.yaml") for name in wanted.COMPONENTS[1:]],
    ),
    "a profile": ({"scheduler_config": {"profiles": []}}, [("start-pod", "kube-scheduler.yaml")]),
    "more patience": ({"timeout": 900}, []),
    "other keys from now on": ({"key_algorithm": "ECDSA-P256"}, []),
    "pods may run here": ({"schedulable": True}, [("mark-node", "node1")]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_foretold_and_touches_only_what_it_is_about(make, name):
    node, (more, touched) = make(), CHANGES[name]
    run(node)
    before = dict(node.pids)
    said = run(node, check_mode=True, **more)
    done = run(node, **more)
    assert foretold(said) == foretold(done) and short(done) == touched
    restarted = {target[: -len(".yaml")] for action, target in touched if action == "start-pod"}
    assert {one for one in before if node.pids[one] != before[one]} == restarted
    assert not run(node, **more)["changed"]


def test_a_newer_kubelet_starts_after_its_api_server(make):
    node = make()
    run(node)
    node.put("/usr/local/bin/kubernetes-2", "newer")
    more = {**CHANGES["another version"][0], "programs": {**PROGRAMS, "kubelet": {"binary": "kubernetes-2"}}}
    pods_first = [("start-pod", f"{name}.yaml") for name in wanted.COMPONENTS[1:]]
    assert short(run(node, **more)) == [*pods_first, ("start-kubelet", "kubelet.service")]
    assert not run(node, **more)["changed"]


def test_more_patience_changes_nothing_but_is_told_to_kubeadm():
    asked = wanted.read(options(timeout=900))
    assert config.text(asked) == config.text(wanted.read(options()))
    init = json.loads(config.text(asked, waits=True)[len(config.HEAD) :].partition("---\n")[0])
    assert init["timeouts"] == {"controlPlaneComponentHealthCheck": "900s", "kubernetesAPICall": "900s"}
    short_one = json.loads(config.text(wanted.read(options()), waits=True)[len(config.HEAD) :].partition("---\n")[0])
    assert short_one["timeouts"]["controlPlaneComponentHealthCheck"] == "240s"  # kubeadm's own


def test_an_etcd_of_a_service_is_not_taken_for_that_of_the_cluster(make):
    node = make()
    node.put("/proc/7/cmdline", "etcd\0--data-dir=/data\0")
    run(node)
    assert not run(node)["changed"] and pods.show(node, "etcd").program == f"/proc/{node.pids['etcd']}/exe"


def test_the_kubelet_keeps_its_certificate_itself(make):
    node = make()
    run(node)
    assert "client-certificate-data" not in node.text(pods.CONF)
    node.remove_file(pods.CURRENT)
    assert run(node)["steps"][0]["reason"] == "names a certificate that is gone"
    assert node.exists(pods.CURRENT) and not run(node)["changed"]


def test_what_differs_in_a_manifest_is_shown(make):
    node = make()
    run(node)
    (step,) = run(node, check_mode=True, extra_args={"kube-scheduler": {"v": 4}})["steps"][-2:-1]
    assert (step["before"], step["after"]) == ({"v": None, "state": "running"}, {"v": "4", "state": "ready"})


def test_a_taint_comes_back(make):
    node = make()
    run(node, schedulable=True)
    assert node.object["spec"]["taints"] == []
    assert run(node)["changed"] and node.object["spec"]["taints"] != [] and not run(node)["changed"]


def test_a_manifest_that_somebody_changed_is_written_anew(make):
    node = make()
    run(node)
    node.put(pods.path("etcd"), node.text(pods.path("etcd")).replace("gedge.local", "else.where"))
    assert ("start-pod", "etcd.yaml") in short(run(node)) and not run(node)["changed"]


def test_kubeadms_own_look_refuses_before_anything_but_links_is_made(make):
    node = make()
    node.sick, before = "[ERROR Swap]: running with swap on is not supported", own(node)
    with pytest.raises(ApplyError, match="running with swap on") as error:
        run(node)
    assert error.value.put_back and own(node) == before
    assert not [entry for entry in node.log if "certs" in entry or "etcd local" in entry]


def test_a_pod_that_does_not_come_says_why_and_all_is_put_back(make):
    node = make()
    node.put("/etc/kubernetes/manifests/vip.yaml", "a pod of others")
    before = own(node)
    node.broken.add("kube-apiserver")
    with pytest.raises(ApplyError) as error:
        run(node, timeout=5)
    assert error.value.put_back and "no such flag" in str(error.value) and "kube-apiserver.yaml" in str(error.value)
    after = {path: text for path, text in own(node).items() if ".failed-" not in path and pods.LOGS not in path}
    assert after == before and node.started == {} and node.pids == {}
    node.broken.clear()
    assert run(node)["changed"] and not run(node)["changed"]


def test_a_bad_change_gets_the_old_manifests_back(make):
    node = make()
    run(node)
    before, pids, node.refused = own(node), dict(node.pids), "edge.example"
    with pytest.raises(ApplyError) as error:
        run(node, certificate_names=["edge.example"], timeout=5)
    assert error.value.put_back and own(node) == before and set(node.pids) == set(wanted.COMPONENTS)
    assert {name for name in pids if node.pids[name] != pids[name]} == {"kube-apiserver"}
    # The kubelet takes any file for a manifest that does not begin with a dot.
    written = [entry for entry in node.log if entry.startswith("file %s/" % pods.FOLDER)]
    assert written and all("/.gedge-" in entry for entry in written)
    assert not run(node)["changed"]


def test_a_run_that_was_killed_anywhere_is_finished_by_the_next(make):
    whole = make(9)
    run(whole)
    for number in range(len(whole.log)):
        node = make(100 + number)
        node.break_at(number, Killed())
        with pytest.raises(Killed):
            run(node)
        run(node)
        assert not run(node)["changed"], whole.log[number]
        assert set(node.pids) == set(whole.pids) and node.leftovers() == [], whole.log[number]


def test_absent_takes_back_what_was_made_and_leaves_what_others_have(make):
    node = make()
    node.put("/etc/kubernetes/manifests/vip.yaml", "a pod of others")
    before = own(node)
    run(node)
    said = run(node, check_mode=True, state="absent")
    done = run(node, state="absent")
    assert foretold(said) == foretold(done) and done["disruption"] == "drain"
    assert own(node) == {**before, "/var/lib/etcd/member/wal/0.wal": "data"}
    assert node.started == {} and node.pids == {} and not run(node, state="absent")["changed"]
    with pytest.raises(EngineError, match="etcd whose CA is not here"):
        run(node)
    run(node, state="absent", remove_etcd_data=True)
    assert run(node)["changed"]


def test_absent_that_was_killed_anywhere_is_finished_by_the_next(make):
    whole = make(9)
    run(whole)
    whole.log.clear()
    run(whole, state="absent")
    for number in range(len(whole.log)):
        node = make(100 + number)
        run(node)
        node.break_at(number, Killed())
        with pytest.raises(Killed):
            run(node, state="absent")
        run(node, state="absent")
        assert own(node) == own(whole) and node.pids == {}, whole.log[number]


def test_a_reset_that_fails_in_its_midst_is_put_back(make):
    node = make()
    run(node)
    node.stuck = "cannot unmount"
    with pytest.raises(ApplyError, match="cannot unmount") as error:
        run(node, state="absent")
    node.stuck = ""
    assert error.value.put_back and set(node.pids) == set(wanted.COMPONENTS)
    # The kubelet's own certificate has gone with its folder.
    assert short(run(node)) == [("rotate-certificate", "kubelet.conf")] and not run(node)["changed"]


def three(make, cluster):
    """Three nodes and the options of each; the keys of the first one come along once it runs."""
    nodes = [make(number, cluster) for number in (1, 2, 3)]
    return [(node, {"name": node.name, "members": MEMBERS, "endpoint": "10.0.0.100"}) for node in nodes]


def network(node):
    """This node's components answer on its addresses."""
    service.https.status, service.https.post = node.status, node.post


def shared(node):
    """What the first node gives."""
    return {name: node.read(f"{PKI}/{name}") for name in certificates.SHARED}


def test_the_second_and_third_node_join_and_leave(make):
    cluster, keys = {}, {}
    nodes = three(make, cluster)
    for node, given in nodes:
        network(node)
        said = run(node, check_mode=True, shared=keys, **given)
        done = run(node, shared=keys, **given)
        assert foretold(said) == foretold(done) and not run(node, shared=keys, **given)["changed"]
        keys = keys or shared(node)
        assert node.exists(f"{CONF}/super-admin.conf") == (node.name == "node1")
        assert not node.exists("/run/gedge-etcd.env") and node.object["metadata"]["labels"] == {pods.ROLE: ""}
    assert [(one["name"], one["learner"]) for one in cluster.values()] == [(f"node{n}", False) for n in (1, 2, 3)]
    node, given = nodes[2]
    assert short(run(node, shared=keys, extra_args={"etcd": {"snapshot-count": 5}}, **given))[1] == (
        "start-pod",
        "etcd.yaml",
    )
    run(node, shared=keys, **given)
    said = run(node, check_mode=True, state="absent", **given)
    done = run(node, state="absent", remove_etcd_data=True, **given)
    assert foretold(said) == foretold(done)[:-2] + foretold(done)[-1:] and node.object is None
    assert list(cluster) == ["10.0.0.1", "10.0.0.2"] and not node.exists("/var/lib/etcd")
    network(nodes[1][0])
    assert not run(nodes[1][0], shared=keys, **nodes[1][1])["changed"]


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver"])
def test_a_node_that_does_not_come_up_leaves_the_others(make, name):
    cluster = {}
    (first, one), (second, given) = three(make, cluster)[:2]
    network(first)
    run(first, **one)
    network(second)
    second.broken.add(name)
    with pytest.raises(ApplyError) as error:
        run(second, shared=shared(first), timeout=5, **given)
    assert error.value.put_back and second.object is None and second.pids == {}
    assert name == "etcd" or list(cluster) == ["10.0.0.1"]
    second.broken.clear()
    run(second, shared=shared(first), **given)
    assert [one["name"] for one in cluster.values()] == ["node1", "node2"]


def test_a_join_that_was_killed_anywhere_is_finished_by_the_next(make):
    def joining(number):
        cluster = {}
        first, second = make(number + 1, cluster), make(number + 2, cluster)
        first.name, first.address = "node1", "10.0.0.1"
        second.name, second.address = "node2", "10.0.0.2"
        network(first)
        run(first, members=MEMBERS, endpoint="10.0.0.100")
        network(second)
        return second, {"name": "node2", "members": MEMBERS, "endpoint": "10.0.0.100", "shared": shared(first)}

    whole, given = joining(10)
    run(whole, **given)
    for number in range(len(whole.log)):
        node, given = joining(100 + 10 * number)
        node.break_at(number, Killed())
        with pytest.raises(Killed):
            run(node, **given)
        run(node, **given)
        assert not run(node, **given)["changed"], whole.log[number]
        assert [one["name"] for one in node.cluster.values()] == ["node1", "node2"]
        assert not any(one["learner"] for one in node.cluster.values()), whole.log[number]


def test_the_other_mode_is_refused_with_what_to_do(make):
    node = make()
    run(node)
    for state in ("present", "absent"):
        with pytest.raises(ProblemsError) as error:
            converge(ControlPlane(params(state=state), node, FakeClock()), False)
        assert [problem.path for problem in error.value.problems] == ["mode"]
        assert "remove_etcd_data" in error.value.problems[0].advice
    other = make(2)
    converge(ControlPlane(params(programs={}), other_programs(other), FakeClock()), False)
    with pytest.raises(ProblemsError) as error:
        run(other)
    assert [problem.path for problem in error.value.problems] == ["mode"]


def other_programs(node):
    """A node with all programs by their own names."""
    for name in (*wanted.COMPONENTS, *wanted.TOOLS):
        node.put(f"/usr/local/bin/{name}", name)
    node.status = super(PodNode, node).status
    service.https.status = node.status
    return node


FOREIGN = {
    "static pods": (pods.path("etcd"), "    image: a/b:1\n", "a static pod of somebody else is there"),
    "a node of a cluster": (pods.CONF, "kind: Config\n", "the node is in a cluster already"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_others_made_is_refused(make, name):
    path, text, what = FOREIGN[name]
    node = make()
    node.put(path, text)
    with pytest.raises(ProblemsError) as error:
        run(node)
    assert [problem.what for problem in error.value.problems] == [what] and node.log == []


WRONG = {
    "images": {"images": IMAGES[1:]},
}


@pytest.mark.parametrize("path", WRONG)
def test_what_static_pods_need_is_told_by_its_path(path):
    with pytest.raises(ProblemsError) as error:
        wanted.read(options(**WRONG[path]))
    assert [problem.path for problem in error.value.problems] == [path]


def test_a_manifest_is_read_as_kubeadm_quotes():
    text = "    - etcd\n    - --a=1\n    - '--b=it''s # x'\n    - \"--c=\\\"q\\\"\"\n    image: x/etcd:1\n"
    assert pods.parse(text) == pods.Manifest("x/etcd:1", {"a": "1", "b": "it's # x", "c": '"q"'})
    assert pods.parse(None) is None


def test_kubeadm_is_told_flags_images_and_the_taint():
    asked = wanted.read(options(extra_args={"etcd": {"x": True}}, scheduler_config={"profiles": []}, schedulable=True))
    init, cluster = (json.loads(part) for part in config.text(asked)[len(config.HEAD) :].split("---\n"))
    assert init["nodeRegistration"]["taints"] == []
    assert init["nodeRegistration"]["kubeletExtraArgs"] == [{"name": "node-ip", "value": "10.0.0.1"}]
    assert cluster["etcd"]["local"]["extraArgs"] == [{"name": "x", "value": "true"}]
    assert cluster["etcd"]["local"]["imageTag"] == "3.6.5-0"
    assert cluster["imageRepository"] == "gedge.local/kubernetes"
    assert cluster["scheduler"]["extraVolumes"][0]["hostPath"] == config.SCHEDULER
    tainted = json.loads(config.text(wanted.read(options()))[len(config.HEAD) :].partition("---\n")[0])
    assert "taints" not in tainted["nodeRegistration"]


def test_units_are_told_nothing_of_it(ask):
    text = config.text(ask(extra_args={"etcd": {"x": 1}}))
    assert "extraArgs" not in text and "timeouts" not in text and "imageRepository" not in text
    assert certificates.conf("kubelet") == pods.CONF
