"""The page in Chromium: its figures against a second reading of the files, its size, its silence, its escaping."""

import json
import re

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from fixtures import saved
from helpers import report_truth as truth

ALL_FIGURES = "[...document.querySelectorAll('[data-key]')].map(each => [each.dataset.key, each.textContent])"
# What sticks out of the page to the right, or is hidden in a box that scrolls.
STICKING_OUT = """[...document.querySelectorAll("main *, header *")].filter(each =>
  each.getBoundingClientRect().right > innerWidth || (each.matches(".wide") && each.scrollWidth > each.clientWidth + 1)
).map(each => each.outerHTML.slice(0, 90))"""
# Words that are cut off or lie over each other, in boxes of fixed size.
TOO_LONG = """[...document.querySelectorAll("svg.picture g text")].filter(each => {
  const box = each.parentNode.querySelector("rect");
  return box && each.getBoundingClientRect().width > box.getBoundingClientRect().width;
}).map(each => each.textContent)"""
# Contrast of words to what is behind them, by WCAG's formula; pictures have their own tables of colours.
FAINT = """(() => {
  const shade = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(each => each / 255).map(each =>
    each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4
  ).reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = each => {
    for (; each; each = each.parentElement) {
      const found = shade(getComputedStyle(each).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *:not(svg *)")].filter(each =>
    [...each.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())
  ).map(each => {
    const [one, other] = [light(shade(getComputedStyle(each).color)), light(behind(each))].sort((a, b) => b - a);
    return [(one + 0.05) / (other + 0.05), each.outerHTML.slice(0, 90)];
  }).filter(([ratio]) => ratio < 4.5);
})()"""


def load(region):
    """(machines, plan, verify) as the second reader has them."""
    machines = {
        path.name.split(".")[0]: truth.machine_of(json.loads(path.read_text(encoding="utf-8")))
        for path in region.facts.glob("*.topology.json")
    }
    return machines, truth.load(region.facts, "plan.json"), truth.load(region.facts, "verify.json")


def open_page(browser, region):
    """Look at the region's page; its figures as [[place in the JSON, text]]."""
    browser.open(region.folder / "report.html")
    return browser.evaluate(ALL_FIGURES)


def add_findings(verify):
    row = {"device": "ens1f0 VF 1", "what": "vlan 30 asked for, 31 found", "advice": "Run the site playbook"}
    verify["findings"]["node1"].append(row)
    verify["layers"] = ["node_boot", "node_sriov"]
    verify["findings"]["switch"].append(dict(row, device="tor/25"))


def add_trouble(plan):
    plan["nodes"]["node2"].update(
        errors=[{"role": "node_sriov", "msg": "unreachable"}],
        conflicts=[{"where": "CPU 1", "what": "isolated and reserved", "advice": "Choose"}],
    )
    plan["nodes"]["node1"].update(reboots=1, reboot_reasons=["hugepages at boot"])


def nothing(dummy):
    pass


REGIONS = {
    "as saved": nothing,
    "with findings": lambda region: region.edit("verify.json", add_findings),
    "with a newer plan and its errors": lambda region: region.edit("plan.json", add_trouble, 240),
    "not verified, not planned": lambda region: region.remove("verify.json").remove("plan.json"),
    "nodes that nobody discovered": lambda region: region.remove("node1.topology.json").remove("node2.topology.json"),
    "a node that nobody discovered": lambda region: region.remove("node2.topology.json"),
}


@pytest.mark.parametrize("change", REGIONS.values(), ids=REGIONS)
def test_every_figure_is_right(browser, region, change):
    change(region)
    document = region.report()
    page = open_page(browser, region)
    assert len(page) > 400
    machines, plan, verify = load(region)
    assert truth.differing(page, truth.figures(region.testbed, machines, plan, verify)) == {}
    assert truth.unlike(page, document) == {}


def test_a_bigger_machine(browser, region, tmp_path_factory):
    """hwloc's saved machine in place of a node: other NICs, an accelerator, no SR-IOV."""
    root = saved.unpack(tmp_path_factory.mktemp("hwloc"))
    topology = facts.gather(System(str(root)), volatile=False)
    (region.facts / "node1.topology.json").write_text(json.dumps(topology), encoding="utf-8")
    region.report()
    page = open_page(browser, region)
    machines, plan, verify = load(region)
    assert truth.differing(page, truth.figures(region.testbed, machines, plan, verify)) == {}


