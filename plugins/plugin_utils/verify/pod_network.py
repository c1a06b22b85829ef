# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The pod network of a node as its files, nft and echo requests to the other nodes tell it."""

from __future__ import annotations

from .findings import finding

OURS, MULTUS = "10-gedge-pods.conflist", "00-multus.conf"
AGAIN = "Run role cluster_pod_network on all nodes"
CHECKSUMS = (
    "Where nstat -az TcpInCsumErrors counts on the node, a NIC computes checksums wrong inside of VXLAN: write"
    " cluster_pod_network_checksum_offload: false and run role cluster_pod_network. Else a filter lets no TCP pass"
)
LOST = "Run role cluster_pod_network on all nodes; filters of the management network have to let its UDP port in"


def pod_network(answers, lines, ports):
    """{"findings", "proof"}. answers, ports: of module network_probe, label: the other node's name; lines: "conf NAME"
    of each CNI configuration, "mtu NUMBER" of the overlay's device, "table" where nftables has ours."""
    confs = [line.partition(" ")[2] for line in lines if line.startswith("conf ")]
    others = [name for name in confs if name not in (OURS, MULTUS)]
    if others and OURS not in confs:
        return {"findings": [], "proof": ["pod network: that of others (%s), left alone" % ", ".join(others)]}
    rows = [] if OURS in confs else [finding(OURS, "is not in /etc/cni/net.d", AGAIN)]
    mtu = "".join(line.partition(" ")[2] for line in lines if line.startswith("mtu "))
    rows += [] if mtu else [finding("gedge-pods", "there is no such device", AGAIN)]
    rows += [] if "table" in lines else [finding("gedge_pods", "nftables has no such table", AGAIN)]
    for one in answers:
        if not one["replies"]:
            what = "does not answer over the pod network (%s, packets of %s bytes)" % (one["address"], mtu)
            rows.append(finding(one["label"], what, LOST))
    good = [one["label"] for one in answers if one["replies"]]
    silent = [one["label"] for one in ports if one["answer"] == "silent"]
    what = "answers echo requests over the pod network, and no TCP"
    rows += [finding(name, what, CHECKSUMS) for name in good if name in silent]
    counts = len(good), len(answers), mtu or "no", len(ports) - len(silent)
    proof = "pod network: %d of %d other nodes answer packets of %s bytes, %d by TCP" % counts
    return {"findings": rows, "proof": [proof]}
