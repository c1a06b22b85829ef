# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The way in: text of a testbed.yml -> a Testbed without faults, or all faults at once."""

from __future__ import annotations

from ...module_utils.errors import ProblemsError
from .build import build
from .check import check
from .include import read_sources, read_text
from .problems import located
from .structure import check_structure


def read_testbed(text, where="testbed.yml", fetch=read_text):
    """Testbed of a YAML text; where: its path, from which `include` starts; fetch: reads the text of a path.

    Raises ProblemsError with every fault, or EngineError for what is not YAML."""
    testbed, findings = examine(read_sources(text, where, fetch))
    if findings:
        raise ProblemsError(findings, where)
    return testbed


def examine(source):
    """(Testbed, all findings in the order of the document) of a Source."""
    structure = check_structure(source.document, source.findings)
    testbed, findings = build(structure)
    return testbed, located(structure.findings + findings + check(testbed), source.lines, source.files)
