# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Services from YAML text, from one document or from a list of documents -> normal form, or all that is wrong."""

from __future__ import annotations

import re

from ...module_utils.errors import EngineError, ProblemsError
from ...module_utils.service.normalize import examine
from ...module_utils.service.report import Finding, kind
from .source import Source, read_source

WHERE = "services"


def normalize(given, strict=False, networks=None, where=""):
    """{"services", "meshes", "notes"}; raises ProblemsError with everything that is wrong, EngineError for no YAML.

    networks: the testbed's by name, None where they are not known; where: the file, for the errors."""
    try:
        source = _source(given)
    except EngineError as error:
        raise EngineError(error.what, ", ".join(filter(None, [where, error.where])), error.advice) from None
    made, findings = examine(source.documents, strict, networks)
    findings = located(source.findings + findings, source.lines)
    if findings:
        raise ProblemsError(findings, where or WHERE)
    return made


def validate(given, strict=False, networks=None):
    """[{"path", "value", "what", "advice", "line"}]: everything that is wrong; line is None where it is not known."""
    try:
        normalize(given, strict, networks)
    except ProblemsError as error:
        return [{**finding.as_dict(), "line": finding.line} for finding in error.problems]
    except EngineError as error:
        line = re.match("line ([0-9]+)", error.where)
        whole = {**Finding((), error.what, error.advice).as_dict(), "path": error.where or "(document)"}
        return [{**whole, "line": int(line.group(1)) if line else None}]
    return []


def located(findings, lines):
    """The findings in the order of the text, each with its line; as they came where there is no text."""
    order = {place: index for index, place in enumerate(lines)} if findings else {}
    for finding in findings:
        finding.line = lines.get(_known(finding.place, lines))
    return sorted(findings, key=lambda finding: order.get(_known(finding.place, lines), -1))


def _known(place, lines):
    """The place, or the nearest one above that is in the text."""
    while place and place not in lines:
        place = place[:-1]
    return place


def _source(given):
    if isinstance(given, str):
        return read_source(given)
    if isinstance(given, dict):
        return Source([given])
    if isinstance(given, list):
        return Source(given)
    what = "takes YAML text, a document or a list of documents, not %s" % kind(given)
    raise EngineError(what, advice="Give it for example lookup('ansible.builtin.file', 'services.yml')")
