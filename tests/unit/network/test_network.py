"""Links, separation and the clock as one: exact check mode, no second change, all put back, death at every change."""

import itertools

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.network import script
from helpers.fake_node import Killed

PUBLIC = {"interface": "ens2f1", "network": "public", "addresses": ["198.51.100.24/24"], "gateway": "198.51.100.1"}
# A table of its own: the router, and the neighbours, which need none.
OWN = {("1010", "default", "198.51.100.1"), ("1010", "198.51.100.0/24", None)}
LINKS = [
    dict(PUBLIC, table=1010, mtu=1500),
    {"interface": "ens1f0", "network": "sriov-a", "vlan": 30, "addresses": ["192.168.20.100/28"], "mtu": 1500},
    {"interface": "ens2f0", "network": "sriov-b", "vlan": 40, "addresses": ["192.168.30.100/28"], "mtu": 1400},
]
OTHER = [dict(LINKS[1], addresses=["192.168.20.109/28"]), {"interface": "ens2f0", "network": "sriov-b", "mtu": 9000}]
FILTERS = [{"network": "public", "allow": [{"protocol": "icmp"}]}]


def nothing(node, call):
    """A node that was never touched."""


def configured(node, call):
    """A node that an earlier run has set up otherwise."""
    call(node, links=OTHER)


def by_hand(node, call):
    """Addresses and a VLAN of an operator."""
    node.nics["ens1f0"].addresses, node.nics["ens1f0"].up = ["10.1.1.1/24"], True
    node._vlan("ens1f0.30", "ens1f0", 30)
    node.nics["ens1f0.30"].addresses = ["10.2.2.2/24"]


STARTS = [nothing, configured, by_hand]
GOALS = [{"links": LINKS}, {"links": OTHER}, {"links": LINKS, "filters": FILTERS}, {"state": "absent"}]
CASES = [
    pytest.param(start, goal, id="%s-%d" % (start.__name__, number))
    for start in STARTS
    for number, goal in enumerate(GOALS)
]


@pytest.mark.parametrize(("start", "goal"), CASES)
def test_check_mode_is_exact_and_the_second_run_changes_nothing(node, call, start, goal):
    start(node, call)
    before = node.look()
    foretold = call(node, check_mode=True, **goal)
    assert node.look() == before
    assert call(node, **goal)["steps"] == foretold["steps"]
    again = call(node, **goal)
    assert (again["steps"], again["confirm"], again["changed"]) == ([], None, False)


@pytest.mark.parametrize("start", [nothing, by_hand])
def test_absent_restores_what_was(node, call, start):
    start(node, call)
    before = node.look()
    call(node, links=LINKS)
    call(node, links=OTHER)
    assert node.look() != before
    call(node, state="absent")
    assert node.look() == before


def test_a_link_that_is_left_out_goes_back_alone(node, call):
    before = node.look()
    call(node, links=LINKS)
    call(node, links=LINKS[:1])
    assert node.nics["ens2f0"] == before[0]["ens2f0"]
    assert node.nics["ens2f1"].addresses == ["198.51.100.24/24"]
    assert "ens1f0.30" not in node.nics


@pytest.mark.parametrize(("start", "goal"), CASES)
def test_what_nobody_confirms_is_put_back(node, call, start, goal):
    start(node, call)
    before = node.look()
    result = call(node, keep=False, confirm_within=30, **goal)
    if result["changed"]:
        node.sleep(31)
    assert node.look() == before


@pytest.mark.parametrize(("start", "goal"), CASES)
def test_a_restart_before_the_confirmation_puts_the_files_back(node, call, start, goal):
    start(node, call)
    files = node.look()[2]
    call(node, keep=False, **goal)
    node.reboot()
    now = node.look()[2]
    assert {path: now.get(path) for path in files if path.startswith("/etc")} == {
        path: text for path, text in files.items() if path.startswith("/etc")
    }
    assert [path for path in now if path.startswith(("/etc", "/var")) and path not in files] == []


def test_a_restart_keeps_what_was_confirmed(node, call):
    call(node, links=LINKS)
    node.reboot()
    assert call(node, check_mode=True, links=LINKS)["steps"] == []


