# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""YAML text of services -> its documents, with lines and keys written twice as this domain tells them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...module_utils.service.report import Finding
from .. import yaml_source


@dataclass
class Source:
    """documents: as plain data, None for an empty one; lines: {place: line from 1}; findings: keys written twice.

    A place begins with ("documents", INDEX) where there are several documents, as in Finding.
    """

    documents: list = field(default_factory=list)
    lines: dict = field(default_factory=dict)
    findings: list = field(default_factory=list)


def read_source(text):
    """Source of YAML text; raises EngineError for what is not YAML, with its line."""
    made, documents = Source(), yaml_source.read(text)
    for index, document in enumerate(documents):
        place = ("documents", index) if len(documents) > 1 else ()
        made.documents.append(document.value)
        made.lines.update({place + keys: line for keys, line in document.lines.items()})
        for keys, *lines in document.twice:
            made.findings.append(Finding(place + keys, yaml_source.TWICE % tuple(lines), yaml_source.KEEP))
    return made
