# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the API server refused, in sentences: whose field it is, what cannot change, what kind is unknown. Pure."""

from __future__ import annotations

import json
import re

# Go's text of a conflict of field managers: one, or several sorted by manager.
MANAGER = re.compile(
    r'conflicts? with "([^"]+)"(?: with subresource "([^"]+)")?(?: using (\S+?))?(?: at (\S+?))?:(?=\s)'
)
FIELD = re.compile(r"(?:^|\n)- (\S+)")
UNKNOWN = re.compile(r"Failed to find exact match for (\S+)\.(\w+) by")
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


def refusals(result, objects):
    """[text] for what a task kubernetes.core.k8s (continue_on_error) says of these objects, [] where all went well."""
    rows = (result.get("result") or {}).get("results")
    rows = rows if isinstance(rows, list) else [result]
    found = []
    for number, row in enumerate(rows):
        error = row.get("error") if isinstance(row, dict) else None
        if error:
            found.append("%s: %s" % (_who(objects, number), _sentence(str(error.get("msg") or error))))
    if result.get("failed") and not found:
        found.append(_sentence(str(result.get("msg") or "failed")))
    return found


def _who(objects, number):
    if number >= len(objects):
        return "an object"
    one = objects[number]
    space = one["metadata"].get("namespace")
    return "%s %s%s" % (one["kind"], "%s/" % space if space else "", one["metadata"]["name"])


def _sentence(text):
    """The server's message, and what to do."""
    message, code = _message(text)
    if "conflict" in message and MANAGER.search(message):
        return _conflict(message)
    hit = UNKNOWN.search(message)
    if hit:
        return "the cluster knows no kind %s of %s. Install its CustomResourceDefinition" % (hit[2], hit[1])
    if "field is immutable" in message or "may not change fields" in message or "are forbidden" in message:
        return "%s. Such a field cannot change: take the service away (service_state=absent) and deploy it anew" % (
            message.rstrip(".")
        )
    if code == 403:
        return "%s. Use a kubeconfig that may do it, or raise the quota" % message.rstrip(".")
    if re.search(r"namespaces \"([^\"]+)\" not found", message):
        return "%s. Make it, or write service_manifests: {namespaces: true}" % message.rstrip(".")
    return message


def _message(text):
    """(the message, the code) of an answer of the API server inside a text."""
    start = text.find("{")
    try:
        status = json.loads(_plain(text[start:])) if start >= 0 else None
        return str(status["message"]), status.get("code")
    except (ValueError, TypeError, KeyError):
        return text, None


def _plain(text):
    """JSON out of a text that may be Python's show of bytes."""
    text = text[: text.rfind("}") + 1]
    return text.replace("\\'", "'").replace('\\\\"', '\\"').replace("\\\\n", "\\n")


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
