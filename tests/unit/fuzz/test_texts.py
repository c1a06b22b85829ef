# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What reads text or JSON that others wrote takes anything: the answer is data, or an error of the family."""

from __future__ import annotations

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.accelerator import entry, smi
from ansible_collections.gedge.engine.plugins.module_utils.boot import cmdline, grub
from ansible_collections.gedge.engine.plugins.module_utils.distance import nvidia_smi
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.ingress import parse as ingress
from ansible_collections.gedge.engine.plugins.module_utils.rdma import dcb
from ansible_collections.gedge.engine.plugins.module_utils.sriov import users
from ansible_collections.gedge.engine.plugins.plugin_utils.conflicts import of_node
from ansible_collections.gedge.engine.plugins.plugin_utils.offline import topologies
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fuzz.cases import ANYTHING, KEYS, MANY, SCALARS, TEXT, damaged

TOPO = """\
\tGPU0\tGPU1\tNIC0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID
GPU0\t X \tNV12\tPXB\t0-19,40-59\t0\t\tN/A
GPU1\tNV12\t X \tSYS\t20-39\t1\t\tN/A
NIC0\tPXB\tSYS\t X\x20

Legend:
  X    = Self
"""
QUERY = """\
0, 00000000:3B:00.0, GPU-1a2b, NVIDIA A100-PCIE-40GB, 535.261.03, Enabled, Enabled, Enabled
1, 00000000:AF:00.0, GPU-3c4d, Tesla T4, 535.261.03, Disabled, [N/A], [N/A]
"""
MIG = """\
+-----------------------------------------------------------------------------+
| GPU instance profiles:                                                      |
| GPU   Name             ID    Instances   Memory     P2P    SM    DEC   ENC  |
|   0  MIG 1g.5gb        19     7/7        4.75       No     14     0     0   |
|   0  MIG 3g.20gb        9     2/2        19.62      No     42     2     0   |
|   0  MIG 1g.5gb        19        7          4:1     |
"""
LIST = """\
GPU 0: NVIDIA A100-PCIE-40GB (UUID: GPU-1a2b)
  MIG 1g.5gb      Device  0: (UUID: MIG-5e6f)
"""
GRUB = """\
### BEGIN /etc/grub.d/10_linux ###
menuentry 'Debian' {
\tlinux\t/boot/vmlinuz-6.1.0 root=UUID=1 ro isolcpus=1-3 dyndbg="file x +p" quiet
}
### END /etc/grub.d/10_linux ###
GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX "' isolcpus=1-3'
"""
CHECKPOINT = '{"Data": {"PodDeviceEntries": [{"PodUID": "u", "DeviceIDs": {"0": ["0000:21:10.0"]}}]}}'
TEXTS = {
    "cpuset": (cpuset.parse, "0-3,8"),
    "nvidia-smi topo": (nvidia_smi.parse, TOPO),
    "nvidia-smi query": (smi.gpus, QUERY),
    "nvidia-smi mig -lgip": (smi.profiles, MIG),
    "nvidia-smi mig -lgi": (smi.instances, MIG),
    "nvidia-smi -L": (smi.uuids, LIST),
    "nvidia-smi apps": (smi.apps, "00000000:3B:00.0, 1234, python3\n"),
    "kernel command line": (cmdline.words, 'BOOT_IMAGE=/vmlinuz quiet a="b c" isolcpus=1'),
    "kernel argument": (cmdline.argument, 'key="a b"'),
    "grub.cfg": (grub.entries, GRUB),
    "grub.d": (grub.of_drop_in, GRUB),
    "kubelet checkpoint": (users.pod_claims, CHECKPOINT),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_any_text(name):
    parse, good = TEXTS[name]
    parse(good)  # the good one is good, or the damaged ones would tell nothing

    @MANY
    @given(st.one_of(damaged(good), TEXT))
    def run(text):
        try:
            parse(text)
        except EngineError as error:
            assert error.what

    run()


@MANY
@given(st.sets(st.integers(0, cpuset.HIGHEST)))
def test_cpusets_come_back(numbers):
    assert cpuset.parse(cpuset.render(numbers)) == sorted(numbers)


@MANY
@given(st.lists(st.tuples(st.from_regex(cmdline.KEY, fullmatch=True), st.none() | st.text("ab =,:-", max_size=6))))
def test_command_lines_come_back(pairs):
    assert cmdline.words(cmdline.render(pairs)) == pairs


EIGHT = st.lists(st.integers(-1, 100) | SCALARS, max_size=9)
DCB = st.fixed_dictionaries(
    {},
    optional={
        "prio_pfc": st.lists(st.booleans(), min_size=7, max_size=8) | EIGHT,
        "pfc_cap": SCALARS,
        "ets_cap": SCALARS,
        "prio_tc": st.lists(st.integers(0, 7), min_size=8, max_size=8) | EIGHT,
        "tc_tsa": st.lists(st.sampled_from(["ets", "strict", "vendor"]), min_size=8, max_size=8) | EIGHT,
        "tc_bw": st.lists(st.integers(0, 100), min_size=8, max_size=8) | ANYTHING,
        "dscp_prio": st.lists(st.lists(st.integers(0, 63), min_size=2, max_size=2)) | ANYTHING,
        "order": ANYTHING,
        "lld_managed": SCALARS,
        "host": SCALARS,
    },
)


@MANY
@given(st.one_of(DCB, st.lists(DCB, max_size=2), ANYTHING))
def test_dcb(data):
    """A NIC that says something else refuses; that is dcb's own exception, which never leaves the package."""
    try:
        answer = dcb.parse(json.dumps(data))
    except dcb.Refusal:
        return
    readers = (
        lambda: dcb.pfc(answer, 3),
        lambda: dcb.wanted_ets(dcb.ets(answer), 3, 50),
        lambda: dcb.dscp(answer, 26),
        lambda: dcb.trust(answer),
        lambda: dcb.is_firmwares(answer),
    )
    for read in readers:
        try:
            read()
        except dcb.Refusal as error:
            assert str(error)


@MANY
@given(damaged('{"prio_pfc": [true, false]}'))
def test_dcb_text(text):
    try:
        dcb.parse(text)
    except dcb.Refusal as error:
        assert str(error)


ENTRY = st.dictionaries(
    st.sampled_from(
        "name kind vendor devices class family driver packages modules options blacklist nodes resource health archive "
        "nmae".split()
    ),
    ANYTHING
    | st.dictionaries(st.sampled_from(["url", "sha256", "unpack", "kernel", "mode", "group", "*", "trixie"]), ANYTHING),
)


@MANY
@given(st.lists(ENTRY | ANYTHING, max_size=3) | ANYTHING)
@example([{"name": "x", "kind": "gpu", "vendor": "10de", "health": "'"}])
def test_the_catalogue_of_a_user(items):
    try:
        known = entry.entries(items if isinstance(items, list) else [items])
    except EngineError as error:
        assert error.what
    else:
        entry.find(known, "10de", "2330", "030200")


RULE = st.fixed_dictionaries(
    {},
    optional={
        "from": st.none() | st.lists(TEXT, max_size=3),
        "protocol": st.sampled_from(["any", "tcp", "udp", "icmp", "icmpv6"]),
        "ports": st.none() | TEXT,
        "rate": st.none() | TEXT,
    },
)
FILTER = st.fixed_dictionaries(
    {"network": TEXT},
    optional={"interfaces": st.none() | st.lists(TEXT, max_size=3), "allow": st.none() | st.lists(RULE, max_size=3)},
)


@MANY
@given(st.lists(FILTER, max_size=3))
def test_ingress(items):
    filters, problems = ingress.parse(items, {"sriov-a": ["ens2f0.30"]})
    assert len(filters) == len(items)
    assert all(problem.path and problem.what for problem in problems)


@MANY
@given(st.one_of(damaged(json.dumps({**server(), "cpus": server()["cpus"][:2]})), TEXT, ANYTHING.map(json.dumps)))
def test_saved_topologies(tmp_path_factory, text):
    """What passes can be compared with what is asked for."""
    folder = tmp_path_factory.getbasetemp()
    (folder / "one.topology.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        topology = topologies.load({"one": "gs"}, str(folder), str(folder))["one"]
    except EngineError as error:
        assert error.where and error.advice
        return
    asked = {"testbed_isolated_cpus": "1", "testbed_ports": [{"interface": "ens2f0", "vfs": {"count": 64}}]}
    asked["testbed_hugepages"] = [{"size": "2M", "count": 1, "numa_node": 0}]
    asked["testbed_accelerators"] = [{"kind": "gpu", "id": "10de:2330"}]
    of_node(asked, topology)


@MANY
@given(st.dictionaries(KEYS, ANYTHING))
def test_unknown_variables_are_no_conflict(variables):
    assert of_node(variables) == []
