# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is asked for beside the catalogue: which comparisons, on which nodes, with which numbers in place of theirs.

"-e NAME=VALUE" gives text, for a number and for a list too. All faults at once, by the names that an operator wrote.
"""

from __future__ import annotations

import re

from ...module_utils.errors import Problem, ProblemsError
from ...module_utils.suggest import advice
from . import definitions
from .order import SIDES

INSTEAD = ("runs", "warmup", "seconds")
WHOLE = re.compile(r"\s*[+-]?[0-9]{1,9}\s*\Z")
ALL = {"namespace": "benchmark_namespace", "image": "benchmark_image"}  # keys of services: what all pods have alike
OF_SIDE = {"networks": "network", "cpu": "cpu", "memory": "memory"}


def read(names, options, known):
    """{"names": [comparison], "nodes": [server's, client's], "instead": {key of a comparison: number}}.

    names, options: as filter benchmark_plan takes them; known: the comparisons that there are. Raises ProblemsError."""
    problems = []
    found = {
        "names": _names(names, known, problems),
        "nodes": _nodes(options["nodes"], options.get("workers"), problems),
        "instead": {key: _number(options.get(key), key, problems) for key in INSTEAD},
    }
    namespace = str(options["namespace"])
    if namespace == "default" or namespace.startswith("kube-"):
        what = "Name one that is nobody else's: it is removed with all that is in it"
        problems.append(Problem("benchmark_namespace", "is a namespace of others", what, namespace))
    if problems:
        raise ProblemsError(problems, "benchmark")
    return dict(found, instead={key: value for key, value in found["instead"].items() if value is not None})


def _listed(given, path, problems):
    """A list, or text with commas between its words; None for what is neither."""
    words = [word.strip() for word in given.split(",") if word.strip()] if isinstance(given, str) else given
    if isinstance(words, (list, tuple)) and all(isinstance(word, str) for word in words):
        return list(words)
    problems.append(Problem(path, "is no list of names", "Write one such as [first, second]", given))
    return None


def _names(given, known, problems):
    path = "benchmark_comparisons"
    names = _listed(given, path, problems)
    if names == []:
        problems.append(Problem(path, "is empty", "Name what is to be compared. " + advice("", known)))
    for name in names or ():
        if name not in known:
            problems.append(Problem(path, "there is no such comparison", advice(name, known), name))
    return names


def _nodes(given, workers, problems):
    """workers: the nodes that run pods; None where they are not known."""
    path = "benchmark_nodes"
    nodes = _listed(given, path, problems)
    strange = [node for node in nodes or () if workers is not None and node not in workers]
    for node in strange:
        problems.append(Problem(path, "there is no such worker", advice(node, workers), node))
    if nodes is not None and not strange and (len(nodes) != 2 or nodes[0] == nodes[1]):
        what = "are not two nodes: %s" % ", ".join(nodes or ["none"])
        problems.append(Problem(path, what, "Name two nodes; traffic within one node shows no path between nodes"))
    return nodes


def _number(given, key, problems):
    """The number; None where each comparison is to have its own."""
    value = int(given) if isinstance(given, str) and WHOLE.match(given) else given
    if value is None or (isinstance(value, int) and value < 0):
        return None
    return definitions.value(value, int, "benchmark_" + key, problems, definitions.BOUNDS[key])


def refuse(findings):
    """Refuse pods that no service could be, by what the operator wrote instead of by the services made of it.

    findings: {comparison: [Finding]} of its services. Raises ProblemsError where there is one."""
    problems = {}
    for name, found in findings.items():
        for finding in found:
            path = _written(name, finding.place)
            told = Problem(path, finding.what, finding.advice, finding.value)
            problems.setdefault((path, finding.what), told)  # once for all pods that have it
    if problems:
        raise ProblemsError(problems.values(), "benchmark")


def _written(name, place):
    """place: ("services", position, key, ...); the first two services are of side a, the next two of side b."""
    for key in place[2:]:
        if key in ALL:
            return ALL[key]
        if key in OF_SIDE and place[1] < 2 * len(SIDES):
            return "comparisons.%s.%s.%s" % (name, SIDES[place[1] // 2], OF_SIDE[key])
    return "comparisons.%s" % name
