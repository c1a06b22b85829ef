# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the services of all meshes say against each other: each has one mesh, one name for clients, one port."""

from __future__ import annotations


def check(groups, names, report):
    """groups: the MeshDrafts; names: {(namespace, name)} of all services, None where not all are known."""
    taken, hosts = {}, {}
    for group in groups:
        mine = {normal["service"] for dummy, normal in group.members}
        for part, normal in group.members:
            _once(group, part, normal, taken, report)
            _host(group, part, normal, (hosts, mine, names or ()), report)
        _ports(group, report)


def _once(group, part, normal, taken, report):
    """A service is in one mesh once."""
    key = (group.normal["namespace"], normal["service"])
    if "service" in part and key in taken:
        report.problem(part.at("service"), "is in a mesh already", "Name each service once", normal["service"])
    taken[key] = group


def _host(group, part, normal, known, report):
    """The name that clients call is a Service of its own: no other mesh and no other service has it."""
    hosts, mine, names = known
    key = (group.normal["namespace"], normal["name"])
    if "name" not in part:
        return
    if hosts.setdefault(key, group) is not group:
        other = hosts[key].normal["name"]
        report.problem(part.at("name"), "is a service of mesh %s, too" % other, "Choose another name", normal["name"])
    elif key in names and normal["name"] not in mine and (key[0], normal["service"]) in names:
        what = "is the name of a service that is not of this mesh"
        report.problem(part.at("name"), what, "Choose another name", normal["name"])


def _ports(group, report):
    """All versions are called at one port: it is that of the name above them."""
    first = {}
    for part, normal in group.members:
        version, port = first.setdefault(normal["name"], (normal["version"], normal["port"]))
        if port and normal["port"] and normal["port"] != port:
            what = "is called at port %d, and version %s at %d" % (normal["port"], version, port)
            report.problem(part.at("port"), what, "Give all versions of %s one port" % normal["name"], normal["port"])
