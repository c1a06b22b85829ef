# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Reads certificates (by openssl) and kubeconfigs."""

from __future__ import annotations

import base64
import binascii
import calendar
import re
import time

from .certificates import Certificate, Kubeconfig, _plain

OPENSSL = [
    "openssl",
    "x509",
    "-noout",
    "-enddate",
    "-ext",
    "subjectAltName,subjectKeyIdentifier,authorityKeyIdentifier",
]
DATE = "%b %d %H:%M:%S %Y GMT"


def certificate(system, pem):
    """Certificate out of PEM text, None where it is none."""
    if "BEGIN CERTIFICATE" not in (pem or ""):
        return None
    answer = system.run(OPENSSL, check=False, stdin=pem)
    return parse(answer.out) if answer.rc == 0 else None


def parse(text):
    """Certificate out of what openssl says, None where it says no date."""
    until = re.search(r"^notAfter=(.+)$", text, re.M)
    if not until:
        return None
    return Certificate(
        until=calendar.timegm(time.strptime(" ".join(until.group(1).split()), DATE)),
        names=frozenset(
            _plain(name)
            for name in re.findall(r"(?:DNS|IP Address):\s*([^,\s]+)", _section(text, "Subject Alternative"))
        ),
        key=_identifier(_section(text, "Subject Key")),
        signer=_identifier(_section(text, "Authority Key")),
    )


def _section(text, name):
    """The lines below a heading, up to the next one."""
    hit = re.search(r"^X509v3 %s[^\n]*\n((?:[ \t]+[^\n]*\n?)*)" % name, text, re.M)
    return hit.group(1) if hit else ""


def _identifier(text):
    hit = re.search(r"((?:[0-9A-F]{2}:)+[0-9A-F]{2})", text)
    return hit.group(1) if hit else ""


def kubeconfig(system, text):
    """Kubeconfig out of a file that kubeadm made, None where it is none."""
    if not text or "kind: Config" not in text:
        return None
    pem = _decoded(text, "client-certificate-data")
    return Kubeconfig(
        server=_word(text, "server"),
        ca=_decoded(text, "certificate-authority-data"),
        certificate=certificate(system, pem),
    )


def _word(text, key):
    hit = re.search(r"^\s*%s:\s*(\S+)\s*$" % key, text, re.M)
    return hit.group(1) if hit else ""


def _decoded(text, key):
    try:
        return base64.b64decode(_word(text, key)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
