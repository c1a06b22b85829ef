# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Variables that are nearly, and not quite, an option of a role: Ansible takes any name and does nothing with it."""

from __future__ import annotations

import functools
import pathlib
import re

from ..module_utils.suggest import nearest

ROLES = pathlib.Path(__file__).resolve().parents[2] / "roles"
# So near that it is no variable of the user's own: one letter of twenty.
NEAR = 0.95


def faults(names):
    """A sentence for each variable that is no option of the role whose name it begins with, and is very near to one."""
    found = []
    for name in sorted(set(names)):
        role = _role(name)
        if role and name not in options(role) and name not in written(role):
            hit = nearest(name, options(role), NEAR)
            if hit:
                found.append('no option of role %s is called "%s". Did you mean "%s"?' % (role, name, hit))
    return found


def _role(name):
    """The role whose option such a name would be: that with the longest name; "" for none."""
    return max((role for role in _roles() if name.startswith(role + "_")), key=len, default="")


@functools.lru_cache(maxsize=None)
def _roles():
    return sorted(one.name for one in ROLES.iterdir() if one.is_dir())


@functools.lru_cache(maxsize=None)
def options(role):
    """Every name that a role documents, at any of its doors."""
    return _names(role, "meta/argument_specs.yml")


@functools.lru_cache(maxsize=None)
def written(role):
    """Every name that a role gives a value to, for itself or for others."""
    return _names(role, "*/*.yml")


def _names(role, pattern):
    texts = [path.read_text(encoding="utf-8") for path in (ROLES / role).glob(pattern)]
    return sorted({name for text in texts for name in re.findall(r"^\s*(%s_\w+):" % role, text, re.M)})
