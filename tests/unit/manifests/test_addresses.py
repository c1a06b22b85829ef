"""Static addresses: none twice, none of the testbed's own, the same in the next run."""

import ipaddress
import random

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.manifests import leases
from hypothesis import given
from hypothesis import strategies as st
from unit.manifests import builder as b


def services(count, name="s"):
    """Services with one VF in sriov-a each, and where they are placed."""
    made = [b.service(f"{name}{number}", b.container(sriov=1)) for number in range(count)]
    entries = [b.placed(one["name"], b.vf(number % 4)) for number, one in enumerate(made)]
    return made, entries


def dealt(found):
    """{(service, replica, network, number): address}."""
    keys = ("service", "replica", "network", "number")
    return {tuple(one[key] for key in keys): one["address"] for one in leases.read(found)}


def addresses(count, site=None, **options):
    return [text for dummy, text in sorted(dealt(b.objects(*services(count), site, **options)).items())]


def with_range(**ranges):
    site = b.testbed()
    site["networks"]["sriov-a"]["ranges"] = ranges
    return site


def test_the_highest_free_ones_first():
    # Nodes have .100 and .101; .106 to .108 are kept for a load balancer.
    expected = ["192.168.20.%d/28" % last for last in (110, 109, 105, 104, 103, 102, 99, 98, 97)]
    assert addresses(9) == expected


def test_the_range_for_services_stands_alone():
    site = with_range(services="192.168.20.102-192.168.20.104")
    assert addresses(3, site) == ["192.168.20.104/28", "192.168.20.103/28", "192.168.20.102/28"]
    with pytest.raises(ProblemsError, match=r"finds no free address in network sriov-a .*: 3 usable, 5 in use"):
        addresses(4, site)


def test_the_range_can_have_another_name():
    site = with_range(services="192.168.20.102-192.168.20.103", pods="192.168.20.104-192.168.20.104")
    assert addresses(1, site, address_range="pods") == ["192.168.20.104/28"]


def test_exhaustion_is_told_once_for_a_network():
    with pytest.raises(ProblemsError) as caught:
        addresses(20)
    assert len(caught.value.problems) == 1 and "make the network larger" in caught.value.text().lower()


NEVER = ["192.168.10.97", "192.168.10.110", "192.168.10.100", "192.168.10.101", "192.168.10.96", "192.168.10.111"]


def test_never_one_of_the_testbed():
    made = [b.service(f"s{number:02}", b.container(macvlan=1)) for number in range(10)]
    entries = [b.placed(one["name"]) for one in made]
    found = {text.split("/")[0] for text in dealt(b.objects(made, entries)).values()}
    assert len(found) == 10 and not found & set(NEVER)
    with pytest.raises(ProblemsError, match="no free address"):
        b.objects([*made, b.service("t", b.container(macvlan=1))], [*entries, b.placed("t")])


def test_a_port_of_the_testbed_tells_of_addresses_too():
    site = b.testbed(nodes={})
    made = [b.service(f"s{number}", b.container(macvlan=1)) for number in range(2)]
    site = dict(b.testbed(), nodes={})
    found = b.objects(made, [b.placed(one["name"]) for one in made], site)
    assert "192.168.10.100/28" not in dealt(found).values()


def test_ipv6():
    site = b.testbed()
    site["networks"]["sriov-a"].update({"cidr": "fd00::/126", "ranges": {}})
    site["nodes"]["node1"]["sriov-a"] = "fd00::2/126"
    assert addresses(2, site) == ["fd00::3/126", "fd00::1/126"], "not the subnet-router anycast address fd00::"


def lease(address, service="s0", network="sriov-a", replica=0, number=0):
    one = {"network": network, "address": address, "namespace": "default", "service": service}
    return dict(one, replica=replica, number=number)


