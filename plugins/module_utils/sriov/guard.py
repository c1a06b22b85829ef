# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is refused before anything is touched: cutting the management connection, and taking VFs from their users."""

from __future__ import annotations

from .. import management
from ..errors import EngineError, Problem, ProblemsError
from . import select
from .users import Users


def names(allowed, pfs):
    """Refuse names in allow_vf_loss that mean no PF."""
    unknown = select.unknown_names(allowed, pfs)
    if unknown:
        raise ProblemsError(unknown, where="sriov")


def management_connection(system, entries, pfs, asked):
    """Refuse a PF that carries the management connection and is meant by no name, address or network."""
    by_name = [entry for entry in entries if {"name", "address", "ports"} & set(entry.select)]
    named = {pf.address for entry in by_name for pf in pfs if select.matches(entry.select, pf)}
    carriers = management.interfaces(system)
    problems = [
        Problem(
            asked[pf.address].where + ".select",
            "%s carries the management connection" % pf.name,
            "Select it by name if you mean it",
        )
        for pf in pfs
        if pf.address in asked and pf.name in carriers and pf.address not in named
    ]
    if problems:
        raise ProblemsError(problems, where="sriov")


def users(system, pfs, asked, allowed):
    """Refuse what takes VFs away from who uses them, unless their PF is allowed by name or PCI address."""
    known = Users(system)
    lines = []
    for pf in pfs:
        if pf.address in asked and not {pf.name, pf.address} & set(allowed):
            lines += _losses(pf, asked[pf.address], known)
    if lines:
        raise EngineError(
            "VFs in use would be lost: %s" % "; ".join(lines), "sriov", "Free them, or name the PF in allow_vf_loss"
        )


def _losses(pf, target, known):
    if target.count is not None and target.count != len(pf.vfs):
        return _lines(pf, [(vf, known.of(vf)) for vf in pf.vfs])
    changing = [
        pf.vfs[i]
        for i, keys in sorted(target.vfs.items())
        if keys.get("driver") not in (None, pf.vfs[i].value("driver"))
    ]
    return _lines(pf, [(vf, known.of(vf, but_bound=True)) for vf in changing])


def _lines(pf, found):
    return ["%s VF %d (%s) %s" % (pf.name, vf.index, vf.address, " and ".join(who)) for vf, who in found if who]
