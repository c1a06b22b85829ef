# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The controller's half of module node_programs: it asks what differs, and sends that as one archive."""

from __future__ import annotations

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ..module_utils.errors import EngineError
from ..plugin_utils import packed_programs


class ActionModule(ActionBase):
    """Runs the module, and where programs differ a second time with an archive of them."""

    TRANSFERS_FILES = False  # not before it is known that something differs

    def run(self, tmp=None, task_vars=None):
        """The module's result."""
        super().run(tmp, task_vars)
        programs = self._task.args.get("programs")
        if not isinstance(programs, dict):  # the module says what it should be
            return self._execute_module(task_vars=task_vars)
        try:
            args = {"programs": programs, "digests": packed_programs.digests(programs)}
            result = self._execute_module(module_args=args, task_vars=task_vars)
            if result.get("failed") or not result["changed"] or self._task.check_mode:
                return result
            return self._bring(args, [step["target"] for step in result["steps"]], task_vars)
        except EngineError as error:
            return {"failed": True, "changed": False, "msg": error.text()}

    def _bring(self, args, paths, task_vars):
        """The result of the module after what differs was sent."""
        files = {args["digests"][path]: args["programs"][path] for path in paths}
        packed = packed_programs.archive(files, C.DEFAULT_LOCAL_TMP)
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()  # removed when the task has ended
        remote = shell.join_path(shell.tmpdir, "programs.tar.gz")
        self._transfer_file(packed, remote)
        self._fixup_perms2((shell.tmpdir, remote))
        return self._execute_module(module_args=dict(args, archive=remote), task_vars=task_vars)
