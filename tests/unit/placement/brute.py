"""Placement once more, with nothing of the collection in it: every set of pods on every node, every way to hold it.

It reads the same records and follows docs/placement.md; the kubelet's rules are written down a second time, as walks
through all permutations. What makes it finish: a node's cost of a set of pods is that of the set without its last pod
in the order of admission, extended in every way; and the nodes are joined over all disjoint sets.
"""

from __future__ import annotations

import itertools
import json

WEIGHT = {"PIX": 2000, "PXB": 3000, "PHB": 3500, "NODE": 4000, "SYS": 5000, "UNKNOWN": 5000}
REMOTE, NET, PCIE, EDGE, EDGE_NUMA = 5000, 1000, 500, 5000, 1000
STRICT = ["none", "best-effort", "restricted", "single-numa-node"]
UNITS = {"Mi": 2**20, "Gi": 2**30, "Ki": 2**10}


def amount(text):
    return int(text[:-2]) * UNITS[text[-2:]] if text[-2:] in UNITS else int(text or 0)


def milli(text):
    return int(text[:-1]) if text.endswith("m") else int(text) * 1000


class Pod:
    def __init__(self, service, replica):
        self.name, self.replica, self.priority = service["name"], replica, service["priority"]
        self.nodes, self.apart, self.flow = service["nodes"], service["anti_affinity"], service["flow"]
        self.parts, names = [], list(service["networks"]["sriov"])
        boxes = service["containers"]
        whole = all(box["acceleration"]["topology"] != "none" for box in boxes)
        for box in boxes:
            self.parts.append(Part(box, names, whole))
        self.strict = max(STRICT.index(part.topology) for part in self.parts)
        self.milli = sum(part.milli for part in self.parts)
        self.memory = sum(part.memory for part in self.parts)
        computing = [place for place, part in enumerate(self.parts) if part.compute]
        with_nic = [place for place, part in enumerate(self.parts) if part.vfs]
        self.on_path = computing or with_nic[:1] or [0]

    def order(self):
        devices = sum(len(part.compute) for part in self.parts)
        vfs = sum(len(part.vfs) for part in self.parts)
        cpus = sum(part.cpus for part in self.parts)
        return (-self.priority, -devices, -vfs, -cpus, -self.memory, -self.milli, self.name, self.replica)


class Part:
    def __init__(self, box, names, whole):
        speed = box["acceleration"]
        self.topology, self.guaranteed = speed["topology"], whole
        self.milli = milli(box["resources"]["cpu"])
        self.cpus = self.milli // 1000 if whole else 0
        self.memory = amount(box["resources"]["memory"])
        self.pages = {size: amount(text) for size, text in box["resources"]["hugepages"].items()}
        self.compute = [kind for kind in ("gpu", "fpga", "asic") for dummy in range(speed["compute"][kind])]
        talk = speed["communication"]
        self.vfs = []
        for place in range(talk["sriov"]):
            self.vfs.append((names.pop(0) if names else "", place < talk["rdma"]))


class Site:
    """One node."""

    def __init__(self, record):
        self.record, facts = record, record["topology"]
        self.ids = [entry["node"] for entry in facts["numa_nodes"]]
        reserved = set()
        for part in record["reserved_cpus"].split(","):
            low, dummy, high = part.partition("-")
            reserved.update(range(int(low), int(high or low) + 1))
        self.every = [sum(cpu["numa_node"] == node for cpu in facts["cpus"]) for node in self.ids]
        free = [
            sum(cpu["numa_node"] == node and cpu["cpu"] not in reserved for cpu in facts["cpus"]) for node in self.ids
        ]
        self.pages = [entry["hugepages"]["2048kB"]["total"] * 2**21 for entry in facts["numa_nodes"]]
        self.memory, keep = [], record["reserved_memory"]
        for entry, pages in zip(facts["numa_nodes"], self.pages):
            kept = min(keep, entry["memory_bytes"] - pages)
            keep -= kept
            self.memory.append(entry["memory_bytes"] - pages - kept)
        self.devices = {one["address"]: one for one in facts["pci_devices"]}
        self.roots = self._roots()
        self.pfs = {}
        for port in record["ports"]:
            pf = self.devices[port["pci"]]
            vfs = [self.devices[address] for address in pf["sriov"]["vfs"]]
            self.pfs[port["pci"]] = (port["network"], bool(vfs[0]["rdma"]), pf, len(vfs))
        kinds = {"gpu": "gpu", "fpga": "fpga", "accelerator": "asic"}
        self.cards = {a: kinds[one["kind"]] for a, one in self.devices.items() if one["kind"] in kinds}
        self.start = (
            sum(free) * 1000,
            sum(self.memory),
            tuple(free),
            tuple(self.memory),
            tuple(self.pages),
            ((),) * len(self.ids),
            tuple(pf[3] for pf in self.pfs.values()),
            frozenset(self.cards),
            (),
        )

    def _roots(self):
        votes = {}
        for one in self.devices.values():
            votes.setdefault(one["pcie_path"][0], []).append(one["numa_node"])
        known = {root: [vote for vote in found if vote >= 0] for root, found in votes.items()}
        return {r: min(found, key=lambda n: (-found.count(n), n)) if found else -1 for r, found in known.items()}

    def level(self, one, other):
        one, other = one["pcie_path"], other["pcie_path"]
        if one == other:
            return "PIX" if len(one) > 1 else "PHB"
        if one[0] == other[0]:
            return "PXB" if len(one) > 1 and len(other) > 1 and one[1] == other[1] else "PHB"
        nodes = [self.roots[one[0]], self.roots[other[0]]]
        return "UNKNOWN" if -1 in nodes else "NODE" if nodes[0] == nodes[1] else "SYS"

    def numa(self, one):
        found = self.roots[one["pcie_path"][0]]
        return 0 if len(self.ids) == 1 else self.ids.index(found) if found in self.ids else -1


