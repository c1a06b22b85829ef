# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kernel's values that this subsystem sets, each one file with a text: where they are and when two are the same.

{path: text} is the form everywhere: what is, what is asked for, what was before.
"""

from __future__ import annotations

import errno
import re

from .. import cpuset
from ..errors import EngineError

IRQS = "/proc/irq"
DEFAULT_AFFINITY = IRQS + "/default_smp_affinity"
SYSCTLS = "/proc/sys"
CPUS = "/sys/devices/system/cpu"
NODES = "/sys/devices/system/node"
NO_NODES = "/sys/kernel/mm/hugepages"
PAGES = re.compile(r"(?:node(\d+)/hugepages|mm/hugepages)/hugepages-(\d+)kB/nr_hugepages$")
IRQ = re.compile(r"^/proc/irq/(\d+)/smp_affinity_list$")
# Files of an IRQ's folder; what else is there names those that use it.
OF_IRQ = {"affinity_hint", "effective_affinity", "effective_affinity_list", "node", "smp_affinity"}
OF_IRQ |= {"smp_affinity_list", "spurious"}
COMPACT, DROP_CACHES = SYSCTLS + "/vm/compact_memory", SYSCTLS + "/vm/drop_caches"


def same(path, one, two):
    """True where two texts of that file mean the same."""
    if path == DEFAULT_AFFINITY:
        return mask_cpus(one) == mask_cpus(two)
    if IRQ.match(path):
        return cpuset.parse(one) == cpuset.parse(two)
    return one.split() == two.split()


def mask_cpus(text):
    """ "f" -> [0, 1, 2, 3]: the CPUs of a hexadecimal mask, in groups of 32 bits where there are more."""
    bits = int(text.replace(",", "") or "0", 16)
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def mask(cpus):
    """[0, 1] -> "3", in groups of eight digits as the kernel takes it."""
    digits = "%x" % sum(1 << number for number in set(cpus))
    groups = []
    while digits:
        digits, group = digits[:-8], digits[-8:]
        groups.insert(0, group)
    return ",".join(groups)


def sysctl_path(key):
    """ "net.ipv4.ip_forward" -> its file. A slash before the first dot means that slashes part the words."""
    cut = re.search(r"[./]", key)
    swap = cut and cut.group() == "."
    return "%s/%s" % (SYSCTLS, key.translate(str.maketrans("./", "/.")) if swap else key)


def sysctl_key(path):
    """The inverse of sysctl_path, as sysctl shows it."""
    return path[len(SYSCTLS) + 1 :].translate(str.maketrans("./", "/."))


def pages_path(system, node, size_kib):
    """The file with the number of hugepages of a size on a NUMA node."""
    folder = "%s/node%d/hugepages" % (NODES, node) if system.exists(NODES + "/node0") else NO_NODES
    return "%s/hugepages-%dkB/nr_hugepages" % (folder, size_kib)


def all_pages(system):
    """Paths of all files with a number of hugepages."""
    nodes = [name for name in system.list(NODES) if re.fullmatch(r"node\d+", name)]
    folders = ["%s/%s/hugepages" % (NODES, name) for name in nodes] or [NO_NODES]
    return ["%s/%s/nr_hugepages" % (folder, size) for folder in folders for size in system.list(folder)]


def governors(system):
    """{path: (text, [those to choose from])} of each CPU that has a governor."""
    found = {}
    for name in system.list(CPUS):
        folder = "%s/%s/cpufreq" % (CPUS, name)
        text = system.read(folder + "/scaling_governor") if re.fullmatch(r"cpu\d+", name) else None
        if text is not None:
            found[folder + "/scaling_governor"] = (
                text,
                (system.read(folder + "/scaling_available_governors") or "").split(),
            )
    return found


def irqs(system):
    """{number: (name, affinity)} of all IRQs. name: of those that use it, "" for none."""
    found = {}
    for number in sorted(int(name) for name in system.list(IRQS) if name.isdigit()):
        affinity = system.read(irq_path(number))
        if affinity is not None:
            users = [name for name in system.list("%s/%d" % (IRQS, number)) if name not in OF_IRQ]
            found[number] = (" ".join(users), affinity)
    return found


def irq_path(number):
    """The file with an IRQ's CPUs."""
    return "%s/%d/smp_affinity_list" % (IRQS, number)


def takes_affinity(system, number):
    """False where the kernel lets nobody set this IRQ's CPUs: managed ones, the timer's.

    Asked by a word that is no list: a managed IRQ answers EIO or EPERM before the kernel reads it, any other EINVAL.
    So nothing is changed (kernel/irq/proc.c, write_irq_affinity)."""
    try:
        system.write_kernel(irq_path(number), "x")
    except EngineError as error:
        return getattr(error.__cause__, "errno", None) not in (errno.EIO, errno.EPERM, errno.EACCES)
    return True


def set_pages(system, path, count):
    """Make a number of hugepages; where memory is in pieces, let the kernel join them, and try again."""
    for attempt in range(3):
        system.write_kernel(path, count)
        got = int(system.read(path) or 0)
        if got == int(count):
            return
        if attempt < 2:
            system.write_kernel(DROP_CACHES, "3")
            system.write_kernel(COMPACT, "1")
    node, size = PAGES.search(path).groups()
    raise EngineError(
        "%d of %s pages of %s KiB on NUMA node %s could be had, also after its caches were dropped and memory was "
        "compacted; the write was taken (rc 0)" % (got, count, size, node or 0),
        path,
        "Memory is in pieces or in use: ask before services run, for fewer, or reboot after stopping them",
    )
