"""Every option with good and bad values: the path and the fault, all at once."""

from dataclasses import dataclass, field

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.sriov import wanted

A = {"address": "0000:21:00.0"}
PORTS = [
    {"network": "sriov-a", "pci": "0000:21:00.0", "interface": None},
    {"network": "sriov-b", "pci": None, "interface": "ens1f1"},
    {"network": "sriov-c", "pci": None, "interface": None},
]


@dataclass
class Bad:
    """One wrong item of pfs, and the lines that name its faults, each by (path, words)."""

    id: str
    vf: dict = field(default_factory=dict)
    item: dict = field(default_factory=dict)
    expect: list = field(default_factory=list)

    def pfs(self):
        """The option."""
        vfs = [dict({"range": "0"}, **self.vf)] if self.vf else []
        return [dict({"select": A, "count": 4, "vfs": vfs}, **self.item)]


def vf(title, keys, path, words):
    """A wrong VF option: the only fault is at pfs[0].vfs PATH."""
    return Bad(title, vf=keys, expect=[("pfs[0].vfs" + path, words)])


def pf(title, item, path, words):
    """A wrong PF option: the only fault is at pfs[0] PATH."""
    return Bad(title, item=item, expect=[("pfs[0]" + path, words)])


BAD = [
    pf("selects nothing", {"select": {}}, ".select", "selects nothing"),
    pf("address", {"select": {"address": "21:00.0"}}, ".select.address", "is not of the form 0000:21:00.0"),
    pf("address with function 8", {"select": {"address": "0000:21:00.8"}}, ".select.address", "form"),
    pf("address and a line end", {"select": {"address": "0000:21:00.0\n"}}, ".select.address", "form"),
    pf("vendor", {"select": {"vendor": "0x8086"}}, ".select.vendor", "is not of the form 8086"),
    pf("device", {"select": {"device": "10g9"}}, ".select.device", "is not of the form 10c9"),
    pf("network", {"select": {"network": "x"}}, ".select.network", "no port of this node is on that network"),
    pf("network of no device", {"select": {"network": "sriov-c"}}, ".select.network", "no port of this node"),
    pf("count", {"count": -1}, ".count", "must not be negative"),
    pf("mtu low", {"mtu": 67}, ".mtu", "must be from 68 to 65535 bytes"),
    pf("mtu high", {"mtu": 65536}, ".mtu", "must be from 68 to 65535 bytes"),
    vf("range beyond", {"range": "0-4"}, "[0].range", "there is no VF 4 with count 4"),
    vf("range backwards", {"range": "3-1"}, "[0].range", "runs backwards"),
    vf("range of words", {"range": "all"}, "[0].range", '"all" is not a number or a range'),
    vf("range negative", {"range": "-1"}, "[0].range", "is not a number or a range"),
    vf("range of a strange digit", {"range": "²"}, "[0].range", "is not a number or a range"),
    vf("range empty", {"range": ""}, "[0].range", "names no VF"),
    vf("range of commas", {"range": " , "}, "[0].range", "names no VF"),
    vf("range without end", {"range": "0-99999999999"}, "[0].range", "is more than any machine has"),
    vf("vlan low", {"vlan": -1}, "[0].vlan", "must be from 0 to 4094"),
    vf("vlan high", {"vlan": 4095}, "[0].vlan", "must be from 0 to 4094"),
    vf("qos low", {"vlan": 1, "qos": -1}, "[0].qos", "must be from 0 to 7"),
    vf("qos high", {"vlan": 1, "qos": 8}, "[0].qos", "must be from 0 to 7"),
    vf("qos without vlan", {"qos": 3}, " (VF 0).qos", "a priority needs a VLAN"),
    vf("qos with vlan 0", {"qos": 3, "vlan": 0}, " (VF 0).qos", "a priority needs a VLAN"),
    vf("min rate low", {"min_tx_rate": -1}, "[0].min_tx_rate", "must be from 0 to 1000000 Mbit/s"),
    vf("max rate high", {"max_tx_rate": 1000001}, "[0].max_tx_rate", "must be from 0 to 1000000 Mbit/s"),
    vf("min above max", {"min_tx_rate": 9, "max_tx_rate": 8}, " (VF 0).min_tx_rate", "is above max_tx_rate 8"),
    vf("vf mtu", {"mtu": 1}, "[0].mtu", "must be from 68 to 65535 bytes"),
    vf("mtu with vfio", {"mtu": 1500, "driver": "vfio-pci"}, " (VF 0).mtu", "has no network device"),
    vf("mac short", {"mac": "02:00:00:00:00"}, "[0].mac", "is not a MAC address"),
    vf("mac of words", {"mac": "random"}, "[0].mac", "is not a MAC address"),
    vf("mac and a line end", {"mac": "02:00:00:00:00:01\n"}, "[0].mac", "is not a MAC address"),
    vf("mac empty", {"mac": "00:00:00:00:00:00"}, "[0].mac", "is the empty address"),
    vf("mac multicast", {"mac": "03:00:00:00:00:01"}, "[0].mac", "is a multicast address"),
    vf("mac broadcast", {"mac": "ff:ff:ff:ff:ff:ff"}, "[0].mac", "is a multicast address"),
    vf(
        "mac for two", {"mac": "02:00:00:00:00:01", "range": "0-1"}, " (VF 1).mac", "the MAC address of pfs[0] VF 0 too"
    ),
    Bad(
        "a key twice for a VF",
        item={"vfs": [{"range": "0-2", "vlan": 1}, {"range": "2", "vlan": 2}]},
        expect=[("pfs[0].vfs[1]", "VF 2 has vlan already")],
    ),
]


