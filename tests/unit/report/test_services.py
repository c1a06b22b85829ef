"""Services on the page: what was promised and achieved, or why nobody can say; without any there is no word of it."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.proof import shown

# As playbook service saved it in the lab.
ASKED = {
    "node": "node1",
    "cpus": "2",
    "cpu_nodes": [1],
    "memory_nodes": [1],
    "devices": [{"resource": "sriov", "address": "0000:81:10.4", "pf": "0000:81:00.0"}],
    "vlans": [30],
    "macs": ["the PF's"],
    "addresses": ["192.168.20.110/28"],
    "distance": 3.5,
    "levels": [["0000:81:10.4", "cpu numa1", "PHB"]],
}
GOT = dict(ASKED, memory={"1": 53248}, macs=["ea:b2:e5:b0:e5:fc"], port_macs=["ea:b2:e5:b0:e5:fc"], rdma=[])


def row(achieved, **equal):
    """One container; equal: what is not."""
    named = {"namespace": "default", "service": "camera", "replica": 0, "container": "camera", "pod": "camera-zfnk5"}
    return dict(named, promised=ASKED, achieved=achieved, equal={**dict.fromkeys(shown.ASPECTS, True), **equal})


def page(region, saved=None):
    """(document, text of the page) with a proof, or another text in its place."""
    if saved is not None:
        (region.facts / "services").mkdir()
        text = saved if isinstance(saved, str) else json.dumps(saved)
        (region.facts / "services" / "proof.json").write_text(text, encoding="utf-8")
    document = region.report()
    return document, (region.folder / "report.html").read_text(encoding="utf-8")


def test_no_service_no_word(region):
    document, text = page(region)
    assert (document["services"]["state"], document["services"]["rows"]) == ("missing", [])
    assert 'id="services"' not in text and not [name for name in document["sources"] if "services" in name]


def test_promised_and_achieved_stand_on_the_page(region):
    lines = ["default/a hears default/b: 3 of 3"]
    saved = {"equal": True, "findings": [], "notes": [], "rows": [row(GOT)], "traffic": lines}
    document, text = page(region, saved)
    (told,) = document["services"]["rows"]
    assert (told["service"], told["equal"], document["services"]["traffic"]) == ("default/camera", True, lines)
    for side, mac in (("promised", "the PF&#39;s"), ("achieved", "ea:b2:e5:b0:e5:fc")):
        assert f'data-key="/services/rows/0/{side}/macs">{mac}</span>' in text
        assert f'data-key="/services/rows/0/{side}/cpus">2 on NUMA node 1</span>' in text
    assert ">as promised</span>" in text and 'data-key="/services/traffic/0"' in text
    assert document["sources"]["services/proof.json"]["state"] == "read"


@pytest.mark.parametrize(
    ("achieved", "equal"),
    [(dict(GOT, vlans=[31]), {"vlans": False}), (None, dict.fromkeys(shown.ASPECTS, False))],
    ids=["another VLAN", "not read"],
)
def test_what_is_not_as_promised_is_marked(region, achieved, equal):
    saved = {"equal": False, "findings": ["default/camera: VLAN <31>"], "notes": [], "rows": [row(achieved, **equal)]}
    document, text = page(region, saved)
    assert (document["services"]["equal"], document["services"]["rows"][0]["equal"]) == (False, False)
    assert ">not as promised</span>" in text and "VLAN &lt;31&gt;" in text


@pytest.mark.parametrize(
    "broken", ["{", '{"rows": [{}], "equal": true}', '{"rows": 3, "equal": true}', "{}", '{"rows": []}']
)
def test_a_damaged_file_is_told(region, broken):
    document, text = page(region, broken)
    assert (document["services"]["state"], document["services"]["rows"]) == ("unreadable", [])
    assert "The saved proof of services cannot be read" in text and "proof.json" in document["services"]["fault"]
