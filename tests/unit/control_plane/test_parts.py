"""Options, command lines, units, and how openssl, systemd and the components are read."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.control_plane import (
    config,
    etcd,
    flags,
    reading,
    service,
    told,
    units,
    wanted,
)
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import control_plane

from .conftest import MEMBERS, bare, params

WRONG = {
    # path of the key: options
    "version": {"version": ""},
    "name": {"name": "other"},
    "members": {"members": MEMBERS[:2]},
    "members[0].address": {"members": [{"name": "node1", "address": "127.0.0.1"}]},
    "members[0].name": {"name": "Node_1", "members": [{"name": "Node_1", "address": "10.0.0.1"}]},
    "endpoint": {"endpoint": "https://10.0.0.1"},
    "port": {"port": 0},
    "certificate_names[0]": {"certificate_names": ["a b"]},
    "service_subnet": {"service_subnet": "10.96.0.1/16"},
    "pod_subnet": {"pod_subnet": "10.96.0.0/24"},
    "extra_args.kubelet": {"extra_args": {"kubelet": {}}},
    "extra_args.etcd.--v": {"extra_args": {"etcd": {"--v": 1}}},
    "programs.etcd": {"programs": {"etcd": {"binary": "../etcd"}}},
    "timeout": {"timeout": 1},
}


@pytest.mark.parametrize("path", WRONG)
def test_a_wrong_option_is_told_by_its_path(path):
    with pytest.raises(ProblemsError) as error:
        wanted.read(params(**WRONG[path]))
    assert [problem.path for problem in error.value.problems] == [path]
    assert all(problem.advice for problem in error.value.problems)


def test_all_faults_are_told_at_once():
    with pytest.raises(ProblemsError) as error:
        wanted.read(params(port=0, timeout=1, endpoint="a b"))
    assert len(error.value.problems) == 3


ENDPOINTS = {
    "": "https://10.0.0.1:6443",
    "edge.example": "https://edge.example:6443",
    "10.0.0.9:443": "https://10.0.0.9:443",
    "[fd00::1]:7443": "https://[fd00::1]:7443",
    "[fd00::1]": "https://[fd00::1]:6443",
}


@pytest.mark.parametrize("text", ENDPOINTS)
def test_endpoints(ask, text):
    assert ask(endpoint=text).server == ENDPOINTS[text]


def test_kubeadm_is_told_what_is_asked_for(ask):
    text = config.text(ask(endpoint="edge.example", certificate_names=["b", "a"]), "abcdef.0123456789abcdef")
    init, cluster = (json.loads(part) for part in text[len(config.HEAD) :].split("---\n"))
    assert init["bootstrapTokens"] == [
        {"token": "abcdef.0123456789abcdef", "ttl": "1h0m0s", "description": "gedge.engine"}
    ]
    assert init["localAPIEndpoint"] == {"advertiseAddress": "10.0.0.1", "bindPort": 6443}
    assert cluster["controlPlaneEndpoint"] == "edge.example:6443"
    assert cluster["apiServer"]["certSANs"] == ["a", "b", "edge.example"]


def test_flags_of_ones_own_win(ask):
    asked = ask(extra_args={"kube-apiserver": {"authorization-mode": "RBAC", "profiling": False}})
    found = flags.of("kube-apiserver", asked)
    assert (found["authorization-mode"], found["profiling"]) == ("RBAC", "false")


def test_the_schedulers_own_configuration_gets_its_kubeconfig(ask):
    asked = ask(scheduler_config={"profiles": [{"schedulerName": "second"}]})
    found = json.loads(config.scheduler(asked)[len(config.HEAD) :])
    assert found["clientConnection"] == {"kubeconfig": "/etc/kubernetes/scheduler.conf"}
    assert found["kind"] == "KubeSchedulerConfiguration"
    assert "kubeconfig" not in flags.of("kube-scheduler", asked)


def test_a_unit_quotes_what_systemd_would_read_otherwise():
    text = units.command("etcd", {"a": "100% of $HOME", "b": 'say "x"'})
    assert text.splitlines()[1:] == ['  "--a=100%% of $$HOME" \\', '  "--b=say \\"x\\""']


def test_only_etcd_may_write_and_only_its_data(ask):
    texts = {name: units.text(name, ask()) for name in wanted.COMPONENTS}
    assert [name for name, text in texts.items() if "ReadWritePaths" in text] == ["etcd"]
    assert all("CapabilityBoundingSet=\n" in text and "ProtectSystem=strict" in text for text in texts.values())


def test_members_are_told_at_the_first_start_only(ask):
    assert etcd.first_start(ask(), []) == (
        "ETCD_INITIAL_CLUSTER=node1=https://10.0.0.1:2380\nETCD_INITIAL_CLUSTER_STATE=new\n"
    )
    asked = ask(name="node2", members=MEMBERS)
    assert etcd.first_start(asked, [("node1", "https://10.0.0.1:2380")]) == (
        "ETCD_INITIAL_CLUSTER=node1=https://10.0.0.1:2380,node2=https://10.0.0.2:2380\n"
        "ETCD_INITIAL_CLUSTER_STATE=existing\n"
    )


OPENSSL = """\
notAfter=Nov 29 02:58:35 2027 GMT
X509v3 Subject Alternative Name:
    DNS:kubernetes, DNS:master, IP Address:10.96.0.1, IP Address:0:0:0:0:0:0:0:1