DRIFT = [
    lambda node: node.nics["ens1f0.30"].addresses.clear(),
    lambda node: setattr(node.nics["ens2f1"], "mtu", 1400),
    lambda node: setattr(node.nics["ens1f0"], "up", False),
    lambda node: node._hide("ens2f0.40"),
    lambda node: node.rules.clear(),
    lambda node: node.nics["ens2f1"].routes.clear(),
    lambda node: node.put("/proc/sys/net/ipv4/conf/ens2f1/arp_ignore", "0"),
    lambda node: node.put(node.files.path("ens2f1"), "[Match]\n"),
    lambda node: node.put(node.files.path("eth7"), "[Match]\nName=eth7\n"),
]


@pytest.mark.parametrize("number", range(len(DRIFT)))
def test_drift_is_found_and_mended(node, call, number):
    call(node, links=LINKS)
    right = node.look()
    DRIFT[number](node)
    assert call(node, links=LINKS)["changed"]
    assert node.look() == right


def deaths(make, call, start, goal, error):
    """(node, state before) for a death, or a refusal, at each change of a run, until the run survives."""
    for number in itertools.count():
        node = make(number)
        start(node, call)
        before = node.look()
        node.break_at(number, error)
        try:
            call(node, keep=False, **goal)
        except (Killed, EngineError):
            assert node.breaking is None
            yield node, before
        else:
            return


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("goal", [GOALS[2], GOALS[3]], ids=["present", "absent"])
def test_death_at_every_change(make, call, start, goal):
    """Nothing is left of it when the clock has run out; the next run converges, at once or later."""
    count = 0
    for node, before in deaths(make, call, start, goal, Killed()):
        count += 1
        waits = node.read(script.TOKEN) and node.deadline
        if waits:
            node.sleep(61)
            links, rules, files, dummy = node.look()
            assert (links, rules) == before[:2]
            assert {path: text for path, text in files.items() if ".gedge-tmp" not in path} == before[2]
        call(node, **goal)
        assert call(node, **goal)["steps"] == []
        assert [path for path in node.look()[2] if "gedge-tmp" in path or "/pending" in path] == []
    assert count >= 20 or ("links" not in goal and start is not configured)


def test_death_and_the_next_run_comes_at_once(make, call):
    for node, dummy in deaths(make, call, configured, GOALS[0], Killed()):
        call(node, **GOALS[0])
        assert call(node, **GOALS[0])["steps"] == []


def test_a_refusal_at_every_change_is_put_back(make, call):
    refusal = EngineError("no", "here")
    for node, before in deaths(make, call, configured, GOALS[0], refusal):
        if node.read(script.TOKEN):
            node.sleep(61)
        call(node, check_mode=True, **GOALS[0])
        links, rules, files, dummy = node.look()
        assert (links, rules) == before[:2]
        leftovers = {path for path in files if path not in before[2]}
        assert not [path for path in leftovers if path.startswith("/etc/systemd/network")]


def test_a_step_that_fails_says_so_and_is_put_back(node, call):
    before = node.look()
    call(node, check_mode=True, links=LINKS)
    node.break_at(28, EngineError("refused", "ens2f1"))
    with pytest.raises(ApplyError) as caught:
        call(node, links=LINKS)
    assert caught.value.put_back
    assert node.look() == before


def test_a_token_confirms_its_own_change_only(node, call):
    result = call(node, keep=False, links=LINKS)
    with pytest.raises(EngineError, match="waits for another token"):
        call(node, confirm="0123")
    node.sleep(61)
    with pytest.raises(EngineError, match=r"put the old state of change \w+ back"):
        call(node, confirm=result["confirm"]["token"])


def test_check_mode_confirms_nothing(node, call):
    result = call(node, keep=False, links=LINKS)
    call(node, check_mode=True, confirm=result["confirm"]["token"])
    assert node.read(script.TOKEN) == result["confirm"]["token"]


def test_the_management_path_is_refused_unless_named(node, call):
    wrong = [{"interface": "mgmt0", "network": "m", "purpose": "management", "addresses": ["10.0.2.99/24"]}]
    before = node.look()
    with pytest.raises(EngineError, match="mgmt0 carries the management connection") as caught:
        call(node, links=wrong)
    assert "allow_management" in caught.value.text()
    with pytest.raises(EngineError, match="mgmt0 carries the management connection"):
        call(node, links=[dict(LINKS[1], interface="mgmt0")])
    assert node.look() == before
    assert call(node, links=wrong, allow_management=["mgmt0"])["changed"]


