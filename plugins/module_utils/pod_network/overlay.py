# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The overlay that a node shall have: who its peers are, and the files that bring it. Pure.

Each node has a VXLAN device with the network address of its own pods as its address. To a peer's pods leads one route
by the peer's address; its MAC address follows from that: nothing is learnt and nothing is asked for by broadcast.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass, field

from ..errors import Problem, ProblemsError
from ..own_files import LINK

DEVICE, BRIDGE, TABLE, NETWORK = "gedge-pods", "cni0", "gedge_pods", "podnet"
CONF_FOLDER = "/etc/cni/net.d"
CONF = CONF_FOLDER + "/10-gedge-pods.conflist"
SCRIPT = "/usr/local/lib/gedge/pod-network"
RULES = "/usr/local/lib/gedge/pod-network.nft"
NAME = "gedge-pod-network.service"
UNIT = "/etc/systemd/system/" + NAME
WANTS = "/etc/systemd/system/multi-user.target.wants/" + NAME
ALL = (CONF, SCRIPT, RULES, UNIT, WANTS)
CHECKSUM = "tx-checksum-ip-generic"
HEADER = 50  # bytes of VXLAN around a frame, over IPv4
MADE = "# Made by gedge.engine.pod_network; it goes with state: absent.\n"


@dataclass
class Wanted:
    """own, address, mtu: of this node; offload: whether its NIC computes checksums of what pods send; peers:
    {pod network: (VTEP, its MAC, the node's address)}, as text."""

    own: object
    address: str
    subnet: object
    vni: int
    port: int
    mtu: int
    offload: bool
    peers: dict = field(default_factory=dict)
    closed: list = field(default_factory=list)


def mac(network):
    """The MAC address of a node's device: 02:67 and its address."""
    return "02:67:" + ":".join("%02x" % byte for byte in network.network_address.packed)


def read(params):
    """The Wanted of the module's parameters, mtu as asked for; raises ProblemsError with all faults."""
    problems, networks = [], {}
    subnet = _network(params["pod_subnet"], "pod_subnet", problems)
    for number, node in enumerate(params["nodes"]):
        path = "nodes[%d]" % number
        network = _network(node["pod_cidr"], path + ".pod_cidr", problems)
        try:
            ipaddress.IPv4Address(node["address"])
        except ValueError:
            way = "Write the node's address in the management network"
            problems.append(Problem(path + ".address", "is no IPv4 address", way, node["address"]))
        if network and subnet and not network.subnet_of(subnet):
            way = "Write the network that the controller manager shares out"
            problems.append(Problem(path + ".pod_cidr", "is not in pod_subnet %s" % subnet, way, str(network)))
        for other, name in networks.items():
            if network and network.overlaps(other):
                what = "is also %s's" % name
                problems.append(Problem(path + ".pod_cidr", what, "Give each node its own", str(network)))
        if network:
            networks[network] = node["name"]
    closed = [_network(text, "closed[%d]" % number, problems) for number, text in enumerate(params["closed"])]
    if params["name"] not in [node["name"] for node in params["nodes"]]:
        way = "Let the cluster know the node first: it gives it a network"
        problems.append(Problem("name", "is not among the nodes", way, params["name"]))
    for key, least, most in (("vni", 1, 2**24 - 1), ("port", 1, 65535), ("mtu", 0, 65535)):
        if not least <= params[key] <= most:
            problems.append(Problem(key, "is not from %d to %d" % (least, most), "", params[key]))
    if problems:
        raise ProblemsError(problems, where="pod_network")
    return _wanted(params, subnet, networks, closed)


def _wanted(params, subnet, networks, closed):
    owners = {name: network for network, name in networks.items()}
    addresses = {node["name"]: node["address"] for node in params["nodes"]}
    own = owners[params["name"]]
    peers = {
        str(network): (str(network.network_address), mac(network), addresses[name])
        for network, name in networks.items()
        if network != own
    }
    numbers = params["vni"], params["port"], params["mtu"], params["checksum_offload"]
    return Wanted(own, addresses[params["name"]], subnet, *numbers, peers, sorted(str(one) for one in closed))


