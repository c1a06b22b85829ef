# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The schema is one: what the plugin uses is what is published and what the guide explains."""

from __future__ import annotations

import re
import textwrap

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.inventory import testbed as plugin
from ansible_collections.gedge.engine.plugins.module_utils.boot import cmdline
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.sriov.wanted import BOUNDS
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.schema.document import document, published
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.schema.settings import ARGUMENT
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.structure import check_structure
from jsonschema import Draft202012Validator
from unit.testbed.edits import good, problems_of_text


def values(schema, path=""):
    """(path, schema) of everything below a schema."""
    yield path, schema
    for key, inner in schema.get("properties", {}).items():
        yield from values(inner, "%s.%s" % (path, key) if path else key)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from values(schema["additionalProperties"], path + ".NAME")
    if "items" in schema:
        yield from values(schema["items"], path + "[]")


ALL = list(values(document()))


def test_the_published_file_is_what_the_plugin_uses(root):
    """Write it anew with the command in docs/testbed.md."""
    assert (root / "docs/schemas/testbed.schema.json").read_text(encoding="utf-8") == published()


def test_it_is_a_valid_schema():
    Draft202012Validator.check_schema(document())


@pytest.mark.parametrize(("path", "schema"), ALL, ids=[path for path, _schema in ALL])
def test_every_value_has_title_and_description(path, schema):
    assert schema["title"]
    assert schema["description"]


def test_every_example_is_valid():
    for path, schema in ALL:
        for example in schema.get("examples", []):
            assert not list(Draft202012Validator(schema).iter_errors(example)), path


def test_a_vf_has_the_bounds_of_module_sriov():
    """What the testbed takes, the module takes; neither knows better."""
    (config,) = [schema for path, schema in ALL if path.endswith("vfs.config[]")]
    found = {key: (config["properties"][key]["minimum"], config["properties"][key]["maximum"]) for key in BOUNDS}
    assert found == BOUNDS


def test_a_kernel_argument_has_the_characters_that_module_boot_takes():
    """But for the blank, which the module takes in quotes."""
    for char in map(chr, [*range(0x20), *range(0x21, 0x200)]):
        try:
            taken = cmdline.argument("a=b%sc" % char) == ("a", "b%sc" % char)
        except EngineError:
            taken = False
        assert bool(re.fullmatch(ARGUMENT, "a=b%sc" % char)) == taken, char


def test_the_good_file_has_every_key():
    """So that each key is read and expanded by the tests."""
    seen = set()

    def walk(value, schema):
        for key, inner in schema.get("properties", {}).items():
            if key in value:
                seen.add(id(inner))
                below(value[key], inner)

    def below(value, schema):
        if isinstance(value, list) and "items" in schema:
            for item in value:
                below(item, schema["items"])
        elif isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
            for item in value.values():
                below(item, schema["additionalProperties"])
        elif isinstance(value, dict):
            walk(value, schema)

    schema = document()
    walk(good(), schema)
    keys = [(path, inner) for path, inner in values(schema) if path and not path.endswith(("NAME", "[]"))]
    missing = {path for path, inner in keys if id(inner) not in seen}
    # What a node says over its profile has the schema of the profile's.
    as_profile = {path for path in missing if path.startswith("nodes.") and path.count(".") > 2}
    assert missing - as_profile == {"include"}  # that has tests of its own
    assert not {path.replace("nodes.", "profiles.") for path in as_profile} & missing


def test_the_guide_explains_every_key(root):
    guide = (root / "docs/testbed.md").read_text(encoding="utf-8")
    for path, schema in ALL:
        if not path or path.endswith(("NAME", "[]")):
            continue
        key = path.rpartition(".")[2]
        assert "| `%s` | %s | %s" % (key, _needed(path), schema["description"]) in guide, path


def _needed(path):
    above, _dot, key = path.rpartition(".")
    return "yes" if key in dict(ALL)[above].get("required", []) else ""


def blocks(text, language):
    """The fenced blocks of a language in a Markdown text."""
    found = re.findall(r"^ *```%s\n(.*?)\n *```" % language, text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


def test_the_example_of_the_guide_is_good_and_its_faults_are_real(root):
    guide = (root / "docs/testbed.md").read_text(encoding="utf-8")
    (example,) = blocks(guide, "yaml")
    assert problems_of_text(example) == []
    broken = example.replace("gateway:", "gatway:").replace("vlan: 40,", "vlan: 30,")
    broken = broken.replace('"25": {media: sfp+', '"25": {media: rj45')
    (shown,) = blocks(guide, "text")
    said = problems_of_text(broken)
    assert len(said) == 3
    for (path, what, advice), line in zip(said, shown.splitlines()[1:]):
        assert path in line
        assert what in line
        assert advice in line


def test_the_example_of_the_plugin_is_good():
    assert problems_of_text(plugin.EXAMPLES) == []


def test_the_plugin_documents_itself():
    documentation = yaml.safe_load(plugin.DOCUMENTATION)
    assert documentation["name"] == "testbed"
    assert documentation["options"]["plugin"]["choices"] == [plugin.InventoryModule.NAME]


def test_structure_keeps_the_sound_parts():
    data = good()
    data["networks"]["public"]["vlan"] = "ten"
    data["networks"]["public"]["gatway"] = "198.51.100.1"
    data["networks"]["management"]["purpose"] = ["management", "x"]
    data["nodes"]["node1"] = 7
    structure = check_structure(data)
    assert "vlan" not in structure.sound["networks"]["public"]
    assert "gatway" not in structure.sound["networks"]["public"]
    assert structure.sound["networks"]["public"]["cidr"] == "198.51.100.0/24"
    assert structure.sound["networks"]["management"]["purpose"] == ["management", None]
    assert "node1" not in structure.sound["nodes"]
    assert structure.sound["switches"] == data["switches"]
    assert structure.names("nodes") == ["node1", "node2", "store"]
    assert not structure.is_sound("networks")
    assert structure.is_sound("switches", "tor")
