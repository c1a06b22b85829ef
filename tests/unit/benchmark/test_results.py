"""From a comparison's name to its document, table and picture; outputs of tools; pods and where they are reached."""

import json
import xml.etree.ElementTree as ET

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.benchmark_files import benchmark_files
from ansible_collections.gedge.engine.plugins.filter.benchmark_result import benchmark_result
from ansible_collections.gedge.engine.plugins.filter.benchmark_targets import benchmark_targets
from ansible_collections.gedge.engine.plugins.plugin_utils.benchmark import readings
from ansible_collections.gedge.engine.plugins.plugin_utils.render.comparison import amount
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import normalize
from unit.benchmark.catalogue import CATALOGUE, iperf3, outputs, planned

SOCKPERF = """
sockperf: [Valid Duration] RunTime=2.500 sec; SentMessages=5001; ReceivedMessages=5000
sockperf: ====> avg-latency=24.551 (std-dev=8.122)
sockperf: Summary: Latency is 24.551 usec
sockperf: ---> percentile 99.900 =  121.270
sockperf: ---> percentile 99.000 =   50.210
sockperf: ---> percentile 50.000 =   22.905
"""
SEND_LAT = """
 #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]    t_avg[usec]    t_stdev[usec]   99%
 2       1000          25.10          180.55       31.22              33.70          6.13            61.10
"""
WRITE_BW = """
 #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]
 65536      1000             3.52               3.44               0.006561
"""
OUTPUTS = [
    ("tcp-throughput", iperf3(2.5e9), 2.5e9),
    ("tcp-throughput", "warning: x\n" + iperf3(7.0), 7.0),
    ("tcp-latency", SOCKPERF, 22.905),
    ("tcp-latency-p99", SOCKPERF, 50.21),
    ("requests", SOCKPERF, 2000.0),
    ("udp-jitter", '{"end": {"sum": {"jitter_ms": 0.25}}}', 250.0),
    ("rdma-latency", SEND_LAT, 31.22),
    ("rdma-throughput", WRITE_BW, 3.44e9),
]


def rule(measure):
    """How the role's catalogue reads it."""
    return {"json": None, "pattern": None, "per": None, "factor": 1.0, **CATALOGUE["measures"][measure]["read"]}


@pytest.mark.parametrize(("measure", "output", "value"), OUTPUTS)
def test_readings(measure, output, value):
    assert readings.value(output, rule(measure)) == (pytest.approx(value), "")


def test_every_measure_is_read_here():
    assert {measure for measure, dummy, dummy2 in OUTPUTS} == set(CATALOGUE["measures"])


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("", "its end: (empty)"),
        ("iperf3: error - unable to connect", "unable to connect"),
        ('{"error": "busy"}', "'end'"),
        ('{"end": {"sum_received": {"bits_per_second": 0}}}', "0.0 is no measured value"),
        ('{"end": {"sum_received": {"bits_per_second": null}}}', "no value in the output"),
        ("[1]", "no value in the output"),
    ],
)
def test_an_output_without_a_value(output, why):
    value, said = readings.value(output, rule("tcp-throughput"))
    assert value is None and why in said


def test_from_plan_to_files(tmp_path):
    plan = planned("sriov")
    found = benchmark_result(plan, outputs(plan, 2.0), "2026-11-29 02:10:11Z")
    assert (found["verdict"], found["better"]) == ("difference", "a")
    made = benchmark_files([found])
    assert set(made) == {"benchmark.json", "benchmark.txt", "sriov.svg"}
    assert json.loads(made["benchmark.json"])["results"][0]["text"] == found["text"]
    assert "=> SR-IOV is " in made["benchmark.txt"] and "Gbit/s" in made["benchmark.txt"]
    drawn = ET.fromstring(made["sriov.svg"])
    marks = [one for one in drawn.iter() if one.tag.endswith(("circle", "rect")) and len(one)]
    assert len(marks) == len(plan["schedule"])


def test_an_earlier_result_of_another_comparison_stays():
    first, second = planned("sriov"), planned("same")
    before = benchmark_files([benchmark_result(first, outputs(first, 2.0))])["benchmark.json"]
    after = benchmark_files([benchmark_result(second, outputs(second))], before)
    assert [one["name"] for one in json.loads(after["benchmark.json"])["results"]] == ["same", "sriov"]
    assert set(after) == {"benchmark.json", "benchmark.txt", "same.svg"}
    again = benchmark_files([benchmark_result(first, outputs(first, 1.0))], after["benchmark.json"])
    words = {one["name"]: one["verdict"] for one in json.loads(again["benchmark.json"])["results"]}
    assert words == {"same": "none", "sriov": "none"}


