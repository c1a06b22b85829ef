# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a caller may set, with the defaults; a mistake is named with its path and what is known."""

from __future__ import annotations

import re

from ..errors import Problem, ProblemsError
from ..suggest import advice

DEFAULTS = {
    "backend": "auto",
    "cluster": {"version": "", "drivers": []},
    "prefix": "gedge.io",
    "resources": {"gpu": "nvidia.com/gpu", "fpga": "", "asic": ""},
    "device_plugin": {"name": "sriovdp-config", "namespace": "kube-system", "layout": "per-node"},
    "rdma": {"mode": "shared", "prefix": "rdma", "most": 63, "name": "rdma-devices", "namespace": "kube-system"},
    "cni_version": "0.3.1",
    "addresses": [],
    "address_range": "services",
    "affinity": "required",
    "unplaced": "refuse",
    "scheduler": "",
    "namespaces": False,
    "routes": {"backend": "gateway-api", "channel": "standard"},
    "gateway": {"create": True, "name": "", "namespace": "", "class": "istio", "port": 80},
    "mesh": {"proxy": "sidecar", "proxy_cpu": "100m", "proxy_memory": "128Mi"},
    "dra": {
        "select": "pin",
        "numa_attribute": "",
        "gpu": "gpu.nvidia.com",
        "sriov": "sriovnetwork.k8snetworkplumbingwg.io",
        "fpga": "",
        "asic": "",
    },
}
CHOICES = {
    "backend": ("auto", "extended-resources", "dra"),
    "device_plugin.layout": ("per-node", "shared"),
    "rdma.mode": ("shared", "exclusive"),
    "affinity": ("required", "preferred"),
    "unplaced": ("refuse", "pending"),
    "routes.backend": ("gateway-api", "istio"),
    "routes.channel": ("standard", "experimental"),
    "mesh.proxy": ("sidecar", "ambient", "none"),
    "dra.select": ("pin", "match"),
}
FIRST_DRA = (1, 34)  # resource.k8s.io/v1
# A DNS subdomain: what stands before the "/" of a resource's name.
PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
PREFIXES = ("prefix", "rdma.prefix")
TYPES = {str: "a text", int: "a number", bool: "true or false", list: "a list", dict: "a mapping"}


def read(given):
    """The options over the defaults, {} for None. Raises ProblemsError with all that is wrong."""
    problems = []
    options = _merged(given or {}, DEFAULTS, "", problems)
    if not problems:
        options["version"] = _version(options["cluster"]["version"], problems)
    if problems:
        raise ProblemsError(problems, "options")
    for kind in ("fpga", "asic"):
        options["resources"][kind] = options["resources"][kind] or "%s/%s" % (options["prefix"], kind)
    return options


def backend(options, kinds):
    """Which backend serves these kinds of device: by hand, or DRA where the cluster and each kind's driver have it."""
    if options["backend"] != "auto":
        return options["backend"]
    drivers = set(options["cluster"]["drivers"])
    served = all(options["dra"][kind] and options["dra"][kind] in drivers for kind in kinds)
    return "dra" if drivers and served and options["version"] >= FIRST_DRA else "extended-resources"


def _merged(given, defaults, path, problems):
    if not isinstance(given, dict):
        problems.append(Problem(path.rstrip(".") or "options", "is not a mapping", "Write keys and values", given))
        return dict(defaults)
    found = {}
    for key in given:
        if key not in defaults:
            problems.append(Problem(path + str(key), "unknown key", advice(key, defaults)))
    for key, default in defaults.items():
        value, here = given.get(key), path + key
        if isinstance(default, dict):
            found[key] = _merged({} if value is None else value, default, here + ".", problems)
        else:
            found[key] = default if value is None else _checked(value, default, here, problems)
    return found


def _checked(value, default, path, problems):
    # Ansible hands over subclasses; True is an int only for Python.
    if not isinstance(value, type(default)) or (isinstance(value, bool) and not isinstance(default, bool)):
        problems.append(Problem(path, "is not %s" % TYPES[type(default)], "Write for example %r" % (default,), value))
    elif path in CHOICES and value not in CHOICES[path]:
        problems.append(Problem(path, "is no choice", advice(value, CHOICES[path]), value))
    elif path in PREFIXES and not PREFIX.fullmatch(value):
        problems.append(Problem(path, "is no domain", "Write for example %r" % default, value))
    return value


def _version(text, problems):
    """ "1.37.2" -> (1, 37); "" -> (0, 0)."""
    parts = text.lstrip("v").split(".")[:2]
    if not text:
        return 0, 0
    if len(parts) == 2 and all(part.isdigit() for part in parts):
        return int(parts[0]), int(parts[1])
    problems.append(Problem("cluster.version", "is no version of Kubernetes", 'Write for example "1.37"', text))
    return 0, 0
