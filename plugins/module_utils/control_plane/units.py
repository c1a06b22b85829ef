# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The systemd units: one of each component, shut in as far as it works."""

from __future__ import annotations

from ..own_files import LINK
from . import config, flags
from .wanted import BIN, COMPONENTS

FOLDER = "/etc/systemd/system"
WANTS = FOLDER + "/multi-user.target.wants"
FIRST_START = "/run/gedge-etcd.env"
SERVICE = """\
%(head)s[Unit]
Description=%(description)s (gedge.engine.control_plane)
Wants=network-online.target
After=%(after)s
StartLimitIntervalSec=0

[Service]
Type=%(type)s
%(environment)sExecStart=%(command)s
Restart=always
RestartSec=1
TimeoutStartSec=infinity
LimitNOFILE=1048576
OOMScoreAdjust=-997
# What it may do and see. It runs as root, as kubeadm's static pods do, without any of root's capabilities.
CapabilityBoundingSet=
NoNewPrivileges=yes
UMask=0077
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
%(paths)s
[Install]
WantedBy=multi-user.target
"""
DESCRIPTIONS = {
    "etcd": "etcd, where the API server keeps its objects",
    "kube-apiserver": "Kubernetes API server",
    "kube-controller-manager": "Kubernetes controller manager",
    "kube-scheduler": "Kubernetes scheduler",
}
# systemd stops them the other way round: the API server before etcd.
AFTER = {"etcd": "", "kube-apiserver": " etcd.service"}
NOTIFIES = ("etcd", "kube-apiserver")
# Folders that a component has no business in.
HIDDEN = {"etcd": "", "kube-apiserver": "", "kube-controller-manager": "", "kube-scheduler": flags.PKI}


def path(component):
    """The unit's file."""
    return "%s/%s.service" % (FOLDER, component)


def wants(component):
    """The link that starts it at boot."""
    return "%s/%s.service" % (WANTS, component)


def files(wanted):
    """{path: text} of units, links, and what kubeadm and the scheduler read."""
    texts = {config.PATH: config.text(wanted)}
    if wanted.scheduler_config:
        texts[config.SCHEDULER] = config.scheduler(wanted)
    for component in COMPONENTS:
        texts[path(component)] = text(component, wanted)
        texts[wants(component)] = LINK + "../%s.service" % component
    return texts


def text(component, wanted):
    """The unit of a component."""
    hidden = HIDDEN[component]
    paths = "ReadWritePaths=%s\n" % wanted.data_dir if component == "etcd" else ""
    return SERVICE % {
        "head": config.HEAD,
        "description": DESCRIPTIONS[component],
        "after": "network-online.target" + AFTER.get(component, " kube-apiserver.service"),
        "type": "notify" if component in NOTIFIES else "simple",
        "environment": "EnvironmentFile=-%s\n" % FIRST_START if component == "etcd" else "",
        "command": command(component, flags.of(component, wanted)),
        "paths": paths + ("InaccessiblePaths=-%s\n" % hidden if hidden else ""),
    }


def command(component, values):
    """ExecStart= with one flag on a line."""
    words = ["%s/%s" % (BIN, component)] + ["--%s=%s" % item for item in sorted(values.items())]
    return " \\\n  ".join(_quoted(word) for word in words)


def _quoted(word):
    """As systemd reads it: % and $ have a meaning, and so have blanks, quotes and backslashes."""
    word = word.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$").replace('"', '\\"')
    return '"%s"' % word if any(sign in word for sign in " \t'\";\\") else word
