# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter benchmark_result."""

from __future__ import annotations

DOCUMENTATION = r"""
name: benchmark_result
short_description: The verdict on a comparison out of what its runs put out
version_added: 0.1.0
description:
  - Reads one number out of each output and judges both sides by it. A difference, none seen, or too little to say, with
    the ratio and its confidence interval of 95 %, medians and quartiles, drift, and runs that stand out.
  - No run is left out but the warm-up and those that failed, which are counted and told.
positional: _input, outputs
options:
  _input:
    description: A comparison of what P(gedge.engine.benchmark_plan#filter) gave.
    type: dict
    required: true
  outputs:
    description: What each run put out, in the order of C(schedule); nothing for a run that failed.
    type: list
    elements: str
    required: true
  time:
    description: When it was measured, for the document.
    type: str
    default: ""
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Say what came out
  ansible.builtin.debug:
    msg: "{{ (plan | gedge.engine.benchmark_result(runs.results | map(attribute='stdout'))).text }}"
"""

RETURN = r"""
_value:
  description:
    - C(verdict) (V(difference), V(none) or V(undecided)) and C(text), C(ratio) of a over b with C(low) and C(high),
      C(better), C(sides), C(drift), C(outliers), C(notes), C(runs_needed), C(samples) and more.
  type: dict
"""

from ..plugin_utils.benchmark import results
from ..plugin_utils.filter_errors import tells


@tells
def benchmark_result(planned, outputs, time=""):
    """See DOCUMENTATION."""
    return results.result(planned, list(outputs), time)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"benchmark_result": benchmark_result}
