"""What dcb, rdma, perftest and the kernel's files say: read, refused with a reason, and no traceback for noise."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.rdma import boot, dcb, nics, probe, users
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System
from hypothesis import given
from hypothesis import strategies as st

# As iproute2 6.1 and 6.15 write them for a NIC with eight traffic classes.
PFC = '{"pfc_cap":8,"macsec_bypass":false,"delay":0,"prio_pfc":[false,false,false,true,false,false,false,false]}'
ETS = (
    '{"willing":false,"ets_cap":8,"cbs":false,"tc_bw":[50,50,0,0,0,0,0,0],"pg_bw":[0,0,0,0,0,0,0,0],'
    '"tc_tsa":["ets","ets","strict","strict","strict","strict","strict","vendor"],"prio_tc":[0,0,0,1,0,0,0,0],'
    '"reco_tc_bw":[0,0,0,0,0,0,0,0],"reco_tc_tsa":["strict","strict","strict","strict","strict","strict","strict",'
    '"strict"],"reco_prio_tc":[0,0,0,0,0,0,0,0]}'
)
APP = '{"ethtype_prio":[[2048,1]],"default_prio":[0],"dscp_prio":[[26,3],[46,5],[26,4]]}'
# As ib_send_lat 4.5 writes it, measured in the lab.
LATENCY = """ remote address: LID 0000 QPN 0x0013 PSN 0xc6af9c
---------------------------------------------------------------------------------------
 #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]    t_avg[usec]    t_stdev[usec] 99% [usec]
 2       100          306.94         5287.54      1780.88  	       1888.45     	1118.83		5287.54 		5287.54
