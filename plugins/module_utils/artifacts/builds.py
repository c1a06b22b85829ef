# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is compiled: groups of binaries that are built and cached together, each out of a folder with pinned modules."""

from __future__ import annotations

from . import table
from .version import parse

CNI_MODULE = "github.com/containernetworking/plugins"
CNI_FOLDERS = {"static": "ipam", "host-local": "ipam", "portmap": "meta", "tuning": "meta"}
MULTUS_MODULE = "gopkg.in/k8snetworkplumbingwg/multus-cni.v4"
KUBERNETES = "k8s.io/component-base/version"
STAMP = {
    KUBERNETES + ".gitVersion": "v{version}",
    KUBERNETES + ".gitMajor": "1",
    KUBERNETES + ".gitMinor": "{minor}",
}

# folder: of its go.mod; packages: {binary: Go package}, a binary has the last word of its package's path; stamp: Go
# variables that get the version, as upstream's own build sets them.
GROUPS = {
    "kubernetes-node": {
        "component": "kubernetes",
        "folder": "kubernetes",
        "packages": {"kubernetes-node": "./kubernetes-node"},
        "stamp": STAMP,
    },
    "kubernetes-control-plane": {
        "component": "kubernetes",
        "folder": "kubernetes",
        "packages": {"kubernetes-control-plane": "./kubernetes-control-plane"},
        "stamp": STAMP,
    },
    "cni-plugins": {
        "component": "cni-plugins",
        "folder": "cni-plugins",
        "packages": {
            name: "%s/plugins/%s/%s" % (CNI_MODULE, CNI_FOLDERS.get(name, "main"), name) for name in table.CNI
        },
        "stamp": {CNI_MODULE + "/pkg/utils/buildversion.BuildVersion": "v{version}"},
    },
    "pause": {
        "component": "pause",
        "folder": "pause",
        "packages": {"pause": "./pause"},
        "stamp": {"main.version": "{version}"},
    },
    "multus": {
        "component": "multus",
        "folder": "multus",
        # Thin Multus with a main of our own, which waits longer for the API server than 0.25 s a try.
        "packages": dict({name: "%s/cmd/%s" % (MULTUS_MODULE, name) for name in table.MULTUS}, multus="./multus"),
        "stamp": {MULTUS_MODULE + "/pkg/multus.version": "v{version}"},
    },
    "rdma-cni": {
        "component": "rdma-cni",
        "folder": "rdma-cni",
        "packages": {"rdma": "github.com/k8snetworkplumbingwg/rdma-cni/cmd/rdma"},
        "stamp": {"main.version": "v{version}"},
    },
    "sriov-cni": {
        "component": "sriov-cni",
        "folder": "sriov-cni",
        "packages": {"sriov": "./sriov"},
        "stamp": {},
    },
    "sriov-device-plugin": {
        "component": "sriov-device-plugin",
        "folder": "sriov-device-plugin",
        "packages": {"sriovdp": "github.com/k8snetworkplumbingwg/sriov-network-device-plugin/cmd/sriovdp"},
        "stamp": {},
    },
    "gedge-cards": {
        "component": "gedge-cards",
        "folder": "gedge-cards",
        "packages": {"gedge-cards": "./gedge-cards"},
        "stamp": {"main.version": "{version}"},
    },
    "scheduler-plugins": {
        "component": "scheduler-plugins",
        "folder": "scheduler-plugins",
        "packages": {"kube-scheduler-nrt": "./kube-scheduler-nrt"},
        # That of its Kubernetes: by a major version of 0 it ends with "emulation version 0.34 is not between ...".
        "stamp": dict(STAMP, **{KUBERNETES + ".gitVersion": "v1.{minor}.{patch}"}),
    },
    "nfd": {
        "component": "nfd",
        "folder": "nfd",
        "packages": {"nfd-topology-updater": "sigs.k8s.io/node-feature-discovery/cmd/nfd-topology-updater"},
        "stamp": {"sigs.k8s.io/node-feature-discovery/pkg/version.version": "v{version}"},
    },
    "dra-example": {
        "component": "dra-example",
        "folder": "dra-example",
        "packages": {"dra-example-kubeletplugin": "sigs.k8s.io/dra-example-driver/cmd/dra-example-kubeletplugin"},
        "stamp": {},
    },
    "nfs-provisioner": {
        "component": "nfs-provisioner",
        "folder": "nfs-provisioner",
        "packages": {"nfs-provisioner": "./nfs-provisioner"},
        "stamp": {"main.version": "{version}"},
    },
}


def groups_of(names):
    """The groups that make these programs, in the table's order."""
    binaries = {table.COMPONENTS[table.component_of(name)]["names"][name] for name in names}
    return [group for group, one in GROUPS.items() if binaries & set(one["packages"])]


def link_flags(group, version):
    """What -ldflags gets: no symbols, and the version where the program says it."""
    dummy, minor, patch = parse(version)
    values = {"version": version, "minor": minor, "patch": patch}
    stamps = {name: value.format(**values) for name, value in GROUPS[group]["stamp"].items()}
    return " ".join(["-s", "-w"] + ["-X %s=%s" % item for item in stamps.items()])


def modules_file(group, version):
    """The name of the go.mod that pins this version; EngineError is the caller's (see fits)."""
    return table.COMPONENTS[GROUPS[group]["component"]]["versions"][version]
