# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is published for editors is what the reader reads; the two come from one table."""

from __future__ import annotations

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.service.groups import ListOf
from ansible_collections.gedge.engine.plugins.module_utils.service.records import Record
from ansible_collections.gedge.engine.plugins.module_utils.service.table_mesh import FILE
from ansible_collections.gedge.engine.plugins.plugin_utils.service.schema import document, published
from jsonschema import Draft202012Validator
from unit.service.reading import container, edited, good, normal, problems, rows
from unit.service.test_forms import CONTAINER as CONTAINER_FORMS
from unit.service.test_forms import COUNTING, DOCUMENTS
from unit.service.test_forms import SERVICE as SERVICE_FORMS

FAULTS = rows("faults.yml")
VALIDATOR = Draft202012Validator(document())


def complaints(value):
    """What the schema has against a document."""
    return [error.message for error in VALIDATOR.iter_errors(value)]


def test_the_published_file_is_what_the_reader_uses(root):
    """Write it anew with the command in docs/services.md."""
    assert (root / "docs/schemas/service.schema.json").read_text(encoding="utf-8") == published()


def test_it_is_a_valid_schema():
    Draft202012Validator.check_schema(document())


def keys(shape, path=""):
    """(path, Key, the Record) of every key of a table, below it too."""
    while not isinstance(shape, Record):
        if not isinstance(getattr(shape, "item", getattr(shape, "record", None)), (Record, ListOf)):
            return
        shape = getattr(shape, "item", getattr(shape, "record", None))
    for key in shape.keys:
        here = "%s.%s" % (path, key.name) if path else key.name
        yield here, key, shape
        yield from keys(key.shape, here)


ALL = [(path, key) for path, key, dummy in keys(FILE)]


def test_the_table_is_walked():
    paths = {path for path, dummy in ALL}
    assert {
        "services.containers.acceleration.topology",
        "meshes.routes.retries.attempts",
        "services.volumes.size",
    } <= paths
    assert len(paths) > 150


@pytest.mark.parametrize(("path", "key"), ALL, ids=[path for path, dummy in ALL])
def test_every_key_has_a_description_and_a_title(path, key):
    schema = key.schema()
    assert key.description.endswith(".") and schema["description"] and schema["title"]
    assert path


def test_every_example_is_right():
    for path, key in ALL:
        for example in key.shape.examples:
            assert not list(Draft202012Validator(key.schema()).iter_errors(example)), path


ACCEPTED = {
    **{"devices, " + case.name: container(acceleration={case.key: case.written}) for case in COUNTING},
    **{"container, " + form.name: container(**form.written) for form in CONTAINER_FORMS},
    **{"service, " + form.name: {**container(), **form.written} for form in SERVICE_FORMS},
    **{name: given for name, given in DOCUMENTS.items() if isinstance(given, dict)},
    "every key": good(),
    "the normal form": normal(good()),
}


@pytest.mark.parametrize("given", ACCEPTED.values(), ids=ACCEPTED)
def test_the_schema_takes_what_the_reader_takes(given):
    assert problems(given) == []
    assert complaints(given) == []


def test_the_schema_finds_faults_of_form_too():
    """What keys say against each other is beyond a schema."""
    broken = {row["name"]: edited(good(), row.get("drop", ()), row.get("rename"), row.get("set")) for row in FAULTS}
    found = {name for name, given in broken.items() if complaints(given)}
    assert len(found) > 70
    assert {name for name in broken if "misspelled key" in name or "unknown k" in name} <= found


def test_the_normal_form_has_every_key_of_today():
    """So that nothing that can be written is lost on the way."""
    made = normal(good())
    service, mesh = made["services"][0], made["meshes"][0]
    assert set(service) == _names("services") - {"template"}
    assert set(service["containers"][0]) == _names("services.containers")
    assert set(service["containers"][0]["ports"][0]) == _names("services.containers.ports")
    assert set(service["containers"][0]["mounts"][0]) == _names("services.containers.mounts")
    assert set(service["volumes"][0]) == _names("services.volumes") - {"mount"}
    assert set(mesh) == _names("meshes")
    assert set(mesh["services"][0]) == _names("meshes.services") - {"template", "labels"}
    assert set(mesh["routes"][0]) == _names("meshes.routes")


def _names(above):
    below = [(path, key) for path, key in ALL if path.rpartition(".")[0] == above and not key.legacy]
    return {key.name for dummy, key in below}
