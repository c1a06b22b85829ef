"""A node made of files, with a small model of the plugin: what it reads when it starts, and what the kubelet keeps."""

import json

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin import files, observe, pod_resources
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin.kinds import KINDS
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin.options import argument_spec
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin.subsystem import DevicePlugin
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from helpers.replaced import RunsProgram

VALIDATOR = ArgumentSpecValidator(argument_spec())
DONE = CommandResult(0, "", "")
PF, CARD = "0000:21:00.0", "0000:5e:00.0"
PROGRAM = "/usr/local/lib/gedge/sriovdp"


def vf(index, driver="igbvf", rdma=(), pf=PF):
    """A VF as a topology has it."""
    return {
        "address": "%s10.%d" % (pf[:8], 2 * index),
        "vendor": "8086",
        "device": "10ca",
        "class": "020000",
        "driver": driver,
        "numa_node": 0,
        "iommu_group": 20 + index,
        "sriov": {"role": "vf", "pf": pf, "index": index},
        "net": ["ens1f0v%d" % index] if driver == "igbvf" else [],
        "rdma": list(rdma),
    }


def machine(*vfs):
    """pci_devices: a PF with these VFs, and a card."""
    pf = dict(vf(0), address=PF, device="10c9", driver="igb", net=["ens1f0"])
    pf["sriov"] = {"role": "pf", "num": len(vfs), "vfs": [one["address"] for one in vfs]}
    card = dict(vf(0), address=CARD, **{"class": "120000"}, vendor="1da3", driver="habanalabs", sriov={"role": None})
    return [pf, *vfs, card]


class Node(RunsProgram):
    """pci: its devices; starts: how often the plugin was started; deaf: the kubelet takes nothing in; held: what its
    pods have; said: {program: what it says}."""

    program, pid = PROGRAM, 42

    def __init__(self, folder):
        super().__init__(folder)
        self.pci = machine(vf(0), vf(1), vf(2, "vfio-pci"))
        self.starts, self.deaf, self.runs = 0, False, False
        self.held, self.said = {}, {}
        self.failed = False  # it ended by itself, and systemd remembers that
        self.bad = []  # texts of programs that announce nothing
        self.put(PROGRAM, "program")
        self.put("/usr/share/misc/pci.ids", "ids")
        self.put(observe.KUBELET_SOCKET, "")
        self.put("/etc/systemd/system/multi-user.target.wants/ssh.service", "")

    def reads_only(self, argv):
        return argv[0] in ("journalctl", "nvidia-smi", "containerd") or argv[1] == "show"

    def answer(self, argv):
        if argv[:2] == ["systemctl", "show"]:
            state = "active" if self.runs else "failed" if self.failed else "inactive"
            return CommandResult(0, "ActiveState=%s\nMainPID=%d\n" % (state, 42 if self.runs else 0), "")
        if argv[:2] == ["systemctl", "restart"]:
            self.start(argv[2])
        elif argv[:2] == ["systemctl", "stop"]:
            self.runs = False
            self.close()
        elif argv[:2] == ["systemctl", "reset-failed"]:
            self.failed = False
        if argv[0] in self.said:
            return CommandResult(0, self.said[argv[0]], "")
        return CommandResult(0, "E1129 no devices in device pool\n", "") if argv[0] == "journalctl" else DONE

    def start(self, unit):
        """The plugin reads its configuration and the devices; the kubelet keeps what it hears."""
        self.starts, self.runs = self.starts + 1, True
        kind = next(one for one in KINDS.values() if one.unit == unit)
        text = self.text(files.unit_path(kind))
        digest = next(line for line in text.splitlines() if line.startswith("Environment="))
        self.put("/proc/42/environ", digest.partition("=")[2] + "\0")
        self.write_link("/proc/42/exe", PROGRAM)
        self.close()
        if self.text(PROGRAM) in self.bad:
            return
        found = dict(self.listed(json.loads(self.text(kind.config))[kind.key]))
        for name in found:
            self.put(f"{observe.SOCKETS[0]}/{name.replace('/', '_')}.sock", "")
        if not self.deaf:
            self.put(observe.CHECKPOINT, json.dumps({"Data": {"RegisteredDevices": found}, "Checksum": 1}))

    def close(self):
        """The plugin removes its sockets; the kubelet's list stays, as it was seen to."""
        for name in self.list(observe.SOCKETS[0]):
            self.remove_file(f"{observe.SOCKETS[0]}/{name}")

    def listed(self, pools):
        """What the plugin would announce, for the selectors of these tests."""
        for pool in pools:
            if "rdmaHcaMax" in pool:
                yield f"rdma/{pool['resourceName']}", [str(number) for number in range(pool["rdmaHcaMax"])]
                continue
            chosen = {card["address"] for card in pool.get("cards", ())}
            for selector in [pool.get("selectors", {})]:  # a list is what the plugin of 2022-11 leaves out
                for text in selector.get("rootDevices", ()):
                    pf, mark, numbers = text.partition("#")
                    chosen |= {
                        one["address"]
                        for one in self.pci
                        if one["sriov"].get("pf") == pf and (not mark or one["sriov"]["index"] in cpuset.parse(numbers))
                    }
                chosen |= set(selector.get("pciAddresses", ()))
            yield f"{pool['resourcePrefix']}/{pool['resourceName']}", sorted(chosen)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 0

    def monotonic(self):
        """Seconds."""
        return self.now

    def sleep(self, seconds):
        """Go on."""
        self.now += seconds


def asked(**options):
    """The module's parameters."""
    result = VALIDATOR.validate({"program": PROGRAM, **options})
    assert not result.error_messages, result.error_messages
    return result.validated_parameters


@pytest.fixture
def node(tmp_path, monkeypatch):
    """The Node."""
    one = Node(tmp_path)
    monkeypatch.setattr(observe.facts, "gather", lambda system: {"pci_devices": one.pci})
    monkeypatch.setattr(pod_resources, "held", lambda system: one.held)
    return one


@pytest.fixture
def run(node):
    """A function: one run of the module."""

    def act(check=False, **options):
        return converge(DevicePlugin(asked(**options), node, Clock()), check)

    return act
