# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The device plugins' configuration out of the table: SR-IOV (VFs, FPGAs, ASICs) and shared RDMA devices."""

from __future__ import annotations

from ..errors import Problem
from . import names, table

LARGEST = 1024 * 1024  # bytes of a ConfigMap's data


def objects(pools, options, problems):
    """The ConfigMaps; a pool that no node has devices for is not in them, since it would vanish in silence."""
    pools = [pool for dummy, pool in sorted(pools.items())]
    own = [pool for pool in pools if pool.kind != table.SHARED]
    shared = [pool for pool in pools if pool.kind == table.SHARED]
    layout = options["device_plugin"]["layout"]
    for chosen, entry, key, where in (
        (own, _sriov, "resourceList", options["device_plugin"]),
        (shared, _rdma, "configList", options["rdma"]),
    ):
        if chosen:
            data = _data(chosen, entry, key, layout, options, problems)
            if sum(len(name) + len(text) for name, text in data.items()) > LARGEST:
                what = "the device plugin's configuration of %d nodes is larger than a ConfigMap may be" % len(data)
                problems.append(Problem("options.device_plugin.layout", what, "Write shared", layout))
            yield names.made("v1", "ConfigMap", where["name"], where["namespace"], data=data)


def _data(pools, entry, key, layout, options, problems):
    """{file name: JSON}: one file for each node, or one for all."""
    if layout == "shared":
        return {"config.json": names.compact({key: _for_all(pools, entry, options, problems)})}
    nodes = sorted({node for pool in pools for node in pool.nodes})
    return {node + ".json": names.compact({key: _of_node(pools, entry, node, options)}) for node in nodes}


def of_node(pools, node, options):
    """(resourceList of the SR-IOV device plugin, configList of the shared RDMA device plugin) of one node."""
    pools = [pool for dummy, pool in sorted(pools.items())]
    own = [pool for pool in pools if pool.kind != table.SHARED]
    shared = [pool for pool in pools if pool.kind == table.SHARED]
    return _of_node(own, _sriov, node, options), _of_node(shared, _rdma, node, options)


def _of_node(pools, entry, node, options):
    return [entry(pool, pool.nodes[node], options) for pool in pools if node in pool.nodes]


def _for_all(pools, entry, options, problems):
    """One list for all nodes: a selector must mean the same devices wherever it matches."""
    owners, entries = {}, []
    for pool in pools:
        merged = {}
        for node, selector in sorted(pool.nodes.items()):
            for name, value in selector.items():
                merged[name] = value if value is True else sorted({*merged.get(name, []), *value})
            for device in selector.get("rootDevices", []):
                owners.setdefault(device.split("#")[0], {}).setdefault((pool.name, device), set()).add(node)
        entries.append(entry(pool, merged, options))
    for device, users in sorted(owners.items()):
        nodes = [nodes for dummy, nodes in sorted(users.items())]
        if any(one != nodes[0] for one in nodes):
            what = "%s is not in the same pools on all nodes: %s" % (
                device,
                ", ".join(sorted({name for name, dummy2 in users})),
            )
            advice = 'Write layout: per-node, and give each plugin its node\'s file ("$(NODE_NAME).json")'
            problems.append(Problem("options.device_plugin.layout", what, advice, "shared"))
    return entries


def _sriov(pool, selector, options):
    # One object, no list: the plugin of 2022-11 takes nothing else, and would leave all pools out with a mere warning.
    made = {"resourceName": pool.name, "resourcePrefix": options["prefix"], "selectors": selector}
    return made if pool.kind == table.VF else dict(made, deviceType="accelerator")


def _rdma(pool, selector, options):
    rdma = options["rdma"]
    return {
        "resourceName": pool.name,
        "resourcePrefix": rdma["prefix"],
        "rdmaHcaMax": rdma["most"],
        "selectors": selector,
    }
