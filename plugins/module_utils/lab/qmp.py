# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A word with a running QEMU, over its QMP socket."""

from __future__ import annotations

import json
import socket


def execute(path, command, arguments=None, wait=5.0):
    """The answer ("return") to a QMP command, None where nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(wait)
            sock.connect(path)
            with sock.makefile("rw", encoding="utf-8") as stream:
                stream.readline()
                ask(stream, "qmp_capabilities")
                return ask(stream, command, arguments)
    except (OSError, ValueError):
        return None


def ask(stream, command, arguments=None):
    """Send one command, skip events, return what comes back."""
    stream.write(json.dumps({"execute": command, "arguments": arguments or {}}) + "\n")
    stream.flush()
    while True:
        line = stream.readline()
        if not line:
            raise ValueError("QMP closed")
        answer = json.loads(line)
        if "event" not in answer:
            return answer.get("return")
