"""A FakeNode with a kubelet that makes processes of static pods."""

from __future__ import annotations

import json
import os
import pathlib
import shutil

from ansible_collections.gedge.engine.plugins.module_utils.control_plane import flags, pods
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from helpers.fake_control_plane import CONF, DONE, HEALTH, PKI, UNITS, FakeNode

RESET = ("admin", "super-admin", "kubelet", "controller-manager", "scheduler")


class PodNode(FakeNode):
    """asked: the Wanted of the run that is under way, by which kubeadm's model writes manifests; sick: why preflight
    refuses; object: the Node; deaf: whether the kubelet makes nothing of manifests; stuck: why reset fails in its
    midst."""

    def __init__(self, folder, **options):
        super().__init__(folder, **options)
        self.asked, self.sick, self.object, self.deaf, self.stuck = None, "", None, False, ""
        self.pids = {}
        self.put("/proc/uptime", "1000.00 0")

    def run(self, argv, check=True, stdin=None):
        result = super().run(argv, check, stdin)
        self.sync()
        return result

    def remove_file(self, path):
        super().remove_file(path)
        self.sync()

    def sync(self):
        """What the kubelet makes of the manifests."""
        if "kubelet" not in self.started or self.deaf:
            return
        for name in UNITS:
            if self.exists(pods.path(name)) and name in self.broken:
                log = "%s/kube-system_%s-node1_1/%s/0.log" % (pods.LOGS, name, name)
                self.put(log, "2026-11-29T02:00:00.1Z stderr F Error: no such flag\n")
            there = self.exists(pods.path(name)) and name not in self.broken
            if name in self.pids and not there:
                self._end(name)
            elif there and name not in self.pids:
                self._begin(name)

    def _begin(self, name):
        pid = self.pids[name] = str(next(self.numbers))
        self.put("/proc/%s/cmdline" % pid, "%s\0--v=2\0--file=/etc/kubernetes/pki/any.crt\0" % name)
        self.put("/proc/%s/stat" % pid, "%s (%s) S %s" % (pid, name, " ".join(["0"] * 18 + [str(1000 * pods.HZ)])))
        os.symlink("/usr/local/bin/kubernetes-control-plane", self.path("/proc/%s/exe" % pid))
        if name == "etcd":
            self._etcd_starts()

    def first_start(self):
        if not self.exists(pods.path("etcd")):
            return super().first_start()
        flags = pods.parse(self.text(pods.path("etcd"))).flags
        return flags["initial-cluster"], flags.get("initial-cluster-state") != "existing"

    def _end(self, name):
        shutil.rmtree(self.path("/proc/" + self.pids.pop(name)))

    def _kubeadm(self, words):
        if words[0] == "reset":
            return self._reset(words)
        if words[:2] != ["init", "phase"]:
            return super()._kubeadm(words)
        if words[2] == "preflight":
            assert self.link("/usr/local/bin/kubelet")  # it asks for its version
            return CommandResult(1 if self.sick else 0, "", self.sick)
        if words[2] in ("etcd", "control-plane"):
            told = self.documents(words)[1]
            self._manifest(next(name for name, phase in pods.PHASES.items() if phase == tuple(words[2:4])), told)
        elif words[2] == "kubelet-start":
            self.put(pods.SETTINGS, "kind: KubeletConfiguration\n")
            self._systemctl(["restart", "kubelet"])
        elif words[2] == "mark-control-plane":
            taints = [] if self.asked.schedulable else [{"key": pods.ROLE, "effect": "NoSchedule"}]
            taints += [one for one in (self.object or {}).get("spec", {}).get("taints", []) if one not in taints]
            self.object = {"metadata": {"labels": {pods.ROLE: ""}}, "spec": {"taints": taints}}
        elif words[2] == "kubeconfig" and words[3] == "kubelet":
            self.put(pods.CONF, self._kubeconfig("https://" + self.documents(words)[1]["controlPlaneEndpoint"]))
        elif words[2] == "kubelet-finalize":
            if self.exists(pods.CURRENT):
                rows = self.text(pods.CONF).splitlines(True)
                self.put(pods.CONF, "".join(row for row in rows if "client-certificate-data" not in row))
        else:
            return super()._kubeadm(words)
        return DONE

    def _manifest(self, name, told):
        rows = flags.of(name, self.asked)
        if name == "etcd":
            rows["initial-cluster"] = "%s=https://%s:2380" % (self.name, self.address)
            rows.update({one["name"]: one["value"] for one in told["etcd"]["local"]["extraArgs"]})
        lines = ["    - %s" % name] + ["    - --%s=%s" % row for row in sorted(rows.items())]
        self.put(pods.path(name), "\n".join(lines) + "\n    image: %s\n" % self.asked.images[name])

    def _reset(self, words):
        assert words[words.index("--skip-phases") + 1] == "remove-etcd-member"
        assert not self.exists(words[words.index("--cert-dir") + 1])
        self.started.pop("kubelet", None)
        for name in list(self.pids):
            self._end(name)
        for name in self.list(pods.FOLDER):
            os.unlink(self.path("%s/%s" % (pods.FOLDER, name)))
        for name in RESET:
            pathlib.Path(self.path("%s/%s.conf" % (CONF, name))).unlink(missing_ok=True)
        shutil.rmtree(self.path("/var/lib/kubelet"), ignore_errors=True)
        return CommandResult(1, "", self.stuck) if self.stuck else DONE

    def _systemctl(self, words):
        if "kubelet.service" in words and words[0] == "stop":
            self.started.pop("kubelet", None)
            return DONE
        said = super()._systemctl(words)
        if "restart" in words and self.exists(pods.CONF):
            self.put(pods.CURRENT, "a certificate that it renews")
        return said

    def _show(self, name):
        said = super()._show(name)
        place = pods.UNIT if name == "kubelet" and self.exists(pods.UNIT) else ""
        return CommandResult(0, said.out + "FragmentPath=%s\n" % place, "")

    def _mkdir(self, words):
        os.makedirs(words[-1], exist_ok=True)
        return DONE

    def _nft(self, dummy):
        return CommandResult(1, "", "no such table")

    def _rm(self, words):
        return super()._rm(["-rf", words[-1]] if words[-1].startswith("/var") else ["-rf", words[-1][len(self.root) :]])

    def _kubectl(self, words):
        if "node" in words:
            if "delete" in words:
                self.object = None
                return DONE
            if "taint" in words:
                self.object["spec"]["taints"] = []
                return DONE
            return CommandResult(0, json.dumps(self.object), "") if self.object else CommandResult(1, "", "not found")
        return super()._kubectl(words)

    def status(self, dummy_system, dummy_host, port, *dummy):
        name = HEALTH[port]
        if name == "etcd" and self.cluster.get(self.address, {}).get("learner"):
            return 503
        bad = self.refused and name == "kube-apiserver" and self.refused in self.text(PKI + "/apiserver.crt")
        return 200 if name in self.pids and not bad else None
