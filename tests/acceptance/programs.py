"""What the tests of this folder run: a control plane and CRDs, both out of Go modules."""

import pathlib

import yaml
from helpers import gobuild

HERE = pathlib.Path(__file__).resolve().parent
STAMP = "k8s.io/component-base/version"

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
    folder = HERE / "control_plane"
    version = gobuild.version("k8s.io/kubernetes", folder)
    major, minor = version.lstrip("v").split(".")[:2]
    flags = f"-s -w -X {STAMP}.gitVersion={version} -X {STAMP}.gitMajor={major} -X {STAMP}.gitMinor={minor}"
    return gobuild.kept(
        "control-plane", folder, flags, lambda target: gobuild.compile_to(target, folder, "-ldflags", flags)
    )


def crds(channel):
    """The CustomResourceDefinitions; channel: of Gateway API, standard or experimental."""
    for name, (files, kinds) in CRDS.items():
        for path in sorted(gobuild.module(name, HERE / "crds").glob(files.format(channel=channel))):
            for one in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                if one and one.get("kind") == "CustomResourceDefinition" and one["spec"]["names"]["kind"] in kinds:
                    yield one
