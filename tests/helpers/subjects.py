"""What the kill tests cut off: each subsystem with parameters that change much, and those that undo it."""

from __future__ import annotations

import dataclasses
import importlib

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

PLUGINS = "ansible_collections.gedge.engine.plugins"
PF = "0000:21:00.0"


@dataclasses.dataclass
class Subject:
    """module: the module's name; home: "package.module:Class" of the core; least: how many points it has at least."""

    module: str
    home: str
    there: dict
    back: dict
    least: int

    def as_json(self):
        """What the driver reads: complete parameters, as Ansible hands them over."""
        package, name = self.home.split(":")
        return {
            "module": package,
            "class": name,
            "there": self._complete(self.there),
            "back": self._complete(self.back),
        }

    def _complete(self, options):
        spec = importlib.import_module(f"{PLUGINS}.modules.{self.module}").argument_spec()
        checked = ArgumentSpecValidator(spec).validate(options)
        assert not checked.error_messages, checked.error_messages
        return checked.validated_parameters


VFS = [
    {"range": "0", "vlan": 30, "mac": "02:00:00:00:02:00", "mtu": 1400},
    {"range": "1", "vlan": 40, "driver": "vfio-pci"},
]
SRIOV = {"pfs": [{"select": {"address": PF}, "count": 2, "vfs": VFS}], "allow_vf_loss": [PF]}
NO_SRIOV = {"state": "absent", "allow_vf_loss": [PF]}

BOOT = {
    "isolated_cpus": "3",
    "arguments": ["gedge.kill_test=1"],
    "modules": ["dummy"],
    "module_options": {"dummy": {"numdummies": "0"}},
}
TUNING = {
    "profile": "edge-accelerated",
    "isolated_cpus": "3",
    "hugepages": [{"size": "2M", "count": 8, "numa_node": 0}, {"size": "2M", "count": 16, "numa_node": 1}],
}
RDMA = {"rxe": [{"interface": "ens2f1"}], "memlock": "unlimited"}
LINK = {"interface": "ens2f1", "network": "public", "addresses": ["198.51.100.77/24"], "gateway": "198.51.100.1"}
NETWORK = {
    "links": [dict(LINK, table=1010, mtu=1400)],
    "filters": [{"network": "public", "allow": [{"protocol": "icmp"}]}],
    "confirm_within": 30,  # a busy machine applies slowly, and the clock on the node undoes then
}
# The lab's NVMe disk stands for an accelerator, the module dummy for its driver: as in molecule/node_accelerator.
ENTRY = {
    "name": "Lab accelerator",
    "kind": "accelerator",
    "vendor": "8086",
    "devices": ["5845"],
    "class": "0108",
    "driver": "nvme",
    "modules": ["dummy"],
    "options": {"dummy": "numdummies=0"},
    "nodes": [{"kernel": "nvme[0-9]", "subsystem": "nvme", "mode": "0660", "group": "disk"}],
}
ACCELERATOR = {"kind": "accelerator", "catalogue": [ENTRY]}
ABSENT = {"state": "absent"}

SUBJECTS = {
    "boot": Subject("boot", "boot.subsystem:Boot", BOOT, ABSENT, 5),
    "tuning": Subject("tuning", "tuning.subsystem:Tuning", TUNING, ABSENT, 15),
    "sriov": Subject("sriov", "sriov.subsystem:Sriov", SRIOV, NO_SRIOV, 18),
    "network": Subject("network", "network.subsystem:Network", NETWORK, dict(ABSENT, confirm_within=30), 15),
    "accelerator": Subject(
        "accelerator", "accelerator.subsystem:Accelerator", ACCELERATOR, dict(ABSENT, kind="accelerator"), 4
    ),
    "rdma": Subject("rdma", "rdma.subsystem:Rdma", RDMA, ABSENT, 4),
    "packages": Subject("packages", "packages.subsystem:Packages", {"names": ["tree"]}, ABSENT, 3),
}
