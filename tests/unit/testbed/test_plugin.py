# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The inventory plugin itself, through Ansible: hosts, groups and variables, and how a faulty file is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.gedge.engine.plugins.inventory.testbed import InventoryModule
from unit.testbed.edits import FIXTURES

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def site(tmp_path):
    """A folder with good.yml as testbed.yml."""
    shutil.copy(FIXTURES / "good.yml", tmp_path / "testbed.yml")
    return tmp_path


def load(*paths):
    """(InventoryManager, VariableManager) of some files."""
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[str(path) for path in paths])
    variables = VariableManager(loader, inventory)
    HostVars(inventory, variables, loader)
    return inventory, variables


def evaluated(inventory, variables, host, expression):
    """The value of an expression as a task on that host sees it."""
    known = variables.get_vars(host=inventory.get_host(host))
    return Templar(DataLoader(), known).template(trust_as_template("{{ %s }}" % expression))


def test_hosts_groups_and_variables(site):
    inventory, variables = load(site / "testbed.yml")
    assert sorted(host.name for host in inventory.get_hosts()) == ["node1", "node2", "store"]
    assert [host.name for host in inventory.get_hosts("network_sriov_a:&accelerator_gpu")] == ["node1", "node2"]
    assert evaluated(inventory, variables, "node1", "ansible_host") == "192.168.10.100"
    assert evaluated(inventory, variables, "store", "testbed_networks['sriov-a'].vlan") == 30


WARM = """
from ansible.plugins.loader import filter_loader, init_plugin_loader
init_plugin_loader(%r)
from unit.testbed.test_plugin import load
load(%r)
print(sorted(path.rpartition("/")[2] for path in filter_loader._module_cache if "/gedge/engine/" in path))
"""


def test_processes_that_ansible_forks_need_load_no_filter_again(site):
    """Each task of each host is such a process, and asks for all filters of a collection at once."""
    paths = [str(ROOT / "collections"), str(ROOT / ".ansible" / "collections")]
    code = f"import sys; sys.path[:0] = {[str(ROOT / 'tests'), *paths]!r}" + WARM % (paths, str(site / "testbed.yml"))
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    there = sorted(path.name for path in (ROOT / "plugins" / "filter").glob("[a-z]*.py"))
    assert done.stdout.splitlines()[-1] == repr(there)


@pytest.mark.parametrize("host", ["node1", "store", "localhost"])
def test_every_host_sees_the_tables(site, host):
    inventory, variables = load(site / "testbed.yml")
    assert evaluated(inventory, variables, host, "testbed_nodes.store.management") == "192.168.10.104/28"
    assert evaluated(inventory, variables, host, "testbed_switches.tor.ports['25'].tagged") == [30, 40]
    assert evaluated(inventory, variables, host, "testbed_site.name") == "good"


def test_two_sites_in_one_run_keep_their_own(site, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(FIXTURES / "deck-corrected.yml", other / "testbed.yml")
    inventory, variables = load(site / "testbed.yml", other / "testbed.yml")
    for host, name, switch in (("store", "good", "tor"), ("worker2", "dongjak", "l2")):
        assert evaluated(inventory, variables, host, "testbed_site.name") == name
        assert list(evaluated(inventory, variables, host, "testbed_switches")) == [switch]
    assert len(inventory.get_hosts("testbed")) == 6


NAMES = [("testbed.yml", True), ("testbed.yaml", True), ("hosts.yml", False), ("testbed.yml.bak", False)]


@pytest.mark.parametrize(("name", "taken"), NAMES)
def test_which_files_it_takes(tmp_path, name, taken):
    (tmp_path / name).write_text("x", encoding="utf-8")
    assert InventoryModule().verify_file(str(tmp_path / name)) is taken
    assert InventoryModule().verify_file(str(tmp_path / "gone" / name)) is False


@pytest.mark.parametrize("content", [b"a: \xff\n", b"a: [\n", b"", b"- 1\n", b"site: 5\n"])
def test_a_bad_file_is_a_parser_error(tmp_path, content):
    (tmp_path / "testbed.yml").write_bytes(content)
    plugin = InventoryModule()
    with pytest.raises(AnsibleParserError) as caught:
        plugin.parse(InventoryData(), DataLoader(), str(tmp_path / "testbed.yml"))
    assert "testbed.yml" in str(caught.value)


def run(root, path, *arguments):
    """The real command line."""
    command = [str(BIN / "ansible-inventory"), "-i", str(path), *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)


def test_a_faulty_file_stops_ansible_with_every_fault(root, tmp_path):
    shutil.copy(FIXTURES / "deck-as-drawn.yml", tmp_path / "testbed.yml")
    done = run(root, tmp_path / "testbed.yml", "--list")
    assert done.returncode != 0
    assert done.stdout.strip() == ""
    assert "Traceback" not in done.stderr
    for path in ("ports.17.peer", "ports.18.peer", "ports.19.peer", "ports.23.peer", "ports.27.peer"):
        assert path in done.stderr
    assert "nodes.worker2.addresses.private-3" in done.stderr


def test_the_list_of_the_lab_is_plain(root):
    done = run(root, root / "inventories/lab/testbed.yml", "--list")
    assert done.returncode == 0, done.stderr
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    assert hosts["node1"]["testbed_lab"]["suite"] == "bookworm"
    assert "__ansible_unsafe" not in done.stdout


WITHOUT = """
import sys
sys.modules[%r] = None
sys.path.insert(0, "collections")
from ansible_collections.gedge.engine.plugins.inventory import testbed
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
try:
    testbed.InventoryModule().parse(InventoryData(), DataLoader(), "inventories/lab/testbed.yml")
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("library", ["netaddr", "jsonschema"])
def test_a_missing_library_is_named_with_what_to_do(root, library):
    command = [sys.executable, "-c", WITHOUT % library]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("AnsibleParserError")
    assert library in done.stdout
    assert "pip install netaddr jsonschema" in done.stdout


def test_the_tables_stay_templates_after_another_source(site, tmp_path):
    """molecule and AWX read a file of theirs first."""
    other = tmp_path / "other.yml"
    other.write_text("all: {vars: {one: 1}}\n", encoding="utf-8")
    command = [BIN / "ansible", "-i", other, "-i", site / "testbed.yml", "testbed", "-m", "ansible.builtin.debug"]
    command += ["-a", "msg={{ testbed_switches | type_debug }}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "msg: dict" in done.stdout, done.stdout + done.stderr
