"""Checks what a user reads: plugin documentation, argument specs of roles, the changelog, the built collection."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
COLLECTION = "gedge.engine"
KINDS = ("callback", "filter", "inventory", "lookup", "module", "test")
# The folder of a kind is its name, but for modules.
FOLDERS = {"module": "modules"}
RETURNS = ("filter", "lookup", "module", "test")


def output(*command, cwd=ROOT):
    """The stdout of a command out of the environment; its own words are the error."""
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"docs-check: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def plugins(kind):
    """The full names of the checkout's plugins of a kind."""
    files = sorted((ROOT / "plugins" / FOLDERS.get(kind, kind)).glob("*.py"))
    return [f"{COLLECTION}.{path.stem}" for path in files if path.stem != "__init__"]


def check_plugins():
    """ansible-doc shows each plugin, with examples, and returns where it returns something. The number of plugins."""
    count = 0
    for kind in KINDS:
        names = plugins(kind)
        if not names:
            continue
        shown = json.loads(output("ansible-doc", "-t", kind, "--json", *names))
        for name in names:
            parts = ["doc", "examples"] + (["return"] if kind in RETURNS else [])
            lacking = [part for part in parts if not shown.get(name, {}).get(part)]
            if lacking:
                sys.exit(f"docs-check: {kind} {name} has no {', '.join(lacking)}")
        count += len(names)
    return count


def check_roles():
    """ansible-doc shows each role's main entry point. The number of roles."""
    names = [f"{COLLECTION}.{path.parent.name}" for path in sorted((ROOT / "roles").glob("*/meta"))]
    shown = json.loads(output("ansible-doc", "-t", "role", "--json", *names)) if names else {}
    for name in names:
        if "main" not in shown.get(name, {}).get("entry_points", {}):
            sys.exit(f"docs-check: role {name} has no argument_specs for its entry point main")
    return len(names)


def check_build():
    """The collection builds, and holds what runs but nothing of the workshop. The number of files."""
    with tempfile.TemporaryDirectory() as folder:
        output("ansible-galaxy", "collection", "build", "--output-path", folder)
        (archive,) = pathlib.Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as bundle:
            names = bundle.getnames()
    workshop = [
        name for name in names if name.split("/")[0] in ("tools", "molecule", "collections", "inventories", "build")
    ]
    needed = ["LICENSE", "README.md", "meta/runtime.yml", "MANIFEST.json", "FILES.json"]
    needed += [str(path.relative_to(ROOT)) for path in (ROOT / "plugins").rglob("*.py")]
    absent = [name for name in needed if name not in names]
    if workshop or absent:
        sys.exit(f"docs-check: the built collection lacks {absent}, and should not hold {workshop}")
    return len(names)


def main():
    """Says what was checked."""
    os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")
    print(f"ansible-doc: {check_plugins()} plugins and {check_roles()} roles are documented")
    print(f"ansible-galaxy collection build: {check_build()} files")
    output("antsibull-changelog", "lint")
    print("antsibull-changelog lint: clean")


if __name__ == "__main__":
    main()
