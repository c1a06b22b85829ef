# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Variables that are no option, and were meant to be one: Ansible takes any name and does nothing with it."""

from __future__ import annotations

import functools
import pathlib
import re

from ..module_utils.suggest import nearest, slip

ROLES, PLAYS = (pathlib.Path(__file__).resolve().parents[2] / name for name in ("roles", "playbooks"))
# What playbooks take, beside the options of roles.
PLAYBOOKS = (
    "artifacts_bundle",
    "cluster_kubeconfig",
    "cluster_kubectl",
    "deploy",
    "explain",
    "handover_facts",
    "handover_ledger",
    "handover_samples",
    "plan_facts",
    "plan_folder",
    "plan_roles",
    "plan_samples",
    "reset_scope",
    "verify_folder",
)
# A shorter name is too soon like another.
SHORTEST = 6


def faults(names):
    """A sentence for each variable that was meant to be an option.

    What begins with the name of a role is its option, or something that roles write. Any other name may be the user's
    own, also one that begins with a word such as service or lab, so only what is like an option, or is one slip from a
    variable of a playbook, is a fault."""
    found = []
    for name in sorted(set(names) - written() - set(PLAYBOOKS)):
        role = _role(name)
        if role and ("_" in role or _nearest(role, name)):
            found.append('no option of role %s is called "%s". %s' % (role, name, _advice(role, name)))
        elif len(name) >= SHORTEST and not name.startswith("ansible_"):
            hits = [one for one in _all() if slip(name, one)]
            found += ['nothing takes a variable "%s". Did you mean "%s"?' % (name, one) for one in hits[:1]]
    return found


def _advice(role, name):
    """The nearest option, or all of them."""
    hit = _nearest(role, name)
    return 'Did you mean "%s%s"?' % (role, hit) if hit else "Its options: %s." % ", ".join(options(role))


def _nearest(role, name):
    """What of an option is like it, without the role's name, which is alike in any case."""
    return nearest(name[len(role) :], [one[len(role) :] for one in options(role)])


def _role(name):
    """The role whose option such a name would be: that with the longest name; "" for none."""
    return max((role for role in _roles() if name.startswith(role + "_")), key=len, default="")


@functools.lru_cache(maxsize=None)
def _roles():
    return sorted(one.name for one in ROLES.iterdir() if one.is_dir())


@functools.lru_cache(maxsize=None)
def options(role):
    """Every name that a role documents, at any of its doors."""
    text = (ROLES / role / "meta/argument_specs.yml").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^\s*(%s_\w+):" % role, text, re.M)))


@functools.lru_cache(maxsize=None)
def _all():
    return [one for role in _roles() for one in options(role)] + list(PLAYBOOKS)


@functools.lru_cache(maxsize=None)
def written():
    """Every name that a role or a playbook documents, or gives a value to, for itself or for others."""
    paths = [*ROLES.glob("*/*/*.yml"), *PLAYS.glob("**/*.yml")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    found = re.findall(r"^\s*(?:- )?([a-z]\w+):", text, re.M) + re.findall(r"\b(?:register|loop_var): *(\w+)", text)
    return frozenset(found)