LEASES = [
    # leases, what s0 and s1 get, notes, why
    ([lease("192.168.20.98/28")], ["98", "110"], 0, "who had one keeps it"),
    ([lease("192.168.20.110", "gone")], ["109", "105"], 0, "one of another service stays taken"),
    ([lease("192.168.20.110", "s1")], ["109", "110"], 0, "also where another would be dealt first"),
    ([lease("192.168.20.100")], ["110", "109"], 1, "a node has it now"),
    ([lease("192.168.20.107")], ["110", "109"], 1, "a range has it now"),
    ([lease("192.168.30.100")], ["110", "109"], 1, "not in this network"),
    ([lease("rubbish")], ["110", "109"], 1, "no address at all"),
    ([lease("192.168.20.98"), lease("192.168.20.98", "s1")], ["98", "110"], 1, "the first in order has it"),
    ([lease("192.168.20.98", network="gone")], ["110", "109"], 0, "a network that is no more"),
]


@pytest.mark.parametrize(("given_leases", "expected", "notes", "why"), LEASES)
def test_leases(given_leases, expected, notes, why):
    found, told = b.made(*services(2), addresses=given_leases)
    assert [text[11:-3] for dummy, text in sorted(dealt(found).items())] == expected, why
    assert len(told) == notes, told


def test_leases_are_read_in_one_order():
    found = b.objects(*services(3))
    assert leases.read(found) == leases.read(found[::-1])


@pytest.mark.parametrize("wrong", ["x", {}, lease("1.2.3.4", replica="0"), {"address": "192.168.20.98"}])
def test_what_is_no_lease(wrong):
    with pytest.raises(ProblemsError, match=r"options\.addresses\[0\]"):
        b.objects(*services(1), addresses=[wrong])


def region(draw):
    """A testbed with a random network: size, nodes, a range."""
    site = b.testbed()
    prefix = draw(st.sampled_from([24, 26, 27, 28]))
    network = ipaddress.ip_network(f"10.9.0.0/{prefix}")
    hosts = list(network.hosts())
    nodes = draw(st.lists(st.sampled_from(hosts), min_size=2, max_size=4, unique=True))
    site["networks"]["sriov-a"].update({"cidr": str(network), "gateway": str(hosts[-1]), "ranges": {}})
    low = draw(st.integers(0, len(hosts) - 4))
    if draw(st.booleans()):
        site["networks"]["sriov-a"]["ranges"]["kept"] = f"{hosts[low]}-{hosts[low + 2]}"
    site["nodes"] = {f"node{place}": {"sriov-a": f"{one}/{prefix}"} for place, one in enumerate(nodes, 1)}
    return site, {int(hosts[-1]), *map(int, nodes)}, (int(hosts[low]), int(hosts[low + 2]))


@given(st.data())
def test_growth_removal_and_another_run(data):
    """Whatever comes and goes: no address twice, none of the testbed, and who stays keeps what it had."""
    site, own, kept = region(data.draw)
    held, before = [], {}
    for dummy in range(data.draw(st.integers(1, 5))):
        count = data.draw(st.integers(0, 6))
        chosen = data.draw(st.lists(st.integers(0, 9), min_size=count, max_size=count, unique=True))
        made = [b.service(f"s{number}", b.container(sriov=1), replicas=1 + number % 2) for number in chosen]
        entries = [
            b.placed(one["name"], b.vf(replica), replica=replica) for one in made for replica in range(one["replicas"])
        ]
        try:
            found = b.objects(made, entries, site, addresses=held)
        except ProblemsError as error:
            assert "no free address" in error.text()
            continue
        after = dealt(found)
        numbers = [int(ipaddress.ip_interface(text).ip) for text in after.values()]
        assert len(numbers) == len(set(numbers)) == len(entries)
        assert not set(numbers) & own
        if "kept" in site["networks"]["sriov-a"]["ranges"]:
            assert not [number for number in numbers if kept[0] <= number <= kept[1]]
        assert all(after[key] == before[key] for key in after if key in before)
        assert b.objects(made, entries, site, addresses=leases.read(found)) == found, "another run changes nothing"
        held, before = leases.read(found), after


def test_a_shuffled_list_is_dealt_alike():
    made, entries = services(6)
    first = b.objects(made, entries)
    random.Random(1).shuffle(made)
    assert b.objects(made, list(reversed(entries))) == first
