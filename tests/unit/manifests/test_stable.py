"""The same input gives the same bytes, in whatever order it comes; each feature's objects fit the schemas."""

import json
import random
from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from unit.manifests import builder as b
from unit.manifests import validate

SITE = b.testbed()
for network in ("management", "sriov-a", "sriov-b"):
    # Room for all that is drawn; what happens without is told in test_addresses.
    SITE["networks"][network].update({"cidr": SITE["networks"][network]["cidr"].replace(".96/28", ".0/24")})
CARDS = ("gedge.io/fpga", "gedge.io/asic")  # of no network
KINDS = ("Deployment", "StatefulSet", "Job", "DaemonSet")
TOPOLOGIES = ("none", "best-effort", "restricted", "single-numa-node")


@st.composite
def described(draw, number):
    """(service, its placement): one of all sorts. Device addresses are nobody else's."""
    name = f"s{number}"
    counts = {"sriov": draw(st.integers(0, 2)), "gpu": draw(st.integers(0, 2)), "macvlan": draw(st.integers(0, 1))}
    container = b.container(
        topology=draw(st.sampled_from(TOPOLOGIES)),
        rdma=draw(st.integers(0, counts["sriov"])),
        env=draw(st.dictionaries(st.sampled_from("ABC"), st.sampled_from("12"))),
        ports=[{"name": "http", "port": 8080, "protocol": "TCP"}][: draw(st.integers(0, 1))],
        resources={"cpu": "2", "memory": "1Gi", "hugepages": draw(st.sampled_from([{}, {"2Mi": "64Mi"}]))},
        **counts,
    )
    replicas = draw(st.integers(1, 2))
    volume = {"name": "data", "size": "1Gi", "access": "ReadWriteMany", "storage_class": ""}
    service = b.service(
        name,
        container,
        kind=draw(st.sampled_from(KINDS)),
        replicas=replicas,
        namespace=draw(st.sampled_from(["default", "edge"])),
        priority=draw(st.integers(-1, 1)),
        volumes=[volume][: draw(st.integers(0, 1))],
        autoscaling={"horizontal": None, "vertical": draw(st.sampled_from([None, {"mode": "Off"}]))},
        anti_affinity=draw(st.sampled_from([[], ["self"]])),
    )
    entries = [_entry(draw, service, counts, replica) for replica in range(replicas)]
    return service, entries


def _entry(draw, service, counts, replica):
    node = draw(st.sampled_from(["node1", "node2"]))
    pfs = draw(st.lists(st.sampled_from([(b.PF_A, "sriov-a"), (b.PF_B, "sriov-b")]), min_size=2, max_size=2))
    vfs = [b.vf(place, *pfs[place]) for place in range(counts["sriov"])]
    gpus = [b.card(address=f"0000:{0x40 + place:02x}:00.0") for place in range(counts["gpu"])]
    level = draw(st.sampled_from(["PIX", "PHB", "NODE", "SYS"]))
    levels = [(one["address"], gpu["address"], level) for one in vfs for gpu in gpus]
    return b.placed(
        service["name"], *vfs, *gpus, replica=replica, node=node, namespace=service["namespace"], levels=levels
    )


@st.composite
def wholes(draw):
    """(services, placements, options)."""
    made = [draw(described(number)) for number in range(draw(st.integers(1, 4)))]
    options = {"backend": draw(st.sampled_from(["extended-resources", "dra"]))}
    return [one for one, dummy in made], [entry for dummy, entries in made for entry in entries], options


def shuffled(value, chance):
    """The same value with its keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(one, chance) for one in value] if isinstance(value, list) else value


@given(wholes(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(whole, chance):
    services, entries, options = whole
    first = json.dumps(b.objects(services, entries, SITE, **options))
    chance.shuffle(services)
    chance.shuffle(entries)
    for entry in entries:
        chance.shuffle(entry["distance"]["levels"])
    site = shuffled(SITE, chance)
    again = b.objects(shuffled(services, chance), shuffled(entries, chance), site, **shuffled(options, chance))
    assert json.dumps(again) == first


@given(wholes())
def test_all_fit_the_schemas_and_agree(whole):
    services, entries, options = whole
    found = b.objects(services, entries, SITE, **options)
    assert validate.faults(found) == []
    keys = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in found]
    assert len(keys) == len(set(keys))
    agree(found)


def agree(found):
    """Each attachment of a pod has a definition, whose resource is asked for as often, and which a plugin offers."""
    definitions = {
        (one["metadata"]["namespace"], one["metadata"]["name"]): one
        for one in b.of_kind(found, "NetworkAttachmentDefinition")
    }
    offered = {
        f"{one['resourcePrefix']}/{one['resourceName']}"
        for plugin in b.of_kind(found, "ConfigMap")
        for text in plugin["data"].values()
        for entries in json.loads(text).values()
        for one in entries
    }
    claimed = bool(b.of_kind(found, "ResourceClaimTemplate"))
    for workload in (one for one in found if one["kind"] in KINDS):
        template = workload["spec"]["template"]
        text = template["metadata"].get("annotations", {}).get("k8s.v1.cni.cncf.io/networks", "[]")
        asked = {}
        for entry in json.loads(text):
            notes = definitions[entry["namespace"], entry["name"]]["metadata"].get("annotations", {})
            for resource in notes.values():
                asked[resource] = asked.get(resource, 0) + 1
        ours = Counter()
        for container in template["spec"]["containers"]:
            limits = container.get("resources", {}).get("limits", {})
            ours.update({name: int(count) for name, count in limits.items() if name.startswith("gedge.io/")})
        assert set(ours) <= offered or 0 in (workload["spec"].get("replicas"), workload["spec"].get("completions"))
        attached = {name: count for name, count in ours.items() if name not in CARDS}
        assert attached == ({} if claimed else asked)


def test_yaml_gives_the_same_back():
    found = b.objects([b.service("detector", b.container(sriov=1))], [b.placed("detector", b.vf())])
    assert list(yaml.safe_load_all(yaml.safe_dump_all(found))) == found


@pytest.mark.parametrize("seed", range(3))
def test_input_is_left_as_it_was(seed):
    chance = random.Random(seed)
    services = [b.service(f"s{number}", b.container(sriov=1, gpu=1)) for number in range(3)]
    entries = [b.placed(f"s{number}", b.vf(number), b.card()) for number in range(3)]
    site = shuffled(b.testbed(), chance)
    before = json.dumps([services, entries, site])
    b.objects(services, entries, site, backend="dra")
    assert json.dumps([services, entries, site]) == before
