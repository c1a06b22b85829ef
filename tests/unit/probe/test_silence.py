"""What is said of an echo request that nobody answered; the answers of ip were read on a node of the lab."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.probe import silence
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

LINK = """[{"ifname": "net1", "flags": [%s], "stats64": {
  "rx": {"bytes": 600, "packets": 7, "errors": 0, "dropped": 2},
  "tx": {"bytes": 900, "packets": 60, "errors": 1, "dropped": 0}}}]"""
UP = LINK % '"BROADCAST", "UP", "LOWER_UP"'
SILENT = {"interface": "net1", "address": "10.0.0.9", "replies": 0, "pid": 42, "expect": "reply"}
FAILED = '[{"dst": "10.0.0.9", "state": ["FAILED"]}]'


class Said(System):
    """A System that answers for "link" and "neigh", and keeps what was asked."""

    def __init__(self, link, neighbour):
        super().__init__("/nowhere")
        self.answers, self.asked = {"link": link, "neigh": neighbour}, []

    def run(self, argv, check=True, stdin=None):
        self.asked.append(argv)
        said = next(self.answers[word] for word in argv if word in self.answers)
        return CommandResult(0 if said is not None else 1, said or "", "")


CASES = {
    "nobody answers for it": (UP, FAILED, " (net1: 60 packets sent, 7 received, 3 lost, neighbour FAILED)"),
    "not asked yet": (UP, "", " (net1: 60 packets sent, 7 received, 3 lost, neighbour none)"),
    "no carrier": (LINK % '"NO-CARRIER"', FAILED, " (net1 has no carrier)"),
    "gone": (None, None, ""),
}


@pytest.mark.parametrize("title", CASES)
def test_sentence(title):
    link, neighbour, expected = CASES[title]
    system = Said(link, neighbour)
    (one,) = silence.explained(system, [SILENT])
    assert silence.sentence(one) == expected
    assert all(argv[:4] == ["nsenter", "-t", "42", "-n"] for argv in system.asked)


@pytest.mark.parametrize("other", [{"replies": 1}, {"expect": "silence"}, {"interface": None}])
def test_who_answers_or_shall_not_is_not_looked_at(other):
    system = Said(UP, FAILED)
    one = dict(SILENT, **other)
    assert silence.explained(system, [one]) == [one] and system.asked == []
    assert silence.sentence(one) == ""
