# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files by which the filter is there before the network is, at every boot, and outlives nftables.service."""

from __future__ import annotations

from ..own_files import LINK

RULES = "/etc/gedge/ingress.nft"
NAME = "gedge-ingress.service"
UNITS = "/etc/systemd/system"
UNIT = "%s/%s" % (UNITS, NAME)
WANT = "%s/sysinit.target.wants/%s" % (UNITS, NAME)
DROP_IN = "%s/nftables.service.d/gedge-ingress.conf" % UNITS
PATHS = (RULES, UNIT, WANT, DROP_IN)
# Those that we make; others may have files in them too.
FOLDERS = tuple(path.rsplit("/", 1)[0] for path in (RULES, WANT, DROP_IN))
LOAD = "/usr/sbin/nft -f %s" % RULES

UNIT_TEXT = (
    """\
# Written by gedge.engine.
[Unit]
Description=Ingress filter of the data networks (gedge.engine)
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
# Its /etc/nftables.conf begins by flushing every table.
After=nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=%s

[Install]
WantedBy=sysinit.target
"""
    % LOAD
)

# '-': that unit is not to fail for ours.
DROP_IN_TEXT = """\
# Written by gedge.engine: /etc/nftables.conf flushes every table, the filter of the data networks too.
[Service]
ExecStartPost=-%s
ExecReload=-%s
ExecStopPost=-%s
""" % (LOAD, LOAD, LOAD)


def files(text):
    """{path: text} that shall be there for a ruleset, {} for "" (no filter)."""
    if not text:
        return {}
    return {RULES: text, UNIT: UNIT_TEXT, WANT: LINK + UNIT, DROP_IN: DROP_IN_TEXT}
