"""What the tests of this folder run: a control plane and CRDs, both out of Go modules."""

import pathlib

import yaml
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import builds, cache, golang, table
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.programs import Builder, programs

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "roles" / "cluster_artifacts" / "files" / "build"
CONTROL_PLANE = "kubernetes-control-plane"
NODE = "kubernetes-node"

# Module: its files with CRDs, of which those of the kinds are taken.
CRDS = {
    "github.com/k8snetworkplumbingwg/network-attachment-definition-client": (
        "artifacts/networks-crd.yaml",
        {"NetworkAttachmentDefinition"},
    ),
    "github.com/k8stopologyawareschedwg/noderesourcetopology-api": ("manifests/crd.yaml", {"NodeResourceTopology"}),
    "sigs.k8s.io/gateway-api": ("config/crd/{channel}/*.yaml", {"Gateway", "HTTPRoute"}),
    "istio.io/api": (
        "kubernetes/customresourcedefinitions.gen.yaml",
        {"Gateway", "VirtualService", "DestinationRule"},
    ),
    "k8s.io/autoscaler/vertical-pod-autoscaler": ("deploy/vpa-v1-crd-gen.yaml", {"VerticalPodAutoscaler"}),
}


def control_plane():
    """The path of the binary that is etcd, kube-apiserver, kube-controller-manager and kube-scheduler."""
    return built(CONTROL_PLANE)[CONTROL_PLANE]


def node():
    """The path of the binary that is kubeadm, kubectl and kubelet."""
    return built(NODE)[NODE]


def version(component="kubernetes"):
    """The usual one of a component."""
    return next(iter(table.COMPONENTS[component]["versions"]))


def built(group, other=None):
    """{binary: its path} of a group of programs; other: a version that is not the usual one."""
    builder = Builder(str(SOURCES), cache.usual(), lambda who, what: print(f"{who}: {what}"))
    made = programs(builder, {group: other or version(builds.GROUPS[group]["component"])})["binaries"]
    return {name: one["path"] for name, one in made.items()}


def crds(channel):
    """The CustomResourceDefinitions; channel: of Gateway API, standard or experimental."""
    for name, (files, kinds) in CRDS.items():
        for path in sorted(pathlib.Path(golang.module(name, HERE / "crds")).glob(files.format(channel=channel))):
            for one in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                if one and one.get("kind") == "CustomResourceDefinition" and one["spec"]["names"]["kind"] in kinds:
                    yield one
