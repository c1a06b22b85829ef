"""observe, plan, apply, look again, put back: with a toy subsystem of named numbers."""

import errno
import subprocess

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError, Subsystem, converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.steps import Step


class Toy(Subsystem):
    """Brings {name: number} to a goal. broken: names that refuse, with error; deaf: names that ignore; stuck: what
    putting back ends with."""

    def __init__(self, goal, broken=(), deaf=(), stuck=None, error=None):
        self.now = {"a": 1, "b": 2}
        self.goal, self.broken, self.deaf, self.stuck, self.error = goal, broken, deaf, stuck, error
        self.calls = []

    def observe(self):
        self.calls.append("observe")
        return dict(self.now)

    def plan(self, state):
        self.calls.append("plan")
        order = sorted(name for name in self.goal if state[name] != self.goal[name])
        return [Step(n, "set", "differs", "link" if n == "b" else "none", state[n], self.goal[n]) for n in order]

    def notes(self, state):
        return {"warnings": ["as found: %s" % state["a"]]}

    def record(self, state):
        self.calls.append("record")

    def apply(self, step):
        self.calls.append("apply " + step.target)
        if step.target in self.broken:
            raise self.error or EngineError("no", step.target)
        if step.target not in self.deaf:
            self.now[step.target] = step.after

    def put_back(self, state):
        self.calls.append("put back")
        if self.stuck:
            raise self.stuck
        self.now = dict(state)


def test_a_change():
    toy = Toy({"a": 5, "b": 6})
    assert converge(toy, check_mode=False) == {
        "changed": True,
        "steps": [step.as_dict() for step in Toy({"a": 5, "b": 6}).plan({"a": 1, "b": 2})],
        "disruption": "link",
        "reboot_reasons": [],
        "diff": {"before": {"a": {"set": 1}, "b": {"set": 2}}, "after": {"a": {"set": 5}, "b": {"set": 6}}},
        "warnings": ["as found: 1"],
    }
    assert toy.now == {"a": 5, "b": 6}
    assert toy.calls == ["observe", "plan", "record", "apply a", "apply b", "observe", "plan"]


def test_check_mode_gives_the_same_and_stops_after_plan():
    toy = Toy({"a": 5})
    assert converge(toy, check_mode=True) == converge(Toy({"a": 5}), check_mode=False)
    assert toy.calls == ["observe", "plan"]


def test_what_is_right_is_not_touched():
    toy = Toy({"a": 1})
    found = converge(toy, check_mode=False)
    assert (found["changed"], found["steps"], found["disruption"]) == (False, [], "none")
    assert toy.calls == ["observe", "plan"]


def test_a_failed_step_is_put_back_and_says_so():
    toy = Toy({"a": 5, "b": 6}, broken=["b"])
    with pytest.raises(ApplyError) as caught:
        converge(toy, check_mode=False)
    assert caught.value.text() == (
        "b: step set failed: b: no; what was done before it is put back. Mend the cause and run again"
    )
    assert (caught.value.put_back, caught.value.step.target, toy.now) == (True, "b", {"a": 1, "b": 2})


FULL = OSError(errno.ENOSPC, "No space left on device", "/etc/x")
SYSTEM = {
    "disk": (FULL, "b: step set failed: [Errno 28] No space left on device: '/etc/x'; what was done"),
    "text": ("\ud800".encode, "b: step set failed: 'utf-8' codec can't encode character"),
    "command": (subprocess.TimeoutExpired(["x"], 5), "b: step set failed: Command '['x']' timed out"),
}


def raised(fault):
    """The exception itself, or that of a call."""
    if isinstance(fault, Exception):
        return fault
    with pytest.raises(UnicodeError) as caught:
        fault()
    return caught.value


@pytest.mark.parametrize(("fault", "words"), [pytest.param(*row, id=name) for name, row in SYSTEM.items()])
def test_a_fault_of_the_system_is_put_back_too(fault, words):
    toy = Toy({"a": 5, "b": 6}, broken=["b"], error=raised(fault))
    with pytest.raises(ApplyError) as caught:
        converge(toy, check_mode=False)
    assert caught.value.text().startswith(words)
    assert (caught.value.put_back, toy.now) == (True, {"a": 1, "b": 2})


@pytest.mark.parametrize("stuck", [None, EngineError("stuck"), FULL])
def test_a_fault_of_ours_is_put_back_and_keeps_its_traceback(stuck):
    toy = Toy({"a": 5, "b": 6}, broken=["b"], error=KeyError("oops"), stuck=stuck)
    with pytest.raises(KeyError, match="oops"):
        converge(toy, check_mode=False)
    assert toy.calls[-1] == "put back"
    assert toy.now["a"] == (5 if stuck else 1)


@pytest.mark.parametrize(
    ("stuck", "words"), [(EngineError("stuck", "toy"), "toy: stuck"), (FULL, r"\[Errno 28\] No space")]
)
def test_what_cannot_be_put_back_is_said(stuck, words):
    toy = Toy({"a": 5, "b": 6}, broken=["b"], stuck=stuck)
    with pytest.raises(ApplyError, match="NOT put back: " + words) as caught:
        converge(toy, check_mode=False)
    assert (caught.value.put_back, toy.now["a"]) == (False, 5)


def test_a_step_without_effect_is_a_failure():
    with pytest.raises(EngineError, match="a: set did not take effect: asked for 5, found 1"):
        converge(Toy({"a": 5}, deaf=["a"]), check_mode=False)


@pytest.mark.parametrize("method", ["observe", "plan", "apply", "put_back"])
def test_a_subsystem_must_bring_its_own(method):
    with pytest.raises(NotImplementedError):
        getattr(Subsystem(), method)(*([] if method == "observe" else [None]))