def lines(error):
    """[(path, what)] of all faults."""
    return [(problem.path, problem.what) for problem in error.problems]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in BAD])
def test_a_bad_value_is_the_only_fault_and_named(params, case):
    with pytest.raises(ProblemsError) as caught:
        wanted.entries(params(case.pfs(), ports=PORTS))
    found = lines(caught.value)
    assert len(found) == len(case.expect)
    for (path, what), (expected_path, words) in zip(found, case.expect):
        assert path == expected_path
        assert words in what


def test_all_faults_come_at_once(params):
    pfs = [case.pfs()[0] for case in BAD]
    with pytest.raises(ProblemsError) as caught:
        wanted.entries(params(pfs, ports=PORTS))
    places = [
        (path.replace("pfs[0]", "pfs[%d]" % n), words) for n, case in enumerate(BAD) for path, words in case.expect
    ]
    found = lines(caught.value)
    assert len(found) >= len(places)  # the same MAC stands in several items
    for path, words in places:
        assert [what for where, what in found if where == path and words.split("pfs")[0] in what], path
    assert caught.value.text().startswith("sriov: %d problems\n  - pfs[0].select: " % len(found))


def test_a_network_advises_those_that_are_known(params):
    with pytest.raises(ProblemsError, match="Ports are known for: sriov-a, sriov-b, sriov-c"):
        wanted.entries(params([{"select": {"network": "x"}}], ports=PORTS))


def test_the_same_mac_on_two_pfs_is_named(params):
    pfs = [{"select": {"name": n}, "count": 1, "vfs": [{"range": "0", "mac": "02:00:00:00:00:01"}]} for n in ("a", "b")]
    with pytest.raises(ProblemsError, match=r"pfs\[1\].vfs \(VF 0\).mac: the MAC address of pfs\[0\] VF 0 too"):
        wanted.entries(params(pfs))


GOOD = [
    ("mac in capitals and dashes", {"mac": "02-00-00-00-0A-01"}, {"mac": "02:00:00:00:0a:01"}),
    ("vlan sets qos", {"vlan": 30}, {"vlan": 30, "qos": 0}),
    ("no vlan", {"vlan": 0}, {"vlan": 0, "qos": 0}),
    ("highest vlan and qos", {"vlan": 4094, "qos": 7}, {"vlan": 4094, "qos": 7}),
    ("false is a value", {"trust": False, "spoofchk": False}, {"trust": False, "spoofchk": False}),
    ("a least rate alone", {"min_tx_rate": 9}, {"min_tx_rate": 9}),
    ("equal rates", {"min_tx_rate": 9, "max_tx_rate": 9}, {"min_tx_rate": 9, "max_tx_rate": 9}),
    ("words of Ansible", {"vlan": "30", "trust": "yes"}, {"vlan": 30, "qos": 0, "trust": True}),
]


@pytest.mark.parametrize(("keys", "expected"), [pytest.param(k, e, id=i) for i, k, e in GOOD])
def test_good_values(params, keys, expected):
    (entry,) = wanted.entries(params([{"select": A, "count": 1, "vfs": [dict(keys, range="0")]}]))
    assert entry.wanted.vfs == {0: expected}


def test_ranges_add_up_per_vf(params):
    vfs = [{"range": "0-1,3", "vlan": 3}, {"range": "1", "trust": True}]
    (entry,) = wanted.entries(params([{"select": A, "count": 4, "vfs": vfs}]))
    assert entry.wanted.vfs == {
        0: {"vlan": 3, "qos": 0},
        1: {"vlan": 3, "qos": 0, "trust": True},
        3: {"vlan": 3, "qos": 0},
    }


UPS = [(4, None, True), (0, None, None), (None, None, None), (4, False, False), (0, True, True)]


@pytest.mark.parametrize(("count", "up", "expected"), UPS)
def test_a_pf_is_up_by_default_where_vfs_are_asked_for(params, count, up, expected):
    assert wanted.entries(params([{"select": A, "count": count, "up": up}]))[0].wanted.up is expected


def test_a_network_becomes_its_ports(params):
    pfs = [{"select": {"network": "sriov-b", "numa_node": 0, "vendor": "8086"}}]
    assert wanted.entries(params(pfs, ports=PORTS))[0].select == {
        "vendor": "8086",
        "numa_node": 0,
        "ports": [PORTS[1]],
    }
