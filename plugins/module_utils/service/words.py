# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The words and names of a service description, as Kubernetes takes them."""

from __future__ import annotations

from .shapes import Text

KINDS = ("Deployment", "Job", "StatefulSet", "DaemonSet")
PATHS = ("basic", "dual", "accelerated")
TOPOLOGIES = ("none", "best-effort", "restricted", "single-numa-node")
# The deck writes AIX for what is an ASIC elsewhere.
COMPUTE = {"gpu": (), "fpga": (), "asic": ("aix",)}
COMMUNICATION = {"sriov": (), "rdma": (), "macvlan": ()}
HUGEPAGES = ("64Ki", "1Mi", "2Mi", "16Mi", "32Mi", "512Mi", "1Gi", "2Gi", "16Gi")
ACCESS = ("ReadWriteMany", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteOncePod")
SHORT_ACCESS = {"RWX": "ReadWriteMany", "RWO": "ReadWriteOnce", "ROX": "ReadOnlyMany", "RWOP": "ReadWriteOncePod"}
VERTICAL = ("Off", "Initial", "Recreate", "InPlaceOrRecreate")
PROTOCOLS = ("TCP", "UDP", "SCTP")
# In anti_affinity it stands for the service's own replicas.
SELF = "self"
# A name is at most this long, so that what the manifests add to it still fits into 63 characters.
LONGEST_NAME = 53

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?"
_IMAGE = r"(?:%s(?:\.%s)*(?::[0-9]{1,5})?/)?%s(?:/%s)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?" % (
    (_HOST,) * 2 + (_PART,) * 2
)
_LABEL_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"


def name(what, *examples):
    """The Shape of a name that becomes a Service's (RFC 1035)."""
    title = "%s (small letters, digits and '-', a letter first, at most %d)" % (what, LONGEST_NAME)
    return Text(title, r"[a-z](?:[-a-z0-9]*[a-z0-9])?", *examples, longest=LONGEST_NAME)


def label(what, *examples):
    """The Shape of a name as RFC 1123 has it: a namespace, a container, a network."""
    return Text("%s (small letters, digits and '-', at most 63)" % what, _LABEL, *examples, longest=63)


def subdomain(what, *examples, empty=False):
    """The Shape of a node's or a storage class's name; empty: there may be none."""
    pattern = r"%s(?:\.%s)*" % (_LABEL, _LABEL)
    title = "%s (small letters, digits, '-' and '.')" % what
    return Text(title, "(?:%s)?" % pattern if empty else pattern, *examples, longest=253)


IMAGE = Text("an image reference, REPOSITORY[:TAG][@DIGEST]", _IMAGE, "registry.example/detector:1", longest=1024)
PATH = Text("an absolute path without ':' and '..'", r"/(?!(?:.*/)?\.\.(?:/|$))[^\x00:]*", "/data/models", longest=1024)
URL_PATH = Text(
    "a path that begins with '/', without '//', '/./', '/../', '%2F', '?' and '#'",
    r"(?!.*(?://|/\.{1,2}(?:/|$)|%2[fF]))/[^\s?#]*",
    "/",
    longest=1024,
)
DURATION = Text("a duration, such as 5s or 1m30s", r"(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}", "5s", "500ms", longest=32)
ENV_NAME = Text("the name of an environment variable", r"[-._a-zA-Z][-._a-zA-Z0-9]*", "MODEL", longest=253)
LABEL_KEY = Text(
    "a label's name, [PREFIX/]NAME", r"(?:%s(?:\.%s)*/)?%s" % (_LABEL, _LABEL, _LABEL_NAME), "app", longest=317
)
LABEL_VALUE = r"(?:%s)?" % _LABEL_NAME
PORT_NAME = Text(
    "a port's name (at most 15 small letters, digits and '-', a letter among them)",
    r"(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?",
    "http",
    longest=15,
)
END = Text(
    'nothing (the own NIC), "network:NAME", "service:NAME" or "nvme"',
    r"(?:(?:network|service):%s|nvme)?" % _LABEL,
    "network:sriov-a",
    longest=80,
)
