# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The pods of a comparison as services (docs/services.md), so that they are placed and addressed like all others.

For each side a server on one node and a client on the other; with noise, a neighbour that burns CPUs on both.
"""

from __future__ import annotations

import json

from ...module_utils.errors import EngineError
from .order import SIDES, order

ENDS = ("server", "client")
DEVICE = "net1"  # the first attachment, as the manifests name it
NETWORKS = "k8s.v1.cni.cncf.io/networks"
SERVICE = "gedge.io/service"
IDLE = ["sh", "-c", "trap exit TERM; sleep 100000000 & wait"]  # process 1 heeds no signal that it has no trap for
NOISE_MEMORY = "96Mi"


def plan(name, comparison, measures, options):
    """{"name", "comparison", "nodes", "unit", "better", "measures": {side: title}, "read": {side: rule}, "clients":
    {side: [word]}, "schedule", "services": [service], "of_side": {side: [name of a service that it needs]}}.

    comparison, measures: of definitions.read; options: {"image", "namespace", "nodes": [server's, client's]}, with two
    nodes, as asked.read gives them."""
    of_side = {side: [_pod(name, side, comparison, measures, options, end) for end in ENDS] for side in SIDES}
    noise = [_noise(name, comparison["noise"], options, end) for end in ENDS] if comparison["noise"] else []
    used = {side: measures[comparison[side]["measure"]] for side in SIDES}
    return {
        "name": name,
        "comparison": comparison,
        "nodes": options["nodes"],
        "unit": used["a"]["unit"],
        "better": used["a"]["better"],
        "measures": {side: used[side]["title"] for side in SIDES},
        "read": {side: used[side]["read"] for side in SIDES},
        "clients": {side: _command(comparison[side], used[side]["client"]) for side in SIDES},
        "schedule": order(comparison["runs"], comparison["warmup"], options.get("seed")),
        "services": [one for side in SIDES for one in of_side[side]] + noise,
        "of_side": {side: [one["name"] for one in of_side[side] + noise] for side in SIDES},
    }


def _pod(name, side, comparison, measures, options, end):
    asked = comparison[side]
    command = _command(asked, measures[asked["measure"]]["server"]) if end == "server" else IDLE
    kind = {"basic": "", "dual": "macvlan", "accelerated": "sriov"}[asked["path"]]
    communication = {kind: 1} if kind else {}
    if asked["rdma"]:
        communication["rdma"] = 1
    container = {
        "name": end,
        "image": options["image"],
        "command": command,
        "resources": {"cpu": asked["cpu"], "memory": asked["memory"]},
        "acceleration": {
            "topology": "best-effort" if asked["cpus"] == "pinned" else "none",
            "communication": communication,
        },
    }
    made = _service("%s-%s-%s" % (name, side, end), container, options, end)
    return dict(made, networks={kind: [asked["network"]]}) if asked["network"] else made


def _noise(name, workers, options, end):
    container = {
        "name": "noise",
        "image": options["image"],
        "command": ["stress-ng", "--cpu", str(workers), "--temp-path", "/dev/shm"],
        "resources": {"cpu": "100m", "memory": NOISE_MEMORY},
    }
    return _service("%s-noise-%s" % (name, end), container, options, end)


def _service(name, container, options, end):
    node = options["nodes"][ENDS.index(end)]
    return {"name": name, "namespace": options["namespace"], "nodes": [node], "containers": [container]}


def _command(side, words):
    """On CPUs of the NUMA node of the device, or of any other one, where that is what is compared."""
    return ["/bin/on-cpus", side["cpus"], DEVICE, *words] if side["cpus"] in ("near", "far") else list(words)


def filled(words, address, seconds):
    """The words of a client for a server's address."""
    return [word.replace("{address}", address).replace("{seconds}", str(seconds)) for word in words]


def targets(planned, pods, sides=SIDES):
    """{side: {"pod": name of the client's pod, "address", "command": [word]}}. pods: as the API server shows them.

    Raises EngineError where one is missing or has no address."""
    found = {}
    for side in sides:
        server, client = (_pod_of("%s-%s-%s" % (planned["name"], side, end), pods) for end in ENDS)
        address = _address(server)
        words = filled(planned["clients"][side], address, planned["comparison"]["seconds"])
        found[side] = {"pod": client["metadata"]["name"], "address": address, "command": words}
    return found


def _pod_of(wanted, pods):
    running = [
        pod
        for pod in pods
        if pod["metadata"].get("labels", {}).get(SERVICE) == wanted and not pod["metadata"].get("deletionTimestamp")
    ]
    if not running:
        raise EngineError("there is no pod of it", "service %s" % wanted, "Look at kubectl describe deployment")
    return running[0]


def _address(pod):
    """Its static address in the second network, where it has one; else that of the overlay."""
    text = pod["metadata"].get("annotations", {}).get(NETWORKS)
    entries = json.loads(text) if text else []
    given = [address for entry in entries for address in entry.get("ips") or ()]
    address = (given or [(pod.get("status") or {}).get("podIP")])[0]
    if not address:
        raise EngineError("has no address yet", "pod %s" % pod["metadata"]["name"], "Wait until it runs")
    return address.split("/")[0]
