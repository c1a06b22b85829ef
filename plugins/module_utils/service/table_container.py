# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The keys of a container. What stands here is read, published as JSON Schema and told in docs/services.md."""

from __future__ import annotations

from . import words
from .amounts import Cpu, Memory
from .counts import Counts
from .forms import EnvForm, ListForm, PortForm, SizeForm
from .groups import ListOf, TableOf
from .records import Key, Record
from .shapes import Choice, Flag, Loose, Number

PORT_NUMBER = Number("a port (1 to 65535)", 1, 65535, 8080)
ALIGNED = {True: "single-numa-node", False: "none", "true": "single-numa-node", "false": "none"}

PORT = PortForm(
    "a port",
    [
        Key("name", words.PORT_NAME, "Its name. Default: protocol and number, such as tcp-8080."),
        Key("port", PORT_NUMBER, "The port that the container listens on.", needed=True, old={"containerPort": None}),
        Key("protocol", Choice("a protocol", words.PROTOCOLS, {"tcp": "TCP", "udp": "UDP"}), "Default: TCP."),
        Key("externalPort", PORT_NUMBER, "The port of the Service.", legacy="a Service has the container's port"),
    ],
    8080,
)

ENV = EnvForm(
    "environment variables",
    words.ENV_NAME,
    Loose("a value", r"[^\x00]*", "1", longest=100_000),
    Record(
        "an environment variable",
        [
            Key("name", words.ENV_NAME, "Its name.", needed=True),
            Key("value", Loose("a value", r"[^\x00]*", "1", longest=100_000), "Its value."),
        ],
        hints={"valueFrom": "Only plain values are known here: write value"},
    ),
    {"MODEL": "yolo"},
)

SIZED = TableOf("amounts by size of huge page", SizeForm(words.HUGEPAGES), Memory(), {"2Mi": "512Mi"})
CPU = "CPUs; pinned containers get whole ones. Default: 200m."
MEMORY = "Memory. Default: 500Mi."


def _of_kubernetes():
    """hugepages-2Mi and so on, as Kubernetes has them among the resources."""
    text = 'write hugepages: {"%s": AMOUNT}'
    return [Key("hugepages-" + size, Memory(), "Huge pages.", legacy=text % size) for size in words.HUGEPAGES]


def _amounts(null=False):
    return [Key("cpu", Cpu(), "CPUs.", null=null), Key("memory", Memory(), "Memory.", null=null)]


class _Amounts(Record):
    """cpu and memory, with a word about extended resources."""

    def hint(self, word, raw):
        if "/" in str(word):
            return "Ask for devices in acceleration, such as compute: {gpu: 1}"
        return super().hint(word, raw)


LIMITS = _Amounts("limits", _amounts(null=True), {"cpu": "2"})
OLD_AMOUNTS = _Amounts("amounts", [*_amounts(), *_of_kubernetes()], {"cpu": "2"})

COMPUTE = Counts(
    "how many of each processor", words.COMPUTE, {"gpu": 1}, elsewhere=words.COMMUNICATION, where="communication"
)
COMMUNICATION = Counts(
    "how many of each network device", words.COMMUNICATION, {"sriov": 1}, elsewhere=words.COMPUTE, where="compute"
)
ACCELERATION = ListForm(
    Record(
        "an acceleration",
        [
            Key(
                "topology",
                Choice("a topology policy", words.TOPOLOGIES),
                "How near to each other CPUs, memory and devices must be: the kubelet's topology policy. Anything but "
                "none pins the CPUs. Default: none.",
                old={"topologyAware": Choice("true or false", [], ALIGNED, tell=False)},
            ),
            Key("compute", COMPUTE, "Devices that compute."),
            Key(
                "communication",
                COMMUNICATION,
                "Network devices. rdma beside sriov: how many of these VFs can RDMA; rdma alone: the RDMA device that "
                "containers share.",
                old={"network": None},
            ),
        ],
        {"topology": "single-numa-node", "compute": {"gpu": 1}, "communication": {"sriov": 1}},
    )
)

