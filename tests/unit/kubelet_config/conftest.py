"""A node made of files with a small model of its kubelet: what it reads, when it refuses to start, what it writes."""

import json
import os
import pathlib
import tempfile

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config import (
    checkpoint,
    document,
    launch,
    observe,
    reserve,
    rules,
)
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config.subsystem import Kubelet
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from ansible_collections.gedge.engine.plugins.modules.kubelet import argument_spec
from helpers.breakable import Breakable

VALIDATOR = ArgumentSpecValidator(argument_spec())
KUBEADM = "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
FRAGMENT = "/usr/lib/systemd/system/kubelet.service"
CONFIG = "/var/lib/kubelet/config.yaml"
DONE = CommandResult(0, "", "")
# As kubeadm writes it.
BASE = """\
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
cpuManagerReconcilePeriod: 0s
evictionPressureTransitionPeriod: 0s
healthzBindAddress: 127.0.0.1
healthzPort: 10248
kind: KubeletConfiguration
logging:
  flushFrequency: 0
  options:
    json:
      infoBufferSize: "0"
memorySwap: {}
resolvConf: /run/systemd/resolve/resolv.conf
staticPodPath: /etc/kubernetes/manifests
"""
DROP_IN = """\
# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/b.conf --kubeconfig=/etc/kubernetes/k.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"""


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        """Seconds."""
        return self.now

    time = monotonic

    def sleep(self, seconds):
        """Go on."""
        self.now += seconds


