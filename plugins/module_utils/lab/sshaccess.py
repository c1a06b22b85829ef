# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""SSH into the nodes: the lab's own key, an ssh_config, and whether somebody answers."""

from __future__ import annotations

import os
import socket
import subprocess

from ..errors import EngineError

LOOPBACK = "127.0.0.1"
ENTRY = """Host %s
  HostName %s
  Port %d
"""
COMMON = """Host *
  User root
  IdentityFile %s
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
  ConnectTimeout 30
  ServerAliveInterval 15
"""


def key(folder):
    """The path of the lab's private key."""
    return os.path.join(folder, "id_ed25519")


def config_path(folder):
    """The path of the lab's ssh_config."""
    return os.path.join(folder, "ssh_config")


def make_key(system, folder):
    """Make the lab's key pair unless it is there."""
    if not os.path.exists(key(folder) + ".pub"):
        system.remove_file(key(folder))
        system.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "gedge-lab", "-f", key(folder)])


def config(folder, hosts):
    """The text of ssh_config for [(names, host, port)]; names: the node's name and its address in the testbed."""
    entries = [ENTRY % (" ".join(name for name in names if name), host, port) for names, host, port in hosts]
    return "\n".join(entries + [COMMON % key(folder)])


def free_port(wanted=None):
    """A port that is free on 127.0.0.1, the wanted one where it is."""
    for port in ([wanted] if wanted else []) + [0]:
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
                return probe.getsockname()[1]
            except OSError:
                continue
    raise EngineError("no free port", LOOPBACK)


def answers(port, wait=5.0, host=LOOPBACK):
    """True where an SSH server behind the port says who it is. QEMU itself accepts the connection at once."""
    try:
        with socket.create_connection((host, port), timeout=wait) as peer:
            return peer.recv(4) == b"SSH-"
    except OSError:
        return False


def command(folder, node, words):
    """The ssh command line for a node."""
    return ["ssh", "-n", "-F", config_path(folder), "-o", "BatchMode=yes", node] + list(words)


def login(folder, node, words, wait):
    """(rc, output) of a command on a node; rc None after `wait` seconds."""
    try:
        done = subprocess.run(
            command(folder, node, words), capture_output=True, text=True, errors="replace", timeout=wait, check=False
        )
    except subprocess.TimeoutExpired:
        return None, "no answer within %d s" % wait
    return done.returncode, (done.stdout + done.stderr).strip()


def close_masters(folder):
    """End the connections that Ansible keeps open (ControlPersist), so that none outlives its VM."""
    control = os.path.join(folder, "cp")
    for name in os.listdir(control) if os.path.isdir(control) else []:
        subprocess.run(
            ["ssh", "-o", "ControlPath=" + os.path.join(control, name), "-O", "exit", "node"],
            capture_output=True,
            check=False,
        )
