# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a guest image consists of: packages, files and switches, and the hash by which it is cached. Pure."""

from __future__ import annotations

import hashlib
import inspect
import json

from . import guest_bytecode

# The full kernel: the cloud kernel has no igb, igbvf, 8021q, rdma_rxe, vfio-pci or IOMMU.
PACKAGES = (
    "systemd systemd-sysv udev dbus kmod linux-image-amd64 initramfs-tools zstd grub-pc-bin grub2-common grub-common "
    "openssh-server sudo python3 python3-apt ca-certificates procps less "
    "iproute2 iputils-ping ethtool nftables tcpdump iperf3 "
    "pciutils driverctl numactl hwloc-nox dmidecode nvme-cli "
    "rdma-core ibverbs-utils ibverbs-providers rdmacm-utils perftest"
).split()

# panic: under emulation a boot was seen to end in a panic of run-init; the next one was well.
KERNEL_ARGUMENTS = "console=ttyS0 intel_iommu=on iommu=pt panic=5"
GRUB_MODULES = (
    "biosdisk ext2 normal linux linux16 echo test search search_label search_fs_uuid search_fs_file serial terminal "
    "configfile ls cat gzio part_gpt part_msdos minicmd reboot halt loadenv sleep true all_video gfxterm"
).split()
DISK_GIB = 8

MASKED = (
    "apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer man-db.timer "
    "e2scrub_reap.service systemd-networkd-wait-online.service nvmf-autoconnect.service systemd-pstore.service "
    "systemd-rfkill.socket serial-getty@ttyS0.service getty@tty1.service iperf3.service"
).split()
ENABLED = ("systemd-networkd.service", "ssh.service", "gedge-lab-seed.service")

DPKG_OPTIONS = (
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
)

# These must lie there before the kernel package makes its initramfs.
EARLY_FILES = {
    "etc/initramfs-tools/conf.d/lab": "COMPRESS=zstd\nCOMPRESSLEVEL=3\nMODULES=list\nFSTYPE=ext4\n",
    "etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\next4\n",
    # There is no swap to resume from, so nothing to wait for.
    "etc/initramfs-tools/conf.d/resume": "RESUME=none\n",
}

SEED_SCRIPT = """#!/bin/sh
# The image is shared: this machine's name and key come from QEMU, by fw_cfg, at each boot.
set -eu
modprobe qemu_fw_cfg
given=/sys/firmware/qemu_fw_cfg/by_name/opt/gedge.engine
name=$(cat "$given/hostname/raw")
if [ "$(cat /etc/hostname)" != "$name" ]; then
    echo "$name" > /etc/hostname
    printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$name" > /etc/hosts
fi
echo "$name" > /proc/sys/kernel/hostname
mkdir -p -m 700 /root/.ssh
cat "$given/authorized_keys/raw" > /root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys
[ -s /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
"""

SEED_UNIT = """[Unit]
Description=Name and SSH key of this virtual node
DefaultDependencies=no
After=systemd-remount-fs.service
Before=sysinit.target network-pre.target ssh.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/gedge-lab-seed

[Install]
WantedBy=sysinit.target
"""

FILES = {
    "etc/hostname": "lab\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/fstab": "LABEL=root / ext4 defaults,noatime 0 0\n",
    "etc/resolv.conf": "nameserver 10.0.2.3\n",
    "etc/machine-id": "",
    "etc/systemd/network/10-mgmt.link": "[Match]\nOriginalName=*\nDriver=virtio_net\n[Link]\nName=mgmt0\n",
    "etc/systemd/network/10-mgmt.network": (
        "[Match]\nName=mgmt0\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n"
        "LinkLocalAddressing=no\nIPv6AcceptRA=no\n"
    ),
    # Drivers of the stand-ins, which have no work to do here.
    "etc/modprobe.d/lab.conf": "".join(
        "blacklist %s\n" % driver for driver in ("radeon", "amdgpu", "bochs", "pcspkr", "iTCO_wdt")
    ),
    "etc/default/grub": (
        'GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT=""\nGRUB_CMDLINE_LINUX="%s"\nGRUB_TERMINAL=serial\n'
        "GRUB_SERIAL_COMMAND=serial\nGRUB_DISABLE_OS_PROBER=true\n" % KERNEL_ARGUMENTS
    ),
    "etc/ssh/sshd_config.d/lab.conf": (
        "HostKey /etc/ssh/ssh_host_ed25519_key\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n"
        "UseDNS no\n"
    ),
    # A node has the lists of its packages, as an installed Debian has; fetching and reading them takes minutes here.
    "etc/apt/apt.conf.d/90lab": 'Acquire::Languages "none";\n',
    # Services in Go look for work on all CPUs, which are one thread of QEMU's: idle, kubelet and containerd took 39 s
    # of a minute on one node; told of one CPU, they take 23 s.
    "etc/systemd/system.conf.d/lab.conf": "[Manager]\nDefaultEnvironment=GOMAXPROCS=1\n",
    # Half of what a task of Ansible takes on an emulated CPU is compiling what it brings.
    "usr/lib/python3/dist-packages/gedge_lab_bytecode.py": inspect.getsource(guest_bytecode),
    "usr/lib/python3/dist-packages/gedge_lab_bytecode.pth": "import gedge_lab_bytecode; gedge_lab_bytecode.start()\n",
    "etc/systemd/system/gedge-lab-seed.service": SEED_UNIT,
    "usr/local/sbin/gedge-lab-seed": SEED_SCRIPT,
}
EXECUTABLE = ("usr/local/sbin/gedge-lab-seed",)

# What GRUB does before it reads the guest's own grub.cfg, see image.make_grub.
GRUB_EARLY = """serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
search --no-floppy --label root --set=root
set prefix=($root)/boot/grub
normal ($root)/boot/grub/grub.cfg
"""


def grub_cfg(kernel_version):
    """The first grub.cfg; update-grub in the guest replaces it."""
    return (
        "set timeout=0\nmenuentry lab {\n search --no-floppy --label root --set=root\n"
        " echo 'Loading Linux %s ...'\n linux /boot/vmlinuz-%s root=LABEL=root ro %s\n"
        " initrd /boot/initrd.img-%s\n}\n" % (kernel_version, kernel_version, KERNEL_ARGUMENTS, kernel_version)
    )


def recipe(suite, extra_packages=()):
    """Everything that decides what an image of a suite contains, JSON-able."""
    return {
        "suite": suite,
        "packages": sorted(set(PACKAGES) | set(extra_packages)),
        "early_files": EARLY_FILES,
        "files": FILES,
        "masked": list(MASKED),
        "enabled": list(ENABLED),
        "dpkg": list(DPKG_OPTIONS),
        "grub": [GRUB_EARLY, list(GRUB_MODULES), grub_cfg("")],
        "disk_gib": DISK_GIB,
    }


def digest(made):
    """The hash by which an image is cached: another recipe, another image."""
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16]
