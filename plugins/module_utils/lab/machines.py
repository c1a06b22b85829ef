# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node of a lab is made of: a virtual machine, or a container. Both start, answer and end in the same words."""

from __future__ import annotations

import os

from . import container, process, vm
from .container import Container
from .vm import Vm

# By what a node is known: the file that it has, and its process by a file that its command line names.
KNOWN_BY = ((vm.DISK, vm.PROGRAM, vm.MARK), (container.FILES, container.PROGRAM, container.MARK))


def of(system, folder, name):
    """{kind: machine} that the node of that name may be: at most one of them runs."""
    return {kind.kind: kind(system, folder, name) for kind in (Vm, Container)}


def found(system, folder):
    """The names of nodes that have files or a process in a lab's folder, noted or not."""
    names = []
    for file, program, mark in KNOWN_BY:
        names += [name for name in system.list(folder) if os.path.exists(os.path.join(folder, name, file))]
        marks = process.marks(program, folder + "/", "/" + mark)
        names += [os.path.basename(os.path.dirname(one)) for one in marks]
    return names