X509v3 Subject Key Identifier:
    12:AB
X509v3 Authority Key Identifier:
    CD:34:EF
"""


def test_openssl_is_read():
    found = reading.parse(OPENSSL)
    assert found.names == {"kubernetes", "master", "10.96.0.1", "::1"}
    assert (found.key, found.signer, found.until) == ("12:AB", "CD:34:EF", 1827457115)


def test_no_certificate_is_none():
    assert reading.parse("unable to load certificate") is None


LOGS = {
    "I1129 02:00:00.1 1 a.go:1] fine\nE1129 02:00:01.1 1 b.go:2] no etcd\nI1129 02:00:02.1 1 c.go:3] bye": (
        "b.go:2] no etcd"
    ),
    '{"level":"info","msg":"x"}\n{"level":"fatal","msg":"discovery failed","error":"bind: in use"}': (
        "discovery failed bind: in use"
    ),
    "Error: unknown flag: --x": "Error: unknown flag: --x",
    "one\ntwo\nthree\nfour": "two | three | four",
}


class Journal:
    """A system whose journal says a text."""

    def __init__(self, text):
        self.text = text

    def run(self, argv, check=True):
        """journalctl."""
        return CommandResult(0, self.text, "")


@pytest.mark.parametrize("text", LOGS)
def test_last_words(text):
    assert service.last_words(Journal(text), "etcd", 0) == LOGS[text]


def test_what_outlives_the_loss_of_a_node_is_told(ask):
    weak = told.notes(bare(), ask(members=MEMBERS))
    assert "is that of node1" in weak["highly_available"][1] and weak["warnings"]
    strong = told.notes(bare(), ask(members=MEMBERS, endpoint="10.0.0.100"))
    assert "must be kept before all three" in strong["highly_available"][1] and not strong["warnings"]
    assert told.notes(bare(), ask())["warnings"] == []


WELL = {
    "readyz": [0, ""],
    "health": {"etcd": 200, "kube-scheduler": 200},
    "members": [{"name": "node1"}],
    "ends": [],
}
VERDICTS = {
    "well": ({}, []),
    "no API": ({"readyz": [1, "refused"]}, ["kubectl reaches no API server: refused"]),
    "sick": ({"health": {"etcd": -1}}, ["etcd is not ready: nobody answers"]),
    "lost": ({"members": []}, ["node1 is no member of etcd's cluster"]),
    "stranger": (
        {"members": [{"name": "node1"}, {"name": ""}]},
        ["who never started is a member of etcd's cluster that nobody asked for"],
    ),
    "learner": ({"members": [{"name": "node1", "isLearner": True}]}, ["node1 has no vote in etcd's cluster yet"]),
    "old": ({"ends": ["/a.crt notAfter=Nov 1"]}, ["/a.crt ends on Nov 1"]),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(name):
    change, what = VERDICTS[name]
    found = control_plane.control_plane({**WELL, **change}, ["node1"])
    assert [row["what"] for row in found["findings"]] == what