class KubeletNode(Breakable):
    """Two NUMA nodes of 4 GiB, 4 cores of 2 threads: CPUs 0-3,8-11 and 4-7,12-15. fault: why the kubelet cannot start
    with drop-ins ("" for nothing); version: what it says of itself."""

    def __init__(self, folder, base=BASE, cores=4):
        super().__init__(folder)
        self.fault, self.version, self.crashes, self.state, self.pid = "", "v1.37.2", 0, "active", 100
        self.reload, self.loaded, self.log_lines, self.clock = False, [KUBEADM], [], Clock()
        self._machine(cores)
        self.put(FRAGMENT, "[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n")
        self.put(KUBEADM, DROP_IN)
        self.put("/var/lib/kubelet/kubeadm-flags.env", 'KUBELET_KUBEADM_ARGS="--pod-infra-container-image=pause:1"\n')
        self.put(CONFIG, base)
        self.put("/etc/kubernetes/kubelet.conf", "")
        for path in ("/etc/systemd/system/a", "/etc/tmpfiles.d/a", "/var/lib/a"):
            self.put(path, "")
        self._start()
        assert self.state == "active", self.log_lines

    def _machine(self, cores):
        for node in (0, 1):
            cpus = [core + thread * 2 * cores for thread in (0, 1) for core in range(node * cores, (node + 1) * cores)]
            folder = f"/sys/devices/system/node/node{node}"
            self.put(folder + "/cpulist", ",".join(map(str, cpus)) + "\n")
            self.put(folder + "/meminfo", f"Node {node} MemTotal:       {4 << 20} kB\n")
            self.put(folder + "/distance", "10 20\n" if node == 0 else "20 10\n")
            self.put(folder + "/hugepages/hugepages-2048kB/nr_hugepages", "0\n")
            self.put(folder + "/hugepages/hugepages-2048kB/free_hugepages", "0\n")
            for cpu in cpus:
                core = cpu % (2 * cores)
                self.put(f"/sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id", f"{node}\n")
                self.put(f"/sys/devices/system/cpu/cpu{cpu}/topology/core_id", f"{core}\n")
                siblings = f"{core},{core + 2 * cores}\n"
                self.put(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", siblings)
        self.put("/sys/devices/system/node/online", "0-1\n")
        for name in ("present", "online"):
            self.put(f"/sys/devices/system/cpu/{name}", f"0-{4 * cores - 1}\n")
        self.put("/sys/devices/system/cpu/isolated", "\n")
        self.put("/proc/meminfo", f"MemTotal:       {8 << 20} kB\n")

    # -- systemd

    def reads_only(self, argv):
        return "show" in argv or argv[0] == "journalctl" or argv[-1] == "--version"

    def answer(self, argv):
        if argv[-1] == "--version":
            return CommandResult(0, f"Kubernetes {self.version}\n", "")
        if argv[0] == "journalctl":
            return CommandResult(0, "\n".join(self.log_lines) + "\n", "")
        if "show" in argv:
            return CommandResult(0, self._shown(), "")
        if "daemon-reload" in argv:
            ours = [launch.DROP_IN] if self.exists(launch.DROP_IN) else []
            self.loaded, self.reload = [KUBEADM, *ours], False
        elif "stop" in argv:
            self.state, self.pid = "inactive", 0
        elif "restart" in argv:
            self._start()
        return DONE

    def _shown(self):
        ours = [launch.DROP_IN] if self.exists(launch.DROP_IN) else []
        reload = "yes" if ours != self.loaded[1:] else "no"
        return (
            f"LoadState=loaded\nFragmentPath={FRAGMENT}\nDropInPaths={' '.join(self.loaded)}\n"
            f"ActiveState={self.state}\nMainPID={self.pid}\nNRestarts={self.crashes}\nNeedDaemonReload={reload}\n"
        )

    def fetch(self, url, timeout=2):
        return "ok" if self.state == "active" and url == "http://127.0.0.1:10248/healthz" else None

    # -- the kubelet

    def _start(self):
        """It crashes again and again, or runs and writes its state files."""
        self.crashes = 0
        words = ["/usr/bin/kubelet", f"--config={CONFIG}"]
        config = document.of_file(self.read(CONFIG), CONFIG)
        if launch.DROP_IN in self.loaded:
            assert self.exists(launch.FOLDER), "the kubelet dies where its folder of drop-ins is not there"
            words.append(f"--config-dir={launch.FOLDER}")
            config = document.merge(config, document.parse(self.read(f"{launch.FOLDER}/{launch.NAME}")))
        fault = self.fault if len(words) > 2 else ""
        fault = fault or self._stale(config)
        if fault:
            self.state, self.crashes, self.pid = "activating", 2, 0
            self.log_lines = [
                "I1128 22:40:00.1 77 a.go:1] on its way",
                f'E1128 22:40:01.2 77 run.go:72] "command failed" err="{fault}"',
            ]
            return
        self.state, self.pid = "active", self.pid + 1 if self.pid else 200
        self.put(f"/proc/{self.pid}/cmdline", "\0".join(words) + "\0")
        for name, text in written(config, observe.machine(self)).items():
            if not self.exists(f"{launch.ROOT}/{name}"):
                self.put(f"{launch.ROOT}/{name}", text)

    def _stale(self, config):
        texts = {name: self.read(f"{launch.ROOT}/{name}") for name in checkpoint.NAMES}
        found = checkpoint.stale(texts, config, observe.machine(self))
        return "; ".join(f"{name}: {reason}" for name, reason in found.items())

    def snapshot(self):
        return {path: text for path, text in super().snapshot().items() if not path.startswith("/proc/")}


def written(config, machine):
    """{name: text} of the state files that a kubelet writes at its first start."""
    cpu = {"policyName": config.get("cpuManagerPolicy") or "none", "defaultCpuSet": ""}
    if cpu["policyName"] == "static":
        cpu["defaultCpuSet"] = ",".join(map(str, sorted(reserve.static_policy(config, machine).shared())))
    memory = {"policyName": config.get("memoryManagerPolicy") or "None", "machineState": {}}
    if memory["policyName"] == "Static":
        kept = reserve.by_node(config)
        for node, sizes in machine.memory.items():
            tables = checkpoint.tables_of(sizes, kept.get(node, {}))
            memory["machineState"][str(node)] = {"memoryMap": tables, "cells": [node]}
    both = {checkpoint.CPU: cpu, checkpoint.MEMORY_STATE: memory}
    return {
        name: json.dumps({"policyName": data["policyName"], "data": json.dumps(data)}) for name, data in both.items()
    }


def make_params(**options):
    """The module's parameters with Ansible's defaults filled in."""
    checked = VALIDATOR.validate(options)
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


@pytest.fixture(scope="session")
def kubelet():
    """A function: one run of the module on a node; its result."""

    def run(node, check_mode=False, **options):
        return converge(Kubelet(make_params(**options), node, node.clock), check_mode)

    return run


@pytest.fixture(scope="session")
def problems():
    """A function: [(path, what)] that the rules find on a node."""

    def find(node, **options):
        subsystem = Kubelet(make_params(**options), node, node.clock)
        state = subsystem.observe()
        return [(one.path, one.what) for one in rules.problems(state.config(subsystem._files(state)), state)]

    return find


@pytest.fixture
def make_node(tmp_path):
    """A function: a new node, in memory where there is such."""
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    count = iter(range(1000))
    with tempfile.TemporaryDirectory(prefix="gedge-unit-", dir=parent) as made:
        yield lambda **options: KubeletNode(pathlib.Path(made, str(next(count))), **options)


@pytest.fixture
def node(make_node):
    """See KubeletNode."""
    return make_node()
