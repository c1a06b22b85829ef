"""The modules' door: bad options and domain errors end in one clean failed JSON, with rc 1 and no traceback."""

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.gedge.engine.plugins.module_utils import node_module
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, Problem, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.steps import Step
from ansible_collections.gedge.engine.plugins.modules import link_probe, sriov
from helpers.fake_node import FakeNode, FakePf

PF = {"select": {"name": "ens1f0"}, "count": 2}


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """A function: run a module's main() with options on a node of files; (rc, its JSON)."""
    node = FakeNode(tmp_path, [FakePf("0000:21:00.0", "ens1f0")])
    monkeypatch.setattr(sriov, "System", lambda: node)
    monkeypatch.setattr(link_probe, "System", lambda: node)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)

    def run(module, **options):
        with patch_module_args(options), pytest.raises(SystemExit) as left:
            module.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return left.value.code, json.loads(out)

    run.node = node
    return run


def vf(**keys):
    """Options with one VF."""
    return {"pfs": [dict(PF, vfs=[dict({"range": "0"}, **keys)])]}


BAD = [
    ("unknown option", {"pfss": []}, "pfss"),
    ("unknown key of a PF", {"pfs": [dict(PF, counts=1)]}, "counts"),
    ("unknown key of select", {"pfs": [{"select": {"slot": 1}}]}, "slot"),
    ("unknown key of a VF", vf(vlam=1), "vlam"),
    ("no select", {"pfs": [{"count": 1}]}, "select"),
    ("no range", {"pfs": [dict(PF, vfs=[{"vlan": 1}])]}, "range"),
    ("pfs no list of dicts", {"pfs": ["ens1f0"]}, "dictionary requested"),
    ("vfs a word", {"pfs": [dict(PF, vfs="all")]}, "dictionary requested"),
    ("count a word", {"pfs": [dict(PF, count="four")]}, "count"),
    ("up a word", {"pfs": [dict(PF, up="maybe")]}, "up"),
    ("mtu a list", {"pfs": [dict(PF, mtu=[1])]}, "mtu"),
    ("NUMA node a word", {"pfs": [{"select": {"numa_node": "left"}}]}, "numa_node"),
    ("vlan a word", vf(vlan="blue"), "vlan"),
    ("trust a word", vf(trust="perhaps"), "trust"),
    ("link state", vf(link_state="up"), "link_state"),
    ("driver", vf(driver="uio"), "driver"),
    ("state", {"state": "gone"}, "state"),
    ("vlan too high", vf(vlan=4095), "pfs[0].vfs[0].vlan: must be from 0 to 4094 (got 4095)"),
    ("no such PF", {"pfs": [{"select": {"name": "eth9"}}]}, "pfs[0].select: matches no PF of this node"),
    ("igb's abilities", vf(link_state="enable"), "cannot set link_state for a VF"),
    ("allow a stranger", dict(vf(), allow_vf_loss=["eth9"]), "allow_vf_loss: no PF of this node"),
]


@pytest.mark.parametrize(("options", "words"), [pytest.param(*case[1:], id=case[0]) for case in BAD])
@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_sriov_refuses_in_words(call, options, words, check):
    before = call.node.snapshot()
    code, result = call(sriov, **options, _ansible_check_mode=check)
    assert (code, result["failed"]) == (1, True)
    assert words in result["msg"]
    assert call.node.snapshot() == before


def test_faults_come_as_data_too(call):
    dummy, result = call(sriov, **vf(vlan=4095, mac="x"))
    assert [(one["path"], one["value"]) for one in result["problems"]] == [
        ("pfs[0].vfs[0].vlan", 4095),
        ("pfs[0].vfs[0].mac", "x"),
    ]


def test_sriov_does_it(call):
    code, result = call(sriov, **vf(vlan=30))
    assert (code, result["changed"], result["missing_packages"]) == (0, True, [])
    assert call(sriov, **vf(vlan=30))[1]["steps"] == []


def test_old_systemd_is_a_warning(call, monkeypatch):
    """Of Ansible's own kind; it goes elsewhere in a process that is no module of its own."""
    warned = []
    monkeypatch.setattr(node_module.AnsibleModule, "warn", lambda _module, text: warned.append(text))
    monkeypatch.setattr(call.node, "_answer", lambda argv, old=call.node._answer: _aged(old(argv), argv))
    assert "warnings" not in call(sriov, **vf())[1]
    assert warned == ["VFs will not come back at boot: systemd >= 251 is needed for that"]


def _aged(result, argv):
    result.out = "systemd 247 (247.3)\n" if argv[-1] == "--version" else result.out
    return result


def test_a_failed_step_is_in_the_result(call):
    call.node.refused.add("vlan")
    code, result = call(sriov, **vf(vlan=30))
    assert (code, result["put_back"], result["changed"]) == (1, True, False)
    assert (result["failed_step"]["action"], result["failed_step"]["target"]) == ("set-vf", "ens1f0 VF 0")


FAILURES = [
    (EngineError("w", "x", "a"), {"msg": "x: w. a"}),
    (
        ProblemsError([Problem("p", "w")]),
        {"msg": "1 problem\n  - p: w", "problems": [{"path": "p", "value": None, "what": "w", "advice": ""}]},
    ),
    (
        ApplyError(Step("t", "a", "r"), EngineError("no"), False, "all"),
        {
            "msg": "t: step a failed: no; NOT put back: all. Look at the node, then run again: it converges",
            "failed_step": Step("t", "a", "r").as_dict(),
            "put_back": False,
            "changed": True,
        },
    ),
]


@pytest.mark.parametrize(("error", "keys"), FAILURES, ids=["error", "problems", "step"])
def test_failure(error, keys):
    assert node_module.failure(error) == keys


PROBES = [
    ("no phase", {}, "phase"),
    ("unknown phase", {"phase": "fly"}, "phase"),
    ("target without address", {"phase": "ping", "targets": [{"interface": "v"}]}, "address"),
    ("no such device", {"phase": "raise", "interfaces": ["v9"]}, "interfaces: no such network device: v9"),
    ("wait a word", {"phase": "raise", "wait": "long"}, "wait"),
]


@pytest.mark.parametrize(("options", "words"), [pytest.param(*case[1:], id=case[0]) for case in PROBES])
def test_link_probe_refuses_in_words(call, options, words):
    code, result = call(link_probe, **options)
    assert (code, result["failed"]) == (1, True)
    assert words in result["msg"]


@pytest.mark.parametrize("phase", ["raise", "ping", "lower"])
def test_link_probe_does_nothing_in_check_mode(call, phase):
    target = {"interface": "v9", "address": "fe80::1"}
    code, result = call(link_probe, phase=phase, interfaces=["v9"], targets=[target], _ansible_check_mode=True)
    assert (code, result["changed"], result["links"], result["targets"]) == (0, False, [], [])
    assert call.node.log == []
