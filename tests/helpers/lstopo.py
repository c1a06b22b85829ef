"""Every pair's level against what lstopo draws from the same tree: hwloc finds places by bus numbers, not by links.

Needs lstopo-no-graphics (Debian package hwloc-nox).
"""

import itertools
import subprocess
from xml.etree import ElementTree

from ansible_collections.gedge.engine.plugins.module_utils.distance import matrix
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts

LSTOPO = "lstopo-no-graphics"
HOST_BRIDGE = "0-1"


def compare(tree):
    """(number of pairs, [(address, address, our level, lstopo's level)] where they differ) of a saved tree.

    hwloc knows no domains beyond 16 bits: pairs with such a device are left out.
    """
    drawn = Drawing(tree)
    topology = facts.gather(System(str(tree)))
    built = matrix.build(topology)
    names = [name for name in built["devices"] if len(name.split(":")[0]) == 4]
    pairs = list(itertools.combinations(names, 2))
    place = {name: number for number, name in enumerate(built["devices"])}
    differing = []
    for one, other in pairs:
        ours, theirs = built["level"][place[one]][place[other]], drawn.level(one, other)
        # On a machine with one NUMA node hwloc hangs an unknown place there too.
        if ours != theirs and not (ours == "UNKNOWN" and theirs == "NODE" and drawn.nodes == 1):
            differing.append((one, other, ours, theirs))
    return len(pairs), differing


class Drawing:
    """lstopo's tree: for each PCI device the bridges above it, and for each host bridge its NUMA node."""

    def __init__(self, tree):
        command = [LSTOPO, "--if", "fsroot", "-i", str(tree), "--whole-io", "--of", "xml", "-"]
        xml = subprocess.run(command, capture_output=True, check=True).stdout
        root = ElementTree.fromstring(xml)
        self.nodes = len(root.findall(".//object[@type='NUMANode']"))
        self.above, self.node = {}, {}
        self._walk(root, [], None)

    def _walk(self, element, bridges, nodeset):
        for child in element.findall("object"):
            inner, inside = bridges, child.get("nodeset", nodeset)
            if child.get("type") == "Bridge":
                if child.get("bridge_type") == HOST_BRIDGE:
                    inner = []
                    self.node[child.get("gp_index")] = self._one_node(nodeset)
                inner = [*inner, child.get("gp_index")]
            elif child.get("type") == "PCIDev":
                self.above[child.get("pci_busid")] = bridges
            self._walk(child, inner, inside)

    @staticmethod
    def _one_node(nodeset):
        """The only node of a set such as 0x00000002, None where it holds several: then nobody knows the place."""
        bits = int(nodeset.replace(",0x", "").replace(",", ""), 16)
        return bits.bit_length() - 1 if bin(bits).count("1") == 1 else None

    def level(self, one, other):
        """The level as a person reads it off the drawing."""
        left, right = self.above[one], self.above[other]
        if left[0] != right[0]:
            nodes = [self.node[left[0]], self.node[right[0]]]
            if None in nodes:
                return "UNKNOWN"
            return "NODE" if nodes[0] == nodes[1] else "SYS"
        if left == right and len(left) > 1:
            return "PIX"
        return "PHB" if set(left) & set(right) == {left[0]} else "PXB"
