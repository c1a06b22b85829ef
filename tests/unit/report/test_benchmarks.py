"""Comparisons on the page: as they were saved, or why not; a region without any has no word of them."""

import pytest
from ansible_collections.gedge.engine.plugins.filter.benchmark_files import benchmark_files
from ansible_collections.gedge.engine.plugins.filter.benchmark_result import benchmark_result
from unit.benchmark.catalogue import outputs, planned


def save(region, text=None):
    """Put results beside the facts: the real ones of two comparisons, or another text."""
    sriov, same = planned("sriov"), planned("same")
    when = "2026-11-29 02:10:11Z"
    found = [benchmark_result(sriov, outputs(sriov, 2.0), when), benchmark_result(same, outputs(same), when)]
    (region.facts / "benchmark").mkdir()
    file = region.facts / "benchmark" / "benchmark.json"
    file.write_text(text or benchmark_files(found)["benchmark.json"], encoding="utf-8")
    return found


def page(region):
    """(document, text of the page)."""
    document = region.report()
    return document, (region.folder / "report.html").read_text(encoding="utf-8")


def test_no_comparison_no_word(region):
    document, text = page(region)
    assert document["benchmarks"] == {"state": "missing", "fault": None, "time": None, "results": []}
    assert 'id="benchmarks"' not in text and not [name for name in document["sources"] if "benchmark" in name]


def test_results_stand_on_the_page(region):
    same, sriov = reversed(save(region))
    document, text = page(region)
    assert [one["word"] for one in document["benchmarks"]["results"]] == ["no difference seen", "a difference"]
    for number, one in enumerate((same, sriov)):
        assert f'<span data-key="/benchmarks/results/{number}/text">{one["text"]}</span>' in text
        assert (
            f'data-key="/benchmarks/results/{number}/sides/a/words/median">{one["sides"]["a"]["words"]["median"]}'
            in text
        )
    assert text.count("hollow: warm-up, not counted") == 2
    assert document["sources"]["benchmark/benchmark.json"]["state"] == "read"


@pytest.mark.parametrize("broken", ["{", '{"results": [{}]}', '{"results": 3}', "{}", '{"results": [3]}'])
def test_a_damaged_file_is_told(region, broken):
    save(region, broken)
    document, text = page(region)
    assert (document["benchmarks"]["state"], document["benchmarks"]["results"]) == ("unreadable", [])
    assert "The saved comparisons cannot be read" in text and "benchmark.json" in document["benchmarks"]["fault"]
