# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""`include`: what sites share stands in a file of its own; a fault is named with its file and line."""

from __future__ import annotations

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed
from unit.testbed.edits import good

SHARED = ("networks", "profiles")


@pytest.fixture
def site(tmp_path):
    """A function that writes good.yml as two files, one key a line, and gives the path of the site's own."""

    def write(own=None, shared=None, text=None):
        document = good()
        below = {key: document.pop(key) for key in SHARED}
        document = {**document, "include": "../shared/all.yml", **(own or {})}
        (tmp_path / "site").mkdir()
        (tmp_path / "shared").mkdir()
        (tmp_path / "site" / "testbed.yml").write_text(json.dumps(document, indent=1), encoding="utf-8")
        whole = json.dumps({**below, **(shared or {})}, indent=1)
        (tmp_path / "shared" / "all.yml").write_text(whole if text is None else text, encoding="utf-8")
        return tmp_path / "site" / "testbed.yml"

    return write


def faults(path):
    """[(path of the key, text)] of a file that is refused."""
    with pytest.raises(ProblemsError) as caught:
        load_testbed(path)
    return [(problem.path, problem.text()) for problem in caught.value.problems]


def test_two_files_make_the_same_as_one(site, tmp_path):
    whole = tmp_path / "whole.yml"
    whole.write_text(json.dumps(good()), encoding="utf-8")
    assert expand(load_testbed(site())) == expand(load_testbed(whole))


def test_a_site_may_be_built_on_another_one(site, tmp_path):
    whole = tmp_path / "whole.yml"
    whole.write_text(json.dumps(good()), encoding="utf-8")
    assert expand(load_testbed(site(shared={"plugin": "gedge.engine.testbed"}))) == expand(load_testbed(whole))


def test_the_sites_own_file_goes_over_the_shared_one(site):
    own = {
        "networks": {"public": {"first": "198.51.100.30"}},
        "profiles": {"edge": {"kernel_arguments": ["nosmt"], "rdma": {"netns": "shared"}}},
    }
    made = expand(load_testbed(site(own)))
    node1 = made.hosts["node1"]
    assert node1["testbed_addresses"]["public"] == "198.51.100.30/24"
    assert node1["testbed_kernel_arguments"] == ["nosmt"]
    assert (node1["testbed_rdma"]["netns"], len(node1["testbed_rdma"]["rxe"])) == ("shared", 2)
    assert node1["testbed_isolated_cpus"] == "2-3"


def test_a_fault_of_the_shared_file_is_named_with_it(site, tmp_path):
    networks = {**good()["networks"], "sriov-b": {"purpose": "sriov", "vlan": 30, "cidr": "192.168.30.96/28"}}
    path = site(shared={"networks": networks})
    shared = tmp_path / "shared" / "all.yml"
    (found,) = [text for key, text in faults(path) if key == "networks.sriov-b.vlan"]
    lines = shared.read_text(encoding="utf-8").splitlines()
    number = next(place for place, line in enumerate(lines, 1) if '"sriov-b": {' in line) + 2
    assert found.startswith(
        "%s, line %d: networks.sriov-b.vlan: VLAN 30 is already that of network sriov-a" % (shared, number)
    )


def test_a_fault_of_the_own_file_is_named_by_its_line_alone(site):
    (found,) = faults(site({"profiles": {"edge": {"tuning": "fast"}}}))
    assert found[0] == "profiles.edge.tuning"
    assert found[1].startswith("line ")


MORE = [
    ("a misspelled section", {"network": {}}, ["network"], 'Did you mean "networks"?'),
    ("an include in an include", {"include": "more.yml"}, ["include"], "an included file includes no other"),
    ("a missing key", {"networks": {**good()["networks"], "x": {"vlan": 9, "cidr": "10.1.0.0/24"}}},
     ["networks.x.purpose"], "is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shared", "paths", "what"), MORE, ids=[row[0] for row in MORE])
def test_other_faults_of_the_shared_file(site, tmp_path, name, shared, paths, what):
    found = faults(site(shared=shared))
    assert [path for path, dummy in found] == paths
    assert what in found[0][1]
    assert found[0][1].startswith(str(tmp_path / "shared" / "all.yml") + ", line "), name


def test_a_key_twice_in_the_shared_file(site, tmp_path):
    text = json.dumps({key: good()[key] for key in SHARED}, indent=1)
    text = text.replace('"vlan": 10,', '"vlan": 10,\n"vlan": 10,')
    found = faults(site(text=text))
    assert found[0][0] == "networks.public.vlan"
    assert found[0][1].startswith(str(tmp_path / "shared" / "all.yml") + ", line ")


BAD = [
    ("a: [\n", "not valid YAML"),
    ("", "the file is empty"),
    ("- 1\n", "must be a mapping of sections"),
]


@pytest.mark.parametrize(("text", "what"), BAD)
def test_a_shared_file_that_is_none(site, tmp_path, text, what):
    with pytest.raises(EngineError, match=what) as caught:
        load_testbed(site(text=text))
    assert str(caught.value).startswith(str(tmp_path / "shared" / "all.yml"))


GONE = [
    ("../shared/al.yml", "there is no file", 'Did you mean "all.yml"?'),
    ("../x/all.yml", "there is no file", "Give a path from the folder of this file"),
    ("../shared", "shared is a folder", "Give the path of a file"),
]


@pytest.mark.parametrize(("name", "what", "advice"), GONE)
def test_a_shared_file_that_is_not_there(site, name, what, advice):
    path = site({"include": name})
    with pytest.raises(EngineError, match=what) as caught:
        load_testbed(path)
    assert advice in str(caught.value)
    assert str(caught.value).startswith("%s line " % path)


@pytest.mark.parametrize("value", [7, "", None, ["../shared/all.yml"]])
def test_what_is_no_path(site, value):
    assert "include" in [path for path, dummy in faults(site({"include": value}))]


def test_a_shared_file_that_is_not_text(site, tmp_path):
    path = site()
    (tmp_path / "shared" / "all.yml").write_bytes(b"a: \xff\n")
    with pytest.raises(EngineError, match="cannot be read"):
        load_testbed(path)
