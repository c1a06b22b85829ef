# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Names that must come out the same each time: of the lab, its folder, its MAC addresses and UUIDs."""

from __future__ import annotations

import hashlib
import os
import uuid

PARENT = "/var/tmp"


def lab_id(testbed_file, name="main"):
    """8 hex digits for one testbed file and one lab name: two checkouts or two names never collide."""
    text = "%s:%s" % (os.path.realpath(testbed_file), name or "main")
    return hashlib.sha1(text.encode()).hexdigest()[:8]


def lab_dir(testbed_file, name="main"):
    """Where that lab keeps everything that runs. Short, since a unix socket's path holds 107 bytes."""
    return os.path.join(PARENT, "gedge-lab-" + lab_id(testbed_file, name))


def mac(folder, node, index):
    """The MAC address of a VM's NIC port: locally administered, stable, unique per lab, node and port."""
    digest = hashlib.sha1(("%s:%s" % (folder, node)).encode()).hexdigest()
    return "52:54:%s:%s:%s:%02x" % (digest[0:2], digest[2:4], digest[4:6], index)


def machine_uuid(folder, node):
    """The UUID that a VM's firmware shows."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "%s:%s" % (folder, node)))
