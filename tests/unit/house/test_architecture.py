"""The arrows of docs/architecture.md: who may import whom."""

import ast
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PLUGINS = ROOT / "plugins"
PACKAGE = "ansible_collections.gedge.engine.plugins"
# The one file of the core that knows Ansible.
ADAPTER = "module_utils.node_module"
# Which domain packages of the core may look into another: nobody but these.
DOMAINS = {
    "module_utils.topology": set(),
    "module_utils.distance": {"module_utils.topology"},
    "module_utils.sriov": set(),
    "module_utils.lab": set(),
    "module_utils.probe": set(),
    "module_utils.packages": set(),
    "module_utils.boot": set(),
    "module_utils.tuning": set(),
    "module_utils.network": {"module_utils.ingress"},
    "module_utils.ingress": set(),
    "module_utils.rdma": set(),
    "module_utils.accelerator": set(),
    "module_utils.artifacts": set(),
    # The kubelet that runs static pods is a worker's: its unit, and its way out of a cluster.
    "module_utils.control_plane": {"module_utils.worker"},
    "module_utils.service": set(),
    "module_utils.kubelet": set(),
    "module_utils.kubelet_config": {"module_utils.topology", "module_utils.kubelet"},
    "module_utils.cni": set(),
    # What nvidia-smi says of a GPU is read in one place.
    "module_utils.device_plugin": {"module_utils.topology", "module_utils.accelerator"},
    "module_utils.placement": {"module_utils.topology", "module_utils.distance", "module_utils.kubelet"},
    "module_utils.manifests": set(),
    "module_utils.rollout": set(),
    "module_utils.pods": set(),
    "module_utils.runtime": set(),
    "module_utils.worker": set(),
    "module_utils.pod_network": set(),
    "module_utils.storage": set(),
    "plugin_utils.service": {"module_utils.service"},
    "plugin_utils.placement": {"module_utils.placement", "module_utils.topology", "module_utils.distance"},
    "plugin_utils.manifests": {"module_utils.manifests"},
    "plugin_utils.testbed": set(),
    "plugin_utils.verify": {"module_utils.probe"},
    # What was promised is in manifests, how far apart things are is distance's to say.
    "plugin_utils.proof": {
        "module_utils.manifests",
        "module_utils.distance",
        "module_utils.probe",
        "plugin_utils.render",
    },
    # The words of what was promised and achieved are proof's: the page and the table say the same.
    "plugin_utils.report": {"plugin_utils.render", "plugin_utils.proof"},
    "plugin_utils.benchmark": {"plugin_utils.render"},
    "plugin_utils.offline": {"module_utils.topology"},
    "plugin_utils.render": {"module_utils.distance", "module_utils.topology"},
}
SOURCES = sorted(path for path in PLUGINS.rglob("*.py") if path.name != "__init__.py")


def name_of(path):
    """plugins/module_utils/errors.py -> "module_utils.errors"."""
    return ".".join(path.relative_to(PLUGINS).with_suffix("").parts)


def absolute(node, name):
    """The full module of an import statement in the module of that name."""
    if node.level == 0:
        return node.module
    base = name.split(".")[: -node.level]
    return ".".join([PACKAGE, *base, *([node.module] if node.module else [])])


def imports(path):
    """All modules that a file imports, own ones without the collection's prefix."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = absolute(node, name_of(path))
            # "from ..module_utils import errors" imports a module, not a name out of one.
            found.update(f"{module}.{alias.name}" if module.startswith(PACKAGE) else module for alias in node.names)
    return {module[len(PACKAGE) + 1 :] if module.startswith(PACKAGE + ".") else module for module in found}


def own(modules):
    """Those of the collection."""
    return {module for module in modules if module.split(".")[0] in {path.name for path in PLUGINS.iterdir()}}


def below(module, package):
    """True for the package itself and what is in it."""
    return module == package or module.startswith(package + ".")


def files(*folders):
    """The sources in some folders of plugins/, as pytest parameters."""
    chosen = [path for path in SOURCES if path.relative_to(PLUGINS).parts[0] in folders]
    return [pytest.param(path, id=name_of(path)) for path in chosen]


@pytest.mark.parametrize("path", files("module_utils"))
def test_the_core_needs_the_standard_library_only(path):
    foreign = {module.split(".")[0] for module in imports(path) - own(imports(path))} - set(sys.stdlib_module_names)
    assert foreign <= ({"ansible"} if name_of(path) == ADAPTER else set())


@pytest.mark.parametrize("path", files("module_utils"))
def test_the_core_imports_nothing_above_it(path):
    assert all(below(module, "module_utils") for module in own(imports(path)))


@pytest.mark.parametrize("path", files("module_utils"))
def test_only_modules_use_the_adapter(path):
    assert not any(below(module, ADAPTER) for module in own(imports(path)))


@pytest.mark.parametrize("path", files("plugin_utils"))
def test_the_controllers_half_imports_the_core_and_itself_only(path):
    assert all(below(module, "module_utils") or below(module, "plugin_utils") for module in own(imports(path)))


@pytest.mark.parametrize("path", files("modules"))
def test_modules_import_the_core_only(path):
    assert all(below(module, "module_utils") for module in own(imports(path)))


@pytest.mark.parametrize("path", files("filter", "inventory", "callback", "lookup", "action", "test"))
def test_controller_plugins_do_not_import_each_other(path):
    assert all(below(module, "module_utils") or below(module, "plugin_utils") for module in own(imports(path)))


@pytest.mark.parametrize("path", [pytest.param(path, id=name_of(path)) for path in SOURCES])
def test_domains_keep_out_of_each_other(path):
    home = next((domain for domain in DOMAINS if below(name_of(path), domain)), None)
    if home is None:
        return
    others = set(DOMAINS) - {home} - DOMAINS[home]
    trespass = {module for module in own(imports(path)) for other in others if below(module, other)}
    assert not trespass


def test_every_domain_package_is_in_the_table():
    folders = [
        path for half in ("module_utils", "plugin_utils") for path in (PLUGINS / half).iterdir() if path.is_dir()
    ]
    packages = {name_of(path) for path in folders if path.name[0] not in "._"}
    assert packages <= set(DOMAINS)


def test_the_document_names_every_room_of_the_core():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.stem for path in (PLUGINS / "module_utils").iterdir() if path.name[0] not in "._"}
    assert sorted(room for room in rooms if f"`{room}`" not in text) == []


@pytest.mark.parametrize("path", files("module_utils", "plugin_utils"))
def test_the_core_knows_no_role_and_no_playbook(path):
    text = path.read_text(encoding="utf-8")
    assert not [word for word in ("roles/", "playbooks/", "ansible-playbook") if word in text]
