# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one file of the core that knows Ansible: it lends a module its door in and its door out."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .converge import ApplyError, converge
from .errors import EngineError, ProblemsError


def run_facts(argument_spec, read):
    """Body of a module that only reads. read(params) -> dict of result keys; EngineError -> fail_json."""
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    _exit(module, lambda: dict(read(module.params), changed=False))


def run_subsystem(argument_spec, make, **module_options):
    """Body of a module that changes a node. make(params) -> converge.Subsystem."""
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True, **module_options)
    _exit(module, lambda: converge(make(module.params), module.check_mode))


def run_action(argument_spec, act, **module_options):
    """Body of a module that does something once. act(params, check_mode) -> dict of result keys, with changed."""
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True, **module_options)
    _exit(module, lambda: act(module.params, module.check_mode))


def _exit(module, body):
    try:
        result = body()
    except EngineError as error:
        module.fail_json(**failure(error))
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)


def failure(error):
    """The keys of a failed result for a domain error."""
    keys = {"msg": error.text()}
    if isinstance(error, ProblemsError):
        keys["problems"] = [problem.as_dict() for problem in error.problems]
    if isinstance(error, ApplyError):
        keys.update(failed_step=error.step.as_dict(), put_back=error.put_back, changed=not error.put_back)
    return keys
