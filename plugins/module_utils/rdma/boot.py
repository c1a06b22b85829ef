# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files that make RDMA come back at boot. Pure: files out, nothing touched.

modules-load.d and modprobe.d load the drivers and set the namespace mode before anything that has namespaces; a unit
made from a template adds each soft-RoCE device when its network device is there (rdma-core has nothing for that); a
udev rule starts it where the network device comes later, such as a VF that was made anew, or at the end of a boot that
was so slow that systemd has stopped waiting for it."""

from __future__ import annotations

from ..own_files import LINK

UNITS = "/etc/systemd/system"
WANTS = UNITS + "/multi-user.target.wants"
LOAD = "/etc/modules-load.d/gedge-rdma.conf"
OPTIONS = "/etc/modprobe.d/gedge-rdma.conf"
LIMITS = "/etc/security/limits.d/gedge-rdma.conf"
RULES = "/etc/udev/rules.d/90-gedge-rxe.rules"
TEMPLATE = "gedge-rxe@.service"
RXE_LINK = "gedge-rxe@"
ROCE = "gedge-roce-"
DROP_IN = "gedge-rdma.conf"
HEAD = "# Written by the gedge.engine rdma module; changes here are lost.\n"
RXE = "rxe_"
SHARED = {"shared": 1, "exclusive": 0}  # values of ib_core's netns_mode
RXE_UNIT = (
    HEAD
    + """[Unit]
Description=Soft-RoCE over %I
BindsTo=sys-subsystem-net-devices-%i.device
After=sys-subsystem-net-devices-%i.device systemd-modules-load.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
# It may be there already, made by the module itself.
ExecCondition=/usr/bin/test ! -e /sys/class/infiniband/rxe_%I
ExecStart=rdma link add rxe_%I type rxe netdev %I

[Install]
WantedBy=multi-user.target
"""
)
ROCE_UNIT = """[Unit]
Description=RoCE quality of service of %(name)s
BindsTo=%(device)s
After=%(device)s gedge-rxe@%(instance)s.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
%(lines)s

[Install]
WantedBy=multi-user.target
"""


def device_of(interface):
    """The name of the soft-RoCE device over a network device: at most 19 of the 63 characters that the kernel takes."""
    return RXE + interface


def files(modules, netns, rxe, memlock, services):
    """{path: text}. modules: names to load; rxe: names of network devices; memlock: KiB, "unlimited" or None."""
    made = {}
    if modules:
        made[LOAD] = HEAD + "".join(name + "\n" for name in modules)
    if netns:
        made[OPTIONS] = HEAD + "options ib_core netns_mode=%d\n" % SHARED[netns]
    if rxe:
        made["%s/%s" % (UNITS, TEMPLATE)] = RXE_UNIT
    for name in rxe:
        made["%s/%s%s.service" % (WANTS, RXE_LINK, escape(name))] = LINK + "../" + TEMPLATE
    if memlock:
        made[LIMITS] = HEAD + "".join("%s - memlock %s\n" % (who, memlock) for who in ("*", "root"))
        made.update({"%s/%s.d/%s" % (UNITS, unit, DROP_IN): _drop_in(memlock) for unit in services})
    return made


def rules(rxe, roce):
    """{path: text} of the udev rule. rxe, roce: names of network devices that have such a unit."""
    lines = [_rule(name, "%s%s.service" % (RXE_LINK, escape(name))) for name in sorted(rxe)]
    lines += [_rule(name, "%s%s.service" % (ROCE, escape(name))) for name in sorted(roce)]
    return {RULES: HEAD + "".join(lines)} if lines else {}


def roce_files(interface, commands):
    """{path: text} of the unit that sets RoCE's quality of service at boot. commands: lists of words, at least one."""
    name = "%s%s.service" % (ROCE, escape(interface))
    words = {
        "name": interface,
        "device": "sys-subsystem-net-devices-%s.device" % escape(interface),
        "instance": escape(interface),
        "lines": "\n".join("ExecStart=" + " ".join(command) for command in commands),
    }
    return {"%s/%s" % (UNITS, name): HEAD + ROCE_UNIT % words, "%s/%s" % (WANTS, name): LINK + "../" + name}


def is_ours(path):
    """True for a path that files() or roce_files() may make."""
    folder, name = path.rsplit("/", 1)
    if path in (LOAD, OPTIONS, LIMITS, RULES):
        return True
    if folder in (UNITS, WANTS):
        return name.startswith((RXE_LINK, ROCE)) and name.endswith(".service")
    return name == DROP_IN and folder.startswith(UNITS + "/") and folder.endswith(".service.d")


def escape(name):
    """As systemd-escape does with the name of a network device: "-" is "/" in the name of a unit."""
    return name.replace("-", "\\x2d")


def _rule(name, unit):
    words = 'ACTION=="add|move", SUBSYSTEM=="net", NAME=="%s", TAG+="systemd", ENV{SYSTEMD_WANTS}+="%s"\n'
    return words % (name, unit.replace("\\", "\\\\"))


def _drop_in(memlock):
    limit = "infinity" if memlock == "unlimited" else "%sK" % memlock
    return HEAD + "[Service]\nLimitMEMLOCK=%s\n" % limit
