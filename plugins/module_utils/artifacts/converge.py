# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Brings a folder of programs to its state."""

from __future__ import annotations

import os

from ..errors import EngineError, Problem, ProblemsError
from . import bundle, origins
from .folder import Folder

ADVICE = "Give an absolute path"
PROGRAM = ("component", "version", "binary")
BINARY = ("path", "sha256")
ARCHIVE = ("sha256", "members")


def converge(system, params, check_mode=False):
    """Plain data for a result: changed, programs. params: those of module artifacts."""
    if not os.path.isabs(params["folder"]) or params["folder"].strip("/") == "":
        raise EngineError("is no folder for programs", params["folder"] or "folder", ADVICE)
    folder = Folder(system, params["folder"], params["architecture"])
    if params["state"] == "absent":
        return {"changed": folder.clear(check_mode), "programs": {}}
    names = params["programs"]
    _check(params)
    if params["bundle"]:
        opened = bundle.Bundle(params["bundle"])
        programs, bring = opened.programs(names, params["architecture"])
        if programs != folder.before:
            opened.verify()
    elif params["archives"] is not None:
        programs, bring = origins.from_archives(names, params["archives"], params["downloads"], folder)
    else:
        programs, bring = origins.from_files(names, params["binaries"] or {})
    return folder.put(programs, bring, check_mode)


def _check(params):
    """Refuse data of another shape, and programs that nothing brings."""
    problems = [_lacks("programs.%s" % name, one, PROGRAM) for name, one in params["programs"].items()]
    problems += [_lacks("binaries.%s" % name, one, BINARY) for name, one in (params["binaries"] or {}).items()]
    for number, one in enumerate(params["archives"] or ()):
        problems.append(_lacks("archives[%d]" % number, one, ARCHIVE))
    problems = [problem for problem in problems if problem]
    if not problems and not params["bundle"]:
        problems = [
            Problem("programs.%s" % name, "nothing brings it", "Take what filter artifact_set tells, as it is")
            for name, one in params["programs"].items()
            if not _brought(name, one, params)
        ]
    if problems:
        raise ProblemsError(problems, "artifacts")


def _lacks(path, one, keys):
    absent = [key for key in keys if not isinstance(one, dict) or key not in one]
    return Problem(path, "lacks %s" % ", ".join(absent), "Take what filter artifact_set tells") if absent else None


def _brought(name, one, params):
    if params["archives"] is not None:
        return any(name in archive["members"] for archive in params["archives"])
    return one["binary"] in (params["binaries"] or {})