def test_a_filter_on_the_management_path_is_refused_unless_named(node, call):
    link = {"interface": "mgmt0", "network": "m", "purpose": "management", "addresses": ["10.0.2.15/24"]}
    asked = {"links": [link], "filters": [{"network": "m", "allow": []}]}
    with pytest.raises(EngineError, match="mgmt0 carries the management connection and would change"):
        call(node, **asked)
    assert node.table == ""
    call(node, allow_management=["mgmt0"], **asked)
    assert "mgmt0" in node.table


def test_a_port_that_has_got_vfs_stays_up(node, call):
    call(node, links=LINKS)
    node.put("/sys/class/net/ens1f0/device/sriov_numvfs", "4")
    call(node, state="absent")
    assert (node.nics["ens1f0"].up, node.nics["ens2f0"].up) == (True, False)
    assert call(node, state="absent")["steps"] == []


def test_check_mode_says_that_a_change_waits(node, call):
    token = call(node, keep=False, links=LINKS)["confirm"]["token"]
    assert token in call(node, check_mode=True, links=OTHER)["warnings"][0]


def test_a_management_link_that_is_right_is_left_to_its_owner(node, call):
    right = {"interface": "mgmt0", "network": "m", "purpose": "management", "addresses": ["10.0.2.15/24"]}
    result = call(node, links=[right])
    assert (result["steps"], result["left_alone"]) == ([], ["mgmt0"])


def test_a_default_route_that_goes_with_the_change_does_not_count(node, call):
    mgmt = {"interface": "mgmt0", "network": "m", "purpose": "management", "addresses": ["10.0.2.15/24"], "mtu": 1400}
    call(node, links=[PUBLIC, mgmt], allow_management=["mgmt0"])
    assert node.nics["ens2f1"].routes == {("main", "default", "198.51.100.1")}
    assert call(node, links=[PUBLIC, mgmt], allow_management=["mgmt0"])["steps"] == []


def test_a_default_route_without_a_router_counts(node, call):
    node.nics["mgmt0"].routes = {("main", "default", None)}
    call(node, links=LINKS[:1])
    assert node.nics["ens2f1"].routes == OWN


def test_one_gateway_of_a_node_without_a_default_route_is_its_default_route(node, call):
    node.nics["mgmt0"].routes.clear()
    call(node, links=[PUBLIC])
    assert node.nics["ens2f1"].routes == {("main", "default", "198.51.100.1")}
    assert node.rules == set()
    assert call(node, links=[PUBLIC])["steps"] == []
    call(node, links=[dict(PUBLIC, mtu=1400)])  # a default route of our own does not make it management


def test_of_two_gateways_that_of_management_is_the_default_route(node, call):
    node.nics["mgmt0"].routes.clear()
    second = {"interface": "ens1f0", "network": "m", "purpose": "management", "addresses": ["10.9.0.2/24"]}
    call(node, links=[LINKS[0], dict(second, gateway="10.9.0.1", table=1020)])
    assert ("main", "default", "10.9.0.1") in node.nics["ens1f0"].routes
    assert node.nics["ens2f1"].routes == OWN
    assert {rule[0] for rule in node.rules} == {1010, 1020}


CONFLICTS = {
    "systemd-networkd": ("/etc/systemd/network/10-mine.network", "[Match]\nName=ens1*\n\n[Network]\nDHCP=yes\n"),
    "NetworkManager": (
        "/etc/NetworkManager/system-connections/mine.nmconnection",
        "[connection]\nid=mine\ntype=ethernet\ninterface-name=ens1f0\n",
    ),
}


def test_conflicts_are_named(node, call):
    path, text = CONFLICTS[node.files.NAME]
    node.put(path, text)
    node.put("/usr/sbin/ifup", "")
    node.put("/etc/network/interfaces", "auto lo ens2f1\niface ens2f1 inet dhcp\n")
    with pytest.raises(ProblemsError) as caught:
        call(node, links=LINKS)
    text = caught.value.text()
    assert f"ens1f0 is governed by {path}" in text
    assert "ens2f1 is governed by /etc/network/interfaces" in text
    assert "ens2f0 is" not in text


