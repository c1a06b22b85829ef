"""Module nfs_storage: a provisioner as a unit, an export, and that no token is told."""

import json

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError, converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.storage import files, subsystem
from ansible_collections.gedge.engine.plugins.module_utils.storage.options import argument_spec
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from helpers.replaced import RunsProgram

VALIDATOR = ArgumentSpecValidator(argument_spec())
PROGRAM = "/usr/local/lib/gedge/nfs-provisioner"
KUBELET = "clusters:\n- cluster:\n    server: https://10.0.2.2:6443\n"
PROVISIONER = {"program": PROGRAM, "ca": "PEM", "token": "geheim"}
EXPORT = {"folder": "/srv/gedge", "clients": ["192.0.2.0/24", "2001:db8::/64"]}


class Node(RunsProgram):
    """A node with a model of systemd; dies: the program ends as soon as it is started."""

    program = PROGRAM

    def __init__(self, folder):
        super().__init__(folder)
        self.pid, self.runs, self.dies, self.exported = 41, False, False, 0
        self.bad = []  # texts of programs that end as soon as they are started
        self.put(PROGRAM, "program")
        self.put("/etc/kubernetes/kubelet.conf", KUBELET)
        self.put(subsystem.EXPORTFS, "program")
        self.put("/etc/exports.d/others.exports", "/home *(ro)\n")
        self.put("/etc/systemd/system/multi-user.target.wants/ssh.service", "")
        self.put("/srv/others", "")

    def reads_only(self, argv):
        return argv[0] == "journalctl" or argv[1] == "show"

    def answer(self, argv):
        if argv[:2] == ["systemctl", "show"]:
            state = "active" if self.runs else "activating" if self.dies and self.pid > 41 else "inactive"
            return CommandResult(0, "ActiveState=%s\nMainPID=%d\n" % (state, self.pid if self.runs else 0), "")
        if argv[:2] == ["systemctl", "restart"]:
            self.pid, self.runs = self.pid + 1, not self.dies and self.text(PROGRAM) not in self.bad
            self.write_link("/proc/%d/exe" % self.pid, self.path(PROGRAM))
            lines = self.text(files.UNIT_PATH).splitlines()
            digest = next(line for line in lines if line.startswith("Environment="))
            self.put("/proc/%d/environ" % self.pid, "A=b\0" + digest.partition("=")[2])
        elif argv[:2] == ["systemctl", "stop"]:
            self.runs = self.dies = False
        elif argv[0] == "exportfs":
            self.exported += 1
        elif argv[0] == "mkdir":
            self.put(argv[-1] + "/lost+found", "")
        return CommandResult(0, "no API server\n" if argv[0] == "journalctl" else "", "")

    def snapshot(self):
        """All but what the kernel tells of processes."""
        return {path: text for path, text in super().snapshot().items() if "/proc/" not in "/" + path}


class Clock:
    """Waits for nothing."""

    def sleep(self, seconds):
        """Not at all."""


@pytest.fixture
def node(tmp_path):
    """A node of a cluster."""
    return Node(tmp_path)


def run(node, check=False, **options):
    """One run of the module."""
    result = VALIDATOR.validate(options)
    assert not result.error_messages, result.error_messages
    return converge(subsystem.NfsStorage(result.validated_parameters, node, Clock()), check)


def test_there_and_back(node):
    before = node.snapshot()
    asked = {"provisioner": PROVISIONER, "export": EXPORT}
    foretold = run(node, check=True, **asked)
    assert node.snapshot() == before and not node.runs
    done = run(node, **asked)
    assert done["steps"] == foretold["steps"] and done["exported"] == "/srv/gedge" and done["disruption"] == "none"
    assert [step["action"] for step in done["steps"]] == ["make-folder", *["write-file"] * 4, "restart-unit"]
    assert node.runs and node.exported == 1 and node.mode(files.KUBECONFIG) == 0o600
    kubeconfig = json.loads(node.text(files.KUBECONFIG))
    assert kubeconfig["clusters"][0]["cluster"]["server"] == "https://10.0.2.2:6443"
    options = "(rw,sync,no_subtree_check,no_root_squash)"
    assert node.text(files.EXPORTS).splitlines()[1] == f"/srv/gedge 192.0.2.0/24{options} 2001:db8::/64{options}"
    assert run(node, **asked)["steps"] == [] and node.pid == 42
    gone = run(node, state="absent")
    assert [step["action"] for step in gone["steps"]] == ["stop-unit", *["remove-file"] * 4]
    node.remove_file("/srv/gedge/lost+found")  # the folder itself stays: it has the data
    node.remove_folder("/srv/gedge")
    assert node.snapshot() == before and not node.runs
    assert run(node, state="absent")["steps"] == []


