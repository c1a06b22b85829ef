"""Puts the collections of requirements.yml into .ansible/collections.

From Galaxy where it answers; else out of the wheel of the PyPI package `ansible`, which carries the same collections.
Either way `ansible-galaxy` has the last word on whether their versions fit.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile

import yaml
from ansible import constants

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / ".ansible" / "collections"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gedge-engine" / "wheels"

WHEEL_VERSION = "12.3.0"
WHEEL_SHA256 = "cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
GALAXY_PATIENCE = 4  # seconds: the time that a reachable Galaxy needs to answer at all


def wanted():
    """The names in requirements.yml, such as ["ansible.posix"]."""
    document = yaml.safe_load((ROOT / "requirements.yml").read_text(encoding="utf-8"))
    return [entry["name"] for entry in document["collections"]]


def galaxy_answers():
    """True where the Galaxy server of Ansible's configuration can be reached."""
    try:
        with urllib.request.urlopen(constants.GALAXY_SERVER, timeout=GALAXY_PATIENCE):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def galaxy_install(*options):
    """Install what is not there yet; raises CalledProcessError where a version does not fit."""
    command = [str(pathlib.Path(sys.executable).parent / "ansible-galaxy"), "collection", "install"]
    command += ["-r", str(ROOT / "requirements.yml"), "-p", str(TARGET), *options]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def sha256(path):
    """The SHA-256 of a file in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def wheel():
    """The path of the checked wheel, downloaded once per version."""
    path = CACHE / f"ansible-{WHEEL_VERSION}-py3-none-any.whl"
    if path.exists() and sha256(path) == WHEEL_SHA256:
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        pin = pathlib.Path(folder) / "pin.txt"
        pin.write_text(f"ansible=={WHEEL_VERSION} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-d", folder]
        subprocess.run([*command, "-r", str(pin)], check=True)
        (pathlib.Path(folder) / path.name).replace(path)
    return path


def unpack(archive, names):
    """Unpack the named collections out of the wheel into TARGET."""
    prefixes = tuple("ansible_collections/{}/{}/".format(*name.split(".")) for name in names)
    with zipfile.ZipFile(archive) as bundle:
        members = [member for member in bundle.namelist() if member.startswith(prefixes)]
        absent = [prefix for prefix in prefixes if not any(member.startswith(prefix) for member in members)]
        if absent:
            raise SystemExit(
                f"ansible {WHEEL_VERSION} does not carry {', '.join(absent)}: take it out of requirements.yml"
            )
        bundle.extractall(TARGET, members)


def main():
    """Galaxy first; the wheel where there is no Galaxy."""
    names = wanted()
    TARGET.mkdir(parents=True, exist_ok=True)
    if galaxy_answers():
        galaxy_install()
        print(f"deps: {', '.join(names)} from Galaxy")
        return
    unpack(wheel(), names)
    # --offline: all that is asked for is there, so a range that does not fit is the only thing that can fail.
    galaxy_install("--offline")
    print(f"deps: {', '.join(names)} from the wheel of ansible {WHEEL_VERSION} (Galaxy does not answer)")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"deps: {' '.join(error.cmd)} failed with rc {error.returncode}")
