"""What a testbed promised, from one run to the next."""

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.service_ledger import service_ledger
from ansible_collections.gedge.engine.plugins.plugin_utils import service_ledger as ledgers


def normal(*names, meshes=()):
    """A normal form with services and meshes of these names."""
    return {kind: [{"namespace": "default", "name": name} for name in found] for kind, found in
            (("services", names), ("meshes", meshes))}  # fmt: skip


def promised(*names):
    """Rows of a placement or of addresses."""
    return [{"namespace": "default", "service": name, "node": "node1"} for name in names]


def names(ledger, kind="services"):
    """Names of what a ledger has."""
    return [item["name"] for item in ledger[kind]]


@pytest.fixture
def two():
    """A ledger with the services of two files, a, b and c, placed."""
    ledger = ledgers.merge(ledgers.merge({}, normal("b", "a"), "one.yml"), normal("c", meshes=["m"]), "two.yml")
    return dict(ledger, placements=promised("a", "b", "c"), addresses=promised("c"))


def test_sources_stand_side_by_side_sorted(two):
    assert names(two) == ["a", "b", "c"] and names(two, "meshes") == ["m"]
    assert sorted(two["sources"]) == ["one.yml", "two.yml"]


def test_the_same_again_changes_nothing(two):
    assert ledgers.merge(two, normal("b", "a"), "one.yml") == two


def test_what_a_source_has_no_more_is_gone_with_what_was_promised_to_it(two):
    ledger = ledgers.merge(two, normal("a"), "one.yml")
    assert names(ledger) == ["a", "c"]
    assert [row["service"] for row in ledger["placements"]] == ["a", "c"]


def test_a_source_that_is_removed_leaves_the_others(two):
    ledger = ledgers.merge(two, normal(), "two.yml")
    assert (names(ledger), names(ledger, "meshes"), list(ledger["sources"])) == (["a", "b"], [], ["one.yml"])
    assert ledger["addresses"] == []


def test_a_name_of_another_source_is_refused(two):
    with pytest.raises(AnsibleFilterError, match=r"services.default.c: the name is taken by a service of two.yml"):
        service_ledger(two, normal("c"), "one.yml")


@pytest.mark.parametrize("broken", [{"services": None}, {"sources": []}, {"placements": {}}])
def test_a_broken_ledger_is_named(broken):
    with pytest.raises(AnsibleFilterError, match="is no ledger of services"):
        service_ledger(broken, normal("a"), "one.yml")


DAMAGED = [
    ("[]", "it is no mapping"),
    ("3", "it is no mapping"),
    ('{"a": 1}', "it has a"),
    ('{"services": []}', "it lacks addresses"),
    ('{"services": [', "Expecting value"),
    ('{"sources": [], "services": [], "meshes": [], "placements": [], "addresses": []}', "sources is broken"),
]


@pytest.mark.parametrize(("text", "what"), DAMAGED)
def test_a_damaged_file_is_refused_by_name(text, what):
    with pytest.raises(AnsibleFilterError, match=rf"services\.json: is no ledger of services: .*{what}.*Restore it"):
        service_ledger(text, normal("a"), "one.yml")


def test_a_file_that_is_not_there_yet_is_an_empty_ledger(two):
    assert service_ledger("", normal("a"), "one.yml")["ledger"] == ledgers.merge({}, normal("a"), "one.yml")
    assert service_ledger(json.dumps(two), normal("b", "a"), "one.yml")["ledger"] == two


NOTHING = {
    # the source: what is told
    "tow.yml": 'Did you mean "two.yml"? It has those of one.yml, two.yml',
    "camera": "It has those of one.yml, two.yml",
    "": "It has those of one.yml, two.yml",
}


@pytest.mark.parametrize("source", NOTHING)
def test_a_source_that_the_ledger_does_not_have_is_told(two, source):
    found = service_ledger(two, normal(), source)
    (note,) = found["notes"]
    what = f"nothing to take away: the ledger has no services of it. {NOTHING[source]}"
    assert (note["path"], note["what"]) == (source or "service_file", what)
    assert (found["ledger"], found["gone"]) == (two, [])


def test_nothing_is_told_of_a_source_that_is_there_or_comes(two):
    assert service_ledger(two, normal(), "two.yml")["notes"] == []
    assert service_ledger(two, normal("d"), "three.yml")["notes"] == []
    assert service_ledger({}, normal(), "one.yml")["notes"][0]["what"].endswith("of it. It is empty")


def test_what_is_taken_away_is_named_with_its_namespace(two):
    """One of the same name may stand in another namespace, and stay."""
    edge = dict(normal("x"), services=[{"namespace": "edge", "name": "a"}, {"namespace": "edge", "name": "d"}])
    ledger = service_ledger(two, edge, "three.yml")
    assert ledger["gone"] == []
    gone = service_ledger(json.dumps(ledger["ledger"]), normal(), "three.yml")["gone"]
    assert gone == ["edge/a", "edge/d"]
    assert service_ledger(two, normal("b"), "one.yml")["gone"] == ["a"]
