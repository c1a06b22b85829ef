# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Asks a cluster through kubectl: reads objects with one call for all kinds."""

from __future__ import annotations

import json
import re

from ..errors import EngineError

# What each module is given for it; documented in the fragment of that name.
OPTIONS = {"kubeconfig": {"type": "path", "default": ""}, "kubectl": {"type": "str", "default": "kubectl"}}
UNKNOWN = re.compile(r"the server doesn't have a resource type \"([^\"]+)\"|no matches for kind \"([^\"]+)\"")
# kubectl's log, such as "E1130 12:56:38.014513  4711 memcache.go:265] ...": it says again, once for each try, what the
# sentence after it says.
LOG = re.compile(r"^[IWEF]\d{4} [\d:.]+ +\d+ [\w.-]+:\d+\] .*\n?", re.M)
AWAY = (
    "connection refused",
    "was refused",
    "i/o timeout",
    "TLS handshake timeout",
    "Unable to connect to the server",
    "context deadline exceeded",
    "EOF",
    "the server is currently unable to handle the request",
    "etcdserver:",
)


class AwayError(EngineError):
    """The API server does not answer; it may again."""


class Kubectl:
    """kubectl with a kubeconfig ("" for its own default)."""

    def __init__(self, system, program="kubectl", kubeconfig=""):
        self.system, self.program, self.kubeconfig = system, program or "kubectl", kubeconfig or ""

    def get(self, kinds, selector="", namespace="", more=()):
        """([object], [kind that the cluster does not know]).

        kinds: words that kubectl takes, such as "Deployment.v1.apps"; namespace: "" for all. Raises EngineError."""
        kinds, unknown = list(kinds), []
        while kinds:
            done = self.ask(self._words(kinds, selector, namespace, more))
            if done.rc == 0:
                return json.loads(done.out)["items"], unknown
            hit = UNKNOWN.search(done.err)
            lost = [kind for kind in kinds if hit and kind.split(".")[0].lower() == (hit[1] or hit[2]).lower()]
            if not lost:
                self._fail(done)
            unknown += lost
            kinds = [kind for kind in kinds if kind not in lost]
        return [], unknown

    def _words(self, kinds, selector, namespace, more):
        where = ["-n", namespace] if namespace else ["-A"]
        return ["get", ",".join(kinds), *where, *(["-l", selector] if selector else []), *more, "-o", "json"]

    def ask(self, words, stdin=None):
        """What kubectl left, its log only where it says nothing else; stdin: its text."""
        config = ["--kubeconfig", self.kubeconfig] if self.kubeconfig else []
        command = [self.program, *config, "--request-timeout=20s", *words]
        done = self.system.run(command, check=False, stdin=stdin)
        done.err = LOG.sub("", done.err) or done.err
        return done

    def away(self, text):
        """An AwayError where this says that the API server does not answer, else None."""
        # A webhook of the cluster that does not answer is another matter.
        if any(word in line for line in text.splitlines() for word in AWAY if "webhook" not in line):
            said = "the API server does not answer: %s" % " ".join(text.split())
            advice = "See that it runs and can be reached from here, and that this kubeconfig is its"
            return AwayError(said, self.where(), advice)
        return None

    def where(self):
        """What names the cluster."""
        return self.kubeconfig or "kubectl's own kubeconfig"

    def _fail(self, done):
        text = done.err or done.out or "rc %d" % done.rc
        away = self.away(text)
        if away:
            raise away
        said = "the cluster cannot be read: %s" % " ".join(text.split())
        raise EngineError(said, self.where(), "See that this kubeconfig may read all of it")


def word(api_version, kind):
    """How kubectl is told a kind: "Deployment.v1.apps", "Service.v1."."""
    group, dummy, version = api_version.rpartition("/")
    return "%s.%s.%s" % (kind, version, group)