def test_no_result_has_the_token(node):
    done = run(node, provisioner=PROVISIONER)
    another = run(node, provisioner={**PROVISIONER, "token": "anders"})
    assert [step["target"] for step in another["steps"]] == [files.KUBECONFIG, files.UNIT_PATH, files.UNIT]
    assert node.pid == 43
    for text in map(json.dumps, (done, another)):
        assert not any(word in text for word in ("geheim", "anders"))


def test_what_starts_it_anew(node):
    run(node, provisioner=PROVISIONER)
    node.runs = False
    assert [step["reason"] for step in run(node, provisioner=PROVISIONER)["steps"]] == ["it does not run"]
    node.put("/proc/%d/environ" % node.pid, "GEDGE_READ=old")
    (step,) = run(node, provisioner=PROVISIONER)["steps"]
    assert step["reason"] == "it reads its configuration when it starts"


def test_an_export_stays_where_it_is_no_longer_asked_for(node):
    """Volumes that are in use may be in it; the provisioner may go to another node."""
    run(node, provisioner=PROVISIONER, export=EXPORT)
    done = run(node)
    assert done["exported"] == "/srv/gedge" and files.EXPORTS not in [step["target"] for step in done["steps"]]
    assert not node.runs and node.text(files.EXPORTS) and run(node)["steps"] == []
    assert run(node, state="absent")["exported"] == ""


def test_a_program_that_does_not_stay_is_told_and_put_back(node):
    before, node.dies = node.snapshot(), True
    with pytest.raises(ApplyError, match=r"does not stay; the program says: no API server") as told:
        run(node, provisioner=PROVISIONER)
    assert told.value.put_back and node.snapshot() == before


def test_the_program_that_ran_is_put_back(node):
    """The role brings the new one before."""
    run(node, provisioner=PROVISIONER)
    node.bad = ["a bad one"]
    node.bring("a bad one")
    with pytest.raises(ApplyError) as told:
        run(node, provisioner=PROVISIONER)
    assert told.value.put_back and node.text(PROGRAM) == "program" and node.runs
    assert run(node, provisioner=PROVISIONER)["steps"] == []


def test_a_program_that_does_not_come_back_is_told(node):
    run(node, provisioner=PROVISIONER)
    node.bad = ["program"]
    with pytest.raises(ApplyError, match="NOT put back"):
        run(node, provisioner={**PROVISIONER, "token": "anders"})


@pytest.mark.parametrize("number", range(10))
def test_a_change_that_is_refused_is_put_back(node, number):
    """The folder that was made for an export stays, and is empty."""
    before = node.snapshot()
    node.break_at(number, EngineError("refused"))
    try:
        run(node, provisioner=PROVISIONER, export=EXPORT)
    except ApplyError as error:
        assert error.put_back
        node.breaking = None
        node.remove_file("/srv/gedge/lost+found")
        node.remove_folder("/srv/gedge")
        assert node.snapshot() == before and not node.runs
    else:
        assert number > 8


BAD = [
    ({"provisioner": {**PROVISIONER, "program": "/usr/bin/x y"}}, "provisioner.program"),
    ({"provisioner": {**PROVISIONER, "name": "a b"}}, "provisioner.name"),
    ({"provisioner": {**PROVISIONER, "program": "/usr/local/bin/none"}}, "provisioner.program"),
    ({"export": {**EXPORT, "folder": "srv"}}, "export.folder"),
    ({"export": {**EXPORT, "folder": "/srv/.."}}, "export.folder"),
    ({"export": {**EXPORT, "folder": "/srv/a b"}}, "export.folder"),
    ({"export": {**EXPORT, "clients": []}}, "export.clients"),
    ({"export": {**EXPORT, "clients": ["10.0.0.0/8", "a(rw)"]}}, "export.clients[1]"),
    ({"export": {**EXPORT, "options": "rw) *(rw"}}, "export.options"),
]


@pytest.mark.parametrize(("options", "path"), BAD)
def test_bad_options(node, options, path):
    before = node.snapshot()
    with pytest.raises(ProblemsError) as told:
        run(node, **options)
    assert [problem.path for problem in told.value.problems] == [path] and node.snapshot() == before


def test_what_a_node_lacks(node):
    node.remove_file(subsystem.EXPORTFS)
    with pytest.raises(ProblemsError, match="nfs-kernel-server"):
        run(node, export=EXPORT)
    assert run(node, check=True, brought=True, export=EXPORT)["steps"]
    node.remove_file("/etc/kubernetes/kubelet.conf")
    with pytest.raises(EngineError, match="tells no API server"):
        run(node, provisioner=PROVISIONER)
    assert run(node, provisioner={**PROVISIONER, "server": "https://a:6443"})["steps"]
