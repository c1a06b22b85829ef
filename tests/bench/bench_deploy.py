# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Wall time of a deployment against plain kubectl apply of the same manifests. Prints a table and the ratios.

    python tests/bench/bench_deploy.py [RUNS [SERVICES]]

Requests only: one API server of tests/acceptance, without nodes, and SERVICES (100) random services as in
tests/acceptance. "kubectl": kubectl apply --server-side. "task": ansible-playbook with one task kubernetes.core.k8s.
"role": role cluster_service as it is, with its reading, comparing and recording, but for the waiting. "again": once
more, with nothing to do.

    python tests/bench/bench_deploy.py [RUNS [SERVICES]] --kubeconfig FILE --kubectl FILE [--manifests FILE]

What a user waits for, in a cluster that runs and has nodes: until all is available. SERVICES (8) plain services of one
pod each, spread over the nodes, in a namespace gedge-bench-deploy that is made and removed; their image, --image
(gedge.local/benchmark:1), must be on the nodes. FILE: other manifests with Deployments, whose namespaces are there.
"kubectl": kubectl apply --server-side, then kubectl wait --for=condition=Available. "role": the role with its waiting.
In the lab's cluster, in the repository's root (the image is there once playbook benchmark has run):

    F=inventories/lab_cluster/facts
    python tests/bench/bench_deploy.py 5 8 --kubeconfig $F/cluster/admin.conf --kubectl $F/artifacts/kubectl

