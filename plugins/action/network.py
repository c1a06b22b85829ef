# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The controller's half of module network: it connects anew and keeps the change, in the node's own task.

A further task would begin when the slowest node of the play has ended this one, and the clocks of the others run.
"""

from __future__ import annotations

import time

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

PAUSE_S = 1


class ActionModule(ActionBase):
    """Runs the module, and a second time with the token of a change that waits for its confirmation."""

    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        """The module's result; confirm is none in it where the change was kept."""
        super().run(tmp, task_vars)
        result = self._execute_module(task_vars=task_vars)
        promise = result.get("confirm")
        if not promise or self._task.args.get("confirm_by", "task") != "task":
            return result
        kept = self._keep(promise, task_vars)
        return kept if kept.get("failed") else dict(result, confirm=None)

    def _keep(self, promise, task_vars):
        """The result of the confirmation, which is tried until the node answers or its clock has run out."""
        end = time.monotonic() + promise["within"]
        while True:
            try:
                self._connection.reset()
                return self._execute_module(module_args={"confirm": promise["token"]}, task_vars=task_vars)
            except AnsibleConnectionFailure:
                if time.monotonic() >= end:
                    raise
                time.sleep(PAUSE_S)
