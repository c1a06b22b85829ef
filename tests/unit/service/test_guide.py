# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""docs/services.md and docs/examples: what they show is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import yaml
from ansible_collections.gedge.engine.plugins.filter import service_normalize, service_validate
from unit.service.reading import normal, problems, validate
from unit.service.test_schema import ALL, complaints


def test_the_guide_explains_every_key(root):
    guide = (root / "docs/services.md").read_text(encoding="utf-8")
    for path, key in ALL:
        if not key.legacy:
            assert "| `%s` | %s | %s" % (key.name, "yes" if key.needed else "", key.description) in guide, path


def blocks(text, language):
    """The fenced blocks of a language in a Markdown text."""
    found = re.findall(r"^ *```%s\n(.*?)\n *```" % language, text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


def test_the_examples_of_the_guide_are_right(root):
    guide = (root / "docs/services.md").read_text(encoding="utf-8")
    examples = [block for block in blocks(guide, "yaml") if not block.startswith("- name:")]
    assert len(examples) >= 8
    for example in examples:
        assert problems(example) == []
        for each in yaml.safe_load_all(example):
            assert complaints(each) == []


def test_the_faults_that_the_guide_shows_are_real(root):
    guide = (root / "docs/services.md").read_text(encoding="utf-8")
    (wrong,) = blocks(guide, "yaml wrong")
    (shown,) = blocks(guide, "text")
    said = validate(wrong)
    lines = shown.splitlines()[1:]
    assert len(said) == len(lines) > 2
    for one, line in zip(said, lines):
        got = " (got %r)" % one["value"] if one["value"] is not None else ""
        assert line.strip() == "- line %d: %s: %s%s. %s" % (one["line"], one["path"], one["what"], got, one["advice"])


def test_the_notes_that_the_guide_shows_are_real(root):
    guide = (root / "docs/services.md").read_text(encoding="utf-8")
    (old,) = [block for block in blocks(guide, "yaml") if "topologyAware" in block]
    (shown,) = blocks(guide, "json")
    assert json.loads(shown) == service_normalize.service_normalize(old)["notes"]


def examples(root):
    """The files under docs/examples."""
    return sorted((root / "docs" / "examples").glob("*.yml"))


def test_the_example_files_are_right_and_completed_by_editors(root):
    assert len(examples(root)) >= 7
    for path in examples(root):
        text = path.read_text(encoding="utf-8")
        assert "# yaml-language-server: $schema=../schemas/service.schema.json" in text.splitlines()[:3], path.name
        assert service_validate.service_validate(text) == [], path.name
        for each in yaml.safe_load_all(text):
            assert complaints(each) == [], path.name
        made = normal(text)
        assert normal(made) == made, path.name


def test_the_filters_are_what_they_are_called():
    assert service_normalize.FilterModule().filters() == {"service_normalize": service_normalize.service_normalize}
    assert service_validate.FilterModule().filters() == {"service_validate": service_validate.service_validate}


def test_the_playbook_of_the_guide_and_the_examples_of_the_filters_run(root, tmp_path):
    guide = (root / "docs/services.md").read_text(encoding="utf-8")
    (play,) = [block for block in blocks(guide, "yaml") if block.startswith("- name:")]
    (tmp_path / "services.yml").write_text((root / "docs/examples/gpu-sriov-rdma.yml").read_text(encoding="utf-8"))
    tasks = [task for each in (service_normalize, service_validate) for task in yaml.safe_load(each.EXAMPLES)]
    plays = [*yaml.safe_load(play), {"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays))
    command = [Path(sys.executable).parent / "ansible-playbook", "-e", "file=services.yml", tmp_path / "play.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "path: accelerated" in done.stdout
    assert "ok=4" in done.stdout and "failed=0" in done.stdout