# ---- the kubelet --------------------------------------------------------------------------------------------------


def sets(nodes):
    return [combo for size in range(1, len(nodes) + 1) for combo in itertools.combinations(nodes, size)]


def hints(nodes, total, free, wanted):
    """total and free: functions of a set of NUMA nodes."""
    least = min([len(combo) for combo in sets(nodes) if total(combo) >= wanted] + [len(nodes)])
    return [(combo, len(combo) == least) for combo in sets(nodes) if free(combo) >= wanted]


def merged(policy, lists, nodes):
    """(admitted, affinity, preferred)."""
    if policy == "none":
        return True, None, False
    lists = [[(None, True)] if one is None else one or [(None, False)] for one in lists] or [[(None, True)]]
    if policy == "single-numa-node":
        lists = [[hint for hint in one if hint[1] and (hint[0] is None or len(hint[0]) == 1)] for one in lists]
    needed = 0
    for one in lists:
        sizes = [len(combo) for combo, dummy in one if combo is not None]
        needed = max(needed, min(sizes) if sizes else 0)
    best = None
    for choice in itertools.product(*lists):
        given = [set(combo) for combo, dummy in choice if combo is not None]
        both = set(nodes).intersection(*given)
        preferred = all(flag for dummy, flag in choice) and all(one == given[0] for one in given)
        if both:
            best = better(best, (tuple(sorted(both)), preferred), needed)
    if best is None:
        best = (tuple(nodes), False)
    if policy == "single-numa-node" and best[0] == tuple(nodes):
        best = (None, best[1])
    return policy == "best-effort" or best[1], best[0], best[1]


def narrower(one, other):
    return (len(one), sum(1 << node for node in one)) < (len(other), sum(1 << node for node in other))


def better(current, new, needed):
    if current is None or new[1] != current[1]:
        return new if current is None or new[1] else current
    if new[1]:
        return new if narrower(new[0], current[0]) else current
    has, wants = len(current[0]), len(new[0])
    if has > needed:
        return new if narrower(new[0], current[0]) else current
    if has == needed:
        return new if wants == needed and narrower(new[0], current[0]) else current
    if wants > needed or wants < has:
        return current
    return new if wants > has or narrower(new[0], current[0]) else current


def memory_hints(site, state, asks):
    tables = {"memory": (site.memory, state[3]), "2Mi": (site.pages, state[4])}
    fits, sized = [], []
    for combo in sets(site.ids):
        at = [site.ids.index(node) for node in combo]
        if any(sum(tables[name][0][p] for p in at) < size for name, size in asks.items()):
            continue
        sized.append(len(combo))
        if any(state[5][p] and state[5][p] != combo for p in at):
            continue
        if all(sum(tables[name][1][p] for p in at) >= size for name, size in asks.items()):
            fits.append(combo)
    return [(combo, len(combo) == min(sized + [len(site.ids)])) for combo in fits]