"""
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["pfc_cap", "prio_pfc", "ets_cap", "tc_bw", "tc_tsa", "prio_tc", "dscp_prio", "order", "host"])
ANSWERS = st.dictionaries(KEYS, ANY_JSON)


def test_answers_of_a_nic_with_traffic_classes():
    assert [dcb.pfc(dcb.parse(PFC), number) for number in (2, 3)] == [False, True]
    assert dcb.ets(dcb.parse(ETS))["prio_tc"] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert [dcb.dscp(dcb.parse(APP), number) for number in (26, 46, 0)] == [[3, 4], [5], []]
    assert dcb.trust(dcb.parse('{"order":["dscp","pcp"]}')) == ["dscp", "pcp"]
    assert dcb.is_firmwares({"lld_managed": True, "ieee": True}) and not dcb.is_firmwares({"host": True, "ieee": True})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Attribute read: Operation not supported\n", "the driver says: Operation not supported"),
        ("Attribute not found: Success", "the driver says: Success"),
        ('Object "apptrust" is unknown\n', "this iproute2 does not know it"),
        ("", "the driver says: no answer"),
    ],
)
def test_reason(text, why):
    assert dcb.reason(text) == why


@pytest.mark.parametrize("share", [1, 50, 99])
def test_the_share_of_roce_adds_up_and_is_stable(share):
    made = dcb.wanted_ets(dcb.ets(dcb.parse(ETS)), 3, share)
    assert sum(made["tc_bw"]) == 100 and made["tc_bw"][dcb.ROCE_TC] == share
    assert "vendor" not in made["tc_tsa"]
    assert dcb.wanted_ets(made, 3, share) == made


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([], [3], ["add 26:3"]),
        ([4], [3], ["add 26:3", "del 26:4"]),
        ([3, 4], [3], ["del 26:4"]),
        ([3], [], ["del 26:3"]),
        ([3], [3], []),
    ],
)
def test_dscp_commands(before, after, words):
    assert ["%s %s" % (argv[2], argv[-1]) for argv in dcb.set_dscp("ens1", 26, before, after)] == words


@given(st.one_of(st.text(), ANY_JSON.map(json.dumps)))
def test_parse_gives_a_dict_or_a_refusal(text):
    try:
        assert isinstance(dcb.parse(text), dict)
    except dcb.Refusal as refusal:
        assert str(refusal)


@given(ANSWERS, st.integers(0, 7))
def test_any_answer_is_read_or_refused(answer, number):
    for read in (dcb.ets, dcb.trust, lambda one: dcb.pfc(one, number), lambda one: dcb.dscp(one, number)):
        try:
            read(answer)
        except dcb.Refusal as refusal:
            assert str(refusal)
    dcb.is_firmwares(answer)


@given(st.one_of(st.text(), ANY_JSON.map(json.dumps)))
def test_holders_of_noise(text):
    assert all("pid" in line for line in users.holders(text, "rxe_ens1"))


def test_holders():
    rows = [
        {"ifname": "rxe_a", "pid": 879, "comm": "rping"},
        {"ifname": "rxe_a", "comm": "ib_core"},
        {"ifname": "rxe_b", "pid": 5, "comm": "x"},
    ]
    assert users.holders(json.dumps(rows), "rxe_a") == {"rping (pid 879)"}


def test_latency():
    found = probe.latency(LATENCY)
    assert (found["average"], found["p99"], found["messages"], found["bytes"]) == (1888.45, 5287.54, 100, 2)


@given(st.text())
def test_latency_of_noise(text):
    found = probe.latency(text)
    assert found is None or found["messages"] >= 0


class Commands(System):
    """A System that writes down what is run; answers {first word of the tool: CommandResult}."""

    def __init__(self, answers):
        super().__init__("/nowhere")
        self.answers, self.log = answers, []

    def run(self, argv, check=True, stdin=None):
        self.log.append(argv)
        return self.answers.get(argv[2] if argv[0] == "timeout" else argv[0], CommandResult(0, "", ""))


def test_the_servers_end_by_themselves():
    system = Commands({})
    probe.serve(system, [{"address": "192.168.20.104", "port": 18700}], 30)
    started = [argv for argv in system.log if argv[0] == "systemd-run"]
    assert len(started) == 2 and all("RuntimeMaxSec=30" in argv for argv in started)
    # Again after a client that gave up half-way: each serves one only.
    again = "while :; do rping -s -a 192.168.20.104 -p 18700 -C 5; sleep 0.2; done"
    assert any(argv[-3:] == ["sh", "-c", again] for argv in started)


@pytest.mark.parametrize(
    ("rping", "lat", "expected"),
    [
        (CommandResult(0, "", ""), CommandResult(0, LATENCY, ""), (True, 1888.45, "")),
        (CommandResult(1, "", "cma event RDMA_CM_EVENT_REJECTED"), None, (False, None, "rping: cma event")),
        (CommandResult(0, "", ""), CommandResult(124, "", ""), (True, None, "ib_send_lat: no answer in time")),
    ],
)
def test_measure(rping, lat, expected):
    system = Commands({"rping": rping, "ib_send_lat": lat})
    (row,) = probe.measure(system, [{"address": "192.168.20.104", "port": 18700, "label": "x"}], 0)
    figures = row["latency"] and row["latency"]["average"]
    assert (row["rping"], figures) == expected[:2] and row["error"].startswith(expected[2])


@pytest.mark.parametrize(
    ("driver", "device", "is_vf", "module"),
    [
        ("mlx5_core", "0x1017", False, "mlx5_ib"),
        ("mlx5_core", "0x1018", True, "mlx5_ib"),
        ("ice", "0x1592", False, "irdma"),
        ("iavf", "0x1889", True, None),
        ("i40e", "0x37d1", False, "irdma"),
        ("i40e", "0x1572", False, None),  # X710: no RDMA
        ("ixgbe", "0x10fb", False, None),
        (None, None, False, None),
    ],
)
def test_rdma_module_of_a_driver(driver, device, is_vf, module):
    assert nics.module_of(driver, device, is_vf) == module


def test_names_of_units():
    assert boot.escape("br-ex.30") == "br\\x2dex.30"
    rule = boot.rules(["br-ex"], [])[boot.RULES]
    assert 'NAME=="br-ex"' in rule and "gedge-rxe@br\\\\x2dex.service" in rule
    assert boot.rules([], []) == {}
    assert "/etc/systemd/system/multi-user.target.wants/gedge-rxe@br\\x2dex.service" in boot.files(
        ["rdma_rxe"], None, ["br-ex"], None, []
    )


def test_every_file_is_known_as_ours():
    made = boot.files(["rdma_rxe"], "shared", ["ens1"], "4096", ["kubelet.service"])
    made.update(boot.roce_files("ens1", [["true"]]), **boot.rules(["ens1"], ["ens1"]))
    assert [path for path in made if not boot.is_ours(path)] == []
    assert made["/etc/systemd/system/kubelet.service.d/gedge-rdma.conf"].endswith("LimitMEMLOCK=4096K\n")
    for other in (
        "/etc/systemd/system/kubelet.service",
        "/etc/modprobe.d/x.conf",
        "/etc/systemd/system/gedge-sriov-a.service",
    ):
        assert not boot.is_ours(other)
