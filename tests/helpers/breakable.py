"""A System over a folder whose n-th change can be refused or be the last one: what fakes of a node build upon."""

from __future__ import annotations

import os
import pathlib

from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System


class Killed(BaseException):
    """The module died here: kill -9 leaves no chance to clean up."""


def refusal(path, number):
    """The EngineError that System.write_kernel makes of the kernel's errno."""
    error = EngineError("the kernel refused: %s" % os.strerror(number), path)
    error.__cause__ = OSError(number, os.strerror(number))
    return error


class Breakable(System):
    """answer(argv) is for what runs; kernel(path, value) for what is written to the kernel."""

    def __init__(self, folder):
        super().__init__(str(folder))
        self.log = []
        self.breaking = None

    def answer(self, argv):
        """What a command says; to be overridden."""
        return CommandResult(127, "", "unknown command")

    def reads_only(self, argv):
        """True for a command that changes nothing; to be overridden."""
        return False

    def kernel(self, path, value):
        """What the kernel does with a value; to be overridden."""
        self.put(path, value + "\n")

    def break_at(self, number, error):
        """The change of that number (from 0) ends with error: Killed, or EngineError for a refusal."""
        self.log.clear()
        self.breaking = (number, error)

    def put(self, path, text):
        """A file that somebody else makes."""
        target = pathlib.Path(self.path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def text(self, path):
        """The text of a file."""
        return pathlib.Path(self.path(path)).read_text()

    def snapshot(self):
        """{path: text} of all files and links, and of folders that are empty."""
        seen = {}
        for folder, folders, names in os.walk(self.root):
            paths = [pathlib.Path(folder, name) for name in names]
            seen.update({str(path): os.readlink(path) if path.is_symlink() else path.read_text() for path in paths})
            if not names and not folders:
                seen[folder] = "empty"
        return {path[len(self.root) :]: text for path, text in seen.items() if not path.endswith("gedge.lock")}

    def leftovers(self):
        """Drafts that no finished run may leave."""
        return [path.name for path in pathlib.Path(self.root).rglob("*.gedge-tmp")]

    def _change(self, what):
        self.log.append(what)
        if self.breaking and len(self.log) - 1 == self.breaking[0]:
            error, self.breaking = self.breaking[1], None
            raise error

    def write_kernel(self, path, value):
        self._change("kernel %s %s" % (path, value))
        self.kernel(path, str(value))

    def write_file(self, path, text, mode=0o644):
        if self.breaking and self.breaking == (len(self.log), Killed):
            self.put(path + ".gedge-tmp", text[: len(text) // 2])  # death in the middle of the draft
        self._change("file %s" % path)
        super().write_file(path, text, mode)

    def write_link(self, path, target):
        self._change("link %s" % path)
        super().write_link(path, target)

    def remove_file(self, path):
        self._change("remove %s" % path)
        super().remove_file(path)

    def run(self, argv, check=True, stdin=None):
        assert all(isinstance(word, str) for word in argv), argv
        if not self.reads_only(argv):
            self._change(" ".join(argv))
        result = self.answer(argv)
        if check and result.rc:
            raise EngineError("rc %d: %s" % (result.rc, result.err.strip()), " ".join(argv))
        return result
