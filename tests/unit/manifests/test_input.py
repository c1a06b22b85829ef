"""Wrong input: all of it at once, with its path, and never a traceback."""

import copy

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.service_manifests import service_manifests
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.manifests import build, diff, leases, options
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzz.cases import ANYTHING, MANY
from unit.manifests import builder as b

OPTIONS = [
    # options, parts of the message
    ({"bakend": "dra"}, ['bakend: unknown key. Did you mean "backend"?']),
    ({"backend": "device-plugin"}, ["backend: is no choice (got 'device-plugin')"]),
    (
        {"rdma": {"mod": 1, "most": "many"}},
        ['rdma.mod: unknown key. Did you mean "mode"?', "rdma.most: is not a number"],
    ),
    ({"rdma": "exclusive"}, ["rdma: is not a mapping"]),
    ({"namespaces": "yes"}, ["namespaces: is not true or false"]),
    ({"cluster": {"version": "new"}}, ["cluster.version: is no version of Kubernetes (got 'new')"]),
    ({"prefix": "GEdge"}, ["prefix: is no domain (got 'GEdge')"]),
    ([], []),
    (7, ["options: is not a mapping"]),
]


@pytest.mark.parametrize(("given_options", "messages"), OPTIONS)
def test_options(given_options, messages):
    if not messages:
        assert options.read(given_options)["backend"] == "auto"
        return
    with pytest.raises(ProblemsError) as caught:
        options.read(given_options)
    assert not [message for message in messages if message not in caught.value.text()]


def test_each_default_is_read_back():
    assert {key: value for key, value in options.read({}).items() if key in options.DEFAULTS} == {
        **options.DEFAULTS,
        "resources": {"gpu": "nvidia.com/gpu", "fpga": "gedge.io/fpga", "asic": "gedge.io/asic"},
    }


def without(path, value="cut"):
    """A right input with one place cut out or overwritten."""
    whole = {
        "services": {
            "services": [b.service("detector", b.container(sriov=1))],
            "meshes": [{"name": "m", "namespace": "default", "services": [], "routes": []}],
        },
        "placement": {"placements": [b.placed("detector", b.vf())]},
    }
    place = whole
    for key in path[:-1]:
        place = place[key]
    if value == "cut":
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return whole["services"], whole["placement"]


