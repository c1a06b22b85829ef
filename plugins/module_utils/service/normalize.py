# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The way in: documents as a person wrote them -> services and meshes in normal form, or all that is wrong."""

from __future__ import annotations

from ..errors import ProblemsError
from . import members, references, templates
from . import mesh as meshes
from .documents import read
from .report import Report
from .service import complete


def normalize(documents, strict=False, networks=None):
    """{"services", "meshes", "notes"} of a list of documents; raises ProblemsError with everything that is wrong."""
    made, findings = examine(documents, strict, networks)
    if findings:
        raise ProblemsError(findings, "services")
    return made


def examine(documents, strict=False, networks=None):
    """({"services", "meshes", "notes"}, [Finding]) of a list of documents; use the former where there is no Finding.

    strict: what would be put right for pinning is refused instead; networks: names of those that the testbed has, None
    where they are not known.
    """
    report = Report(strict)
    found = read(documents, report)
    known = templates.table(found.templates, report)
    drafts = [_service(part, known, found.templates_whole, report) for part in found.services]
    groups = [meshes.MeshDraft(part) for part in found.meshes]
    made = [draft for group in groups for draft in meshes.members(group, known, found.templates_whole, report)]
    names = _names(found, groups)
    drafts = [draft for draft in drafts if draft] + made
    services = references.unique(drafts, "services", report)
    unique = references.unique(groups, "meshes", report)
    references.check(drafts, names, report)
    references.volumes(drafts, report)
    references.networks(drafts, networks, report)
    for group in groups:
        meshes.settle(group, services, names, report)
    members.check(unique.values(), names, report)
    result = {"services": [draft.normal for draft in drafts], "meshes": [group.normal for group in groups]}
    return {**result, "notes": report.notes}, report.findings


def _names(found, groups):
    """{(namespace, name)} of all services, those that cannot be made too; None where a name could not be read."""
    if not found.whole or not all(group.names_known for group in groups):
        return None
    names = {(part.get("namespace", "default"), part["name"]) for part in found.services if "name" in part}
    return names | {(group.normal["namespace"], name) for group in groups for name in group.made_names()}


def _service(part, known, whole, report):
    """The Draft of a service, with what its template says; None where that is not known."""
    if "template" in part.bad:
        return None
    if "template" in part:
        template = templates.find(part, known, whole, report)
        if template is None:
            return None
        part = templates.merged(template, part)
    return complete(part, report)
