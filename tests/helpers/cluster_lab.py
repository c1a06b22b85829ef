"""A lab with a cluster as tests see it: kubectl beside playbooks and commands on nodes."""

from __future__ import annotations

import json
import subprocess

import yaml
from helpers.lab import Lab

# Does nothing, and ends at once when it is told to: as process 1, sleep alone does not heed the signal.
IDLE = ["sh", "-c", "trap exit TERM; sleep 1000000 & wait"]
MINE = "app.kubernetes.io/managed-by=gedge.engine"
KINDS = "deployments,services,pods,network-attachment-definitions,persistentvolumeclaims,resourceclaims"

SECOND_PATHS = """
for name in $(ip netns list | cut -d' ' -f1); do
  echo "$name"; ip -n "$name" -s link show net1; ip -n "$name" -br addr; ip -n "$name" neigh
done 2>/dev/null
dmesg | grep -i igb | tail -n 12
"""


class ClusterLab(Lab):
    """The lab with its cluster: kubectl beside playbooks and commands on nodes."""

    def __init__(self, folder, testbed, workers=("node1", "node2")):
        """folder: of the lab, None for its usual one; testbed: the inventory, beside which are its facts."""
        super().__init__(folder, testbed)
        self.workers = list(workers)
        self.facts = self.testbed.parent / "facts"
        # Another cluster than one of ours has them elsewhere.
        self.kubeconfig, self.kubectl_path = self.facts / "cluster" / "admin.conf", self.facts / "artifacts" / "kubectl"

    def kubectl(self, *words, check=True, timeout=120, text=None):
        """What kubectl says."""
        argv = [str(self.kubectl_path), "--kubeconfig", str(self.kubeconfig), *words]
        done = subprocess.run(argv, check=False, input=text, capture_output=True, text=True, timeout=timeout)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def get(self, *words):
        """The JSON of kubectl get."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def apply(self, *objects):
        """Objects into the cluster, as plain kubectl does."""
        self.kubectl("apply", "-f", "-", text=yaml.safe_dump_all(objects))

    def pods(self, selector=MINE, namespace="default"):
        """The pods of a selector that are not on their way out."""
        found = self.get("pods", "-n", namespace, "-l", selector)["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def ours(self):
        """{kind/namespace/name: uid} of what services have in the cluster."""
        found = self.get(KINDS, "-A", "-l", MINE + ",gedge.io/service")["items"]
        return {
            "/".join((one["kind"], one["metadata"]["namespace"], one["metadata"]["name"])): one["metadata"]["uid"]
            for one in found
        }

    def allocatable(self, node):
        """{resource: amount as text}."""
        return self.get("node", node)["status"]["allocatable"]

    def cordoned(self):
        """The nodes on which nothing new may start."""
        return [one["metadata"]["name"] for one in self.get("nodes")["items"] if one["spec"].get("unschedulable")]

    def ready(self):
        """The nodes that are Ready."""
        return sorted(
            one["metadata"]["name"]
            for one in self.get("nodes")["items"]
            if any(told["type"] == "Ready" and told["status"] == "True" for told in one["status"]["conditions"])
        )

    def seen(self):
        """What there is, for a condition that does not come true."""
        return self.kubectl("get", "nodes,pods,events", "-A", "-o", "wide")

    def made(self, playbook, *args, **options):
        """A playbook that has to pass: a Play."""
        play = self.playbook(playbook, *args, timeout=options.pop("timeout", 3600), **options)
        assert play.rc == 0, play.failures()
        return play

    def passed(self, done):
        """A run of a playbook that has to pass; else how it ended, and what the nodes' second paths say."""
        if done.returncode:
            seen = "\n".join(f"{node}: {self.run(node, SECOND_PATHS).stdout[-2000:]}" for node in self.workers)
            raise AssertionError((done.stdout + done.stderr)[-3000:] + "\n" + seen)