@pytest.mark.parametrize("before", ["", "{", "[]", '{"results": 3}', '{"results": [{"format": 9}]}'])
def test_what_is_no_earlier_result(before):
    plan = planned("same")
    made = benchmark_files([benchmark_result(plan, outputs(plan))], before)
    assert len(json.loads(made["benchmark.json"])["results"]) == 1


def test_a_run_without_output_failed():
    plan = planned("same")
    said = outputs(plan)
    said[6] = None
    found = benchmark_result(plan, said)
    assert found["failed"] == 1 and "no value in the output" in found["samples"][6]["why"]


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_side_that_never_ran_is_no_result(side):
    plan = planned("same")
    said = [None if one["side"] == side else iperf3(1e9) for one in plan["schedule"]]
    found = benchmark_result(plan, said)
    assert found["verdict"] == "undecided"
    benchmark_files([found])


@pytest.mark.parametrize("name", CATALOGUE["comparisons"])
def test_the_pods_are_services(name):
    plan = planned(name)
    found = normalize(yaml.safe_dump({"services": plan["services"]}))["services"]
    paths = {one["name"].split("-")[-2]: one["path"] for one in found if "noise" not in one["name"]}
    assert paths == {side: plan["comparison"][side]["path"] for side in ("a", "b")}
    assert {one["nodes"][0] for one in found} == {"node1", "node2"}
    assert set(plan["of_side"]["a"] + plan["of_side"]["b"]) == {one["name"] for one in found}


def test_a_pinned_side_is_guaranteed_and_a_shared_one_is_not():
    normal = normalize(yaml.safe_dump({"services": planned("pinned")["services"]}))
    found = {one["name"]: one for one in normal["services"]}
    pinned, shared = found["pinned-a-server"]["containers"][0], found["pinned-b-server"]["containers"][0]
    assert pinned["resources"]["cpu"] == shared["resources"]["cpu"] == "1"
    assert (pinned["acceleration"]["topology"], shared["acceleration"]["topology"]) == ("best-effort", "none")
    assert shared["limits"]["cpu"] is None


def pod(name, address=None, **annotations):
    """A pod as the API server shows it."""
    metadata = {"name": name + "-5d4f", "labels": {"gedge.io/service": name}, "annotations": annotations}
    return {"metadata": metadata, "status": {"podIP": address} if address else {}}


def test_targets():
    plan = planned("sriov", seconds=7)
    notes = {"k8s.v1.cni.cncf.io/networks": json.dumps([{"name": "x", "ips": ["192.168.20.109/28"]}])}
    pods = [
        pod("sriov-a-server", "10.244.0.5", **notes),
        pod("sriov-b-server", "10.244.0.6"),
        pod("sriov-a-client", "10.244.1.5", **notes),
        pod("sriov-b-client", "10.244.1.6"),
    ]
    found = benchmark_targets(plan, pods)
    assert [found[side]["address"] for side in "ab"] == ["192.168.20.109", "10.244.0.6"]
    assert found["a"]["pod"] == "sriov-a-client-5d4f"
    assert found["a"]["command"] == ["iperf3", "-c", "192.168.20.109", "-t", "7", "-O", "1", "-J"]
    assert set(benchmark_targets(plan, pods[1::2], ["b"])) == {"b"}
    with pytest.raises(AnsibleFilterError, match="service sriov-a-server: there is no pod of it"):
        benchmark_targets(plan, pods[1:])
    with pytest.raises(AnsibleFilterError, match="pod sriov-b-server-5d4f: has no address yet"):
        benchmark_targets(plan, [pods[0], pod("sriov-b-server"), *pods[2:]])


AMOUNTS = [
    (4.012e9, "bit/s", "4.01 Gbit/s"),
    (123.4e6, "bit/s", "123 Mbit/s"),
    (22.905, "us", "22.9 us"),
    (512, "us", "512 us"),
    (2000, "1/s", "2000 1/s"),
    (None, "us", ""),
]


@pytest.mark.parametrize(("value", "unit", "text"), AMOUNTS)
def test_amounts(value, unit, text):
    assert amount(value, unit) == text
