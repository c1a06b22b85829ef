"""Objects into a cluster whose nodes are told by nodes.py, and what came of them."""

from __future__ import annotations

import collections

from acceptance import nodes
from acceptance.cluster import Cluster

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
STORAGE = "shared"
EVENTS = 40  # of pods that are not bound, in a message


def deploy(cluster, records, objects, dra=False):
    """Nodes with their devices, then the objects: as a server-side dry run, then really."""
    prepare(cluster, records, objects, dra)
    spaces = [one for one in objects if one["kind"] == "Namespace"]
    cluster.create(*spaces)
    rest = [one for one in objects if one["kind"] != "Namespace"]
    cluster.create(*rest, dry_run="All")
    cluster.create(*rest)


def twin(one):
    """The object under another name: what the server would make of it anew."""
    return dict(one, metadata=dict(one["metadata"], name=one["metadata"]["name"] + "-twin"))


def prepare(cluster, records, objects, dra):
    """What operators of a cluster bring: nodes, drivers, storage."""
    configs = {one["metadata"]["name"]: one["data"] for one in objects if one["kind"] == "ConfigMap"}
    for record in records:
        cluster.create(nodes.node(record))
        cluster.merge(nodes.status(record, configs, dra), status=True)
        cluster.merge(nodes.ready(record))
    if dra:
        cluster.create(*nodes.classes(), *(one for record in records for one in nodes.slices(record)))
    cluster.create(storage_class())
    claims = [one for one in objects if one["kind"] == "PersistentVolumeClaim"]
    cluster.create(*(volume(number, claim) for number, claim in enumerate(claims)))


def storage_class():
    """The default class; its volumes are made by hand."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": STORAGE, "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "Immediate",
    }


def volume(number, claim):
    """A volume that a claim can have."""
    spec = claim["spec"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"volume-{number}"},
        "spec": {
            "capacity": spec["resources"]["requests"],
            "accessModes": spec["accessModes"],
            "storageClassName": spec.get("storageClassName", STORAGE),
            "nfs": {"server": "10.20.0.1", "path": f"/volume-{number}"},
        },
    }


def pods(cluster):
    """All pods."""
    return cluster.list("v1", "Pod")


def unbound(cluster):
    """The pods that wait for a node."""
    return [pod for pod in pods(cluster) if not pod["spec"].get("nodeName")]


def expected(placement):
    """{(namespace, service): Counter of nodes} as placement promised."""
    found = collections.defaultdict(collections.Counter)
    seen = set()
    for entry in placement["placements"]:
        replica = entry["namespace"], entry["service"], entry["replica"]
        if replica not in seen:
            seen.add(replica)
            found[replica[:2]][entry["node"]] += 1
    return dict(found)


def bound(cluster):
    """{(namespace, service): Counter of nodes} as the scheduler bound them."""
    found = collections.defaultdict(collections.Counter)
    for pod in pods(cluster):
        if pod["spec"].get("nodeName"):
            found[pod["metadata"]["namespace"], service_of(pod)][pod["spec"]["nodeName"]] += 1
    return dict(found)


def service_of(pod):
    """The service that a pod belongs to."""
    return pod["metadata"]["labels"]["gedge.io/service"]


def wait_until_bound(cluster, placement):
    """Until as many pods are bound as were promised; fails with what the scheduler says of the others."""
    wanted = total(expected(placement))
    Cluster.wait(lambda: total(bound(cluster)) >= wanted, lambda: waiting(cluster))


def total(counts):
    """The number of pods in what expected() and bound() give."""
    return sum(sum(each.values()) for each in counts.values())


def waiting(cluster):
    """What the scheduler says of the pods that it has not bound."""
    said = [f"{service_of(pod)}: {reason(pod)}" for pod in unbound(cluster)]
    return "\n".join(said[:EVENTS]) or cluster.log("kube-controller-manager")


def reason(pod):
    """Why a pod is not bound: the message of its condition PodScheduled, "" where there is none."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return next((one.get("message", "") for one in conditions if one["type"] == "PodScheduled"), "")
