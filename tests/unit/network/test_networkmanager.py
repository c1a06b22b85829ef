"""What only NetworkManager has: which backend a node is left to, its profiles, and those of others."""

import os

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.network import apply, foreign, networkd, networkmanager
from ansible_collections.gedge.engine.plugins.module_utils.network.model import Link, Route
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System
from helpers.fake_network import FakeNetwork
from helpers.fake_networkmanager import FakeNetworkManager

PROFILE = """# Made by gedge.engine.network.
[connection]
id=gedge-ens2f1.10
uuid=%s
type=vlan
interface-name=ens2f1.10
autoconnect-priority=50
autoconnect-retries=0
mptcp-flags=1

[ethernet]
mtu=1400

[vlan]
parent=ens2f1
id=10
flags=1

[ipv4]
method=manual
route-metric=0
address1=198.51.100.24/24
route1=198.51.100.0/24
route1_options=table=1010
route2=0.0.0.0/0,198.51.100.1
route2_options=table=1010
route3=10.0.0.0/8,198.51.100.2
routing-rule1=priority 1010 from 198.51.100.24 table 1010

[ipv6]
addr-gen-mode=eui64
method=link-local
"""
LINK = Link("ens2f1.10", "ens2f1", "public", vlan=10, addresses=["198.51.100.24/24"], mtu=1400, gateway="198.51.100.1")
LINK.table, LINK.own_table, LINK.routes = 1010, True, [Route("10.0.0.0/8", "198.51.100.2")]
LINKS = [
    {"interface": "ens1f0", "network": "sriov-a", "vlan": 30, "addresses": ["192.168.20.100/28"], "mtu": 1500},
    {"interface": "ens2f0", "network": "sriov-b", "addresses": ["192.168.30.100/28"]},
]


class Runs(System):
    """A system on which some units run."""

    def __init__(self, units):
        super().__init__("/nonexistent")
        self.units = units

    def run(self, argv, check=True, stdin=None):
        return CommandResult(0 if argv[-1] in self.units else 3, "", "")


@pytest.mark.parametrize(
    ("units", "backend"),
    [
        ({"systemd-networkd"}, networkd),
        ({"NetworkManager"}, networkmanager),
        ({"systemd-networkd", "NetworkManager"}, networkd),
    ],
)
def test_the_backend_is_what_runs(units, backend):
    assert apply.running(Runs(units)).files is backend


def test_a_node_without_a_backend_is_refused_by_name():
    with pytest.raises(EngineError, match="runs neither systemd-networkd nor NetworkManager"):
        apply.running(Runs(set()))


def test_the_profile_of_a_vlan():
    files = networkmanager.files([Link("ens2f1", "ens2f1"), LINK])
    assert files[networkmanager.path("ens2f1.10")] == PROFILE % networkmanager.identity("ens2f1.10")
    assert "[ipv4]\nmethod=disabled\n" in files[networkmanager.path("ens2f1")]
    assert "ignore-carrier=yes" in files[networkmanager.settings("ens2f1")]
    assert {networkmanager.interface_of(path) for path in files} == {"ens2f1", "ens2f1.10"}


def test_a_profile_has_the_same_uuid_on_each_run_and_no_two_have_one():
    assert networkmanager.identity("ens1f0") == "066fd02b-6546-5446-b2f8-fdd52d5b166f"
    assert networkmanager.identity("ens1f0") != networkmanager.identity("ens1f1")


def test_the_restore_script_holds_only_those_links_to_their_profiles_that_change():
    paths = [networkmanager.path(name) for name in ("ens1f0.30", "ens1f0", "ens1f1", "ens2f0")]
    before = dict(zip(paths[:3], ("vlan", "port", "same")), **{networkmanager.settings("ens1f0"): "x"})
    after = {paths[0]: "other", paths[2]: "same", paths[3]: "new"}
    text = networkmanager.reload(before, after)
    assert f"nmcli connection load {' '.join(sorted([*paths[:2], paths[3]]))} >>" in text
    assert [line.split()[1] for line in text.splitlines() if line.startswith("    again")] == ["ens1f0", "ens1f0.30"]


PORT, VLAN = Link("ens1f0", "ens1f0"), Link("ens1f0.30", "ens1f0", vlan=30)
MAC, USED = "52:54:00:AA:00:01", "11111111-2222-5333-8444-555555555555"


