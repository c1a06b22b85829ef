# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The way in: text of a testbed.yml -> a Testbed without faults, or all faults at once."""

from __future__ import annotations

from ...module_utils.errors import EngineError, ProblemsError
from .build import build
from .check import check
from .problems import located
from .source import read_source
from .structure import check_structure


def read_testbed(text, where="testbed.yml"):
    """Testbed of a YAML text. Raises ProblemsError with every fault, or EngineError for what is not YAML."""
    try:
        source = read_source(text)
    except EngineError as error:
        raise EngineError(error.what, " ".join(part for part in (where, error.where) if part), error.advice) from None
    testbed, findings = examine(source)
    if findings:
        raise ProblemsError(findings, where)
    return testbed


def examine(source):
    """(Testbed, all findings in the order of the document) of a Source."""
    structure = check_structure(source.document, source.findings)
    testbed, findings = build(structure)
    return testbed, located(structure.findings + findings + check(testbed), source.lines)


def load_testbed(path):
    """Testbed of a file; raises as read_testbed, and EngineError for a file that cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError("cannot be read: %s" % error, str(path), "Give a UTF-8 file that you may read") from None
    return read_testbed(text, str(path))