def decide(site, state, cpus, asks, vfs, cards):
    """The Topology Manager on what is asked; vfs: PFs, cards: resources."""
    lists = []
    at = {node: place for place, node in enumerate(site.ids)}
    if cpus:
        lists.append(
            hints(
                site.ids, lambda c: sum(site.every[at[n]] for n in c), lambda c: sum(state[2][at[n]] for n in c), cpus
            )
        )
    if asks:
        found = memory_hints(site, state, asks)
        lists += [found] * len(asks) if found else [None]
    for pf in sorted(set(vfs)):
        place = list(site.pfs).index(pf)
        home = site.pfs[pf][2]["numa_node"]
        free, total = state[6][place], site.pfs[pf][3]
        if home < 0:
            lists.append(None)
        else:
            lists.append(hints([home], lambda c, n=total: n, lambda c, n=free: n, vfs.count(pf)))
    for kind in sorted(set(cards)):
        homes = {a: site.devices[a]["numa_node"] for a, has in site.cards.items() if has == kind}
        nodes = sorted({node for node in homes.values() if node >= 0})
        if not nodes:
            lists.append(None)
        else:
            left = [homes[a] for a in state[7] if a in homes]
            everything = list(homes.values())
            lists.append(
                hints(
                    nodes,
                    lambda c, e=everything: sum(n in c for n in e),
                    lambda c, e=left: sum(n in c for n in e),
                    cards.count(kind),
                )
                if len(left) >= cards.count(kind)
                else []
            )
    return merged(site.record["policy"], lists, site.ids)


def spread(wanted, free, every, first):
    given = [0] * len(free)
    for group in (first, [p for p in range(len(free)) if p not in first]):
        here = min(wanted, sum(free[p] for p in group))
        wanted -= here
        for p in group:
            if every[p] and free[p] == every[p] <= here:
                given[p], here = free[p], here - free[p]
        for p in sorted(group, key=lambda p: (free[p], p)):
            more = min(here, free[p] - given[p])
            given[p], here = given[p] + more, here - more
    return None if wanted else given


def memory_of(site, state, asks, affinity, preferred):
    """(cells, {name: per NUMA node}) or None."""
    found = memory_hints(site, state, asks)

    def key(hint):
        return (not hint[1], len(hint[0]), sum(1 << n for n in hint[0]))

    if affinity is None:
        if not found:
            return None
        best = min(found, key=key)
        if preferred and not best[1]:
            return None
        affinity = best[0]
    tables = {"memory": state[3], "2Mi": state[4]}
    if any(sum(tables[name][site.ids.index(n)] for n in affinity) < size for name, size in asks.items()):
        wider = [hint for hint in found if set(affinity) <= set(hint[0])]
        if not wider or (preferred and not min(wider, key=key)[1]):
            return None
        affinity = min(wider, key=key)[0]
    places = [site.ids.index(node) for node in affinity]
    if len(places) > 1 and any(state[5][p] and state[5][p] != tuple(affinity) for p in places):
        return None
    given = {}
    for name, size in asks.items():
        given[name] = [0] * len(site.ids)
        for p in places:
            given[name][p] = min(size - sum(given[name]), tables[name][p])
    return tuple(affinity), given


# ---- one pod on one node ------------------------------------------------------------------------------------------


def ways(site, state, pod):
    """(cost by itself, state after, NUMA places of its data path) of every way to hold a pod."""
    if STRICT.index(site.record["policy"]) < pod.strict or state[0] < pod.milli or state[1] < pod.memory:
        return
    slots = [vf for part in pod.parts for vf in part.vfs]
    choices = [
        [pf for pf, facts in site.pfs.items() if net in ("", facts[0]) and facts[1] >= rdma] for net, rdma in slots
    ]
    for pfs in itertools.product(*choices):
        if any(pfs.count(pf) > state[6][place] for place, pf in enumerate(site.pfs)):
            continue
        if not ordered(site, pod, pfs):
            continue
        decision = None
        if site.record["scope"] == "pod":
            cards = [kind for part in pod.parts for kind in part.compute]
            cpus = sum(part.cpus for part in pod.parts)
            decision = decide(site, state, cpus, asks_of(pod.parts), list(pfs), cards)
            if not decision[0]:
                continue
        yield from held(site, state, pod, list(pfs), 0, decision, [])


def ordered(site, pod, pfs):
    """VFs of a container that ask for the same are taken in the order of the ports' VFs."""
    rank = {pf: place for place, pf in enumerate(sorted(site.pfs, key=lambda pf: site.pfs[pf][2]["sriov"]["vfs"][0]))}
    start = 0
    for part in pod.parts:
        for at in range(start + 1, start + len(part.vfs)):
            if part.vfs[at - start] == part.vfs[at - start - 1] and rank[pfs[at]] < rank[pfs[at - 1]]:
                return False
        start += len(part.vfs)
    return True


