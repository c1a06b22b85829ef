"""Debian's real archive from a machine's own apt sources, for a suite of choice, without touching the machine."""

from __future__ import annotations

import pathlib
import re
import subprocess

from ansible_collections.gedge.engine.plugins.module_utils.accelerator import sources
from ansible_collections.gedge.engine.plugins.module_utils.system import System

CACHE = pathlib.Path.home() / ".cache" / "gedge-engine" / "apt"
FOLDERS = ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "etc/preferences.d", "etc/sources.list.d")


def own_sources(suite):
    """Text of a deb822 file: this machine's Debian sources for a suite, all areas. "" where it has none."""
    own = re.search(r"(?m)^VERSION_CODENAME=(\S+)", pathlib.Path("/etc/os-release").read_text())
    if not own:
        return ""
    system, texts = System(), {}
    names = ["/etc/apt/sources.list"] + [f"/etc/apt/sources.list.d/{n}" for n in system.list("/etc/apt/sources.list.d")]
    for name in names:
        texts[name] = re.sub(rf"\b{own.group(1)}\b", suite, system.read(name) or "")
    text = "\n".join(sources.wanted(texts, suite))
    return text.replace("Components: ", "Components: main ") + "\n" if text else ""


class Archive:
    """apt with folders of its own, on which nothing is installed."""

    def __init__(self, suite):
        self.suite, self.root = suite, CACHE / suite

    def update(self):
        """Fetch the lists: True where that worked."""
        text = own_sources(self.suite)
        if not text:
            return False
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        (self.root / "etc" / "sources.list.d" / "debian.sources").write_text(text)
        return self._apt("update").returncode == 0

    def install(self, names):
        """What apt says of installing packages: (rc, text)."""
        done = self._apt("-s", "--no-install-recommends", "install", *names)
        return done.returncode, done.stdout + done.stderr

    def _apt(self, *words):
        options = {
            "Dir::State": self.root / "state",
            "Dir::State::status": self.root / "status",
            "Dir::Cache": self.root / "cache",
            "Dir::Etc": self.root / "etc",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",
        }
        argv = ["apt-get", "-q", *(word for key, value in options.items() for word in ("-o", f"{key}={value}")), *words]
        return subprocess.run(argv, capture_output=True, text=True, check=False)
