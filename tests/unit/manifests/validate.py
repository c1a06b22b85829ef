# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema checks without a cluster. Core kinds: kubernetes-validate's schemas, strict (no unknown key). Other kinds:
the schemas of crds/. A kind that neither knows is a failure, not a warning.
"""

from __future__ import annotations

import functools
import json
import pathlib

from jsonschema import Draft202012Validator
from kubernetes_validate import utils
from referencing import Registry, Resource

CRDS = pathlib.Path(__file__).parent / "crds"
VERSION = "1.37.0"


@functools.lru_cache(maxsize=None)
def definitions():
    """The shared part of all core schemas."""
    folder = f"kubernetes-json-schema/v{version()}-local-strict"
    return folder, utils.schema_contents(f"{folder}/_definitions.json", VERSION)


def version():
    """The newest version of Kubernetes that the package has."""
    return utils.latest_version()


@functools.lru_cache(maxsize=None)
def validator(api_version, kind, experimental):
    """The validator of a kind; LookupError where there is none."""
    for path in CRDS.glob("*.json"):
        crd = json.loads(path.read_text())
        right = kind != "HTTPRoute" or path.stem.endswith("-experimental") == experimental
        if right and (f"{crd['group']}/{crd['version']}", crd["kind"]) == (api_version, kind):
            return Draft202012Validator(strict(crd["schema"], top=True))
    folder, shared = definitions()
    group, dummy, last = api_version.rpartition("/")
    name = f"{kind.lower()}-{group.split('.')[0] + '-' if group else ''}{last}.json"
    try:
        schema = utils.schema_contents(f"{folder}/{name}", VERSION)
    except FileNotFoundError:
        raise LookupError(f"no schema of {api_version} {kind}") from None
    registry = Resource.from_contents(shared) @ (Resource.from_contents(schema) @ Registry())
    return Draft202012Validator(schema, registry=registry)


def strict(schema, top=False):
    """A CRD's schema that refuses keys which an API server would drop."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items() if key not in ("anyOf", "oneOf", "allOf", "not")}
    for key in ("anyOf", "oneOf", "allOf", "not"):  # they repeat parts of the properties beside them
        if key in schema:
            made[key] = schema[key]
    if "properties" in schema and isinstance(schema.get("type"), str):
        known = dict(made["properties"], **({"apiVersion": True, "kind": True, "metadata": True} if top else {}))
        made["properties"] = known
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    return made


def faults(objects, experimental=False):
    """['kind/name: path: message'] of all objects."""
    found = []
    for one in objects:
        label = f"{one['kind']}/{one['metadata']['name']}"
        try:
            errors = validator(one["apiVersion"], one["kind"], experimental).iter_errors(one)
        except LookupError as error:
            found.append(f"{label}: {error}")
            continue
        found += [f"{label}: {error.json_path}: {error.message[:200]}" for error in errors]
    return found
