"""The program gedge-cards as a kubelet meets it: what it registers, tells and gives. Built of its Go modules."""

import json
import subprocess
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import cache, golang, table
from ansible_collections.gedge.engine.plugins.module_utils.artifacts.programs import Builder, programs
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin.pod_resources import fields
from helpers.grpc_socket import Call, ask, field

pytestmark = pytest.mark.skipif(golang.find() is None, reason="no Go toolchain here: nothing can be built")
UIO, VFIO, GPU, DFL = "0000:5e:00.0", "0000:5f:00.0", "0000:3b:00.0", "0000:60:00.0"
CDI = "nvidia.com/gpu=GPU-fef8089b-4820-abfc-e83e-94318197576e"
CARDS = [
    {"address": UIO, "driver": "uio_pci_generic", "numa": 1, "nodes": ["uio/uio*"], "cdi": []},
    {"address": VFIO, "driver": "vfio-pci", "numa": None, "nodes": [], "cdi": []},
    {"address": DFL, "driver": "dfl-pci", "numa": 0, "nodes": ["fpga_region/region*/dfl-port.*"], "cdi": []},
]
GPUS = [{"address": GPU, "driver": "nvidia", "numa": 0, "nodes": [], "cdi": [CDI]}]


@pytest.fixture(scope="session")
def program(root):
    """The path of the program."""
    sources = root / "roles" / "cluster_artifacts" / "files" / "build"
    builder = Builder(str(sources), cache.usual(), lambda who, what: print(f"{who}: {what}"))
    version = next(iter(table.COMPONENTS["gedge-cards"]["versions"]))
    return programs(builder, {"gedge-cards": version})["binaries"]["gedge-cards"]["path"]


def bind(folder, address, driver, *nodes):
    """A PCI device with its driver. nodes: (folder in sysfs, name of the device node)."""
    place = folder / "sys/bus/pci/devices" / address
    place.mkdir(parents=True, exist_ok=True)
    (place / "driver").unlink(missing_ok=True)
    (place / "driver").symlink_to(f"../../drivers/{driver}")
    for below, name in nodes:
        (place / below).mkdir(parents=True)
        (place / below / "uevent").write_text(f"MAJOR=244\nMINOR=0\nDEVNAME={name}\n")
        node(folder, name)
    return place


def node(folder, name):
    """A device node: of the plugin's root, so any file does."""
    path = folder / "dev" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    return path


@pytest.fixture
def machine(tmp_path):
    """A folder with four cards that are well."""
    bind(tmp_path, UIO, "uio_pci_generic", ("uio/uio3", "uio3"))
    (bind(tmp_path, VFIO, "vfio-pci") / "iommu_group").symlink_to("../../../kernel/iommu_groups/41")
    node(tmp_path, "vfio/vfio")
    node(tmp_path, "vfio/41")
    bind(tmp_path, DFL, "dfl-pci", ("fpga_region/region0/dfl-port.0", "dfl-port.0"))
    bind(tmp_path, GPU, "nvidia")
    return tmp_path


@pytest.fixture
def plugin(machine, program, tmp_path_factory):
    """The folder of its sockets, with the program as .child."""
    registry = tmp_path_factory.mktemp("s")  # a socket's path is short
    resources = [
        {"resourcePrefix": "example.com", "resourceName": "edu", "cards": CARDS},
        {"resourcePrefix": "nvidia.com", "resourceName": "gpu", "cards": GPUS},
    ]
    (machine / "cards.json").write_text(json.dumps({"resourceList": resources}))
    (registry / "example.com_edu.sock").write_text("of a run that was killed")
    words = ["-config", machine / "cards.json", "-registry", registry, "-root", machine, "-poll", "20ms"]
    with subprocess.Popen([program, *map(str, words)], stderr=subprocess.PIPE, text=True) as child:
        end = time.monotonic() + 20
        while len([path for path in registry.iterdir() if path.is_socket()]) < 2:
            assert child.poll() is None and time.monotonic() < end, child.stderr.read()
            time.sleep(0.01)
        yield registry
        child.terminate()
        child.wait(20)
    assert child.returncode == 0 and list(registry.iterdir()) == []


def socket_of(plugin, resource):
    """Its socket."""
    return plugin / f"{resource.replace('/', '_')}.sock"


def told(message):
    """{id: (health, NUMA message or None)} of a list."""
    found = {}
    for dummy, device in fields(message):
        parts = dict(fields(device))
        found[parts[1].decode()] = (parts[2].decode(), dict(fields(parts[3]))[1] if 3 in parts else None)
    return found


def given(plugin, resource, *ids):
    """{variables, nodes, cdi} of a container that gets these."""
    body = field(1, b"".join(field(1, one) for one in ids))
    answer = ask(socket_of(plugin, resource), "/v1beta1.DevicePlugin/Allocate", body)
    if answer is None:
        return None
    ((dummy, container),) = fields(answer)
    parts = list(fields(container))
    return {
        "variables": [tuple(text.decode() for dummy, text in fields(value)) for number, value in parts if number == 1],
        "nodes": [tuple(text.decode() for dummy, text in fields(value)) for number, value in parts if number == 3],
        "cdi": [dict(fields(value))[1].decode() for number, value in parts if number == 5],
    }


