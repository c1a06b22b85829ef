# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What an API server refused, in sentences: whose field it is, what cannot change, what kind is unknown. Pure.

No value of an object is told: the API server's texts quote whole pod templates, with what is in their environment."""

from __future__ import annotations

import json
import re

# Go's text of a conflict of field managers: one, or several sorted by manager.
MANAGER = re.compile(
    r'conflicts? with "([^"]+)"(?: with subresource "([^"]+)")?(?: using (\S+?))?(?: at (\S+?))?:(?=\s)'
)
FIELD = re.compile(r"(?:^|\n)- (\S+)")
UNKNOWN = re.compile(r'no matches for kind "([^"]+)" in version "([^"]+)"')
# What kubectl writes around the API server's words.
HEAD = re.compile(
    r'Error from server(?: \((\w+)\))?: |error: |error when [\w -]+ "STDIN": |The \S+ "[^"]*" is invalid: ?'
)
ADVICE = "\nPlease review the fields above"
BESIDE = re.compile(r"(?m)^(?:Warning: |[IWEF]\d{4} ).*\n?")
VALUE = re.compile(r"(?:Invalid|Unsupported|Duplicate) value: ")
# A value as Go shows it, and the text around a place that cannot be parsed.
SHOWN = ((re.compile(r"got &?[\w.]+\{.*"), "got another"), (re.compile(r",? error found in #\d+ byte of .*"), ""))
# Who is known by which name, and what its owner means.
OWNERS = {
    "kubectl-client-side-apply": "someone who ran kubectl apply",
    "kubectl-edit": "someone who ran kubectl edit",
    "kubectl-patch": "someone who ran kubectl patch",
    "kubectl": "someone who ran kubectl",
    "kubectl-create": "someone who ran kubectl create",
    "kube-controller-manager": "a controller of the cluster, such as an autoscaler",
    "helm": "a Helm release",
    "argocd-controller": "Argo CD",
    "OpenAPI-Generator": "a program (Ansible without server_side_apply is one)",
}
TAKE = "take it back there, or run once with cluster_service_force_conflicts=true, which takes the field over"
ANEW = "take the service away (service_state=absent) and deploy it anew"


def refusal(one, said):
    """A sentence for an object that kubectl alone was asked about; said: its standard error."""
    return "%s: %s" % (who(one), _sentence(said))


def who(one):
    """How a person knows an object: "Deployment default/camera"."""
    space = one["metadata"].get("namespace")
    return "%s %s%s" % (one["kind"], "%s/" % space if space else "", one["metadata"]["name"])


def _sentence(said):
    """The server's message, and what to do."""
    message, reason = _message(said)
    if "conflict" in message and MANAGER.search(message):
        return _conflict(message)
    hit = UNKNOWN.search(message)
    if hit:
        return "the cluster knows no kind %s of %s. Install its CustomResourceDefinition" % (hit[1], hit[2])
    message = _told(message)
    if "field is immutable" in message or "may not change fields" in message or "are forbidden" in message:
        return "%s. Such a field cannot change: %s" % (message, ANEW)
    if reason == "Forbidden":
        return "%s. Use a kubeconfig that may do it, or raise the quota" % message
    if re.search(r"namespaces \"([^\"]+)\" not found", message):
        return "%s. Make it, or write service_manifests: {namespaces: true}" % message
    return message


def _message(said):
    """(the API server's message, its reason) out of what kubectl said."""
    text, reason = BESIDE.sub("", said).partition(ADVICE)[0].strip(), None
    hit = HEAD.match(text)
    while hit:
        text, reason = text[hit.end() :].lstrip(" \n"), reason or hit[1]
        hit = HEAD.match(text)
    return text or "kubectl says nothing of it", reason


def _told(message):
    """One line without the values in it."""
    lines = (_without_value(line.strip().lstrip("* ")) for line in message.splitlines())
    return "; ".join(line for line in lines if line).rstrip(".")


def _without_value(line):
    for pattern, instead in SHOWN:
        line = pattern.sub(instead, line)
    hit = VALUE.search(line)
    if not hit:
        return line
    rest = line[hit.end() :]
    try:
        rest = rest[json.JSONDecoder().raw_decode(rest)[1] :].lstrip(": ")
    except ValueError:  # Go's own form of a value: its end can only be guessed
        rest = rest.rpartition(": ")[2] if ": " in rest else ""
    rest = _without_value(rest)
    return "%s: %s" % (line[: hit.end()].rstrip(": "), rest) if rest else line[: hit.end()].rstrip(": ")


def _conflict(message):
    hits = list(MANAGER.finditer(message))
    parts = []
    for number, hit in enumerate(hits):
        end = hits[number + 1].start() if number + 1 < len(hits) else len(message)
        rest = message[hit.end() : end]
        fields = FIELD.findall(rest) or [rest.strip()]
        owner = OWNERS.get(hit[1])
        name = '"%s"%s' % (hit[1], " (%s)" % owner if owner else "")
        when = " since %s" % hit[4] if hit[4] else ""
        parts.append("%s is set by %s%s to another value" % (", ".join(fields), name, when))
    return "%s: %s" % ("; ".join(parts), TAKE)