def test_it_asks_nobody_for_anything(browser, region):
    region.report()
    open_page(browser, region)
    assert browser.requests == [f"file://{region.folder}/report.html"]
    assert browser.complaints() == []
    text = (region.folder / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!#)[^\s\"']+", text) == []


def test_its_policy_holds_back_whatever_comes_in(browser, region):
    """A picture and a script put into the finished page get nowhere."""
    region.report()
    path = region.folder / "report.html"
    evil = '<img src="http://198.51.100.9/x.png"><script>document.title = "taken"</script></body>'
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", evil), encoding="utf-8")
    open_page(browser, region)
    assert browser.evaluate("document.title") == "Virtual testbed: report"
    blocked = [text for text in browser.complaints() if "Content Security Policy" in text]
    assert len(blocked) == 2


@pytest.mark.parametrize("width", [1366, 1024])
def test_nothing_sticks_out(browser, region, width):
    region.edit("verify.json", add_findings).edit("plan.json", add_trouble, 240).report()
    browser.resize(width, 768)
    open_page(browser, region)
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    assert browser.evaluate(STICKING_OUT) == []
    assert browser.evaluate(TOO_LONG) == []
    browser.resize(1366, 768)


def test_it_can_be_read_without_colours_and_eyes(browser, region):
    region.edit("verify.json", add_findings).edit("plan.json", add_trouble, 240).report()
    open_page(browser, region)
    assert browser.evaluate(FAINT) == []
    assert (
        browser.evaluate(
            "[...document.querySelectorAll('table')].filter(each => !each.querySelector('th[scope=col]')).length"
        )
        == 0
    )
    assert (
        browser.evaluate(
            "[...document.querySelectorAll('svg')].filter(each => !each.getAttribute('aria-label')).length"
        )
        == 0
    )
    assert browser.evaluate("document.documentElement.lang") == "en"
    empty = "[...document.querySelectorAll('.vlan, .state')].filter(each => !each.textContent.trim()).length"
    assert browser.evaluate(empty) == 0


def test_on_paper(browser, region):
    region.report()
    open_page(browser, region)
    printed = browser.pdf()
    sheets = [int(count) for count in re.findall(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)", printed)]
    sizes = set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", printed))
    assert sheets and 5 <= max(sheets) <= 16
    assert [round(float(side)) for size in sizes for side in size.split()[2:]] == [
        842,
        595,
    ]  # A4 on its side, in points


EVIL = '<script>document.title = "taken"</script><img src=x onerror="document.title=1">"\'&'


def test_whatever_stands_in_a_name_is_text(browser, region):
    found, hosts = region.inventory()
    found["site"]["title"] = found["switches"]["tor"]["title"] = EVIL
    hosts["node1"]["testbed_profile"] = EVIL
    hosts["node1"]["testbed_ports"][0]["nic"] = EVIL
    found["networks"][EVIL] = found["networks"].pop("sriov-a")
    hosts[EVIL] = hosts.pop("node2")
    found["switches"]["tor"]["ports"]["11"]["peer"] = EVIL

    def change(topology):
        topology["pci_devices"][1]["net"] = [EVIL]
        topology["pci_devices"][1]["kind"] = EVIL
        topology["pci_devices"][1]["driver"] = EVIL

    def prove(verify):
        verify["proof"].append(EVIL)
        verify["findings"]["node1"].append({"device": EVIL, "what": EVIL, "advice": EVIL})

    region.edit("node1.topology.json", change).edit("verify.json", prove)
    region.report(inventory=(found, hosts))
    page = dict(open_page(browser, region))
    assert browser.evaluate("document.title") == EVIL + ": report"
    assert browser.evaluate("document.querySelectorAll('img, script').length") == 1  # the page's own script
    assert browser.complaints() == [] and len(browser.requests) == 1
    for key in ("/site/title", "/nodes/node1/profile", "/verification/proof/5", "/switches/tor/title"):
        assert page[key] == EVIL


def test_complete_without_its_script(browser, region):
    """The ages beside the times are all that the script adds."""
    region.report()
    with_script = open_page(browser, region)
    path = region.folder / "report.html"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL), encoding="utf-8")
    assert open_page(browser, region) == with_script
    assert browser.evaluate("[...document.querySelectorAll('details:not([open])')].length") == 0