def spec(path):
    """A device node as a container gets it."""
    return (path, path, "rw")


def test_it_registers_as_a_device_plugin(plugin):
    path = socket_of(plugin, "example.com/edu")
    info = [text.decode() for dummy, text in fields(ask(path, "/pluginregistration.Registration/GetInfo"))]
    assert info == ["DevicePlugin", "example.com/edu", str(path), "v1beta1"]
    assert ask(path, "/pluginregistration.Registration/NotifyRegistrationStatus", b"\x08\x01") == b""
    assert ask(path, "/v1beta1.DevicePlugin/GetDevicePluginOptions") == b""


def test_it_tells_each_card_with_its_numa_node_and_none_where_that_is_not_known(plugin):
    with Call(socket_of(plugin, "example.com/edu"), "/v1beta1.DevicePlugin/ListAndWatch") as call:
        first = told(next(call.messages()))
    assert first == {UIO: ("Healthy", b"\x08\x01"), VFIO: ("Healthy", None), DFL: ("Healthy", b"")}  # 0 is not written


LOST = {
    "its device node": (UIO, lambda folder: (folder / "dev/uio3").unlink()),
    "its driver": (UIO, lambda folder: (folder / "sys/bus/pci/devices" / UIO / "driver").unlink()),
    "its group": (VFIO, lambda folder: (folder / "dev/vfio/41").unlink()),
    "another driver": (DFL, lambda folder: bind(folder, DFL, "vfio-pci")),
    "its port": (
        DFL,
        lambda folder: (folder / f"sys/bus/pci/devices/{DFL}/fpga_region/region0/dfl-port.0/uevent").unlink(),
    ),
    "all of it": (DFL, lambda folder: (folder / "sys/bus/pci/devices" / DFL).rename(folder / "gone")),
}


@pytest.mark.parametrize(("address", "lose"), LOST.values(), ids=LOST)
def test_a_card_that_lost_something_is_not_well(plugin, machine, address, lose):
    with Call(socket_of(plugin, "example.com/edu"), "/v1beta1.DevicePlugin/ListAndWatch") as call:
        lists = map(told, call.messages())
        next(lists)
        lose(machine)
        assert {one for one, (health, dummy) in next(lists).items() if health == "Unhealthy"} == {address}
    assert given(plugin, "example.com/edu", address) is None


def test_a_card_that_comes_back_is_well_again(plugin, machine):
    with Call(socket_of(plugin, "example.com/edu"), "/v1beta1.DevicePlugin/ListAndWatch") as call:
        lists = map(told, call.messages())
        before = next(lists)
        (machine / "dev/uio3").unlink()
        assert next(lists)[UIO][0] == "Unhealthy"
        node(machine, "uio3")
        assert next(lists) == before


def test_a_pod_gets_the_nodes_of_its_cards_and_of_no_other(plugin):
    one = given(plugin, "example.com/edu", UIO)
    assert one == {"variables": [("PCIDEVICE_EXAMPLE_COM_EDU", UIO)], "nodes": [spec("/dev/uio3")], "cdi": []}
    both = given(plugin, "example.com/edu", VFIO, DFL)
    assert both["nodes"] == [spec("/dev/vfio/vfio"), spec("/dev/vfio/41"), spec("/dev/dfl-port.0")]
    assert both["variables"] == [("PCIDEVICE_EXAMPLE_COM_EDU", f"{VFIO},{DFL}")]


def test_a_device_node_that_has_another_number_now_is_given_by_that(plugin, machine):
    """As after a reboot, when drivers have come in another order."""
    (machine / "sys/bus/pci/devices" / UIO / "uio/uio3").rename(machine / "sys/bus/pci/devices" / UIO / "uio/uio0")
    (machine / "sys/bus/pci/devices" / UIO / "uio/uio0/uevent").write_text("DEVNAME=uio0\n")
    node(machine, "uio0")
    assert given(plugin, "example.com/edu", UIO)["nodes"] == [spec("/dev/uio0")]


def test_a_gpu_is_given_by_its_name_in_cdi(plugin):
    assert given(plugin, "nvidia.com/gpu", GPU) == {
        "variables": [("PCIDEVICE_NVIDIA_COM_GPU", GPU)],
        "nodes": [],
        "cdi": [CDI],
    }


def test_a_card_of_another_resource_is_refused(plugin):
    assert given(plugin, "nvidia.com/gpu", UIO) is None


BAD = {
    "no file": (None, "no such file"),
    "no JSON": ("{", "unexpected end of JSON"),
    "nothing": ("{}", "has no resources"),
    "no name": ('{"resourceList": [{"resourcePrefix": "a.b"}]}', "no resourceName"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_ends_it_with_a_sentence(program, tmp_path, text, words):
    if text is not None:
        (tmp_path / "cards.json").write_text(text)
    argv = [program, "-config", str(tmp_path / "cards.json"), "-registry", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1
