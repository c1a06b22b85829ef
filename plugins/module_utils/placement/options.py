# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""All ways in which a pod can sit on a node as it is: ports for its VFs, then what the kubelet makes of it."""

from __future__ import annotations

import itertools

from . import path as data_path
from .admission import Request, admit, fill, give_memory, spread
from .state import Option, Pick

# A pod with more combinations of ports or devices than this is tried with the first ones only.
MOST_COMBINATIONS = 2000
POLICY_RANK = {"none": 0, "best-effort": 1, "restricted": 2, "single-numa-node": 3}


def options(node, state, demand, weights, prices):
    """[Option], cheapest first; [] where it does not fit. prices: what was worked out for this demand on this form of
    node already.
    """
    if not enough(node, state, demand):
        return []
    best = {}
    for slots in _slots(node, state, demand):
        for picks in _picks(node, state, demand, slots):
            if picks not in prices:
                prices[picks] = list(_priced(node, demand, slots, picks, weights))
            for option in prices[picks]:
                key = (option.pools, option.links, option.numa, tuple(pick[:5] for pick in picks))
                if key not in best or option.own < best[key].own:
                    best[key] = option
    return sorted(best.values(), key=lambda option: (option.own, option.pools, option.links))


def enough(node, state, demand):
    """Whether the totals of the node suffice; cheap, and true for all that fits."""
    if state.milli < demand.milli or state.total < demand.memory or sum(state.cpus) < demand.cpus:
        return False
    if POLICY_RANK[node.policy] < POLICY_RANK[demand.topology]:
        return False
    if any(sum(state.hugepages.get(size, ())) < amount for size, amount in demand.hugepages):
        return False
    free = {}
    for pool, count in zip(node.pools, state.pools):
        free[pool.resource] = free.get(pool.resource, 0) + count
    wanted = list(demand.compute)
    vfs = sum(not slot.macvlan and not slot.shared for slot in demand.slots)
    return all(free.get(resource, 0) >= count for resource, count in wanted + [("sriov", vfs)])


def fitting(node, state, slot):
    """Pools (numbers) or macvlan ports (PCI addresses) that a Slot can have."""
    if slot.macvlan:
        return [port.pci for port in node.ports.macvlan(slot.network)]
    return [
        place
        for place, pool in enumerate(node.pools)
        if pool.resource == ("rdma" if slot.shared else "sriov")
        and state.pools[place] > 0
        and slot.network in ("", pool.network)
        and (pool.rdma or not slot.rdma)
    ]


def _slots(node, state, demand):
    """Choices of a pool or port per slot; slots of a container that ask for the same are in ascending order."""
    groups = []
    for need in demand.needs:
        for slot, same in itertools.groupby(need.slots):
            groups.append((fitting(node, state, slot), len(list(same))))
    products = itertools.product(
        *(itertools.combinations_with_replacement(choices, count) for choices, count in groups)
    )
    for choice in itertools.islice(products, MOST_COMBINATIONS):
        flat = tuple(itertools.chain.from_iterable(choice))
        if all(flat.count(place) <= state.pools[place] for place in set(flat) if isinstance(place, int)):
            yield flat


def _picks(node, state, demand, slots):
    """Tuples of a Pick per container, as the kubelet admits one after the other."""
    shares, start = [], 0
    for need in demand.needs:
        shares.append(slots[start : start + len(need.slots)])
        start += len(need.slots)
    decision = None
    if node.scope == "pod":
        decision = admit(node, state, Request(demand.needs, _pools(slots), node))
        if not decision[0]:
            return
    yield from _containers(node, state, demand.needs, shares, decision)


def _containers(node, state, needs, shares, decision):
    if not needs:
        yield ()
        return
    for pick in _container(node, state, needs[0], shares[0], decision):
        if len(needs) == 1:
            yield (pick,)
            continue
        after = state.copy()
        after.take(needs[:1], Option(0, (pick,), counts((pick,)), (), ()))
        for rest in _containers(node, after, needs[1:], shares[1:], decision):
            yield (pick,) + rest


def _container(node, state, need, slots, decision):
    """The Picks of a container whose VFs are chosen: they differ in the computing devices."""
    admitted, affinity, preferred = decision or admit(node, state, Request([need], _pools(slots), node))
    if not admitted:
        return
    everywhere = range(len(node.numa_ids))
    places = [node.place_of[number] for number in affinity] if affinity else list(everywhere)
    cpus = spread(need.cpus, state.cpus, node.all_cpus, places) if need.cpus else None
    if need.cpus and cpus is None:
        return
    memory = _memory(node, state, need, affinity, preferred)
    if memory is None:
        return
    devices = [_devices(node, state, resource, count, affinity) for resource, count in need.compute]
    for choice in itertools.islice(itertools.product(*devices), MOST_COMBINATIONS):
        flat = tuple(itertools.chain.from_iterable(choice))
        yield Pick(affinity, cpus, memory[0], memory[1], memory[2], slots, flat)