def test_a_link_that_is_to_be_down_stays_down(node, call):
    before = node.look()
    node.nics["ens1f0"].up = True
    down = [dict(LINKS[2], up=False), {"interface": "ens1f0", "network": "sriov-a", "up": False}]
    call(node, links=down)
    assert not node.nics["ens1f0"].up
    assert "ens2f0.40" not in node.nics or not node.nics["ens2f0.40"].up
    assert call(node, links=down)["steps"] == []
    node.reboot()
    assert call(node, links=down)["steps"] == []
    call(node, links=LINKS)
    assert (node.nics["ens1f0"].up, node.nics["ens1f0.30"].up, node.nics["ens2f0.40"].up) == (True, True, True)
    node.nics["ens1f0"].up = False
    assert call(node, links=LINKS)["changed"]
    call(node, state="absent")
    before[0]["ens1f0"].up = True
    assert node.look() == before


FAULTS = [
    ({}, "links[0]: needs either interface or pci"),
    ({"interface": "eth9"}, "links[0].interface: is no network device of this node"),
    ({"pci": "0000:99:00.0"}, "links[0].pci: is no network device of this node"),
    ({"interface": "ens1f0", "vlan": 4095}, "links[0].vlan: must be from 1 to 4094 (got 4095)"),
    ({"interface": "ens1f0", "mtu": 60}, "links[0].mtu: must be from 68 to 65535 (got 60)"),
    ({"interface": "ens1f0", "mtu": 1000, "addresses": ["fd00::1/64"]}, "links[0].mtu: must be from 1280"),
    (
        {"interface": "ens1f0", "addresses": ["10.0.0.1"]},
        "links[0].addresses[0]: 10.0.0.1 is no address with its prefix",
    ),
    ({"interface": "ens1f0", "addresses": ["10.0.0.300/24"]}, "links[0].addresses[0]"),
    ({"interface": "ens1f0", "gateway": "10.0.0.1"}, "links[0].gateway: 10.0.0.1 is in the network of no address"),
    ({"interface": "ens1f0", "gateway": "fe80::1", "addresses": ["10.0.0.1/24"]}, "links[0].gateway: fe80::1 is in"),
    ({"interface": "ens1f0", "gateway": "here"}, "links[0].gateway: here is no address"),
    ({"interface": "ens1f0", "table": 254}, "links[0].table: must be from 1 to 31999"),
    ({"interface": "ens1f0", "routes": [{"to": "x", "via": "y"}]}, "links[0].routes[0].to: x is no network"),
    (dict(PUBLIC), "links[0].table: is needed"),
]


def test_a_router_of_ipv6_is_told_by_its_link_local_address(node, call):
    link = {"interface": "ens1f0", "network": "n", "addresses": ["fd00::2/64"], "gateway": "fe80::1"}
    steps = call(node, check_mode=True, links=[link])["steps"]
    assert any("fe80::1" in str(step) for step in steps), steps


@pytest.mark.parametrize(("link", "words"), FAULTS)
def test_faults_have_path_reason_and_advice(node, call, link, words):
    before = node.look()
    with pytest.raises(ProblemsError) as caught:
        call(node, links=[dict({"network": "n"}, **link)])
    assert words in caught.value.text()
    assert node.look() == before


def test_what_is_given_twice_is_refused(node, call):
    second = dict(LINKS[0], vlan=10)
    with pytest.raises(ProblemsError) as caught:
        call(node, links=[*LINKS[:2], second, LINKS[1]])
    text = caught.value.text()
    assert "links[2].table: table 1010 is that of links[0] already" in text
    assert "links[2].addresses: address 198.51.100.24 is that of links[0] already" in text
    assert "links[3]: the interface ens1f0.30 is that of links[1] already" in text


def test_a_name_that_is_too_long_is_refused(make, call):
    node = make("node", ["enp129s0f0np0"])
    with pytest.raises(ProblemsError, match="longer than 15 characters"):
        call(node, links=[dict(LINKS[1], interface="enp129s0f0np0")])


@pytest.mark.parametrize("seconds", [4, 3601])
def test_confirm_within_has_limits(node, call, seconds):
    with pytest.raises(ProblemsError, match="confirm_within: must be from 5 to 3600"):
        call(node, links=LINKS, confirm_within=seconds)


def test_a_misspelled_permission_is_refused(node, call):
    with pytest.raises(ProblemsError, match="is no interface of this node"):
        call(node, links=LINKS, allow_management=["mgmt1"])
