# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The check of the module's options beyond what Ansible's argument spec can say. Pure."""

from __future__ import annotations

import re

from ..errors import Problem, ProblemsError
from .checks import FORMS, PACKAGE

UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
ADDRESS = re.compile(r"[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]")
PROFILE = re.compile(r"[0-9]+g\.[0-9]+gb(\+[a-z0-9.]+)*(-[a-z0-9]+)?")


def check(kind, gpu, fpga):
    """Raise ProblemsError with all faults of the options gpu and fpga."""
    problems = []
    for name, given in (("gpu", gpu), ("fpga", fpga)):
        used = [key for key, value in given.items() if value not in (None, [], {})]
        if used and kind != name:
            advice = "Leave it out, or set kind to %s" % name
            problems.append(Problem("%s.%s" % (name, used[0]), "is not for kind %s" % kind, advice))
    problems += _repository(gpu.get("repository")) + _mig(gpu.get("mig") or [])
    problems += _package_names("gpu.toolkit_packages", gpu.get("toolkit_packages") or [])
    problems += _bitstreams(fpga.get("bitstreams") or [])
    if fpga.get("vfs") is not None and fpga["vfs"] < 0:
        problems.append(Problem("fpga.vfs", "is below 0", "Write 0 or more", fpga["vfs"]))
    if problems:
        raise ProblemsError(problems, where="accelerator")


def _repository(given):
    if not given:
        return []
    problems = []
    if not 300 <= given["branch"] <= 9999:
        problems.append(Problem("gpu.repository.branch", "is no driver branch", "Such as 580", given["branch"]))
    if not given["packages"]:
        problems.append(Problem("gpu.repository.packages", "is empty", "Such as [nvidia-open]"))
    return problems + _package_names("gpu.repository.packages", given["packages"])


def _package_names(path, names):
    return [
        Problem("%s[%d]" % (path, index), "is no package name", "Write NAME or NAME=VERSION", name)
        for index, name in enumerate(names)
        if not PACKAGE.fullmatch(name)
    ]


def _mig(items):
    problems = []
    for index, item in enumerate(items):
        place = "gpu.mig[%d]" % index
        problems += _form(place + ".address", item.get("address"), ADDRESS, "Such as 0000:3b:00.0")
        for name in item.get("instances") or {}:
            problems += _form("%s.instances" % place, name, PROFILE, "Such as 3g.20gb: see nvidia-smi mig -lgip")
    return problems


def _bitstreams(items):
    problems = []
    for index, item in enumerate(items):
        place = "fpga.bitstreams[%d]" % index
        problems += _form(place + ".address", item.get("address"), ADDRESS, "Such as 0000:3b:00.0")
        for key in ("afu_id", "interface_id"):
            problems += _form("%s.%s" % (place, key), item.get(key), UUID, "Write the UUID that packager prints")
        for key in ("url", "sha256"):
            problems += _form("%s.%s" % (place, key), item.get(key), *FORMS[key])
    return problems


def _form(path, value, pattern, advice):
    fits = value is None or (isinstance(value, str) and pattern.fullmatch(value))
    return [] if fits else [Problem(path, "is not written right", advice, value)]