@pytest.mark.parametrize(
    ("connection", "rest", "link", "first"),
    [
        ("interface-name=ens1f0", "", PORT, True),
        ("interface-name=ens1f0\nautoconnect-priority=-1", "", PORT, False),
        ("interface-name=ens1f0\nautoconnect=false", "", PORT, False),
        ("interface-name=ens1f1", "", PORT, False),
        ("interface-name=ens1f0\nautoconnect-priority=high", "", PORT, False),
        ("", "", PORT, False),  # takes any, and ours comes first
        ("autoconnect-priority=50", "", PORT, True),
        (f"uuid={USED}", "", PORT, False),
        ("", "[ethernet]\nmac-address=52:54:00:aa:00:01\n", PORT, True),
        ("", "[802-3-ethernet]\nmac-address=52:54:00:aa:00:02\n", PORT, False),
        ("", "[match]\ninterface-name=eth*;ens1*;\n", PORT, True),
        ("", "[match]\ninterface-name=!ens1*;\n", PORT, False),
        ("", "[match]\ndriver=igb\n", PORT, False),
        (f"uuid={USED}", "[match]\ndriver=igb\n", PORT, True),  # NetworkManager has found that it fits
        ("interface-name=ens1f0.30", "", VLAN, False),  # of type ethernet
        ("type=vlan\ninterface-name=ens1f0.30", "", VLAN, True),
        ("type=vlan", "[vlan]\nparent=ens1f0\nid=30\n", VLAN, True),
        ("type=vlan", "[vlan]\nparent=ens1f0\nid=31\n", VLAN, False),
        ("type=vlan\ninterface-name=ens1f0", "", PORT, False),
    ],
)
def test_which_profiles_of_others_come_first(tmp_path, connection, rest, link, first):
    node = FakeNetworkManager(tmp_path)
    node.nics["ens1f0"].mac, node.foreign["ens1f0"] = MAC, USED
    path = "/run/NetworkManager/system-connections/netplan-x.nmconnection"
    kind = "" if "type=" in connection else "type=ethernet\n"
    node.put(path, f"[connection]\nid=x\n{kind}{connection}\n\n{rest}")
    found = {"ens1f0": apply.observe.links(node)["ens1f0"]}
    governed = foreign.networkmanager(node, found, [link])
    assert governed == ({link.name: (path, foreign.STAND_BACK)} if first else {})


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/etc/NetworkManager/system-connections/Wired connection 1", True),
        ("/etc/NetworkManager/system-connections/mine.nmconnection~", False),
        ("/usr/lib/NetworkManager/system-connections/mine.nmconnection", True),
        ("/usr/lib/NetworkManager/system-connections/mine", False),
    ],
)
def test_which_files_are_profiles(tmp_path, path, read):
    node = FakeNetworkManager(tmp_path)
    node.put(path, "[connection]\ntype=ethernet\ninterface-name=ens1f0\n")
    assert list(foreign.networkmanager(node, {}, [PORT])) == (["ens1f0"] if read else [])


def test_what_networkmanager_shall_leave_alone_is_refused(tmp_path, call):
    node = FakeNetworkManager(tmp_path)
    node.unmanaged = {"ens1f0"}
    with pytest.raises(ProblemsError, match="ens1f0 is governed by NetworkManager's configuration, which leaves it"):
        call(node, links=LINKS)


def test_a_profile_that_others_may_read_is_written_anew(tmp_path, call):
    node = FakeNetworkManager(tmp_path)
    call(node, links=LINKS)
    path = networkmanager.path("ens1f0.30")
    assert node.mode(path) == 0o600
    os.chmod(node.path(path), 0o644)
    result = call(node, links=LINKS)
    assert [step["target"] for step in result["steps"]] == [path, "ens1f0.30"]
    assert node.mode(path) == 0o600
    node.put(path, "")
    call(node, keep=False, links=LINKS[1:], confirm_within=10)
    node.sleep(11)
    assert node.mode(path) == 0o600


@pytest.mark.parametrize(("first", "second"), [(FakeNetwork, FakeNetworkManager), (FakeNetworkManager, FakeNetwork)])
def test_files_for_the_other_backend_go(tmp_path, call, first, second):
    """The node's administrator has changed from one to the other: both would bring the links back otherwise."""
    node = first(tmp_path)
    before = node.look()
    call(node, links=LINKS)
    other = second(tmp_path)
    other.nics, other.rules = node.nics, node.rules
    call(other, links=LINKS)
    assert [path for path in other.look()[2] if path.startswith(first.files.PREFIXES)] == []
    assert call(other, links=LINKS)["steps"] == []
    call(other, state="absent")
    assert other.look() == before