def _memory(node, state, need, affinity, preferred):
    """(memory per NUMA node or None, hugepages, cells); None where the kubelet has not got it."""
    if node.pins_memory and need.guaranteed:
        given = give_memory(node, state, need, affinity, preferred)
        if given is None:
            return None
        cells, amounts = given
        named = dict(amounts)
        pages = tuple((name[len("hugepages-") :], has) for name, has in amounts if name != "memory")
        return named.get("memory"), pages, cells
    pages = tuple((size, fill(amount, state.hugepages.get(size, ()))) for size, amount in need.hugepages)
    return None if any(has is None for dummy, has in pages) else (None, pages, ())


def _devices(node, state, resource, count, affinity):
    """Choices of count devices: as many as there are in the affinity, as the device manager does."""
    pools = [place for place in node.pools_named.get((resource,), ()) if state.pools[place]]
    places = {node.place_of[number] for number in affinity} if affinity is not None else None
    told = any(node.pools[place].told >= 0 for place in node.pools_named.get((resource,), ()))
    if places is None or not told:
        return list(itertools.islice(_multisets(pools, state.pools, count), MOST_COMBINATIONS))
    groups = [[place for place in pools if node.pools[place].told in places]]
    groups.append([place for place in pools if node.pools[place].told >= 0 and place not in groups[0]])
    groups.append([place for place in pools if node.pools[place].told < 0])
    sure = ()
    for group in groups:
        has = sum(state.pools[place] for place in group)
        if has >= count:
            some = itertools.islice(_multisets(group, state.pools, count), MOST_COMBINATIONS)
            return [tuple(sorted(sure + more)) for more in some]
        sure += tuple(place for place in group for dummy in range(state.pools[place]))
        count -= has
    return []


def _multisets(pools, free, count):
    """Choices of count devices out of pools, the first pools first."""
    if not count:
        yield ()
    if not count or sum(free[place] for place in pools) < count:
        return
    for taken in range(min(free[pools[0]], count), -1, -1):
        for rest in _multisets(pools[1:], free, count - taken):
            yield (pools[0],) * taken + rest


def _pools(slots):
    return [chosen if isinstance(chosen, int) else None for chosen in slots]


def counts(picks):
    """((pool, how many)) that some Picks take."""
    found = {}
    for pick in picks:
        for place in tuple(chosen for chosen in pick.slots if isinstance(chosen, int)) + pick.compute:
            found[place] = found.get(place, 0) + 1
    return tuple(sorted(found.items()))


def _priced(node, demand, slots, picks, weights):
    """An Option for each pair of ends that the node offers."""
    found = data_path.ends(node, demand, slots)
    if found is None:
        return
    for source, sink in itertools.product(*found):
        yield price(node, demand, picks, source, sink, weights)[0]


def price(node, demand, picks, source, sink, weights):
    """(Option, [Leg]) of picks with a given source and sink."""
    everywhere = tuple(place for place, has in enumerate(node.all_cpus) if has)
    homes = [_home(pick.cpus) or everywhere for pick in picks]
    compute = [pick.compute for pick in picks]
    ways = data_path.legs(node, demand, source, sink, homes, compute)
    own = sum(weights.rank[leg.rank] for leg in ways)
    for need, pick in zip(demand.needs, picks):
        numa = data_path.anchor(node, pick.compute, source)
        if need.cpus:
            own += data_path.remote(pick.cpus, numa, weights.remote)
        own += data_path.remote(pick.memory, numa, weights.remote)
        own += sum(data_path.remote(has, numa, weights.remote) for dummy, has in pick.hugepages)
    pools = counts(picks)
    names = {link for place, dummy in pools for link in node.pools[place].links}
    names.update(link for end in (source, sink) if end is not None for link in end.links)
    for pick in picks:
        for chosen in pick.slots:
            if not isinstance(chosen, int):
                names.update(node.ports.by_pci[chosen].links)
    links = tuple(sorted(node.link_of[name] for name in names if name))
    numa = tuple(sorted({place for at in demand.on_path for place in (_home(picks[at].cpus) or ())}))
    return Option(own, picks, pools, links, numa), ways


def _home(cpus):
    """The NUMA nodes that exclusive CPUs are on; () for none."""
    return tuple(place for place, count in enumerate(cpus or ()) if count)
