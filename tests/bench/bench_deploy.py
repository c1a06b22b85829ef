# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Wall time of a deployment against plain kubectl apply of the same manifests. Prints a table and the ratios.

    python tests/bench/bench_deploy.py [RUNS [SERVICES]]

One API server of tests/acceptance, without nodes, so that nothing but requests is measured; SERVICES (100) random
services as in tests/acceptance. Each run of a kind starts from nothing: objects are removed in between, unmeasured;
the order alternates. "kubectl": kubectl apply --server-side. "task": ansible-playbook with the task that applies.
"role": role cluster_service as it is, with its reading, comparing and recording, but for the waiting. "again": once
more, with nothing to do. Medians; the ratio in question is that of "role" to "kubectl".
"""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests")]

from acceptance import programs, sites  # noqa: E402
from acceptance.cluster import Cluster  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.render.text_table import text_table  # noqa: E402
from helpers.service_role import Stage  # noqa: E402

TASK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - kubernetes.core.k8s:
        apply: true
        server_side_apply: {field_manager: gedge-engine}
        resource_definition: "{{ cluster_service_objects }}"
        continue_on_error: true
        kubeconfig: "{{ cluster_service_kubeconfig }}"
"""
KINDS = ("role", "task", "kubectl")


class Bench:
    """One cluster, and the ways in which the objects come in and go out."""

    def __init__(self, cluster, folder, objects):
        self.folder, self.objects = folder, objects
        (folder / "kubectl").symlink_to(programs.node())
        self.config = f"{cluster.folder}/kubeconfig"
        self.stage = Stage(folder / "stage", self.config, folder / "kubectl")
        self.stage.variables["cluster_service_timeout"] = 0
        self.plays = {"role": (folder / "stage" / "play.yml").read_text(encoding="utf-8"), "task": TASK}
        (folder / "manifests.yml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")

    def run(self, kind):
        """Seconds of one deployment."""
        begun = time.monotonic()
        if kind == "kubectl":
            self.kubectl("apply", "--server-side", "--field-manager=gedge-engine")
        else:
            (self.folder / "stage" / "play.yml").write_text(self.plays[kind], encoding="utf-8")
            rc, said = self.stage.play(self.objects)
            assert rc == 0, said[-2000:]
        return time.monotonic() - begun

    def kubectl(self, *words):
        """kubectl on the file of manifests."""
        command = [self.folder / "kubectl", "--kubeconfig", self.config, *words, "-f", self.folder / "manifests.yml"]
        subprocess.run(command, check=True, capture_output=True)

    def clear(self):
        """All away again."""
        self.kubectl("delete", "--ignore-not-found", "--wait=false")
        (self.folder / "stage" / "services" / "deployed.json").unlink(missing_ok=True)


def measured(bench, runs):
    """{kind: [s]}; "again": the same with nothing to do."""
    found = {name: [] for kind in KINDS for name in (kind, f"{kind} again")}
    for number in range(runs):
        for kind in KINDS if number % 2 else KINDS[::-1]:
            found[kind].append(bench.run(kind))
            found[f"{kind} again"].append(bench.run(kind))
            bench.clear()
    return found


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    records = sites.fleet(7, max(8, count * 2 // 5))
    kept, placement = sites.placed(records, sites.services(7, count * 8 // 5, records), count)
    objects = sites.manifests(kept, placement, records, backend="extended-resources", namespaces=False)
    # Those of device plugins are another role's; namespaces would take their time to end.
    objects = [one for one in objects if one["kind"] != "ConfigMap"]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "cluster").mkdir()
        with Cluster(programs.control_plane(), folder / "cluster") as cluster:
            cluster.install(programs.crds("standard"))
            spaces = {one["metadata"].get("namespace") for one in objects} - {None, "default"}
            cluster.create(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": one}} for one in spaces))
            found = measured(Bench(cluster, folder, objects), runs)
    middle = {kind: statistics.median(seconds) for kind, seconds in found.items()}
    rows = [[kind, round(middle[kind], 2), round(min(each), 2), round(max(each), 2)] for kind, each in found.items()]
    print(f"{count} services, {len(objects)} objects, {runs} runs")
    print(text_table(["what", "median s", "least s", "most s"], rows))
    print(json.dumps({kind: round(middle[kind] / middle["kubectl"], 2) for kind in ("task", "role")}))


if __name__ == "__main__":
    main()
