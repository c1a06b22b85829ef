# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a person is told of a control plane: when certificates end, and what outlives the loss of a node."""

from __future__ import annotations

import time

from . import certificates


def notes(state, asked):
    """Keys of the result."""
    ends = {name: date(one.until) for name, one in state.certificates.items() if one}
    confs = {name: one.certificate for name, one in state.kubeconfigs.items() if one}
    ends.update({name + ".conf": date(one.until) for name, one in confs.items() if one})
    return {
        "certificates": ends,
        "highly_available": _available(asked),
        "warnings": _warnings(state, asked),
    }


def date(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _available(asked):
    """Sentences: what of this control plane outlives the loss of one node."""
    host = asked.endpoint[0]
    names = {address: name for name, address in asked.members}
    if len(asked.members) == 1:
        return ["one control-plane node: nothing of it outlives the loss of %s" % asked.members[0][0]]
    said = ["etcd, API server, controller manager and scheduler outlive the loss of one of three nodes"]
    if host in names:
        said.append(
            "the endpoint %s is that of %s: while it is away, nodes and clients reach no API server; "
            "a virtual address or a load balancer before all three mends that" % (asked.server, names[host])
        )
    else:
        said.append("the endpoint %s must be kept before all three by somebody else" % asked.server)
    return said


def _warnings(state, asked):
    """Texts: CAs are not renewed by anybody, and an endpoint on one of three nodes is a weak point."""
    old = [
        "%s ends on %s; kubeadm renews no CA" % (certificates.path(name), date(one.until))
        for name, one in state.certificates.items()
        if one and name in certificates.CAS and one.until - state.now < asked.renew_before_days * 86400
    ]
    weak = len(asked.members) > 1 and asked.endpoint[0] in {address for dummy, address in asked.members}
    return old + (_available(asked)[1:] if weak else [])
