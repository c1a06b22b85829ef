# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From what is to what is asked for: steps. Pure functions."""

from __future__ import annotations

from .. import own_files
from ..steps import LINK, NONE, Step
from . import backends, snapshot

CONFIGURE, RESTORE, SYSCTL = "configure-link", "restore-link", "set-sysctl"


def lacks(link, state):
    """{key: (found, asked)} of what an interface lacks, {} for nothing. Addresses beyond the asked are no fault."""
    found = state.links.get(link.name)
    if found is None:
        return {"exists": (False, True)} if _is_made(link, state) else {}
    seen = {}
    if found.vlan != link.vlan or (link.vlan and found.parent != link.parent):
        seen["vlan"] = ([found.parent, found.vlan], [link.parent, link.vlan])
    if found.up != link.up:
        seen["up"] = (found.up, link.up)
    if link.mtu and found.mtu != link.mtu:
        seen["mtu"] = (found.mtu, link.mtu)
    if link.up:
        if set(link.addresses) - set(found.addresses):
            seen["addresses"] = (found.addresses, link.addresses)
        if link.all_routes() - found.routes:
            seen["routes"] = (_listed(found.routes), _listed(link.all_routes()))
        if link.rules() - state.rules:
            seen["rules"] = (_listed(state.rules & link.rules()), _listed(link.rules()))
    return seen


def files(state, links, separation):
    """Steps from our files to those of the links."""
    asked = backends.wanted(state.backend, links, separation)
    anew = state.unread & set(asked)
    return own_files.steps({path: text for path, text in state.files.items() if path not in anew}, asked)


def link_steps(state, links, file_steps):
    """A step for each interface whose file changes or that lacks something; ports before their VLANs."""
    changed = {backends.interface_of(step.target) for step in file_steps}
    steps = []
    for link in sorted(links, key=lambda link: (link.vlan is not None, link.name)):
        lacking = lacks(link, state)
        if lacking or link.name in changed:
            steps.append(_configure(link, lacking, link.name in changed, state))
    return steps


def restore_steps(baseline, now, file_steps):
    """Steps that bring interfaces back to {name: snapshot}. VLANs go before their ports."""
    changed = {backends.interface_of(step.target) for step in file_steps}
    steps = []
    for name in sorted(baseline, key=lambda name: (baseline[name].get("exists"), name)):
        before, after = {}, {}
        for key, (then, is_now) in snapshot.differences(baseline[name], now[name]).items():
            before[key], after[key] = is_now, then
        if before or name in changed:
            step = Step(name, RESTORE, "no longer asked for", LINK, before, after, {"snapshot": baseline[name]})
            steps.append(step)
    return steps


def sysctl_steps(state, links, separation):
    """Steps that keep the networks of the links apart at run time."""
    made = [link for link in links if _is_made(link, state)]
    wanted = {path: value for link in made for path, value in link.sysctls().items()} if separation else {}
    return [
        Step(path, SYSCTL, "keeps the networks apart", NONE, state.sysctls.get(path), value)
        for path, value in sorted(wanted.items())
        if state.sysctls.get(path) != value
    ]


def _is_made(link, state):
    return link.up or not link.vlan or state.backend.MAKES_DOWN


def _configure(link, lacking, file, state):
    found = state.links.get(link.name)
    lost = found and file and {"up", "mtu", "vlan"} & set(lacking)
    reason = "differs in %s" % ", ".join(sorted(lacking)) if lacking else "its file changes"
    return Step(
        link.name,
        CONFIGURE,
        "does not exist" if found is None else reason,
        LINK if lost or (found and found.addresses and "addresses" in lacking) else NONE,
        {key: pair[0] for key, pair in lacking.items()},
        {key: pair[1] for key, pair in lacking.items()},
        {"link": link, "file": file},
    )


def _listed(rows):
    return [list(row) for row in sorted(rows, key=str)]
