# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The keys of a service and of a template of services."""

from __future__ import annotations

from . import words
from .groups import ListOf, TableOf
from .records import Key, Record
from .shapes import Choice, Flag, Loose, Number
from .table_container import CONTAINER, OLD_VOLUME, VOLUME_KEYS

NAME = words.name("a service's name", "detector")
NAMESPACE = words.label("a namespace", "default")
NETWORK = words.label("a network's name", "sriov-a")
MOST_REPLICAS = 10_000
LABELS = TableOf(
    "labels by name",
    words.LABEL_KEY,
    Loose("a label's value (letters, digits, '-', '_' and '.', at most 63)", words.LABEL_VALUE, "edge", longest=63),
    {"app": "edge"},
)

HORIZONTAL = Record(
    "a horizontal autoscaling",
    [
        Key("min", Number("a number of replicas from 1", 1, MOST_REPLICAS, 1), "The fewest replicas. Default: 1."),
        Key("max", Number("a number of replicas from 1", 1, MOST_REPLICAS, 4), "The most replicas.", needed=True),
        Key("cpu", Number("a percentage from 1", 1, 1000, 80), "Use of the asked CPUs to aim at, in %. Default: 80."),
    ],
    {"min": 1, "max": 4, "cpu": 80},
)
AUTO = {"Auto": "Recreate", "auto": "Recreate", False: "Off"}
VERTICAL = Record(
    "a vertical autoscaling",
    [Key("mode", Choice("a mode", words.VERTICAL, AUTO), "What is done with its recommendations.", needed=True)],
    {"mode": "Off"},
)
AUTOSCALING = Record(
    "an autoscaling",
    [
        Key("horizontal", HORIZONTAL, "More and fewer replicas (HorizontalPodAutoscaler).", null=True),
        Key("vertical", VERTICAL, "Larger and smaller requests (VerticalPodAutoscaler).", null=True),
    ],
    {"horizontal": {"max": 4}},
)


def _networks():
    title = "a list of networks"
    return Record(
        "networks",
        [
            Key(
                kind,
                ListOf(title, NETWORK, ["sriov-a"], single=True),
                "The network of each %s in order. Default: any network of that purpose." % what,
            )
            for kind, what in (("sriov", "VF"), ("macvlan", "macvlan interface"))
        ],
        {"sriov": ["sriov-a"]},
    )


FLOW = Record(
    "a flow",
    [
        Key("source", words.END, 'Where the data comes from: "" is the own NIC.'),
        Key("sink", words.END, 'Where the data goes to: "" is the own NIC.'),
    ],
    {"source": "network:sriov-a", "sink": "service:store"},
)
EDGE = Record(
    "an edge",
    [
        Key("to", NAME, "The name of the service that is called.", needed=True),
        Key(
            "weight", Number("a weight from 1", 1, 1_000_000, 10), "How much traffic, against other edges. Default: 1."
        ),
    ],
    {"to": "decoder", "weight": 10},
)
VOLUMES = ListOf(
    "a list of volumes", Record("a volume", VOLUME_KEYS, {"name": "models", "size": "1Gi"}), [{"name": "models"}]
)


def _body():
    """What a service and a template have in common."""
    old = ListOf("a list of volumes", OLD_VOLUME, [{"name": "models"}])
    priority = Number("a priority from 0", 0, 1_000_000_000, 10)
    return [
        Key("kind", Choice("a kind of workload", words.KINDS), "What Kubernetes makes of it. Default: Deployment."),
        Key("replicas", Number("a number of replicas", 0, MOST_REPLICAS, 2), "How many. Default: 1."),
        Key("labels", LABELS, "Labels of its pods, beside ours."),
        Key("priority", priority, "A greater one is placed first. Default: 0."),
        Key("path", Choice("a path", words.PATHS), "Follows from communication; if given, it must agree."),
        Key(
            "containers",
            ListOf("a list of containers", CONTAINER, [{"image": "registry.example/x:1"}]),
            "Its containers.",
        ),
        Key("networks", _networks(), "Networks of the testbed for its VFs and macvlan interfaces."),
        Key("volumes", VOLUMES, "Its storage, which services can share.", old={"Volumes": old}),
        Key("autoscaling", AUTOSCALING, "Whether its size follows the load."),
        Key("flow", FLOW, "The way of its data; placement makes it short."),
        Key("traffic", ListOf("a list of edges", EDGE, [{"to": "decoder"}]), "Which services it calls, and how much."),
        Key(
            "anti_affinity",
            ListOf("a list of services", NAME, [words.SELF], single=True),
            'Services that are never on the same node; "self": its own replicas.',
        ),
        Key(
            "nodes",
            ListOf("a list of nodes", words.subdomain("a node's name", "node1"), ["node1"], single=True, unique=True),
            "Nodes that it may run on. Default: any.",
        ),
        Key("move", Flag(), "Whether a running replica may be moved where that pays. Default: false."),
    ]


HINTS = dict.fromkeys(
    ("image", "command", "args", "env", "ports", "resources", "mounts", "limits", "acceleration", "Acceleration"),
    "It belongs to a container: containers: [{image: ..., ...}]",
)
HINTS.update(
    apiVersion="This describes services, not Kubernetes objects: begin with name and containers",
    metadata="Write name, namespace and labels without metadata",
    spec="Write its keys without spec",
    nodeName="Write nodes: [NAME]",
    nodeSelector="Write nodes: [NAME, ...]",
    # Keys of GS-Engine's server that have no meaning here.
    type="A Service is inside the cluster, and a mesh opens it with external: true: leave it out",
    monitorPorts="Leave it out: no monitoring is made from it",
    hpa="Write autoscaling: {horizontal: {max: 4}}",
    vpa="Write autoscaling: {vertical: {mode: Off}}",
)
TEMPLATE_NAME = words.label("a template's name", "detector")
SERVICE = Record(
    "a service",
    [
        Key("name", NAME, "Its name, once per namespace.", needed=True),
        Key("namespace", NAMESPACE, "Its namespace. Default: default."),
        Key("template", TEMPLATE_NAME, "A template that gives what is not said here."),
        *_body(),
    ],
    {"name": "detector", "containers": [{"image": "registry.example/detector:1"}]},
    hints=HINTS,
)
TEMPLATE = Record(
    "a template",
    [
        Key("name", TEMPLATE_NAME, "Its name.", needed=True),
        Key(
            "service",
            Record(
                "a service without a name",
                _body(),
                {"containers": [{"image": "registry.example/detector:1"}]},
                hints={
                    **HINTS,
                    "name": "The service that uses the template has the name",
                    "namespace": "The service that uses the template has the namespace",
                    "template": "A template builds on no other: write its keys out",
                },
            ),
            "What its services have in common.",
            needed=True,
        ),
    ],
    {"name": "detector", "service": {"containers": [{"image": "registry.example/detector:1"}]}},
    hints=dict.fromkeys(("containers", "replicas"), "It belongs into service, beside the template's name"),
)
