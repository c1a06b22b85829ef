"""A node made of files with small models of kubeadm, openssl, systemd, kubectl and the components."""

from __future__ import annotations

import base64
import datetime
import itertools
import json
import os
import pathlib
import time

from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from helpers.breakable import Breakable

PKI, CONF = "/etc/kubernetes/pki", "/etc/kubernetes"
DONE = CommandResult(0, "", "")
UNITS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
HEALTH = {2381: "etcd", 6443: "kube-apiserver", 10257: "kube-controller-manager", 10259: "kube-scheduler"}
SIGNERS = {
    "apiserver": "ca",
    "apiserver-kubelet-client": "ca",
    "front-proxy-client": "front-proxy-ca",
    "etcd/server": "etcd/ca",
    "etcd/peer": "etcd/ca",
    "etcd/healthcheck-client": "etcd/ca",
    "apiserver-etcd-client": "etcd/ca",
}
YEAR = 365 * 86400


class FakeClock:
    """Real time, and nobody sleeps."""

    time = staticmethod(time.time)

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        """Goes on with each sleep."""
        return self.now

    def sleep(self, seconds):
        """A moment."""
        self.now += seconds


class FakeNode(Breakable):
    """broken: units that crash when they start; refused: a name in its certificate that the API server crashes with;
    cluster: {address: {"name", "learner"}} of etcd's members."""

    def __init__(self, folder, name="node1", address="10.0.0.1", cluster=None):
        super().__init__(folder)
        self.name, self.address, self.broken, self.stdin = name, address, set(), None
        self.cluster = {} if cluster is None else cluster
        self.started, self.crashes, self.maps, self.numbers = {}, {}, {}, itertools.count(100)
        self.refused = ""
        self.nodes, self.tokens = ["node1"], []
        for binary in ("kubernetes-control-plane", "kubernetes-node"):
            self.put("/usr/local/bin/" + binary, binary)

    # -- commands

    def reads_only(self, argv):
        return argv[0] in ("openssl", "journalctl") or argv[:2] == ["systemctl", "show"] or " get " in " ".join(argv)

    def run(self, argv, check=True, stdin=None):
        self.stdin = stdin
        return super().run(argv, check, stdin)

    def answer(self, argv):
        name = argv[0].rsplit("/", 1)[-1]
        return getattr(self, "_" + name)(argv[1:])

    def documents(self, words):
        """What kubeadm is told: (InitConfiguration, ClusterConfiguration)."""
        text = self.text(words[words.index("--config") + 1])
        return tuple(json.loads(part) for part in text.partition("{")[2].join(["{", ""]).split("---\n"))

    def _kubeadm(self, words):
        if words[:2] == ["token", "create"]:
            (asked,) = json.loads(self.text(words[words.index("--config") + 1]))["bootstrapTokens"]
            parts = [*asked["token"].split("."), asked["description"], "2100-01-01T00:00:00Z"]
            keys = ("token-id", "token-secret", "description", "expiration")
            self.tokens.append({key: base64.b64encode(part.encode()).decode() for key, part in zip(keys, parts)})
            return DONE
        init, cluster = self.documents(words)
        if words[2] == "certs":
            self._certificates(init, cluster)
        elif words[2] == "kubeconfig":
            own = "%s:%d" % (init["localAPIEndpoint"]["advertiseAddress"], init["localAPIEndpoint"]["bindPort"])
            where = cluster["controlPlaneEndpoint"] if words[3] in ("admin", "super-admin") else own
            self.put("%s/%s.conf" % (CONF, words[3]), self._kubeconfig("https://" + where))
        elif words[2] == "upload-config":
            self.maps["kubeadm-config"] = {"metadata": {"annotations": {}}, "data": {}}
        elif words[2] == "bootstrap-token":
            given = pathlib.Path(self.path(words[words.index("--kubeconfig") + 1])).read_text(encoding="ascii")
            self.maps["cluster-info"] = {"metadata": {}, "data": {"kubeconfig": given}}
        return DONE

    def _certificates(self, init, cluster):
        address = init["localAPIEndpoint"]["advertiseAddress"]
        own = ["localhost", "127.0.0.1", "::1", address, init["nodeRegistration"]["name"]]
        services = [
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ]
        names = {"etcd/server": own, "etcd/peer": own}
        host = cluster["controlPlaneEndpoint"].rsplit(":", 1)[0]
        names["apiserver"] = [*services, "10.96.0.1", own[-1], address, host, *cluster["apiServer"]["certSANs"]]
        for name in ("ca", "front-proxy-ca", "etcd/ca", *SIGNERS):
            if not self.exists("%s/%s.crt" % (PKI, name)):
                signer = (
                    json.loads(self.text("%s/%s.crt" % (PKI, SIGNERS[name]))[28:])["key"] if name in SIGNERS else ""
                )
                self.put("%s/%s.crt" % (PKI, name), self.certificate(names.get(name, ()), signer))
                self.put("%s/%s.key" % (PKI, name), "key of %s %d" % (name, next(self.numbers)))
        if not self.exists(PKI + "/sa.key"):
            self.put(PKI + "/sa.key", "sa key %d" % next(self.numbers))
            self.put(PKI + "/sa.pub", "sa pub")

    def certificate(self, names=(), signer="", until=None):
        """Its text."""
        key = "AA:%02X:%02X" % (hash(self.name) % 256, next(self.numbers))
        said = {"names": sorted(names), "key": key, "signer": signer, "until": until or time.time() + YEAR}
        return "-----BEGIN CERTIFICATE-----\n" + json.dumps(said)

    def _kubeconfig(self, server):
        ca = self.text(PKI + "/ca.crt")
        own = self.certificate(signer=json.loads(ca[28:])["key"])
        rows = [("certificate-authority-data", ca), ("client-certificate-data", own)]
        texts = ["    %s: %s\n" % (key, base64.b64encode(text.encode()).decode()) for key, text in rows]
        return "apiVersion: v1\nkind: Config\n    server: %s\n%s" % (server, "".join(texts))

    def _openssl(self, words):
        if "-pubkey" in words:
            return CommandResult(0, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "")
        said = json.loads(self.stdin.strip()[28:])
        until = datetime.datetime.fromtimestamp(said["until"], datetime.timezone.utc)
        names = ", ".join(("IP Address:" if name[0] in "0123456789:" else "DNS:") + name for name in said["names"])
        return CommandResult(
            0,
            "notAfter=%s\nX509v3 Subject Alternative Name:\n    %s\nX509v3 Subject Key Identifier:\n    %s\n"
            "X509v3 Authority Key Identifier:\n    %s\n"
            % (until.strftime("%b %d %H:%M:%S %Y GMT"), names, said["key"], said["signer"]),
            "",
        )

    def _systemctl(self, words):
        name = words[-1].split(".")[0]
        if words[0] == "show":
            return self._show(words[1].split(".")[0])
        if words[0] == "stop":
            self.started.pop(name, None)
        elif "restart" in words:
            if name == "kube-apiserver" and self.refused and self.refused in self.text(PKI + "/apiserver.crt"):
                self.broken.add(name)
            elif self.refused:
                self.broken.discard(name)
            self.crashes[name] = 5 if name in self.broken else 0
            binary = self.path("/usr/local/bin/%s" % (self.link("/usr/local/bin/" + name) or name))
            pid = next(self.numbers)
            os.makedirs(self.path("/proc/%d" % pid))
            os.symlink(binary[len(self.root) :], self.path("/proc/%d/exe" % pid))
            self.started[name] = (pid, time.time())
            if name == "etcd" and name not in self.broken:
                self._etcd_starts()
        return DONE

    def _show(self, name):
        pid, since = self.started.get(name, (0, 0))
        stamp = datetime.datetime.fromtimestamp(since, datetime.timezone.utc).strftime("%a %Y-%m-%d %H:%M:%S.%f UTC")
        rows = {
            "ActiveState": "active" if pid else "inactive",
            "MainPID": pid,
            "NRestarts": self.crashes.get(name, 0),
            "ExecMainStartTimestamp": stamp if pid else "",
        }
        return CommandResult(0, "".join("%s=%s\n" % row for row in rows.items()), "")

    def first_start(self):
        """(who etcd is told to be in the cluster, whether it is new)."""
        first = self.read("/run/gedge-etcd.env") or ""
        return first.splitlines()[0].partition("=")[2], first.endswith("=new")

    def _etcd_starts(self):
        if not self.exists("/var/lib/etcd/member/wal/0.wal"):
            told, new = self.first_start()
            if new:
                self.cluster.clear()
            listed = [row.split("=")[0] for row in told.split(",")]
            assert sorted([*(one["name"] for one in self.cluster.values() if one["name"]), self.name]) == sorted(listed)
            self.put("/var/lib/etcd/member/wal/0.wal", "data")
        self.cluster.setdefault(self.address, {"learner": False})["name"] = self.name

    def _journalctl(self, words):
        return CommandResult(0, "E1129 02:00:00.1 1 a.go:1] its last words\n", "")

    def _install(self, words):
        os.makedirs(self.path(words[-1]), exist_ok=True)
        return DONE

    def _mv(self, words):
        os.rename(self.path(words[1]), self.path(words[2]))
        return DONE

    def _rm(self, words):
        for folder, dummy, names in os.walk(self.path(words[-1]), topdown=False):
            for name in names:
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)
        return DONE

    def _kubectl(self, words):
        if "nodes" in words:
            return CommandResult(0, json.dumps({"items": [{"metadata": {"name": one}} for one in self.nodes]}), "")
        if "secrets" in words:
            return CommandResult(0, json.dumps({"items": [{"data": one} for one in self.tokens]}), "")
        if "get" in words:
            found = self.maps.get(words[words.index("configmap") + 1])
            return CommandResult(0, json.dumps(found), "") if found else CommandResult(1, "", "not found")
        if "annotate" in words:
            key, value = words[-1].split("=")
            self.maps["kubeadm-config"]["metadata"]["annotations"][key] = value
        elif "apply" in words:
            one = json.loads(self.stdin)
            if one["kind"] == "ConfigMap":
                self.maps[one["metadata"]["name"]]["data"].update(one["data"])
        elif "replace" in words:  # the controller that signs cluster-info has written to it meanwhile
            return CommandResult(1, "", "Error from server (Conflict): the object has been modified")
        return DONE

    # -- the network

    def status(self, dummy_system, dummy_host, port, *dummy):
        """https.status."""
        name = HEALTH[port]
        if name == "etcd" and self.cluster.get(self.address, {}).get("learner"):
            return 503
        return 200 if name in self.started and name not in self.broken else None

    def post(self, dummy_system, host, dummy_port, path, body, *dummy):
        """https.post: etcd of any member that has started and has a vote."""
        if not self.cluster.get(host, {}).get("name") or self.cluster[host]["learner"]:
            raise EngineError("etcd does not answer: refused", host)
        verb = path.rsplit("/", 1)[-1]
        if verb == "add":
            address = body["peerURLs"][0].split("/")[2].rsplit(":", 1)[0]
            self.cluster[address] = {"name": "", "learner": body["isLearner"]}
        elif verb == "promote":
            self.cluster[body["ID"]]["learner"] = False
        elif verb == "remove":
            del self.cluster[body["ID"]]
        rows = self.cluster.items()
        return {
            "members": [
                {"ID": at, "name": one["name"], "peerURLs": ["https://%s:2380" % at], "isLearner": one["learner"]}
                for at, one in rows
            ]
        }
