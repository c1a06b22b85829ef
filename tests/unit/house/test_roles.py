"""All roles have one shape, and their argument specs say what their defaults are."""

import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
SHAPE = ("README.md", "defaults/main.yml", "meta/argument_specs.yml", "meta/main.yml", "tasks/main.yml")


def load(path):
    """A YAML file's content, {} for an empty one."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def options(role):
    """The options of a role's main entry point."""
    return load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"].get("options", {})


def all_roles(test):
    """Run the test for each role."""
    return pytest.mark.parametrize("role", [pytest.param(role, id=role.name) for role in ROLES])(test)


@all_roles
def test_shape(role):
    assert [name for name in SHAPE if not (role / name).is_file()] == []


@all_roles
def test_defaults_and_argument_specs_agree(role):
    defaults = load(role / "defaults" / "main.yml")
    specified = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert {name: defaults.get(name) for name in specified} == specified
    # A default that is made of other variables may be told in words instead.
    untold = [value for name, value in defaults.items() if name not in specified]
    assert all(isinstance(value, str) and "{{" in value for value in untold)


@all_roles
def test_an_option_is_required_or_has_a_default(role):
    defaults = load(role / "defaults" / "main.yml")
    assert {name for name, option in options(role).items() if not option.get("required")} == set(defaults)


@all_roles
def test_public_variables_carry_the_name_of_the_role(role):
    assert all(name.startswith(role.name + "_") for name in options(role))


@all_roles
def test_every_option_is_described(role):
    assert all(option.get("description") and option.get("type") for option in options(role).values())


@all_roles
def test_every_default_has_a_comment(role):
    lines = (role / "defaults" / "main.yml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in zip(["", *lines], lines)
        if line.startswith(role.name + "_") and not before.startswith("#") and "  #" not in line and " # " not in line
    ]
    assert bare == []


@all_roles
def test_the_readme_shows_an_example_of_this_role(role):
    text = (role / "README.md").read_text(encoding="utf-8")
    assert "```yaml" in text
    assert f"gedge.engine.{role.name}" in text


@all_roles
def test_the_readme_names_every_option(role):
    text = (role / "README.md").read_text(encoding="utf-8")
    assert [name for name in options(role) if f"`{name}`" not in text] == []


@all_roles
def test_there_is_a_molecule_scenario(role):
    assert (ROOT / "molecule" / role.name / "molecule.yml").is_file()


@all_roles
def test_no_message_advises_a_role_that_there_is_not(role):
    told = "".join(path.read_text(encoding="utf-8") for path in sorted((role / "tasks").glob("*.yml")))
    listed = re.findall(r"\broles?\s+((?:(?:cluster|node)_\w+(?:,\s+|\s+and\s+)?)+)", told)
    advised = set(re.findall(r"\w+_\w+", " ".join(listed)))
    assert advised - {one.name for one in ROLES} == set()
