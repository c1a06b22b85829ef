"""The report of the running lab in Chromium, each figure against what the nodes say: lspci, lscpu, ip, sysfs.

No saved file is read here but verify.json and plan.json, which say nothing about the nodes that could be read there.
"""

import json
import re

import pytest
from helpers import report_truth as truth
from helpers.browser import Browser

pytestmark = pytest.mark.soak

ALL_FIGURES = "[...document.querySelectorAll('[data-key]')].map(each => [each.dataset.key, each.textContent])"
# What the lab's stand-ins are, which no PCI class says.
STAND_INS = {"1234:11e8": "fpga"}
VF = re.compile(r"/nodes/([^/]+)/pfs/(\d+)/vfs/(\d+)/mac")
PAGES = "for f in /sys/devices/system/node/node*/hugepages/hugepages-*/nr_hugepages; do echo $f $(cat $f); done"
MEMORY = "grep -H MemTotal /sys/devices/system/node/node*/meminfo"
PATHS = "readlink -f /sys/bus/pci/devices/*"
NETDEVS = "readlink -f /sys/class/net/*"
# Not lspci's TotalVFs: a driver may allow fewer than the card has (igb: 7 of 8).
TOTALS = "grep -H . /sys/bus/pci/devices/*/sriov_totalvfs"


@pytest.fixture(scope="module")
def report(lab, tmp_path_factory):
    """(folder with the report, its figures as Chromium has them, what it asked for) of the lab, its VFs as asked."""
    folder = tmp_path_factory.mktemp("report")
    site = lab.playbook("site", "--tags", "node_sriov")
    assert site.rc == 0, site.output
    written = lab.playbook("report", "-e", f"report_dir={folder}")
    assert written.rc == 0, written.output
    with Browser() as browser:
        browser.open(folder / "report.html")
        return folder, browser.evaluate(ALL_FIGURES), list(browser.requests)


def machine(lab, node):
    """The neutral form of a machine (report_truth) from the node's own commands."""
    cpus = [line.split(",") for line in lab.run(node, "lscpu -p=CPU,CORE,SOCKET,NODE").stdout.split() if line[0] != "#"]
    return {
        "cpus": [tuple(map(int, row)) for row in cpus if len(row) == 4 and row[0].isdigit()],
        "isolated": lab.run(node, "cat /sys/devices/system/cpu/isolated").stdout.strip(),
        "kib": {
            int(found): int(kib) for found, kib in re.findall(r"node(\d+)/.*?(\d+) kB", lab.run(node, MEMORY).stdout)
        },
        "hugepages": pages(lab.run(node, PAGES).stdout),
        "devices": devices(lab, node),
    }


def pages(text):
    """{NUMA node: {"2048kB": total}}."""
    found = {}
    for number, size, total in re.findall(r"node(\d+)/hugepages/hugepages-(\w+)/nr_hugepages (\d+)", text):
        found.setdefault(int(number), {})[size] = int(total)
    return found


def devices(lab, node):
    """{address: device} of what lspci calls a network, display or NVMe controller, and of the stand-ins."""
    names, rdma = {}, {}
    for path in lab.run(node, NETDEVS).stdout.split():
        above = re.findall(r"/([0-9a-f]{4}:[0-9a-f:.]+)(?=/)", path)
        names.setdefault(above[-1] if above else None, []).append(path.split("/")[-1])
    totals = dict(re.findall(r"devices/(\S+)/sriov_totalvfs:(\d+)", lab.run(node, TOTALS).stdout))
    for line in lab.run(node, "ls -l /sys/class/infiniband 2>/dev/null", check=False).stdout.splitlines():
        hit = re.search(r"([0-9a-f:.]{12})/infiniband/(\S+)$", line)
        if hit:
            rdma.setdefault(hit.group(1), []).append(hit.group(2))
    real = {path.split("/")[-1]: path.split("/") for path in lab.run(node, PATHS).stdout.split()}
    found = {}
    for block in lab.run(node, "lspci -Dnnvv").stdout.split("\n\n"):
        device = described(block)
        if device:
            path = [part.removeprefix("/") for part in real[device["address"]][3:-1]]
            address = device.pop("address")
            found[address] = dict(device, path=path, names=names.get(address, []), rdma=rdma.get(address, []))
            found[address]["total"] = int(totals[address]) if address in totals else None
    of_pf = lab.run(node, "ls -l /sys/bus/pci/devices/*/virtfn* 2>/dev/null", check=False).stdout
    for pf, index, vf in re.findall(r"devices/(\S+)/virtfn(\d+) -> \.\./(\S+)", of_pf):
        found[vf].update(pf=pf, index=int(index))
    return found


def described(block):
    """A device out of a paragraph of `lspci -Dnnvv`; None for one of a kind that the report does not show."""
    head = re.match(r"(\S+) [^\n]*?\[([0-9a-f]{4})\]: [^\n]*\[([0-9a-f]{4}:[0-9a-f]{4})\]", block)
    if not head:
        return None
    kind = STAND_INS.get(head.group(3)) or truth.KINDS.get(head.group(2))
    if kind is None:
        return None
    link = re.search(r"LnkCap:.*Speed ([0-9.]+)GT/s, Width x(\d+)", block)
    vfs = re.search(r"Number of VFs: (\d+)", block)
    driver = re.search(r"Kernel driver in use: (\S+)", block)
    near = re.search(r"NUMA node: (\d+)", block)
    return {
        "address": head.group(1),
        "kind": kind,
        "id": head.group(3),
        "driver": driver.group(1) if driver else None,
        "node": int(near.group(1)) if near else -1,
        "speed": float(link.group(1)) if link else None,
        "width": int(link.group(2)) if link else None,
        "vfs": int(vfs.group(1)) if vfs else None,
        "pf": None,
        "index": None,
    }


def test_every_figure_is_what_the_nodes_say(lab, report):
    folder, page, requests = report
    facts = lab.testbed.parent / "facts"
    machines = {node: machine(lab, node) for node in lab.nodes}
    expected = truth.figures(lab.testbed, machines, truth.load(facts, "plan.json"), truth.load(facts, "verify.json"))
    assert len(page) > 500
    assert truth.differing(page, expected) == {}
    assert truth.unlike(page, json.loads((folder / "report.json").read_text(encoding="utf-8"))) == {}
    assert requests == [f"file://{folder}/report.html"]


def test_the_macs_are_those_of_the_vfs(lab, report):
    """Automatic MACs too: those on the page, against those that iproute2 reads from the PFs."""
    nodes = json.loads((report[0] / "report.json").read_text(encoding="utf-8"))["nodes"]
    page = {VF.fullmatch(key).groups(): mac for key, mac in report[1] if VF.fullmatch(key)}
    assert len(page) == sum(node["vfs_asked"] for node in nodes.values())
    for node in lab.nodes:
        links = {link.get("parentdev"): link for link in lab.json(node, "ip -j -d link show")}
        read = {
            (node, str(place), str(vf["vf"])): vf["address"]
            for place, pf in enumerate(nodes[node]["pfs"])
            for vf in links[pf["address"]]["vfinfo_list"]
        }
        assert {key: mac for key, mac in page.items() if key[0] == node} == read


def test_a_second_report_changes_nothing(lab, report):
    again = lab.playbook("report", "-e", f"report_dir={report[0]}")
    assert again.rc == 0 and again.changed() == 0
