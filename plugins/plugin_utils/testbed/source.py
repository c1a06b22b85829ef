# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""YAML text of a testbed -> its one document, with lines and keys written twice as this domain tells them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...module_utils.errors import EngineError
from .. import yaml_source
from .problems import Finding

# Profiles of a large site share much by aliases.
_MOST_REPEATED = 100_000


@dataclass
class Source:
    """A document as plain data; lines: {key path: line number from 1}; findings: keys written twice.

    files: {key path: path of the included file that it stands in}, nothing for those of the file itself."""

    document: object
    lines: dict = field(default_factory=dict)
    findings: list = field(default_factory=list)
    files: dict = field(default_factory=dict)


def read_source(text):
    """Parse YAML text. Raises EngineError for what is not YAML, with its line."""
    documents = yaml_source.read(text, _MOST_REPEATED, single=True)
    if not documents:
        raise EngineError("the file is empty", advice='Begin with "plugin: gedge.engine.testbed"; see docs/testbed.md')
    made = documents[0]
    lines = {keys: line for keys, line in made.lines.items() if keys}
    findings = [Finding(keys, yaml_source.TWICE % (one, two), yaml_source.KEEP) for keys, one, two in made.twice]
    return Source(made.value, lines, findings)
