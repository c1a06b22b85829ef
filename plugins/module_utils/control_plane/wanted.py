# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is asked for, checked without a node: every fault at once."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from ..errors import Problem, ProblemsError

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
TOOLS = ("kubeadm", "kubectl")
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?\Z")
FLAG = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
BIN = "/usr/local/bin"


@dataclass
class Wanted:
    """Parameters of the module. members: [(name, address)], the first one begins the cluster; images: {component: its
    image's name} of static pods."""

    version: str
    name: str
    members: list
    endpoint: tuple
    port: int
    names: list
    service_subnet: str
    pod_subnet: str
    dns_domain: str
    programs: dict
    shared: dict
    scheduler_config: dict
    extra_args: dict
    renew_before_days: int
    data_dir: str
    timeout: int
    remove_data: bool = False
    pods: bool = False
    images: dict = field(default_factory=dict)
    schedulable: bool = False
    key_algorithm: str = "RSA-2048"
    problems: list = field(default_factory=list)

    @property
    def first(self):
        """Whether this node begins the cluster; the others join it."""
        return not self.members or self.members[0][0] == self.name

    @property
    def address(self):
        """That of this node."""
        return dict(self.members).get(self.name, "")

    @property
    def server(self):
        """Where clients find the API server."""
        return "https://%s" % joined(*self.endpoint)

    @property
    def local(self):
        """This node's own API server."""
        return "https://%s" % joined(self.address, self.port)

    def binary(self, name):
        """The path of the file that a program is."""
        return "%s/%s" % (BIN, self.programs.get(name, {}).get("binary") or name)


def joined(host, port):
    """host:port, an IPv6 address in brackets."""
    return "[%s]:%d" % (host, port) if ":" in host else "%s:%d" % (host, port)


def is_address(text):
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read(params):
    """Wanted. Raises ProblemsError with all faults."""
    members = [(one["name"], one["address"]) for one in params["members"]]
    found = [
        Problem(key, "is missing", "Write it")
        for key in ("version", "name", "members")
        if not params[key] and params["state"] == "present"
    ]
    found += _members(members, params["name"]) + _networks(params) + _arguments(params) + _numbers(params)
    found += _pods(params)
    host, port = _endpoint(params["endpoint"], members, params["port"], found)
    if found:
        raise ProblemsError(found, where="control_plane")
    return Wanted(
        version=(params["version"] or "").lstrip("v"),
        name=params["name"] or "",
        members=members,
        endpoint=(host, port),
        port=params["port"],
        names=sorted(set(params["certificate_names"])),
        service_subnet=params["service_subnet"],
        pod_subnet=params["pod_subnet"],
        dns_domain=params["dns_domain"],
        programs=params["programs"],
        shared=params["shared"],
        scheduler_config=params["scheduler_config"],
        extra_args=params["extra_args"],
        renew_before_days=params["renew_before_days"],
        data_dir=params["etcd_data_dir"].rstrip("/"),
        timeout=params["timeout"],
        remove_data=params["remove_etcd_data"],
        pods=params["mode"] == "static-pods",
        images=_images(params["images"]),
        schedulable=params["schedulable"],
        key_algorithm=params["key_algorithm"],
    )


def _images(names):
    """{component: name} of what kubeadm config images list tells, with whatever else it lists."""
    return {name.rsplit("/", 1)[-1].partition(":")[0]: name for name in names}


def _pods(params):
    """What static pods need."""
    if params["mode"] != "static-pods" or params["state"] == "absent":
        return []
    lacking = [name for name in COMPONENTS if "/" not in _images(params["images"]).get(name, "")]
    found = [Problem("images", "there is none for %s" % name, "Take kubeadm config images list") for name in lacking]
    if not lacking and len({_images(params["images"])[name].rpartition("/")[0] for name in COMPONENTS}) > 1:
        found.append(Problem("images", "are not of one repository", "Take kubeadm config images list"))
    return found


