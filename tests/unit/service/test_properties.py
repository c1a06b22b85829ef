# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What holds for all that is accepted, over generated descriptions of every form."""

from __future__ import annotations

from ansible_collections.gedge.engine.plugins.module_utils.quantities import millicores, number_of_bytes
from ansible_collections.gedge.engine.plugins.module_utils.service.derived import devices, has_pinned, path_of, pinned
from ansible_collections.gedge.engine.plugins.module_utils.service.normalize import examine
from hypothesis import given, settings
from unit.fuzz.cases import CASES, MANY
from unit.service.generated import files

# A file takes a while to make up. That its normal form stays what it is, tests/unit/fuzz sees many times.
SOME = settings(MANY, max_examples=max(CASES // 4, 1))


def made_of(documents):
    """The normal form, there being no problem."""
    made, findings = examine(documents)
    assert not findings, findings[0].text()
    return made


@SOME
@given(files())
def test_a_pinned_container_can_be_pinned_by_the_kubelet(documents):
    """The pod is Guaranteed, and the CPUs of the container are whole."""
    for service in made_of(documents)["services"]:
        for container in service["containers"]:
            resources, limits = container["resources"], container["limits"]
            if pinned(container):
                assert millicores(resources["cpu"]) % 1000 == 0
                assert limits == {"cpu": None, "memory": None}
            elif has_pinned(service):
                assert limits == {"cpu": resources["cpu"], "memory": resources["memory"]}


@SOME
@given(files())
def test_nothing_that_is_asked_for_gets_less(documents):
    made = {service["name"]: service for service in made_of(documents)["services"]}
    written = [
        service for each in documents for service in each.get("services", [each] if "containers" in each else [])
    ]
    for service in written:
        for asked, got in zip(service["containers"], made[service["name"]]["containers"]):
            resources = asked.get("resources", {})
            resources = {**resources, **resources.get("requests", {})}
            if "cpu" in resources:
                assert millicores(got["resources"]["cpu"]) >= millicores(resources["cpu"])
            if "memory" in resources:
                assert number_of_bytes(got["resources"]["memory"]) >= number_of_bytes(resources["memory"])


@SOME
@given(files())
def test_paths_and_names_agree(documents):
    made = made_of(documents)
    names = [(service["namespace"], service["name"]) for service in made["services"]]
    assert len(set(names)) == len(names)
    for service in made["services"]:
        assert service["path"] == path_of(service["containers"])
        for kind in ("sriov", "macvlan"):
            total = sum(devices(container)[kind] for container in service["containers"])
            assert len(service["networks"][kind]) in (0, total)
    for mesh in made["meshes"]:
        assert {(mesh["namespace"], member["service"]) for member in mesh["services"]} <= set(names)
        for route in mesh["routes"]:
            assert sum(each["weight"] for each in route["destinations"]) == 100


@SOME
@given(files())
def test_every_change_is_told(documents):
    """What was rounded for pinning is in the notes: was and now are what was written and what it became."""
    made = made_of(documents)
    for note in made["notes"]:
        assert note["was"] != note["now"] or note["what"].startswith("old form"), note
