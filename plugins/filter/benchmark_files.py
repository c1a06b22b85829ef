# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter benchmark_files."""

from __future__ import annotations

DOCUMENTATION = r"""
name: benchmark_files
short_description: Results of comparisons as JSON, table and pictures
version_added: 0.1.0
description:
  - Makes C(benchmark.json), which the report reads, C(benchmark.txt) for a terminal, and C(NAME.svg) of each result.
  - Results of an earlier run whose comparison was not made anew stay in the first two.
positional: _input, before
options:
  _input:
    description: Results of P(gedge.engine.benchmark_result#filter).
    type: list
    elements: dict
    required: true
  before:
    description: The text of the C(benchmark.json) that there is; empty for none.
    type: str
    default: ""
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Keep the results
  gedge.engine.save_files:
    folder: "{{ inventory_dir }}/facts/benchmark"
    files: "{{ results | gedge.engine.benchmark_files }}"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The text of each file by its name.
  type: dict
"""

from ..plugin_utils.benchmark import results as of_results
from ..plugin_utils.filter_errors import tells


@tells
def benchmark_files(results, before=""):
    """See DOCUMENTATION."""
    return of_results.files(list(results), before)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"benchmark_files": benchmark_files}
