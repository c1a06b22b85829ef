"""All of a node that the collection could change, as text by subject: to be compared with a later listing.

What the kernel or systemd changes by themselves while nobody does anything is left out, each for a reason.
"""

from __future__ import annotations

import json

# Folders that hold logs, caches, run-time state and what belongs to a boot.
NOT_FILES = (
    "/proc /sys /dev /run /tmp /var/tmp /var/log /var/cache /root /lost+found /var/lib/apt/lists /var/lib/systemd "
    "/var/lib/dpkg /var/backups /etc/.pwd.lock"
).split()
# Texts that are compared by content; elsewhere name, size, owner and mode do.
BY_CONTENT = "/etc /boot/grub /usr/local /var/lib/gedge"
# Linked by ldconfig and written again with the same content, or with the order of what was installed.
REGENERATED = ("/etc/ld.so.cache",)
FIND = (
    "find / -xdev {prune} -prune -o ! -type d -printf '%p %y %m %U:%G %s %l\\n' | sort;"
    " find {content} -xdev -type f 2>/dev/null | sort | xargs -d '\\n' sha256sum"
).format(prune="\\( " + " -o ".join("-path " + path for path in NOT_FILES) + " \\)", content=BY_CONTENT)
COMMANDS = {
    "files": FIND,
    "folders": "find /etc /var/lib /usr/local -type d ! -path '/var/lib/apt/*' ! -path '/var/lib/systemd/*' | sort",
    "packages": "dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n'",
    "kernel arguments": "cat /proc/cmdline",
    "rules": "ip rule; ip -6 rule",
    "routes": "(ip route show table all; ip -6 route show table all) | grep -v -e fe80 -e ff00 | sort",
    "nftables": "nft list ruleset",
    "rdma": "rdma system; rdma link 2>/dev/null",
    "huge pages": "grep -H . /sys/devices/system/node/node*/hugepages/*/nr_hugepages",
    "drivers": "find /sys/bus/pci/devices/*/ -maxdepth 1 -name driver -printf '%h %l\\n' | sort",
    "interrupts": "cat /proc/irq/default_smp_affinity",
    "units": "systemctl list-unit-files --no-legend --no-pager | awk '{print $1, $2}'",
    "failed units": "systemctl --failed --no-legend --plain",
    "namespaces": "ip netns list",
}
# Values that count or measure, and those that follow the number of threads or interfaces, or the free memory, at boot.
VOLATILE_SYSCTLS = (
    "kernel.random. fs.dentry-state fs.file-nr fs.inode-nr fs.inode-state kernel.ns_last_pid kernel.pty.nr "
    "net.netfilter.nf_conntrack_count fs.quota. kernel.perf_event_max_sample_rate kernel.perf_cpu_time kernel.tainted "
    "kernel.spl kernel.core_modes net.ipv4.tcp_fastopen_key vm.stat_refresh kernel.seccomp. fs.aio-nr fs.nr_open "
    "net.netfilter.nf_log vm.user_reserve_kbytes"
).split()
LINK_KEYS = ("ifname", "mtu", "master", "link", "linkinfo", "vfinfo_list", "address", "altnames", "group")


def listing(lab, node):
    """{subject: text} of a node."""
    found = {subject: lab.run(node, command, check=False, timeout=600).stdout for subject, command in COMMANDS.items()}
    found["files"] = "\n".join(line for line in found["files"].splitlines() if not _regenerated(line))
    found["sysctls"] = "\n".join(_sysctls(lab.run(node, "sysctl -a 2>/dev/null").stdout))
    found["links"] = "\n".join(sorted(map(_link, lab.json(node, "ip -j -d link show"))))
    found["addresses"] = "\n".join(sorted(_addresses(lab.json(node, "ip -j addr show"))))
    return found


def differences(before, after):
    """["subject: - line", "subject: + line"] of two listings."""
    found = []
    for subject, text in before.items():
        old, new = text.splitlines(), after[subject].splitlines()
        found += ["%s: - %s" % (subject, line) for line in old if line not in set(new)]
        found += ["%s: + %s" % (subject, line) for line in new if line not in set(old)]
    return found


def _regenerated(line):
    return any(path in line for path in REGENERATED)


def _sysctls(text):
    return sorted(line for line in text.splitlines() if not line.startswith(tuple(VOLATILE_SYSCTLS)))


def _link(link):
    return json.dumps({key: link[key] for key in LINK_KEYS if key in link}, sort_keys=True)


def _addresses(links):
    for link in links:
        for info in link["addr_info"]:
            if info["scope"] != "link":  # a link-local address comes and goes with the link
                yield "%s %s/%s" % (link["ifname"], info["local"], info["prefixlen"])