WRONG = [
    (["services"], [], "is not a mapping"),
    (["services", "services"], "cut", "services: is missing"),
    (["services", "services", 0, "name"], "cut", "services[0].name: is missing"),
    (["services", "services", 0, "containers"], [], "services[0].containers: is empty"),
    (["services", "services", 0, "containers", 0, "env"], {"A": 1}, "services[0].containers[0].env.A: is not a text"),
    (["services", "services", 0, "replicas"], True, "services[0].replicas: is not a number"),
    (["services", "services", 0, "replicas"], 10**9, "services[0].replicas: is not a number from 0 to 10000"),
    (
        ["services", "services", 0, "containers", 0, "acceleration", "compute", "gpu"],
        -1,
        "acceleration.compute.gpu: is not a number from 0 to 1024",
    ),
    (
        ["services", "services", 0, "autoscaling", "horizontal"],
        {"min": 1},
        "services[0].autoscaling.horizontal.max: is missing",
    ),
    (["services", "meshes", 0, "routes"], [{}], "meshes[0].routes[0].name: is missing"),
    (
        ["services", "services", 0, "kind"],
        "Deploymnt",
        'services[0].kind: is no kind of workload. Did you mean "Deployment"?',
    ),
    (["placement", "placements", 0, "memory_by_numa"], {"x": 1}, "memory_by_numa.x: the key is no number as text"),
    (["placement", "failed"], [{}], "failed[0].service: is missing"),
    (["placement"], None, "is not a mapping"),
    (["placement", "placements", 0, "devices", 0, "vf"], "0", "placements[0].devices[0].vf: is not a number or null"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_another_form(path, value, message):
    with pytest.raises(ProblemsError) as caught:
        build.build(*without(path, value), b.testbed())
    assert message in caught.value.text()


def test_all_faults_at_once():
    services, placement = without(["services", "services", 0, "name"])
    placement["placements"][0]["node"] = None
    with pytest.raises(ProblemsError) as caught:
        build.build(services, placement, b.testbed())
    assert len(caught.value.problems) == 2


SITES = [
    (None, "testbed: is not a mapping"),
    ({"networks": {"a": {"cidr": "x", "vlan": 1}}}, "testbed.networks.a: is no network of a testbed"),
    ({"networks": {"a": {}}}, "testbed.networks.a.cidr: is missing"),
    ({"networks": []}, "testbed.networks: is not a mapping"),
    ({"networks": {}, "switches": None}, None),
    ({"networks": {}, "ports": {"node1": {}}}, "testbed.ports.node1: is not a list"),
    (
        b.testbed(ports={"node1": [b.port("nic0", "1", "sriov-a", vfs={"count": 10**20})]}),
        "testbed.ports.node1: has more VFs than any device can",
    ),
    ({"networks": {}, "topologies": 7}, "testbed.topologies: is not a mapping"),
]


@pytest.mark.parametrize(("site", "message"), SITES)
def test_testbed(site, message):
    whole = {"services": [b.service()]}
    if message is None:
        assert build.build(whole, {"placements": [b.placed()]}, site)
        return
    with pytest.raises(ProblemsError) as caught:
        build.build(whole, {"placements": [b.placed()]}, site)
    assert message in caught.value.text()


def test_the_filter_tells_it_as_ansible_does():
    with pytest.raises(AnsibleFilterError, match=r"gedge\.engine\.service_manifests: .*1 problem"):
        service_manifests({"services": [b.service()]}, {"placements": []}, b.testbed())


@pytest.mark.parametrize("wrong", [None, 7, [7], [{"metadata": {"annotations": {"gedge.io/addresses": "x"}}}]])
def test_addresses_of_what_is_none(wrong):
    with pytest.raises(EngineError):
        leases.read(wrong)


def places(value, path=()):
    """All paths of a nested value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from places(one, (*path, key))


RIGHT = {
    "services": {
        "services": [
            b.service(
                "detector",
                b.container(sriov=1, gpu=1, macvlan=1, topology="restricted"),
                autoscaling={"horizontal": None, "vertical": {"mode": "Off"}},
                volumes=[{"name": "v", "size": "1Gi", "access": "ReadWriteMany", "storage_class": ""}],
            ),
            b.service("reviews-v1"),
        ],
        "meshes": [
            {
                "name": "m",
                "namespace": "default",
                "services": [
                    {"name": "reviews", "version": "v1", "service": "reviews-v1", "external": True, "port": 80}
                ],
                "routes": [
                    {
                        "name": "r",
                        "service": "reviews",
                        "match": {"prefix": "/"},
                        "destinations": [{"host": "reviews", "version": "v1", "weight": 100}],
                        "rewrite": "/",
                        "timeout": "5s",
                        "retries": {"attempts": 1, "per_try_timeout": "1s"},
                        "external": False,
                    }
                ],
            }
        ],
    },
    "placement": {
        "placements": [
            b.placed("detector", b.vf(), b.card(), levels=[(b.vf()["address"], b.GPU, "PIX")]),
            b.placed("reviews-v1"),
        ],
        "failed": [],
    },
    "testbed": b.testbed(
        topologies={"node1": {"pci_devices": [{"address": b.PF_A, "kind": "nic", "sriov": {"vfs": ["x"] * 4}}]}}
    ),
    "options": {"addresses": [], "routes": {"channel": "experimental"}, "backend": "dra"},
}
PLACES = [path for path in places(RIGHT) if path]


def test_the_right_input_of_the_fuzz_is_right():
    build.build(RIGHT["services"], RIGHT["placement"], RIGHT["testbed"], RIGHT["options"])


class Text(str):
    """As Ansible's own strings: a subclass."""


class Number(int):
    """As Ansible's own numbers."""


def tagged(value):
    """The same value in subclasses, as Ansible hands it over."""
    if isinstance(value, dict):
        return {Text(key): tagged(one) for key, one in value.items()}
    if isinstance(value, list):
        return [tagged(one) for one in value]
    if isinstance(value, str):
        return Text(value)
    return Number(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_subclasses_are_as_good():
    plain = dict(RIGHT["options"], gateway={"port": 8080}, rdma={"most": 7})
    expected = build.build(RIGHT["services"], RIGHT["placement"], RIGHT["testbed"], plain)
    whole = tagged(dict(RIGHT, options=plain))
    assert build.build(whole["services"], whole["placement"], whole["testbed"], whole["options"]) == expected
    assert diff.diff(tagged(expected[0]), expected[0]) == diff.diff(expected[0], tagged(expected[0])) == []


@MANY
@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=2))
def test_no_traceback(damages):
    """Any value at any place: manifests, or an error that a person can mend."""
    whole = copy.deepcopy(RIGHT)
    for path, value in damages:
        place = whole
        try:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # the place went with the damage before
    try:
        build.build(whole["services"], whole["placement"], whole["testbed"], whole["options"])
    except EngineError:
        pass
