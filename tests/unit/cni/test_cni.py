"""Module cni: links, Multus, what others have set up, and that no token is told."""

import json
import os

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils import token_kubeconfig
from ansible_collections.gedge.engine.plugins.module_utils.cni import confs, multus
from ansible_collections.gedge.engine.plugins.module_utils.cni.options import argument_spec
from ansible_collections.gedge.engine.plugins.module_utils.cni.subsystem import Cni
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from helpers.breakable import Breakable

VALIDATOR = ArgumentSpecValidator(argument_spec())
OURS = "/usr/local/lib/gedge"
CONF, LINK = "/etc/cni/net.d/00-multus.conf", "/opt/cni/bin/multus"
PODNET = {
    "cniVersion": "1.0.0",
    "name": "podnet",
    "plugins": [{"type": "bridge"}, {"type": "portmap", "capabilities": {"portMappings": True}}],
}
KUBELET = (
    "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: QQ==\n    server: https://10.0.2.2:6443\n"
)
ASKED = {"programs": {"multus": OURS + "/multus"}, "multus": {"ca": "PEM", "token": "geheim"}}


@pytest.fixture
def node(tmp_path):
    """A node of a cluster."""
    one = Breakable(tmp_path)
    one.put("/etc/cni/net.d/10-podnet.conflist", json.dumps(PODNET))
    one.put("/etc/kubernetes/kubelet.conf", KUBELET)
    one.put(OURS + "/multus", "program")
    one.put("/opt/cni/bin/bridge", "program")
    return one


def run(node, check=False, **options):
    """One run of the module."""
    result = VALIDATOR.validate(options)
    assert not result.error_messages, result.error_messages
    return converge(Cni(result.validated_parameters, node), check)


def test_there_and_back(node):
    before = node.snapshot()
    foretold = run(node, check=True, **ASKED)
    assert node.snapshot() == before
    done = run(node, **ASKED)
    assert done["steps"] == foretold["steps"]
    assert done["steps"][-1]["target"] == CONF  # the last: a runtime uses it at once
    conf = json.loads(node.text(CONF))
    assert conf["capabilities"] == {"portMappings": True}
    # A folder, since Multus 4.3.0 cannot remove a pod whose list of plugins it was told by its path.
    assert conf["clusterNetwork"] == "/etc/cni/gedge-multus.d"
    assert node.list(conf["clusterNetwork"]) == ["network.conflist"]
    assert node.link(multus.LISTED) == "/etc/cni/net.d/10-podnet.conflist"
    assert confs.read(node, "/etc/cni/net.d")[0].path == CONF
    kubeconfig = json.loads(node.text(multus.KUBECONFIG))
    assert kubeconfig["clusters"][0]["cluster"]["server"] == "https://10.0.2.2:6443"
    assert kubeconfig["users"][0]["user"]["token"] == "geheim"
    assert node.mode(multus.KUBECONFIG) == 0o600 and node.link(LINK) == OURS + "/multus"
    assert run(node, **ASKED)["steps"] == []
    gone = {"programs": ASKED["programs"], "multus": {}, "state": "absent"}
    assert len(run(node, **gone)["steps"]) == 4
    assert node.snapshot() == before
    assert run(node, **gone)["steps"] == []


def test_no_result_has_the_token(node):
    done = run(node, **ASKED)
    another = run(node, **{**ASKED, "multus": {"ca": "PEM", "token": "anders"}})
    assert [step["target"] for step in another["steps"]] == [multus.KUBECONFIG]
    for text in map(json.dumps, (done, another)):
        assert not any(word in text for word in ("geheim", "anders"))


def test_a_kubeconfig_that_others_may_read_is_mended(node):
    run(node, **ASKED)
    os.chmod(node.path(multus.KUBECONFIG), 0o644)
    assert "mode 644" in run(node, **ASKED)["steps"][0]["before"]
    assert node.mode(multus.KUBECONFIG) == 0o600


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("00-multus.conflist", {"name": "m", "plugins": [{"type": "multus"}]}),
        ("05-other.conf", {"name": "m", "type": "multus-shim"}),
    ],
)
def test_the_multus_of_others_is_left_alone(node, name, text):
    node.put("/etc/cni/net.d/" + name, json.dumps(text))
    before = node.snapshot()
    done = run(node, **ASKED)
    assert done["steps"] == [] and done["found"] == "/etc/cni/net.d/" + name and node.snapshot() == before
    seen = run(node, check=True, multus={}, state="absent")
    assert seen["found"] == "/etc/cni/net.d/" + name and seen["steps"] == []


def test_the_program_of_others_stays(node):
    node.put("/opt/cni/bin/sriov", "theirs")
    node.put(OURS + "/sriov", "ours")
    done = run(node, programs={"sriov": OURS + "/sriov"})
    assert done["steps"] == [] and "is not ours" in done["warnings"][0]
    run(node, programs={"sriov": OURS + "/sriov"}, state="absent")
    assert node.text("/opt/cni/bin/sriov") == "theirs"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("10-podnet.conflist", PODNET, "/etc/cni/net.d/10-podnet.conflist"),
        ("05-flat.conf", {"name": "flat", "type": "bridge"}, "flat"),
        ("01-broken.conf", "{", "/etc/cni/net.d/10-podnet.conflist"),
        ("02-words.txt", {"name": "no", "type": "bridge"}, "/etc/cni/net.d/10-podnet.conflist"),
    ],
)
def test_the_first_network_is_that_of_pods(node, name, text, told):
    node.put("/etc/cni/net.d/" + name, text if isinstance(text, str) else json.dumps(text))
    assert run(node, check=True, **ASKED)["cluster_network"] == told


@pytest.mark.parametrize(
    ("lacks", "text"),
    [
        ("/etc/cni/net.d/10-podnet.conflist", "Set up the pod network first"),
        ("/etc/kubernetes/kubelet.conf", "Join the node first"),
        (OURS + "/multus", "Copy it there first"),
    ],
)
def test_what_is_missing_is_told(node, lacks, text):
    node.remove_file(lacks)
    before = node.snapshot()
    with pytest.raises(EngineError, match=text):
        run(node, **ASKED)
    assert node.snapshot() == before


def test_a_plan_takes_a_program_for_there_that_is_brought(node):
    done = run(node, check=True, **ASKED)
    node.remove_file(OURS + "/multus")
    assert run(node, check=True, brought=True, **ASKED)["steps"] == done["steps"]


@pytest.mark.parametrize("programs", [{"a/b": "/x"}, {"a": "x"}, {"": "/x"}])
def test_bad_programs(node, programs):
    with pytest.raises(ProblemsError):
        run(node, programs=programs)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        (KUBELET, "https://10.0.2.2:6443"),
        ('{"clusters": [{"cluster": {"server": "https://a:1"}}]}', ""),  # kubeadm writes YAML; give multus.server
        ("- server: 'https://[2001:db8::1]:6443'\n", "https://[2001:db8::1]:6443"),
        ("", ""),
    ],
)
def test_the_server_of_a_kubeconfig(text, server):
    assert token_kubeconfig.server_of(text) == server
