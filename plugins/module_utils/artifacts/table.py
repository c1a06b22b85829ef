# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one table of versions: what a cluster is made of, in which versions, and how each comes by each source.

A component has
  why         why it is there, for a person
  names       the programs that it brings, {name: the binary that our build makes of it}; a binary of several programs
              is the one by whose name it is called. A name belongs to one component
  versions    those that this collection builds, the first by default: {version: the file with its pinned modules}
  url, files  upstream's release: an address, and {file: {name: member of the archive}}; None where the file is the
              program itself. No url: upstream releases images only

The distribution brings the container runtime (RUNTIME). What is compiled is in builds, what fits together in fits.
"""

from __future__ import annotations

ARCHITECTURES = ("amd64", "arm64")
DEFAULT = "kubernetes"  # whose version decides those of the others
NODE = ("kubelet", "kubeadm", "kubectl", "kube-proxy")
CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
CNI = ("bridge", "loopback", "host-device", "macvlan", "vlan", "ptp", "static", "host-local", "portmap", "tuning")
MULTUS = ("multus", "multus-shim", "multus-daemon")
RELEASES = "https://github.com/%s/releases/download/v{version}"

COMPONENTS = {
    "kubernetes": {
        "why": "kubelet, kubeadm, kubectl, kube-proxy and the control plane",
        "names": dict(
            [(name, "kubernetes-node") for name in NODE]
            + [(name, "kubernetes-control-plane") for name in CONTROL_PLANE]
        ),
        "versions": {"1.37.2": "go.mod", "1.34.4": "1.34.mod"},
        "url": "https://dl.k8s.io/release/v{version}/bin/linux/{architecture}",
        "files": dict.fromkeys(NODE + CONTROL_PLANE),
    },
    "etcd": {
        "why": "where the API server keeps its objects",
        "names": {"etcd": "kubernetes-control-plane"},
        # Built with the API server whose client it serves; the versions are those that kubeadm takes for the minor.
        "versions": {"3.7.0": "go.mod", "3.6.5": "1.34.mod"},
        "url": RELEASES % "etcd-io/etcd",
        "files": {"etcd-v{version}-linux-{architecture}.tar.gz": {"etcd": "etcd-v{version}-linux-{architecture}/etcd"}},
    },
    "cni-plugins": {
        "why": "the reference CNI plugins, for the basic and the dual path",
        "names": {name: name for name in CNI},
        "versions": {"1.9.1": "go.mod"},
        "url": RELEASES % "containernetworking/plugins",
        "files": {"cni-plugins-linux-{architecture}-v{version}.tgz": {name: "./" + name for name in CNI}},
    },
    "pause": {
        "why": "holds a pod's namespaces; for an image that needs no registry",
        "names": {"pause": "pause"},
        "versions": {"1.0.0": "go.mod"},  # our own: it has no modules of others
    },
    "multus": {
        "why": "gives pods further interfaces: thin (multus), and thick (multus-shim, multus-daemon)",
        "names": {name: name for name in MULTUS},
        "versions": {"4.3.0": "go.mod"},
        "url": RELEASES % "k8snetworkplumbingwg/multus-cni",
        "files": {
            "multus-cni_{version}_linux_{architecture}.tar.gz": {
                name: "multus-cni_{version}_linux_{architecture}/" + name for name in MULTUS
            }
        },
    },
    "rdma-cni": {
        "why": "moves a VF's RDMA device into its pod, where the node's netns mode is exclusive",
        "names": {"rdma": "rdma"},
        "versions": {"1.6.0": "go.mod"},
    },
    "sriov-cni": {
        "why": "gives a VF to a pod",
        "names": {"sriov": "sriov"},
        # The only one that is served as a module, with commands of our own (files/build/sriov-cni); a newer one comes
        # by a bundle that was made elsewhere.
        "versions": {"2.1.0": "go.mod"},
    },
    "sriov-device-plugin": {
        "why": "tells the kubelet of VFs",
        "names": {"sriovdp": "sriovdp"},
        # Between releases 3.5 and 3.6; as above.
        "versions": {"0.0.0-20221127172732-a5a7395122e3": "go.mod"},
    },
    "gedge-cards": {
        "why": "tells the kubelet of GPUs, FPGAs and other cards",
        "names": {"gedge-cards": "gedge-cards"},
        "versions": {"1.0.0": "go.mod"},  # our own, on the kubelet's interfaces for plugins
    },
    "scheduler-plugins": {
        "why": "kube-scheduler with NodeResourceTopologyMatch, for the Kubernetes of its own minor",
        "names": {"kube-scheduler-nrt": "kube-scheduler-nrt"},
        "versions": {"0.34.7": "go.mod"},
    },
    "nfd": {
        "why": "publishes NodeResourceTopology from the kubelet's pod-resources socket",
        "names": {"nfd-topology-updater": "nfd-topology-updater"},
        "versions": {"0.17.3": "go.mod"},
    },
    "dra-example": {
        "why": "a DRA driver of pretended GPUs, for the lab and for tests",
        "names": {"dra-example-kubeletplugin": "dra-example-kubeletplugin"},
        "versions": {"0.2.0": "go.mod"},
    },
    "nfs-provisioner": {
        "why": "makes volumes for claims: folders on a share of an NFS server",
        "names": {"nfs-provisioner": "nfs-provisioner"},
        # Our own, on sig-storage-lib-external-provisioner: of csi-driver-nfs no version is served as a module.
        "versions": {"1.0.0": "go.mod"},
    },
}

# From the distribution: {component: {Debian's release: version}}.
RUNTIME = {
    "containerd": {"12": "1.6.20", "13": "1.7.24"},
    "runc": {"12": "1.1.5", "13": "1.1.15"},
}

# What goes with a version of Kubernetes, where that is not the first of the component's own.
WITH = {"1.34.4": {"etcd": "3.6.5"}}

# SHA-256 of upstream's files: {component: {version: {architecture: {file: digest}}}}. None yet: this table was made
# where no release site is reached, and a digest that nobody has held against its file is worth nothing.
PINNED = {}


def component_of(name):
    """The component that brings a program."""
    return next(component for component, one in COMPONENTS.items() if name in one["names"])


def versions_with(kubernetes):
    """{component: version} by default with a version of Kubernetes."""
    found = {name: next(iter(one["versions"])) for name, one in COMPONENTS.items()}
    found.update(WITH.get(kubernetes, {}))
    found[DEFAULT] = kubernetes
    return found