RESOURCES = _Amounts(
    "resources",
    [
        Key("cpu", Cpu(), CPU),
        Key("memory", Memory(), MEMORY),
        Key("hugepages", SIZED, "Huge pages by size."),
        Key("acceleration", ACCELERATION, "As the container's acceleration.", old={"Acceleration": None}),
        Key("requests", OLD_AMOUNTS, "Kubernetes' requests.", legacy="cpu and memory stand in resources itself"),
        Key("limits", OLD_AMOUNTS, "Kubernetes' limits.", legacy="limits stand beside resources"),
        *_of_kubernetes(),
    ],
    {"cpu": "4", "memory": "4Gi"},
)

MOUNT = Record(
    "a mount",
    [
        Key(
            "volume", words.label("a volume's name", "models"), "The name of one of the service's volumes.", needed=True
        ),
        Key("path", words.PATH, "Where the container sees it.", needed=True),
        Key("read_only", Flag(), "Whether the container may only read. Default: false."),
    ],
    {"volume": "models", "path": "/data/models"},
)

VOLUME_KEYS = [
    Key(
        "name",
        words.label("a volume's name", "models"),
        "Its name; services that name the same one share it.",
        needed=True,
    ),
    Key("size", Memory(), "Its size. Default: 1Gi."),
    Key(
        "access", Choice("an access mode", words.ACCESS, words.SHORT_ACCESS), "Who may use it. Default: ReadWriteMany."
    ),
    Key(
        "storage_class",
        words.subdomain("a storage class", "nfs", empty=True),
        "Its storage class. Default: the cluster's.",
    ),
    Key("mount", words.PATH, "Mounts it there in every container.", old={"mountPath": None}),
]
# GEdge's `Volumes: [{name: x}]`, in a container or in a service.
OLD_VOLUME = Record("a volume", [*VOLUME_KEYS, MOUNT.words["read_only"]], {"name": "models"})

LAUNCH = Loose("an argument", r"[^\x00]*", "--model", longest=100_000)
CONTAINER = Record(
    "a container",
    [
        Key("name", words.label("a container's name", "detector"), "Its name. Default: the service's, with a number."),
        Key("image", words.IMAGE, "Its image.", needed=True),
        Key(
            "command",
            ListOf("a command as a list", LAUNCH, ["python3", "main.py"]),
            "What it starts. Default: the image's.",
        ),
        Key("args", ListOf("arguments as a list", LAUNCH, ["--model", "yolo"]), "Arguments. Default: the image's."),
        Key("env", ENV, "Environment variables."),
        Key("ports", ListOf("a list of ports", PORT, [8080]), "Ports that it listens on."),
        Key("resources", RESOURCES, "What it needs."),
        Key("limits", LIMITS, "The most that it may use, where it is not pinned. Default: no limit."),
        Key("acceleration", ACCELERATION, "Devices, and how near they are.", old={"Acceleration": None}),
        Key(
            "mounts",
            ListOf("a list of mounts", MOUNT, [{"volume": "models", "path": "/data/models"}]),
            "Volumes of the service that it uses.",
            old=dict.fromkeys(("Volumes", "volumes"), ListOf("a list of volumes", OLD_VOLUME, [{"name": "models"}])),
        ),
    ],
    {"image": "registry.example/detector:1"},
    hints={
        "volumeMounts": "Write mounts: [{volume: NAME, path: /PATH}]",
        "networks": "Networks belong to the service, beside containers",
        "replicas": "Replicas belong to the service, beside containers",
        "topology": "Write acceleration: {topology: ...}",
        "compute": "Write acceleration: {compute: ...}",
        "communication": "Write acceleration: {communication: ...}",
        "gpu": "Write acceleration: {compute: {gpu: 1}}",
    },
)
