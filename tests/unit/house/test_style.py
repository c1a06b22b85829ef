"""What holds for every file: sizes, the oldest Python, documentation, licence, and no address of a registry."""

import ast
import pathlib
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLUGINS = ROOT / "plugins"
SOURCES = sorted(path for path in PLUGINS.rglob("*.py") if path.name != "__init__.py")
ON_NODES = [path for path in SOURCES if path.relative_to(PLUGINS).parts[0] in ("module_utils", "modules")]
CORE = ("module_utils", "plugin_utils")
# Fragments are parts of what others document.
# An action is documented by the module of its name, as ansible-test wants it.
DOCUMENTED = [path for path in SOURCES if path.relative_to(PLUGINS).parts[0] not in {*CORE, "doc_fragments", "action"}]
LONGEST_FUNCTION = 45
LONGEST_FILE = 250
# In parts, or this file would be the first to name one.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("ftp", "debian", "org"),
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("proxy", "golang", "org"),
        ("galaxy", "ansible", "com"),
        ("registry", "npmjs", "org"),
        ("crates", "io"),
        ("registry-1", "docker", "io"),
        ("quay", "io"),
        ("ghcr", "io"),
    )
]


def named(paths):
    """Paths as pytest parameters."""
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def constants(path):
    """The string constants at the top of a file: {name: value}."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found.update({target.id: node.value.value for target in node.targets})
    return found


@pytest.mark.parametrize("path", named(SOURCES))
def test_functions_fit_on_a_screen(path):
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    lengths = {node.name: node.end_lineno - node.lineno + 1 for node in tree if isinstance(node, ast.FunctionDef)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", named(SOURCES))
def test_files_are_short(path):
    text = path.read_text(encoding="utf-8")
    documentation = sum(value.count("\n") for value in constants(path).values() if isinstance(value, str))
    assert text.count("\n") - documentation <= LONGEST_FILE


@pytest.mark.parametrize("path", named(ON_NODES))
def test_what_runs_on_nodes_is_python_3_8(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    assert "from __future__ import annotations" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", named(SOURCES))
def test_every_source_names_its_licence(path):
    head = path.read_text(encoding="utf-8").splitlines()[:6]
    assert any("SPDX-License-Identifier: Apache-2.0" in line for line in head)


@pytest.mark.parametrize("path", named(DOCUMENTED))
def test_every_plugin_is_documented(path):
    found = constants(path)
    wanted = {"DOCUMENTATION", "EXAMPLES"}
    if path.parent.name in ("modules", "filter", "lookup", "test"):
        wanted.add("RETURN")
    assert wanted <= set(found)
    document = yaml.safe_load(found["DOCUMENTATION"])
    assert document["version_added"] == "0.1.0"
    assert yaml.safe_load(found["EXAMPLES"])


@pytest.mark.parametrize("path", named(DOCUMENTED))
def test_the_readme_names_every_plugin(path):
    assert f"`{path.stem}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_sanity_ignores_are_those_of_the_licence_and_of_files_with_several_documents():
    # ansible-test knows no licence but GPLv3, does not look at filters, and calls an entry too many an error.
    text = (ROOT / "tests" / "sanity" / "ignore-2.19.txt").read_text(encoding="utf-8")
    why = "yamllint:multiple-yaml-documents # files of several services show that they may be"
    examples = sorted((ROOT / "docs" / "examples").glob("*.yml"))
    several = [path.relative_to(ROOT) for path in examples if path.read_text(encoding="utf-8").count("\n---\n")]
    reason = "validate-modules:missing-gplv3-license # the collection is Apache-2.0"
    looked_at = [path.relative_to(ROOT) for path in DOCUMENTED if path.parent.name not in ("filter", "test")]
    assert text.splitlines() == [f"{path} {why}" for path in several] + [f"{path} {reason}" for path in looked_at]


def test_no_file_names_a_registry():
    listing = subprocess.run(
        ["git", "grep", "-l", "-I", "-F", *(word for name in REGISTRIES for word in ("-e", name))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listing.returncode == 1, listing.stdout + listing.stderr
