"""A node on which a program runs whose file may be replaced meanwhile, as a role does before its module."""

import os

from helpers.breakable import Breakable


class RunsProgram(Breakable):
    """program: the path of it; pid: of its process."""

    program, pid = "", 0

    def link(self, path):
        """As the kernel tells it, whose root is that of the node."""
        target = super().link(path)
        return target and target.replace(self.root, "", 1)

    def bring(self, text):
        """Another program in the place of the one that runs, whose file nobody else can reach any more."""
        before = self.path(self.program) + " (deleted)"
        os.replace(self.path(self.program), before)
        self.put(self.program, text)
        self.write_link("/proc/%d/exe" % self.pid, before)
