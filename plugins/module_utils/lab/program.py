# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Programs of ours that go on after the module, which Ansible runs out of a zip: their source is put beside the lab."""

from __future__ import annotations

import importlib.util
import os


def texts(package, modules):
    """{file name: source text} of a package and its modules."""
    found = {"__init__.py": source(package)}
    for module in modules:
        found[module.__name__.rsplit(".", 1)[1] + ".py"] = source(module)
    return found


def source(module):
    """The source text of a module; Ansible's own loader gives bytes."""
    text = importlib.util.find_spec(module.__name__).loader.get_source(module.__name__) or ""
    return text.decode() if isinstance(text, bytes) else text


def put(folder, files):
    """Write {file name: text} into a folder that only we may read."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for name, text in files.items():
        write(os.path.join(folder, name), text)


def read(path):
    """The text of a file, or None."""
    try:
        with open(path, encoding="utf-8") as handle:
            return handle.read()
    except OSError:
        return None


def write(path, text):
    """Write a text file."""
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