def _members(members, name):
    found = []
    for number, (member, address) in enumerate(members):
        path = "members[%d]" % number
        if not NAME.match(member):
            found.append(Problem(path + ".name", "is no name of a node", "Lower case, digits, - and .", member))
        if not is_address(address):
            found.append(Problem(path + ".address", "is no IP address", "Write one of the node", address))
        elif ipaddress.ip_address(address).is_loopback or ipaddress.ip_address(address).is_unspecified:
            what = "others cannot reach it"
            found.append(
                Problem(path + ".address", what, "Write the node's address in the management network", address)
            )
    if len({member for member, dummy in members}) < len(members):
        found.append(Problem("members", "a name is there twice", "Name each node once"))
    if len({address for dummy, address in members}) < len(members):
        found.append(Problem("members", "an address is there twice", "Give each node its own"))
    if members and name and name not in dict(members):
        known = ", ".join(member for member, dummy in members)
        found.append(Problem("name", "is not among the members", "Write one of %s" % known, name))
    if members and len(members) not in (1, 3):
        what = "%d members; etcd outlives the loss of one only with three" % len(members)
        found.append(Problem("members", what, "Take one or three"))
    return found


def _networks(params):
    nets, found = {}, []
    for key in ("service_subnet", "pod_subnet"):
        try:
            nets[key] = ipaddress.ip_network(params[key])
        except ValueError as error:
            found.append(Problem(key, "is no network: %s" % error, "Write one such as 10.96.0.0/16", params[key]))
    if len(nets) == 2 and _overlap(*nets.values()):
        found.append(Problem("pod_subnet", "overlaps service_subnet", "Take another one", params["pod_subnet"]))
    for number, one in enumerate(params["members"]):
        for key, net in nets.items():
            if is_address(one["address"]) and ipaddress.ip_address(one["address"]) in net:
                what = "lies in %s %s" % (key, net)
                found.append(Problem("members[%d].address" % number, what, "Take another network", one["address"]))
    for number, name in enumerate(params["certificate_names"]):
        if not (is_address(name) or NAME.match(name)):
            path = "certificate_names[%d]" % number
            found.append(Problem(path, "is neither an address nor a DNS name", "Write one of them", name))
    return found


def _overlap(one, other):
    return one.version == other.version and one.overlaps(other)


def _arguments(params):
    found = []
    for component, flags in params["extra_args"].items():
        path = "extra_args.%s" % component
        if component not in COMPONENTS:
            found.append(Problem(path, "there is no such component", "One of %s" % ", ".join(COMPONENTS)))
        elif not isinstance(flags, dict):
            found.append(Problem(path, "is no {flag: value}", "Write one such as {v: 4}", flags))
        else:
            found += [
                Problem("%s.%s" % (path, flag), "is no flag", "Write it without dashes in front")
                for flag in flags
                if not FLAG.match(str(flag))
            ]
    for name, one in params["programs"].items():
        if not isinstance(one, dict) or not isinstance(one.get("binary"), str) or "/" in one["binary"]:
            what = "is no {binary: name of a file in %s, sha256: digest}" % BIN
            found.append(Problem("programs.%s" % name, what, "Take what cluster_artifacts tells"))
    return found


def _numbers(params):
    found = []
    for key, least, most in (("port", 1, 65535), ("renew_before_days", 0, 364), ("timeout", 5, 3600)):
        if not least <= params[key] <= most:
            found.append(Problem(key, "is not from %d to %d" % (least, most), "Write such a number", params[key]))
    return found


def _endpoint(text, members, port, found):
    """(host, port); the first member's address by default."""
    if not text:
        return (members[0][1] if members else "", port)
    hit = re.match(r"(?:\[([0-9a-fA-F:]+)\]|([^:\[\]]+))(?::(\d+))?\Z", text)
    host = (hit.group(1) or hit.group(2)) if hit else text
    if not is_address(host) and not (hit and NAME.match(host)):
        found.append(Problem("endpoint", "is no address or name, with or without a port", "10.0.0.5:6443", text))
        return text, port
    return host, int(hit.group(3) or port) if hit else port
