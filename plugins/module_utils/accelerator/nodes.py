# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Device nodes: owner, group and mode of what is there already; udev's rule cares for those to come."""

from __future__ import annotations

import fnmatch
import grp
import os
import pwd
import stat

from ..errors import EngineError
from ..steps import Step

SET = "set-node-permissions"
KEY = "node:"


def observe(system, wanted):
    """{path: "mode owner group"} of the nodes below /dev that the patterns mean. wanted: [node of an entry]."""
    found = {}
    for node in wanted:
        for path in _matching(system, node):
            found[path] = now(system, path)
    return found


def now(system, path):
    """ "0660 root disk" of a node, None where it is gone."""
    try:
        seen = os.stat(system.path(path))
    except OSError:
        return None
    return "%04o %s %s" % (
        stat.S_IMODE(seen.st_mode),
        _name(pwd.getpwuid, seen.st_uid),
        _name(grp.getgrgid, seen.st_gid),
    )


def steps(system, found, wanted):
    """Steps for the nodes that differ. Raises EngineError for a user or group that the node does not know."""
    made = {}
    for node in wanted:
        asked = "%04o %s %s" % (int(node["mode"], 8), node["owner"], node["group"])
        for path in _matching(system, node):
            made.setdefault(path, asked)
    for asked in made.values():
        _known(*asked.split()[1:])
    return [
        Step(path, SET, "differs from what is asked for", before=found[path], after=asked)
        for path, asked in sorted(made.items())
        if found.get(path) not in (None, asked)
    ]


def restore_steps(system, recorded):
    """Steps back to recorded {path: "mode owner group"}; a node that is gone needs none."""
    found = {path: now(system, path) for path in recorded}
    return [
        Step(path, SET, "it was so before", before=found[path], after=text)
        for path, text in sorted(recorded.items())
        if found[path] not in (None, text)
    ]


def apply(system, step):
    """Carry out a step of SET."""
    put(system, step.target, step.after)


def put(system, path, text):
    """Give a node "mode owner group"."""
    mode, owner, group = text.split()
    system.run(["chown", "%s:%s" % (owner, group), system.path(path)])
    system.run(["chmod", mode, system.path(path)])


def _matching(system, node):
    folder, dummy, pattern = ("/dev/" + node["kernel"]).rpartition("/")
    names = [name for name in system.list(folder) if fnmatch.fnmatchcase(name, pattern)]
    return ["%s/%s" % (folder, name) for name in names if _is_of(system, name, node["subsystem"])]


def _is_of(system, name, subsystem):
    """True where sysfs has a device of that name in the subsystem; any where none is asked for."""
    return not subsystem or system.exists("/sys/class/%s/%s" % (subsystem, name))


def _name(lookup, number):
    try:
        return lookup(number)[0]
    except KeyError:
        return str(number)


def _known(owner, group):
    for lookup, name, word in ((pwd.getpwnam, owner, "user"), (grp.getgrnam, group, "group")):
        try:
            lookup(name)
        except KeyError as error:
            advice = "Make it on the node first, or name another in the catalogue"
            raise EngineError("there is no %s %s" % (word, name), "catalogue: nodes", advice) from error
