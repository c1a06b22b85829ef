"""The life of a testbed, as role service leads it: files come, change and go; nothing is ever promised twice.

From the ledger over placement and manifests to the next ledger, on random testbeds.
"""

import ipaddress
import json
import random

import pytest
from acceptance import sites
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.manifests import build, leases
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from ansible_collections.gedge.engine.plugins.plugin_utils import service_ledger
from helpers.seeds import seeds

FILES = ("one.yml", "two.yml", "three.yml")
STEPS = 16


def run(ledger, asked, source, records, site):
    """(the next ledger, its manifests); (the same ledger, None) where the role refuses: something finds no place."""
    merged = service_ledger.merge(ledger, {"services": asked, "meshes": []}, source)
    placement = place.place(records, merged["services"], merged["placements"]).result("none")
    if placement["failed"]:
        return ledger, None
    objects, dummy = build.build(merged, placement, site, {"addresses": merged["addresses"]})
    rows = [dict(row, moved_from=None) for row in placement["placements"]]
    return dict(merged, placements=rows, addresses=leases.read(objects)), objects


def described(dice, source, records):
    """A file with a few services, whose names are its own."""
    found = sites.services(dice.randrange(10**6), dice.randint(1, 4), records)
    names = {one["name"]: f"{source[:3]}-{one['name']}" for one in found}
    for one in found:
        one["name"] = names[one["name"]]
        one["traffic"] = [dict(edge, to=names[edge["to"]]) for edge in one["traffic"]]
        one["anti_affinity"] = [names.get(name, name) for name in one["anti_affinity"] if name in ("self", *names)]
        for volume, mount in zip(one["volumes"], one["containers"][0]["mounts"]):
            volume["name"] = mount["volume"] = f"{source[:3]}-{volume['name']}"
    return found


def given(ledger):
    """[what can be had only once] of all promises: VFs and cards, exclusive CPUs, addresses."""
    for row in ledger["placements"]:
        yield from ((row["node"], one["address"]) for one in row["devices"] if one["kind"] != "nic" or one["pf"])
        yield from ((row["node"], cpu) for cpu in cpuset.parse(row["cpus"]))
    yield from (row["address"].partition("/")[0] for row in ledger["addresses"])


def own(ledger, key, sources):
    """The rows of services of these files."""
    return [row for row in ledger[key] if row["service"][:3] in {name[:3] for name in sources}]


def used(records):
    """Says that the nodes use the first VF of each port themselves; (node, its address)."""
    for record in records:
        pfs = {one["address"]: one["sriov"] for one in record["topology"]["pci_devices"]}
        for port in record["ports"]:
            if pfs[port["pci"]].get("num"):
                port["vfs"] = [{"vf": 0, "used": "soft-RoCE"}]
                yield record["name"], pfs[port["pci"]]["vfs"][0]


@pytest.mark.parametrize("seed", seeds(range(40)))
def test_nothing_is_promised_twice(seed):
    dice = random.Random(seed)
    records = sites.fleet(seed, dice.randint(4, 8))
    theirs = set(used(records[::2]))
    site = sites.testbed(records)
    ledger, files, accepted = {}, {}, 0
    for dummy in range(STEPS):
        source = dice.choice(FILES)
        asked = [] if source in files and dice.random() < 0.3 else described(dice, source, records)
        if not asked and source not in files:
            continue
        following, objects = run(ledger, asked, source, records, site)
        if objects is None:
            continue
        accepted += 1
        once = list(given(following))
        assert len(once) == len(set(once)) and not theirs & set(once)
        others = [name for name in files if name != source]
        for key in ("placements", "addresses"):
            assert own(following, key, others) == own(ledger or following, key, others), "what runs was moved"
        assert {row["service"][:3] for row in following["placements"]} <= {name[:3] for name in (*others, source)}
        files[source] = asked
        if not asked:
            del files[source]
        again, twice = run(following, asked, source, records, site)
        assert json.dumps([again, twice]) == json.dumps([following, objects]), "the second run changed something"
        ledger = following
    assert accepted


def test_addresses_run_out_with_an_error_and_nothing_half_done():
    records = sites.fleet(3, 4)
    site = sites.testbed(records)
    for network in site["networks"].values():
        base = ipaddress.ip_network(network["cidr"]).network_address
        network.update(cidr=f"{base}/29", prefix=29)
    asked = [one for seed in range(9) for one in described(random.Random(seed), f"{seed:03}", records)]
    asked = [dict(one, nodes=[], anti_affinity=[], traffic=[]) for one in asked]
    for one in asked:
        one["containers"][0]["acceleration"]["communication"] = {"sriov": 0, "rdma": 0, "macvlan": 1}
    with pytest.raises(EngineError, match="finds no free address"):
        fits = place.place(records, asked).result("none")
        gone = {one["service"] for one in fits["failed"]}
        run({}, [one for one in asked if one["name"] not in gone], "all.yml", records, site)
