# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Who is in etcd's cluster, and how a member begins one or joins."""

from __future__ import annotations

import time

from ..errors import EngineError
from . import https, units
from .flags import PKI
from .wanted import joined

PORT, PEER_PORT = 2379, 2380
CA = PKI + "/etcd/ca.crt"
PAIR = (PKI + "/etcd/healthcheck-client.crt", PKI + "/etcd/healthcheck-client.key")


def peer(address):
    """The URL by which the other members reach one."""
    return "https://%s" % joined(address, PEER_PORT)


def has_data(system, wanted):
    """Whether this node's etcd has been in a cluster: then it knows the others by itself."""
    return any(name.endswith(".wal") for name in system.list(wanted.data_dir + "/member/wal"))


def members(system, address):
    """[{"id", "name", "peers", "learner"}] as a member tells them. Raises EngineError."""
    said = https.post(system, address, PORT, "/v3/cluster/member/list", {}, CA, PAIR)
    return [
        {
            "id": one["ID"],
            "name": one.get("name", ""),
            "peers": list(one.get("peerURLs", ())),
            "learner": bool(one.get("isLearner")),
        }
        for one in said.get("members", ())
    ]


def first_start(wanted, others):
    """What etcd is told when it starts for the first time. others: [(name, peer URL)] of the members that are there."""
    rows = sorted(others) + [(wanted.name, peer(wanted.address))]
    state = "existing" if others else "new"
    cluster = ",".join("%s=%s" % row for row in rows)
    return "ETCD_INITIAL_CLUSTER=%s\nETCD_INITIAL_CLUSTER_STATE=%s\n" % (cluster, state)


def as_flags(text):
    """What first_start() tells, as {flag: value}: a static pod has no environment of ours."""
    rows = (line.split("=", 1) for line in (text or "").splitlines())
    return {name[len("ETCD_") :].lower().replace("_", "-"): value for name, value in rows}


def begin(system, wanted):
    """Have etcd begin a cluster of its own when it starts."""
    _prepare(system, wanted, [])


def join(system, wanted):
    """Make this node a member, and have etcd join when it starts. What an earlier life of the node or a killed run has
    left in the cluster goes first: etcd would take it for somebody else."""
    through = _reachable(system, wanted)
    own = peer(wanted.address)
    for one in members(system, through):
        if own in one["peers"] or one["name"] == wanted.name:
            _change(system, through, "remove", {"ID": one["id"]})
    others = [(one["name"], one["peers"][0]) for one in members(system, through)]
    if any(not name for name, dummy in others):
        what = "a member has been added and has never started"
        raise EngineError(what, "etcd", "Have the other control-plane nodes finish first, one at a time")
    # As a learner it has no vote: where it does not come up, the others go on as before.
    _change(system, through, "add", {"peerURLs": [own], "isLearner": True})
    _prepare(system, wanted, others)


def promote(system, wanted):
    """Give this node's member its vote, where it has none yet and knows enough; else nothing happens."""
    try:
        through = _reachable(system, wanted)
        for one in members(system, through):
            if one["learner"] and peer(wanted.address) in one["peers"]:
                _change(system, through, "promote", {"ID": one["id"]})
    except EngineError:
        pass  # it is asked again until the time is over


def leave(system, wanted):
    """Take this node out of the cluster, if others stay in it."""
    try:
        through = _reachable(system, wanted)
    except EngineError:
        return  # it is the last one
    own = [one for one in members(system, through) if peer(wanted.address) in one["peers"]]
    if own:
        _change(system, through, "remove", {"ID": own[0]["id"]})


def set_aside(system, wanted, clock):
    """Move data that a failed run has begun out of the way; nobody's data is ever removed by that."""
    place = "%s.failed-%s" % (wanted.data_dir, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock.time())))
    system.run(["mv", "-T", wanted.data_dir, place])


def _reachable(system, wanted):
    """The address of a member other than this one that answers."""
    fault = EngineError("there is no other member", "etcd", "Name all control-plane nodes in members")
    for name, address in wanted.members:
        if name != wanted.name:
            try:
                members(system, address)
                return address
            except EngineError as error:
                fault = error
    raise fault


def _change(system, address, verb, body):
    return https.post(system, address, PORT, "/v3/cluster/member/" + verb, body, CA, PAIR)


def _prepare(system, wanted, others):
    system.run(["install", "-d", "-m", "0700", wanted.data_dir])
    system.write_file(units.FIRST_START, first_start(wanted, others), 0o600)