def _network(text, path, problems):
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        problems.append(Problem(path, "is no IPv4 network: %s" % error, "Write such as 10.244.1.0/24", text))
        return None


def files(wanted):
    """{path: text}."""
    return {
        CONF: _conf(wanted),
        SCRIPT: _script(wanted),
        RULES: _rules(wanted),
        UNIT: MADE + UNIT_TEXT,
        WANTS: LINK + UNIT,
    }


def _conf(wanted):
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "mtu": wanted.mtu,
        "isDefaultGateway": True,
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": {"type": "host-local", "ranges": [[{"subnet": str(wanted.own)}]]},
    }
    plugins = [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}]
    return json.dumps({"cniVersion": "1.0.0", "name": NETWORK, "plugins": plugins}, indent=1, sort_keys=True) + "\n"


UNIT_TEXT = (
    """\
[Unit]
Description=Pod network: the overlay between the nodes (gedge.engine.pod_network)
Wants=network-online.target
After=network-online.target nftables.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh %s

[Install]
WantedBy=multi-user.target
"""
    % SCRIPT
)


def _script(wanted):
    """Brings what is missing, takes away what is too much; what is right is not touched."""
    link = "id %d local %s dstport %d nolearning" % (wanted.vni, wanted.address, wanted.port)
    seen = "vxlan id %d local %s .*dstport %d " % (wanted.vni, wanted.address, wanted.port)
    lines = [
        "#!/bin/sh",
        MADE.strip(),
        "set -e",
        "if ! ip -d link show dev %s 2>/dev/null | grep -q '%s'; then" % (DEVICE, seen),
        "  ip link delete %s 2>/dev/null || true" % DEVICE,
        "  ip link add %s address %s type vxlan %s" % (DEVICE, mac(wanted.own), link),
        "fi",
        "ip link set %s mtu %d up" % (DEVICE, wanted.mtu),
        _offload(wanted.offload),
        "ip address replace %s/32 dev %s" % (wanted.own.network_address, DEVICE),
        "for net in $(ip -4 route show dev %s | cut -d' ' -f1); do" % DEVICE,
        "  case ' %s ' in *\" $net \"*) ;; *) ip route delete $net dev %s ;; esac" % (" ".join(wanted.peers), DEVICE),
        "done",
    ]
    for network, (vtep, hardware, address) in sorted(wanted.peers.items()):
        lines += [
            "ip neigh replace %s lladdr %s dev %s nud permanent" % (vtep, hardware, DEVICE),
            "bridge fdb replace %s dev %s dst %s self permanent" % (hardware, DEVICE, address),
            "ip route replace %s via %s dev %s src %s onlink" % (network, vtep, DEVICE, wanted.own.network_address),
        ]
    return "\n".join(lines + ["nft -f %s" % RULES]) + "\n"


def _offload(asked):
    """Without ethtool nobody has turned it off."""
    line = "ethtool -K %s %s %s >/dev/null" % (DEVICE, CHECKSUM, "on" if asked else "off")
    return line + " 2>&1 || true" if asked else line


def _rules(wanted):
    """What leaves the pod network has the node's address, and the data networks are closed to it: path 1 is no way
    around their filters."""
    lines = ["table inet %s" % TABLE, "delete table inet %s" % TABLE, "table inet %s {" % TABLE]
    lines += [
        "\tchain postrouting {",
        "\t\ttype nat hook postrouting priority 100; policy accept;",
        "\t\tip saddr %s ip daddr != { %s, 224.0.0.0/4 } masquerade" % (wanted.own, wanted.subnet),
        "\t}",
    ]
    if wanted.closed:
        networks = "{ %s }" % ", ".join(wanted.closed)
        lines += [
            "\tchain forward {",
            "\t\ttype filter hook forward priority -5; policy accept;",
            "\t\tip saddr %s ip daddr %s counter drop" % (wanted.subnet, networks),
            "\t\tip saddr %s ip daddr %s counter drop" % (networks, wanted.subnet),
            "\t}",
        ]
    return MADE + "\n".join(lines + ["}"]) + "\n"