def asks_of(parts):
    asks = {}
    for part in parts:
        if part.guaranteed:
            asks["memory"] = asks.get("memory", 0) + part.memory
            for size, wanted in part.pages.items():
                asks[size] = asks.get(size, 0) + wanted
    return asks


def held(site, state, pod, pfs, at, decision, done):
    if at == len(pod.parts):
        yield from priced(site, state, pod, pfs, done)
        return
    part = pod.parts[at]
    start = sum(len(one.vfs) for one in pod.parts[:at])
    own = pfs[start : start + len(part.vfs)]
    asks = asks_of([part])
    admitted, affinity, preferred = decision or decide(site, state, part.cpus, asks, own, part.compute)
    if not admitted:
        return
    everywhere = list(range(len(site.ids)))
    first = everywhere if affinity is None else [site.ids.index(node) for node in affinity]
    cpus = spread(part.cpus, state[2], site.every, first)
    memory = memory_of(site, state, asks, affinity, preferred) if asks else ((), {})
    if cpus is None or memory is None:
        return
    pages = memory[1].get("2Mi")
    if not asks and part.pages:
        pages, left = [], sum(part.pages.values())
        for has in state[4]:
            pages.append(min(left, has))
            left -= pages[-1]
        if left:
            return
    for cards in chosen(site, state, part.compute, affinity):
        groups = [memory[0] if node in memory[0] else old for node, old in zip(site.ids, state[5])]
        after = (
            state[0] - part.milli,
            state[1] - part.memory,
            tuple(has - taken for has, taken in zip(state[2], cpus)),
            tuple(has - taken for has, taken in zip(state[3], memory[1].get("memory", [0] * len(site.ids)))),
            tuple(has - taken for has, taken in zip(state[4], pages or [0] * len(site.ids))),
            tuple(groups),
            tuple(has - own.count(pf) for has, pf in zip(state[6], site.pfs)),
            state[7] - set(cards),
            state[8],
        )
        fact = {"cpus": cpus, "memory": memory[1].get("memory"), "pages": pages, "cards": cards}
        yield from held(site, after, pod, pfs, at + 1, decision, done + [fact])


def chosen(site, state, kinds, affinity):
    """Every choice of cards, by resource: those in the affinity before the others."""
    per_kind = []
    for kind in sorted(set(kinds), key=("gpu", "fpga", "asic").index):
        wanted = kinds.count(kind)
        free = sorted(a for a in state[7] if site.cards[a] == kind)
        homes = {a: site.devices[a]["numa_node"] for a in free}
        told = any(site.devices[a]["numa_node"] >= 0 for a, has in site.cards.items() if has == kind)
        good = []
        for cards in itertools.combinations(free, wanted):
            if affinity is not None and told:
                inside = sum(homes[a] in affinity for a in cards)
                known = sum(homes[a] >= 0 for a in cards)
                if inside < min(wanted, sum(homes[a] in affinity for a in free)):
                    continue
                if known < min(wanted, sum(homes[a] >= 0 for a in free)):
                    continue
            good.append(cards)
        per_kind.append(good)
    for choice in itertools.product(*per_kind):
        yield [a for cards in choice for a in cards]


def ends(site, pod, pfs, which, place):
    """[(identity, device)] or [None]; [] where the node has no such end."""
    own = [(("slot", n), site.pfs[pf][2], site.pfs[pf][0], pf) for n, pf in enumerate(pfs)]
    if which == "nvme":
        return [(("nvme", a), one, None, None) for a, one in site.devices.items() if one["kind"] == "nvme"]
    if which.startswith("network:"):
        name = which[8:]
        here = [one for one in own if one[2] == name]
        ports = [(("port", pf), facts[2], name, pf) for pf, facts in site.pfs.items() if facts[0] == name]
        return [here[place]] if here else ports
    return [own[place]] if own else [None]


def priced(site, state, pod, pfs, done):
    for source in ends(site, pod, pfs, pod.flow["source"], 0):
        for sink in ends(site, pod, pfs, pod.flow["sink"], -1):
            cost = length(site, pod, source, sink, done)
            links = set()
            for pf in pfs:
                links |= {("net", pf), root(site.pfs[pf][2])}
            for end in (source, sink):
                if end is not None:
                    links |= {root(end[1])} | ({("net", end[3])} if end[3] else set())
            for fact in done:
                links |= {root(site.devices[a]) for a in fact["cards"]}
            links.discard(None)
            numas = {p for at in pod.on_path for p, count in enumerate(done[at]["cpus"]) if count}
            shared = sum(NET if link[0] == "net" else PCIE for link in state[8] for mine in links if link == mine)
            after = state[:8] + (tuple(sorted(state[8] + tuple(links))),)
            yield cost + shared, after, tuple(sorted(numas))


