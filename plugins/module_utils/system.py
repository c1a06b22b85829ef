# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The edge to the machine: files below a root, and commands. The only place in the core that touches either."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import io
import os
import shutil
import socket
import stat
import subprocess
import time
import urllib.request

from .errors import EngineError

LOCK = "/run/lock/gedge.lock"
LOCK_WAIT_S = 120  # a run takes seconds; more under emulation
DRAFT = ".gedge-tmp"  # beside a file while it is written; a killed run can leave one


def _taken(handle):
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _encoded(text, encoding, path):
    """The bytes of a text; made before the file is opened, so that a text that has none leaves nothing behind."""
    try:
        return text.encode(encoding)
    except UnicodeError as error:
        raise EngineError("%r is no %s text and cannot be written" % (text, encoding.upper()), path) from error


def write_draft(draft, source, mode):
    """Write a binary stream to a file beside the place that it is meant for, on the disk before it is put there."""
    os.makedirs(os.path.dirname(draft), exist_ok=True)
    with open(draft, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())
    os.chmod(draft, mode)


def _keep(folder):
    """Have the kernel write a folder's names to the disk: a renamed file must also survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class CommandResult:
    """What a command left: rc (int), out and err (str)."""

    def __init__(self, rc, out, err):
        self.rc = rc
        self.out = out
        self.err = err


class System:
    """Reads and changes the machine below root ("/" is the live one, else a saved tree)."""

    def __init__(self, root="/"):
        self.root = os.path.abspath(root)

    def path(self, path):
        """The real location of an absolute path of the machine."""
        return os.path.join(self.root, path.lstrip("/")) if self.root != "/" else path

    # -- reading: an absent or unreadable file is None, never a traceback

    def read(self, path):
        """The stripped text of a file, or None."""
        data = self.read_bytes(path)
        return None if data is None else data.decode("utf-8", "replace").strip("\n\0 ")

    def read_bytes(self, path):
        """The bytes of a file, or None. Plain system calls: discovery reads thousands of tiny files."""
        try:
            handle = os.open(self.path(path), os.O_RDONLY)
        except (OSError, ValueError):
            return None
        try:
            chunks = [os.read(handle, 65536)]
            while chunks[-1]:
                chunks.append(os.read(handle, 65536))
            return b"".join(chunks)
        except OSError:
            return None
        finally:
            os.close(handle)

    def list(self, path):
        """The sorted names in a folder, [] where there is none."""
        try:
            return sorted(os.listdir(self.path(path)))
        except OSError:
            return []

    def exists(self, path):
        """True where the path is there."""
        return os.path.exists(self.path(path))

    def link(self, path):
        """The text of a symbolic link, or None where there is none."""
        try:
            return os.readlink(self.path(path))
        except (OSError, ValueError):
            return None

    def link_name(self, path):
        """The last name of a symbolic link's target (a driver, an IOMMU group), or None."""
        target = self.link(path)
        return None if target is None else os.path.basename(target)

    def mode(self, path):
        """The permission bits of a file, or None."""
        try:
            return stat.S_IMODE(os.stat(self.path(path)).st_mode)
        except OSError:
            return None

    def fetch(self, url, timeout=2):
        """The stripped text that an address of this machine answers with, None where it does not say 200."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(url, timeout=timeout) as answer:
                return answer.read(65536).decode("utf-8", "replace").strip()
        except (OSError, http.client.HTTPException):  # a refused one is an OSError too
            return None

    def ask_socket(self, path, request, ended, timeout):
        """The bytes that a Unix socket answers with until ended(bytes) is true; None where nobody listens."""
        received = b""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.settimeout(timeout)
                stream.connect(self.path(path))
                stream.sendall(request)
                chunk = stream.recv(65536)
                while chunk:
                    received += chunk
                    chunk = b"" if ended(received) else stream.recv(65536)
        except (OSError, ValueError):
            return None
        return received

    # -- changing

    @contextlib.contextmanager
    def lock(self, wait=LOCK_WAIT_S):
        """Only one run changes a machine at a time. The lock ends with the process, however that ends."""
        path = self.path(LOCK)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as handle:
            end = time.monotonic() + wait
            while not _taken(handle):
                if time.monotonic() > end:
                    raise EngineError(
                        "another run is changing this machine since %d s or more" % wait,
                        LOCK,
                        "Wait for it, then run again",
                    )
                time.sleep(0.2)
            yield

    def write_kernel(self, path, value):
        """Write a sysfs or procfs attribute; the kernel's refusal becomes an EngineError."""
        data = _encoded(str(value), "ascii", path)
        try:
            with open(self.path(path), "wb") as handle:
                handle.write(data)
        except OSError as error:
            raise EngineError("the kernel refused %r: %s" % (str(value), error.strerror), path) from error

    def write_file(self, path, text, mode=0o644):
        """Put a file in place whole: readers see the old text or the new one, also after kill -9 or a loss of power."""
        self.write_stream(path, io.BytesIO(_encoded(text, "utf-8", path)), mode)

    def write_stream(self, path, source, mode):
        """Put what a binary stream has in place whole, as write_file does a text."""
        real = self.path(path)
        draft = real + DRAFT
        try:
            write_draft(draft, source, mode)
            os.replace(draft, real)
            _keep(os.path.dirname(real))
        except OSError as error:
            raise EngineError("cannot be written: %s" % error.strerror, path) from error

    def write_link(self, path, target):
        """Put a symbolic link in place whole, as write_file does a file."""
        draft = self.path(path) + DRAFT
        try:
            os.makedirs(os.path.dirname(draft), exist_ok=True)
            if os.path.lexists(draft):
                os.unlink(draft)
            os.symlink(target, draft)
            os.replace(draft, self.path(path))
        except OSError as error:
            raise EngineError("cannot be made: %s" % error.strerror, path) from error

    def remove_file(self, path):
        """Remove a file, and the draft that a killed run may have left beside it."""
        for name in (path, path + DRAFT):
            try:
                os.unlink(self.path(name))
            except FileNotFoundError:
                pass
            except OSError as error:
                raise EngineError("cannot be removed: %s" % error.strerror, name) from error

    def remove_folder(self, path):
        """Remove a folder that is empty; one that is not there or not empty stays as it is."""
        try:
            os.rmdir(self.path(path))
        except OSError:
            pass

    def run(self, argv, check=True, stdin=None):
        """Run a command in the C locale, stdin: its text. With check, a non-zero rc becomes an EngineError."""
        env = dict(os.environ, LC_ALL="C", LANG="C")
        env["PATH"] = "%s:/usr/sbin:/sbin:/usr/bin:/bin" % env.get("PATH", "")
        try:
            done = subprocess.run(
                argv, capture_output=True, text=True, errors="replace", env=env, check=False, input=stdin
            )
        except FileNotFoundError as error:
            raise EngineError("the command is not installed", argv[0], "Install the package that has it") from error
        except (OSError, ValueError) as error:  # ValueError: text that no command takes, such as a NUL
            raise EngineError("cannot be run: %s" % (getattr(error, "strerror", "") or error), argv[0]) from error
        result = CommandResult(done.returncode, done.stdout, done.stderr)
        if check and result.rc != 0:
            raise EngineError(
                "rc %d: %s" % (result.rc, (result.err or result.out).strip() or "no message"), " ".join(argv)
            )
        return result
