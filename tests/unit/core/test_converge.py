"""observe, plan, apply, look again, put back: with a toy subsystem of named numbers."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError, Subsystem, converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.steps import Step


class Toy(Subsystem):
    """Brings {name: number} to a goal. broken: names that refuse; deaf: names that ignore."""

    def __init__(self, goal, broken=(), deaf=(), stuck=False):
        self.now = {"a": 1, "b": 2}
        self.goal, self.broken, self.deaf, self.stuck = goal, broken, deaf, stuck
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
            raise EngineError("no", step.target)
        if step.target not in self.deaf:
            self.now[step.target] = step.after

    def put_back(self, state):
        self.calls.append("put back")
        if self.stuck:
            raise EngineError("stuck", "toy")
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


def test_what_cannot_be_put_back_is_said():
    toy = Toy({"a": 5, "b": 6}, broken=["b"], stuck=True)
    with pytest.raises(ApplyError, match="NOT put back: toy: stuck") as caught:
        converge(toy, check_mode=False)
    assert (caught.value.put_back, toy.now["a"]) == (False, 5)


def test_a_step_without_effect_is_a_failure():
    with pytest.raises(EngineError, match="a: set did not take effect: asked for 5, found 1"):
        converge(Toy({"a": 5}, deaf=["a"]), check_mode=False)


@pytest.mark.parametrize("method", ["observe", "plan", "apply", "put_back"])
def test_a_subsystem_must_bring_its_own(method):
    with pytest.raises(NotImplementedError):
        getattr(Subsystem(), method)(*([] if method == "observe" else [None]))
