# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files of NFS storage on a node: the provisioner's unit, and what a server exports. Pure."""

from __future__ import annotations

import hashlib
import re

from ..errors import Problem
from ..own_files import LINK

UNIT = "gedge-nfs-provisioner.service"
UNIT_PATH = "/etc/systemd/system/" + UNIT
WANTS_PATH = "/etc/systemd/system/multi-user.target.wants/" + UNIT
KUBECONFIG = "/etc/gedge-nfs-provisioner.kubeconfig"
EXPORTS = "/etc/exports.d/gedge.exports"
OF_PROVISIONER = (KUBECONFIG, UNIT_PATH, WANTS_PATH)
DIGEST = "GEDGE_READ"
CLIENT = re.compile(r"[A-Za-z0-9*?@][A-Za-z0-9.:/*?@_-]*")
OPTIONS = re.compile(r"[a-z0-9_]+(=[A-Za-z0-9.:/_-]+)?(,[a-z0-9_]+(=[A-Za-z0-9.:/_-]+)?)*")
FOLDER = re.compile(r"(/[A-Za-z0-9._+-]+)+")
NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?")
TEXT = """\
# Made by gedge.engine.nfs_storage; it goes with state: absent.
[Unit]
Description=NFS volumes for claims (gedge.engine)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
# What it has read: another value means that it must start anew.
Environment=%(digest)s
# Shares are mounted below this folder, for nobody else to see. So nothing stays mounted, and systemd, which empties
# the folder, never sees data of a share.
RuntimeDirectory=gedge-nfs
PrivateMounts=yes
ExecStart=%(program)s -name %(name)s -kubeconfig %(kubeconfig)s -folder /run/gedge-nfs
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
"""


def problems(provisioner, export):
    """[Problem] of the options, whatever the node is like."""
    if provisioner and not NAME.fullmatch(provisioner["name"]):
        yield Problem("provisioner.name", "is no name", "Write one such as gedge.io/nfs", provisioner["name"])
    if provisioner and not FOLDER.fullmatch(provisioner["program"]):
        yield Problem("provisioner.program", "is no absolute path", "Write where it is", provisioner["program"])
    if not export:
        return
    folder = export["folder"]
    if not FOLDER.fullmatch(folder) or ".." in folder.split("/"):
        what = "is no absolute path of letters, digits and ._+-"
        yield Problem("export.folder", what, "Write one such as /srv/gedge", folder)
    if not export["clients"]:
        yield Problem("export.clients", "is empty, so nobody could mount it", "Name the nodes' networks")
    for index, client in enumerate(export["clients"]):
        if not CLIENT.fullmatch(client):
            what = "is no address, network or name"
            yield Problem("export.clients[%d]" % index, what, "Write one such as 192.0.2.0/24", client)
    if not OPTIONS.fullmatch(export["options"]):
        yield Problem("export.options", "are none of exports(5)", "Write them with commas", export["options"])


def exports(export):
    """Text of what the server exports."""
    clients = " ".join("%s(%s)" % (client, export["options"]) for client in export["clients"])
    return "# Made by gedge.engine.nfs_storage; it goes with state: absent.\n%s %s\n" % (export["folder"], clients)


def folder_of(text):
    """The folder that such a text exports, "" for none."""
    rows = [line for line in (text or "").splitlines() if line.startswith("/")]
    return rows[0].split(" ")[0] if rows else ""


def unit(provisioner, kubeconfig):
    """{path: text} of the unit and of the link that starts it at boot."""
    values = {
        "digest": "%s=%s" % (DIGEST, digest(kubeconfig)),
        "program": provisioner["program"],
        "name": provisioner["name"],
        "kubeconfig": KUBECONFIG,
    }
    return {UNIT_PATH: TEXT % values, WANTS_PATH: LINK + "../" + UNIT}


def digest(kubeconfig):
    """What the program reads when it starts, in one word."""
    return hashlib.sha256(kubeconfig.encode()).hexdigest()[:16]