def root(one):
    return ("pcie",) + tuple(one["pcie_path"][:2]) if len(one["pcie_path"]) > 1 else None


def length(site, pod, source, sink, done):
    total, both = 0, [end for end in (source, sink) if end is not None]
    if len(both) == 2 and both[0][0] == both[1][0]:
        both = both[:1]
    for end in both:
        for at in pod.on_path:
            for address in done[at]["cards"]:
                total += WEIGHT[site.level(end[1], site.devices[address])]
            if not done[at]["cards"]:
                homes = {p for p, count in enumerate(done[at]["cpus"]) if count} or set(range(len(site.ids)))
                near = site.numa(end[1])
                total += WEIGHT["UNKNOWN" if near < 0 else "PHB" if homes == {near} else "SYS"]
    for part, fact in zip(pod.parts, done):
        anchor = site.devices[fact["cards"][0]] if fact["cards"] else source[1] if source else None
        home = site.numa(anchor) if anchor else -1
        parts = [fact["cpus"] if part.cpus else None, fact["memory"], fact["pages"] if part.pages else None]
        for given in parts:
            if given is not None and home >= 0 and sum(given):
                total += REMOTE * (sum(given) - given[home]) // sum(given)
    return total


# ---- all pods on all nodes ----------------------------------------------------------------------------------------


def optimum(records, services):
    """(pods left out by priority, cost): the best that there is."""
    pods = sorted((Pod(one, n) for one in services for n in range(one["replicas"])), key=Pod.order)
    edges = edges_of(services, {one["name"]: one["replicas"] for one in services})
    total = sum(
        cost for (a, b), (cost, dummy) in edges.items() for p in pods for q in pods if (p.name, q.name) == (a, b)
    )
    tables, plans = {}, {0: total}
    for record in records:
        allowed = [not pod.nodes or record["name"] in pod.nodes for pod in pods]
        key = (json.dumps({**record, "name": ""}, sort_keys=True), tuple(allowed))
        if key not in tables:
            tables[key] = costs(Site(record), pods, allowed, edges)
        joined = dict(plans)
        for has, cost in plans.items():
            for more, extra in tables[key].items():
                if not has & more and cost + extra < joined.get(has | more, 10**18):
                    joined[has | more] = cost + extra
        plans = joined
    ranks = sorted({pod.priority for pod in pods}, reverse=True)

    def value(item):
        out = [sum(p.priority == rank and not item[0] >> n & 1 for n, p in enumerate(pods)) for rank in ranks]
        return tuple(out), item[1]

    return min(map(value, plans.items()))


def edges_of(services, replicas):
    raw = {}
    for one in services:
        for edge in one["traffic"]:
            pair = tuple(sorted((one["name"], edge["to"])))
            if pair[0] != pair[1]:
                raw[pair] = raw.get(pair, 0) + edge["weight"]
    top = max(raw.values(), default=1)
    found = {}
    for (a, b), weight in raw.items():
        pairs = top * replicas[a] * replicas[b]
        cost = EDGE * weight // pairs
        found[a, b] = (cost, cost - min(cost, EDGE_NUMA * weight // pairs))
    return found


def costs(site, pods, allowed, edges):
    """{set of pods as bits: least cost} of all sets that the node can hold."""
    found, layer = {}, {0: {(site.start, ()): 0}}
    for place, pod in enumerate(pods):
        more = {}
        for bits, states in layer.items():
            others = [pods[n] for n in range(place) if bits >> n & 1]
            if not allowed[place] or any(apart(pod, other) for other in others):
                continue
            after = {}
            for (state, numas), cost in states.items():
                for extra, new, mine in ways(site, state, pod):
                    price = cost + extra - sum(saved(edges, pod, mine, o, n) for o, n in zip(others, numas))
                    key = (new, numas + (mine,))
                    if price < after.get(key, 10**18):
                        after[key] = price
            if after:
                more[bits | 1 << place] = after
        layer.update(more)
    for bits, states in layer.items():
        if bits:
            found[bits] = min(states.values())
    return found


def apart(one, other):
    names = [(one, other.name), (other, one.name)]
    return any(name in pod.apart or ("self" in pod.apart and name == pod.name) for pod, name in names)


def saved(edges, pod, numas, other, others_numas):
    pair = edges.get(tuple(sorted((pod.name, other.name))))
    if pair is None or pod.name == other.name:
        return 0
    return pair[1] if numas and others_numas and not set(numas) & set(others_numas) else pair[0]
