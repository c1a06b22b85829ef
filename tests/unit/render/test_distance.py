"""The distance matrix as a table and as a picture."""

from xml.etree import ElementTree

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.distance.levels import LEVELS
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from ansible_collections.gedge.engine.plugins.plugin_utils.render.distance import View, distance_table
from ansible_collections.gedge.engine.plugins.plugin_utils.render.heatmap import COLOURS, heatmap
from fixtures import saved, sysfs_tree

SVG = "{http://www.w3.org/2000/svg}"
TABLE = """\
#  kind         address       name  node    0    1    2    3    4
-  -----------  ------------  ----  ------  ---  ---  ---  ---  ---
0  nvme         0000:00:02.0        NUMA 0  X    PHB  PHB  SYS  SYS
1  nic          0000:02:00.0  eth0  NUMA 0  PHB  X    PIX  SYS  SYS
2  nic          0000:02:00.3  eth1  NUMA 0  PHB  PIX  X    SYS  SYS
3  nic          0000:82:00.0  ib0   NUMA 1  SYS  SYS  SYS  X    PHB
4  accelerator  0000:83:00.0        NUMA 1  SYS  SYS  SYS  PHB  X

level  weight  what lies between
-----  ------  ------------------------------
X           0  the device itself
PIX         2  one PCIe bridge
PHB       3.5  one host bridge (root complex)
SYS         9  two NUMA nodes
"""


def topology(machine, folder):
    return facts.gather(System(str(machine(folder))))


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(SVG + "text")]


def test_table(tmp_path):
    view = View(facts.gather(System(str(saved.unpack(tmp_path)))), weights_over={"SYS": 9})
    assert distance_table(view) == TABLE


def test_unknown_nodes_stand_last(tmp_path):
    view = View(topology(sysfs_tree.disagreement, tmp_path))
    assert [view.node_name(device) for device in view.devices][-3:] == ["NUMA 1", "NUMA ?", "NUMA ?"]


def test_named_devices_keep_their_order(tmp_path):
    view = View(topology(sysfs_tree.amd, tmp_path), devices=["0000:e1:00.0", "0000:01:00.0"])
    assert [device["address"] for device in view.devices] == ["0000:e1:00.0", "0000:01:00.0"]
    assert view.level == [["X", "SYS"], ["SYS", "X"]]


def test_nothing_to_show(tmp_path):
    view = View(topology(sysfs_tree.amd, tmp_path), kinds=["fpga"])
    assert distance_table(view) == "No PCI devices of these kinds.\n"
    assert "No PCI devices of these kinds" in texts(heatmap(view))


def test_heatmap_shows_every_pair_with_its_colour(tmp_path):
    view = View(topology(sysfs_tree.sriov, tmp_path))
    svg = heatmap(view)
    tips = [element.text for element in ElementTree.fromstring(svg).iter(SVG + "title")]
    size = len(view.devices)
    assert len(tips) == size * size
    assert "0000:21:00.0 - 0000:22:10.0: PIX (2)" in tips
    assert texts(svg).count("nic 0000:21:00.0 ens1f0") == 2


@pytest.mark.parametrize("count", [1, 60, 200])
def test_heatmap_of_any_size_stands_alone_in_its_frame(tmp_path, count):
    svg = heatmap(View(topology(lambda folder: sysfs_tree.big(folder, count), tmp_path)), 'a "title" <of> & b')
    root = ElementTree.fromstring(svg)
    width = float(root.get("width"))
    assert all(float(box.get("x", 0)) + float(box.get("width")) <= width for box in root.iter(SVG + "rect"))
    assert texts(svg)[0] == 'a "title" <of> & b'
    assert "<script" not in svg
    assert "href" not in svg
    assert svg.count("http") == 1  # the namespace


def contrast(one, other):
    """Contrast of two colours as WCAG 2 defines it."""
    lights = []
    for colour in (one, other):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        lights.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("level", LEVELS)
def test_words_can_be_read_on_their_colour(level):
    assert contrast(*COLOURS[level]) >= 4.5