Each run of a kind starts from nothing: objects and their pods are removed in between, unmeasured; the order alternates.
Medians; the ratio in question is that of "role" to "kubectl".
"""

from __future__ import annotations

import argparse
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

from acceptance import cluster as control  # noqa: E402
from acceptance import programs, sites  # noqa: E402
from ansible_collections.gedge.engine.plugins.module_utils.placement import place  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.render.text_table import text_table  # noqa: E402
from helpers.cluster_lab import IDLE  # noqa: E402
from helpers.service_role import Stage  # noqa: E402
from unit.placement.sites import container, service  # noqa: E402

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
SPACE = "gedge-bench-deploy"
WAIT_S = 600
# Those that take pods and claims away again, which a test has no need of.
CLEANERS = ("garbage-collector-controller", "persistentvolumeclaim-protection-controller")


class Bench:
    """One cluster, and the ways in which the objects come in and go out."""

    def __init__(self, folder, config, program, objects, *, waits, delay=0):
        self.folder, self.config, self.objects, self.waits = folder, str(config), objects, waits
        (folder / "kubectl").symlink_to(pathlib.Path(program).resolve())
        self.stage = Stage(folder / "stage", self.config, folder / "kubectl")
        self.stage.variables["cluster_service_timeout"] = WAIT_S if waits else 0
        self.stage.variables["cluster_service_delay"] = delay
        self.plays = {"role": (folder / "stage" / "play.yml").read_text(encoding="utf-8"), "task": TASK}
        self.spaces = sorted({one["metadata"].get("namespace") for one in objects} - {None})
        self.write(objects)

    def write(self, objects):
        """The file that kubectl is given."""
        (self.folder / "manifests.yml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")

    def run(self, kind):
        """Seconds of one deployment."""
        begun = time.monotonic()
        if kind == "kubectl":
            self.of_file("apply", "--server-side", "--field-manager=gedge-engine")
            for space, names in self.deployments().items():
                self.kubectl("wait", "--for=condition=Available", f"--timeout={WAIT_S}s", "-n", space, *names)
        else:
            (self.folder / "stage" / "play.yml").write_text(self.plays[kind], encoding="utf-8")
            rc, said = self.stage.play(self.objects)
            assert rc == 0, said[-2000:]
        return time.monotonic() - begun

    def deployments(self):
        """{namespace: [deployment/NAME]} of what is waited for."""
        found = {}
        for one in self.objects if self.waits else ():
            if one["kind"] == "Deployment":
                found.setdefault(one["metadata"]["namespace"], []).append(f"deployment/{one['metadata']['name']}")
        return found

    def kubectl(self, *words):
        """What kubectl says."""
        command = [self.folder / "kubectl", "--kubeconfig", self.config, *words]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.stderr[-2000:]}"
        return done.stdout

    def of_file(self, *words):
        """kubectl on the file of manifests."""
        return self.kubectl(*words, "-f", self.folder / "manifests.yml")

    def clear(self):
        """All away again, with the pods."""
        self.of_file("delete", "--ignore-not-found", "--wait=false")
        (self.folder / "stage" / "services" / "deployed.json").unlink(missing_ok=True)
        end = time.monotonic() + WAIT_S
        while self.left():
            assert time.monotonic() < end, self.left()
            time.sleep(1)

    def left(self):
        """What is there still. Pods that do not heed their signal are ended at once."""
        for space in self.spaces if self.waits else ():
            self.kubectl("delete", "pods", "-n", space, "-l", "gedge.io/service", "--grace-period=1", "--wait=false")
        of_them = [self.kubectl("get", "pods,replicasets", "-n", space, "-l", "gedge.io/service", "-o", "name")
                   for space in self.spaces]  # fmt: skip
        return "".join([self.of_file("get", "--ignore-not-found", "-o", "name"), *of_them]).split()


def measured(bench, kinds, runs):
    """{kind: [s]}; "again": the same with nothing to do."""
    found = {name: [] for kind in kinds for name in (kind, f"{kind} again")}
    for number in range(runs):
        for kind in kinds if number % 2 else kinds[::-1]:
            for name in (kind, f"{kind} again"):
                found[name].append(bench.run(kind))
                print(f"run {number + 1}: {name} {found[name][-1]:.1f} s", file=sys.stderr, flush=True)
            bench.clear()
    return found


def of_requests(options, folder):
    """(objects, {kind: [s]}) on an API server of its own."""
    count = options.services or 100
    records = sites.fleet(7, max(8, count * 2 // 5))
    kept, placement = sites.placed(records, sites.services(7, count * 8 // 5, records), count)
    objects = sites.manifests(kept, placement, records, backend="extended-resources", namespaces=False)
    # Those of device plugins are another role's; namespaces would take their time to end.
    objects = [one for one in objects if one["kind"] != "ConfigMap"]
    (folder / "cluster").mkdir()
    control.CONTROLLERS = (*control.CONTROLLERS, *CLEANERS)
    with control.Cluster(programs.control_plane(), folder / "cluster") as cluster:
        cluster.install(programs.crds("standard"))
        spaces = {one["metadata"].get("namespace") for one in objects} - {None, "default"}
        cluster.create(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": one}} for one in spaces))
        bench = Bench(folder, f"{cluster.folder}/kubeconfig", programs.node(), objects, waits=False)
        return objects, measured(bench, ("role", "task", "kubectl"), options.runs)


def of_availability(options, folder):
    """(objects, {kind: [s]}) in a cluster that runs."""
    given = yaml.safe_load_all(options.manifests.read_text(encoding="utf-8")) if options.manifests else ()
    bench = Bench(
        folder, options.kubeconfig, options.kubectl, [one for one in given if one], waits=True, delay=options.delay
    )
    if not options.manifests:
        bench.objects, bench.spaces = plain(options, json.loads(bench.kubectl("get", "nodes", "-o", "json"))), [SPACE]
        bench.write(bench.objects)
        bench.kubectl("create", "namespace", SPACE)
    try:
        return bench.objects, measured(bench, ("role", "kubectl"), options.runs)
    finally:
        if not options.manifests:
            bench.kubectl("delete", "namespace", SPACE)


def plain(options, nodes):
    """Objects of services with one pod each, on the nodes that take pods."""
    free = [one for one in nodes["items"] if not one["spec"].get("taints")]
    records = [sites.large(one["metadata"]["name"]) for one in free]
    main_container = dict(container("main", "50m", "16Mi", "none"), image=options.image, command=IDLE)
    asked = [
        service(f"plain{number}", [main_container], namespace=SPACE, nodes=[records[number % len(records)]["name"]])
        for number in range(options.services or 8)
    ]
    placement = place.place(records, asked, ()).result("none")
    made = sites.manifests(asked, placement, records, backend="extended-resources", namespaces=False)
    return [one for one in made if one["kind"] != "ConfigMap"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="?", type=int, default=3)
    parser.add_argument("services", nargs="?", type=int)
    for name in ("kubeconfig", "kubectl", "manifests"):
        parser.add_argument(f"--{name}", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--image", default="gedge.local/benchmark:1")
    parser.add_argument("--delay", type=float, default=5, help="cluster_service_delay, by default as in the lab")
    options = parser.parse_args()
    if (options.kubeconfig is None) != (options.kubectl is None) or (options.manifests and not options.kubeconfig):
        parser.error("a cluster that runs needs both --kubeconfig and --kubectl")
    with tempfile.TemporaryDirectory() as name:
        objects, found = (of_availability if options.kubeconfig else of_requests)(options, pathlib.Path(name))
    middle = {kind: statistics.median(seconds) for kind, seconds in found.items()}
    rows = [[kind, round(middle[kind], 2), round(min(each), 2), round(max(each), 2)] for kind, each in found.items()]
    print(f"{len(objects)} objects, {options.runs} runs")
    print(text_table(["what", "median s", "least s", "most s"], rows))
    print(json.dumps({kind: round(middle[kind] / middle["kubectl"], 2) for kind in middle if " " not in kind}))


if __name__ == "__main__":
    main()
