# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files that bring the values back at boot, each by the distribution's own means.

- Sysctls: sysctl.d.
- Hugepages: tmpfiles.d, whose service writes them before anything else takes memory, and knows each NUMA node's file;
  sysctl.d knows only their sum.
- IRQs and governors appear with their drivers, some of which choose CPUs of their own when a link comes up: one unit
  after the network and before the kubelet. Not irqaffinity=: those drivers pay no heed to it, and it needs a reboot.
- irqbalance, where it runs, is told the CPUs to leave alone, so that it does not undo what is set here.
"""

from __future__ import annotations

import re

from .. import cpuset
from ..own_files import LINK
from . import knobs

SYSCTL = "/etc/sysctl.d/99-gedge.conf"
TMPFILES = "/etc/tmpfiles.d/gedge-tuning.conf"
UNIT = "/etc/systemd/system/gedge-tuning.service"
WANTS = "/etc/systemd/system/multi-user.target.wants/gedge-tuning.service"
BALANCE = "/etc/systemd/system/irqbalance.service.d/gedge.conf"
ALL = (SYSCTL, TMPFILES, UNIT, WANTS, BALANCE)
FOLDERS = ("/etc/systemd/system/irqbalance.service.d",)
HEAD = "# Made by gedge.engine.tuning; it goes with state: absent.\n"
SYSCTL_FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
SERVICE = """\
[Unit]
Description=IRQ affinity and CPU governor (gedge.engine.tuning)
Wants=network-online.target
After=network-online.target systemd-modules-load.service irqbalance.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
# Drivers that still start bring interrupts, and some set them themselves.
ExecStartPre=-/usr/bin/udevadm settle --timeout=120
%s
[Install]
WantedBy=multi-user.target
"""
# The default first: an IRQ that appears in between is either new enough to follow it or old enough to be listed.
AFFINITY = """\
# What the kernel does not let anybody move (managed IRQs) is left as it is.
ExecStart=/bin/sh -c 'echo %s > /proc/irq/default_smp_affinity; \\
  for f in /proc/irq/[0-9]*/smp_affinity_list; do echo %s 2>/dev/null > "$$f"; done; exit 0'
"""
GOVERNOR = """\
ExecStart=/bin/sh -c \\
  'for f in /sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor; do echo %s > "$$f"; done; exit 0'
"""
ASSIGNMENT = re.compile(r"^\s*-?([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$")


def wanted(pages, sysctls, housekeeping, governor, balance):
    """{path: text}. pages: {nr_hugepages file: text}; sysctls: {file: text}; housekeeping: CPUs for IRQs, [] where none
    are isolated; governor: "" for none; balance: isolated CPUs where irqbalance runs, else []."""
    texts = {}
    if sysctls:
        rows = sorted((knobs.sysctl_key(path), value) for path, value in sysctls.items())
        texts[SYSCTL] = HEAD + "".join("%s = %s\n" % row for row in rows)
    if pages:
        texts[TMPFILES] = HEAD + "".join("w %s - - - - %s\n" % row for row in sorted(pages.items()))
    starts = AFFINITY % (knobs.mask(housekeeping), cpuset.render(housekeeping)) if housekeeping else ""
    starts += GOVERNOR % governor if governor else ""
    if starts:
        texts.update({UNIT: HEAD + SERVICE % starts, WANTS: LINK + "../gedge-tuning.service"})
    if balance:
        texts[BALANCE] = "%s[Service]\nEnvironment=IRQBALANCE_BANNED_CPULIST=%s\n" % (HEAD, cpuset.render(balance))
    return texts


def banned(texts):
    """The CPUs that {path: text} tells irqbalance to leave alone, "" for none."""
    return texts[BALANCE].rpartition("=")[2].strip() if BALANCE in texts else ""


def later_sysctls(system):
    """[(file, path below /proc/sys, text)] of what is read after our file at boot, and so would win."""
    files = {}
    for folder in reversed(SYSCTL_FOLDERS):
        files.update({name: "%s/%s" % (folder, name) for name in system.list(folder) if name.endswith(".conf")})
    rows = []
    for name, path in sorted(files.items()):
        if name > SYSCTL.rsplit("/", 1)[1]:
            hits = map(ASSIGNMENT.match, (system.read(path) or "").splitlines())
            rows += [(path, knobs.sysctl_path(hit.group(1)), hit.group(2)) for hit in hits if hit]
    return rows
