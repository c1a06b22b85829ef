# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A node's way into a cluster and out of it: kubeadm join, first signs of life, kubeadm reset and what that leaves."""

from __future__ import annotations

import json

from .. import systemd
from ..errors import EngineError
from . import files

CONFIG = "/run/gedge-join.json"  # in memory, for as long as kubeadm reads it
KUBEADM, KUBECTL = files.BIN + "/kubeadm", files.BIN + "/kubectl"
LINES = 6
NO_NETWORK = ("cni plugin not initialized", "NetworkPluginNotReady", "network plugin is not ready")
FOLDERS = ("/var/lib/kubelet", files.PROXY_FOLDER)
PARTS = ("manifests", "pki", "tmp")  # of /etc/kubernetes
NFT = (("ip", "kube-proxy"), ("ip6", "kube-proxy"))
TABLES = ("filter", "nat", "mangle")


def join(system, params):
    """Join; the token stands in no command line and in no log. Raises EngineError with kubeadm's own words."""
    token = params["join"]["token"]
    if not token:
        what = "there is no token, and the node has not joined yet"
        raise EngineError(what, "join.token", "Have one made: kubeadm token create, or role cluster_control_plane")
    # The packages of kubeadm bring it; without it the kubelet complains each second.
    system.run(["mkdir", "-p", system.path("/etc/kubernetes/manifests")])
    system.write_file(CONFIG, files.join_configuration(params), 0o600)
    try:
        done = system.run([KUBEADM, "join", "--config", CONFIG], check=False)
    finally:
        system.remove_file(CONFIG)
    if done.rc:
        said = (done.err or done.out).replace(token, "***").strip().splitlines()
        telling = [line.strip() for line in said if line.strip()][-LINES:]
        what = "kubeadm join: rc %d: %s; the kubelet says: %s" % (done.rc, " | ".join(telling), last_words(system))
        raise EngineError(what, params["name"], "Mend what it names, then run again")


def wait(system, clock, params):
    """Until the node is registered and Ready, or lacks nothing but the pod network. Raises EngineError."""
    end = clock.monotonic() + params["timeout"]
    while True:
        why = condition(system, params["name"])
        if why == "" or any(word in why for word in NO_NETWORK):
            return
        if clock.monotonic() >= end:
            what = "is not Ready within %d s: %s; the kubelet says: %s" % (params["timeout"], why, last_words(system))
            raise EngineError(what, params["name"], "journalctl -u kubelet has the rest")
        clock.sleep(2)


def condition(system, name):
    """Why the API server does not take the node for Ready, "" where it does."""
    argv = [KUBECTL, "--kubeconfig", files.KUBECONFIG, "get", "node", name, "-o", "json", "--request-timeout=20s"]
    done = system.run(argv, check=False)
    try:
        told = json.loads(done.out)
    except ValueError:
        return done.err.strip() or "it is not registered"
    found = [one for one in told.get("status", {}).get("conditions") or () if one.get("type") == "Ready"]
    if not found:
        return "it has no condition Ready yet"
    return "" if found[0].get("status") == "True" else found[0].get("message") or "no message"


def last_words(system):
    """The kubelet's last errors, else its last lines."""
    lines = systemd.log(system, files.KUBELET, 200)
    wrong = [line for line in lines if line[:1] in "EF" and line[1:2].isdigit()]
    return " | ".join(line[:300] for line in (wrong or lines)[-3:]) or "nothing"


def leave(system, more=()):
    """kubeadm reset, with more words, and what it leaves: kube-proxy's tables, the kubelet's chains, empty folders."""
    system.run(["systemctl", "disable", "--now", files.PROXY], check=False)
    if system.exists(KUBEADM):
        done = system.run([KUBEADM, "reset", "--force", "--cri-socket", files.SOCKET] + list(more), check=False)
        if done.rc:
            words = (done.err or done.out).strip().splitlines()[-LINES:]
            raise EngineError("rc %d: %s" % (done.rc, " | ".join(words)), "kubeadm reset", "Mend it, then run again")
    system.run(["systemctl", "stop", files.KUBELET], check=False)
    for family, table in NFT:
        system.run(["nft", "delete", "table", family, table], check=False)
    _clear_chains(system)
    for path in FOLDERS:
        system.run(["rm", "-rf", "--one-file-system", system.path(path)])
    for name in PARTS:
        system.remove_folder("/etc/kubernetes/" + name)
    system.remove_folder("/etc/kubernetes")
    system.run(["systemctl", "reset-failed", files.KUBELET, files.PROXY], check=False)


def _clear_chains(system):
    """The kubelet's own chains (KUBE-FIREWALL, KUBE-KUBELET-CANARY), where there is an iptables."""
    for command in ("iptables", "ip6tables"):
        if not any(system.exists("%s/%s" % (folder, command)) for folder in ("/usr/sbin", "/sbin")):
            continue
        for table in TABLES:
            listed = system.run([command, "-w", "-t", table, "-S"], check=False).out.splitlines()
            rules = [line.split() for line in listed if line.startswith("-A ") and "-j KUBE-" in line]
            chains = [line.split()[1] for line in listed if line.startswith("-N KUBE-")]
            for words in rules:
                system.run([command, "-w", "-t", table, "-D"] + words[1:], check=False)
            for action in ("-F", "-X"):
                for chain in chains:
                    system.run([command, "-w", "-t", table, action, chain], check=False)
