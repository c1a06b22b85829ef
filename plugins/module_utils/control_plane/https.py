# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Requests to the components of this node and to etcd of the others. Never through a proxy."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl

from ..errors import EngineError

TIMEOUT_S = 5


def _connection(system, host, port, ca, pair):
    """ca: path of the CA's certificate, "" takes any certificate (loopback only), None speaks without TLS."""
    if ca is None:
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    if ca:
        context = ssl.create_default_context(cafile=system.path(ca))
    else:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if pair:
        context.load_cert_chain(*map(system.path, pair))
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)


def status(system, host, port, path, ca=None):
    """The status that an address answers with, None where nobody answers or it is somebody else."""
    try:
        with contextlib.closing(_connection(system, host, port, ca, None)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status
    except (OSError, ValueError, http.client.HTTPException):
        return None


def post(system, host, port, path, body, ca, pair):
    """The JSON that etcd answers to a JSON body. pair: paths of our certificate and key. Raises EngineError."""
    where = "https://%s:%d%s" % (host, port, path)
    try:
        with contextlib.closing(_connection(system, host, port, ca, pair)) as connection:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            said = json.loads(text or "{}")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise EngineError("etcd does not answer: %s" % error, where, "See that etcd runs there") from error
    if answer.status != 200:
        what = "etcd refuses: %s" % said.get("message", said.get("error", answer.status))
        raise EngineError(what, where, "See the log of etcd there")
    return said
