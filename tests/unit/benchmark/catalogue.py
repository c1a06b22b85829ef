"""The role's catalogue, and what its tools have put out once."""

import json
import pathlib
import random

import yaml
from ansible_collections.gedge.engine.plugins.filter.benchmark_plan import benchmark_plan

ROOT = pathlib.Path(__file__).resolve().parents[3]
CATALOGUE = yaml.safe_load((ROOT / "roles" / "benchmark" / "files" / "comparisons.yml").read_text(encoding="utf-8"))
OPTIONS = {"seed": 1, "image": "gedge.local/benchmark:1", "namespace": "gedge-benchmark", "nodes": ["node1", "node2"]}


def planned(name, catalogue=None, **options):
    """One comparison."""
    (one,) = benchmark_plan([CATALOGUE, catalogue or {}], [name], dict(OPTIONS, **options))
    return one


def iperf3(value):
    """As iperf3 -J has it, shortened."""
    return json.dumps({"start": {}, "end": {"sum_received": {"bits_per_second": value}}})


def outputs(plan, factor=1.0, seed=1):
    """iperf3's outputs of a comparison whose side a has so many times the throughput of b."""
    dice = random.Random(seed)
    return [iperf3(1e9 * (factor if one["side"] == "a" else 1) * dice.uniform(0.98, 1.02)) for one in plan["schedule"]]
