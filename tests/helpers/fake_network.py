"""A node with network links that lives in a folder: iproute2, a backend, its clock and its restore script, in small."""

from __future__ import annotations

import copy
import json
import pathlib
import re
import shlex
from dataclasses import dataclass, field

from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.network import (
    backends,
    networkd,
    networkmanager,
    script,
)
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System
from helpers.fake_node import Killed

DONE = CommandResult(0, "", "")
KEYS = (("ipv4", ("arp_ignore", "arp_announce", "rp_filter")), ("ipv6", ("accept_ra", "autoconf", "forwarding")))
FRESH = {"arp_ignore": "0", "arp_announce": "0", "rp_filter": "2", "accept_ra": "1", "autoconf": "1", "forwarding": "0"}


@dataclass
class Nic:
    """What the kernel holds of an interface."""

    name: str
    index: int
    pci: str | None = None
    parent: str | None = None
    vlan: int | None = None
    mac: str = ""
    up: bool = False
    mtu: int = 1500
    addresses: list = field(default_factory=list)
    routes: set = field(default_factory=set)  # (table, destination, gateway)


class FakeNetwork(System):
    """A System below a folder. files: the backend that runs; dead: the process was killed, its files and links stay."""

    files = networkd

    def __init__(self, folder, ports=("ens1f0", "ens2f0", "ens2f1")):
        super().__init__(str(folder))
        self.now = 0.0
        self.deadline = None
        self.log, self.breaking = [], None
        self.rules, self.read_rules = set(), []
        self.nics = {}
        for number, name in enumerate(("mgmt0", *ports), 2):
            self.nics[name] = Nic(name, number, "0000:0%d:00.0" % number)
            self._show(name, FRESH)
        mgmt = self.nics["mgmt0"]
        mgmt.up, mgmt.addresses, mgmt.routes = True, ["10.0.2.15/24"], {("main", "default", "10.0.2.2")}
        self.own = {}
        self.table = ""
        self.put("/usr/sbin/nft", "")

    # -- for tests

    def break_at(self, number, error):
        """The change of that number (from 0) ends with error: Killed, or an EngineError."""
        self.log.clear()
        self.breaking = (number, error)

    def look(self):
        """All that a person can see: links, rules, sysctls, files."""
        files = {
            str(path)[len(self.root) :]: path.read_text() if not path.is_symlink() else "-> " + str(path.readlink())
            for path in pathlib.Path(self.root).rglob("*")
            if (path.is_file() or path.is_symlink()) and not str(path).startswith(self.path("/run/"))
        }
        folders = {str(path)[len(self.root) :] for path in pathlib.Path(self.root).rglob("*/gedge*") if path.is_dir()}
        return copy.deepcopy(self.nics), set(self.rules), files, (folders - {"/run/gedge"}, self.table)

    def put(self, path, text):
        """A file of somebody else."""
        real = pathlib.Path(self.path(path))
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(text)

    def sleep(self, seconds):
        """Time passes; a clock that has run out puts everything back."""
        self.now += seconds
        if self.deadline is not None and self.now >= self.deadline:
            self.restore()

    def reboot(self):
        """Links are what the backend makes of the files, after the unit that runs before it."""
        self.deadline = None
        if (pathlib.Path(self.path(script.WANTED_BY))).is_symlink():
            self.restore()
        for name in [name for name, nic in self.nics.items() if nic.vlan]:
            self._hide(name)
        for name, nic in self.nics.items():
            if name != "mgmt0":
                self.nics[name] = Nic(name, nic.index, nic.pci)
                self._show(name, FRESH)
        self.rules = set()
        self.table = _table(self.read("/etc/gedge/ingress.nft") or "")
        self._start()
        for line in (self.read(backends.SYSCTL) or "").splitlines()[1:]:
            path, value = line.split(" = ")
            if self.exists("/proc/sys/" + path):
                self.put("/proc/sys/" + path, value)

    def restore(self):
        """What the restore script does, read from its text."""
        self.deadline = None
        token = self.read(script.TOKEN)
        if token is None:
            return
        text = self.read(script.PENDING + "/restore")
        self._files(text)
        self._reload()
        self._state(text)
        self.table = _table(
            re.search(r"<<'GEDGE-EOT' 2>> \S+\n(.*?)^GEDGE-EOT$", text, re.MULTILINE | re.DOTALL).group(1)
        )
        System.remove_file(self, script.TOKEN)
        for path in (script.WANTED_BY, script.UNIT_PATH, script.PENDING + "/restore", script.PENDING + "/process"):
            System.remove_file(self, path)
        for line in re.findall(r"^rmdir (.+) 2>", text, re.MULTILINE):
            for folder in [script.PENDING, *line.split()]:
                self.remove_folder(folder)
        self.put(script.TOLD, token + " 2026-01-01T00:00:00Z timer\n")

    # -- System: every change can be broken

    def _change(self, what):
        self.log.append(what)
        if self.breaking and len(self.log) - 1 == self.breaking[0]:
            error, self.breaking = self.breaking[1], None
            raise error

    def write_kernel(self, path, value):
        self._change("kernel " + path)
        if not self.exists(path):
            raise EngineError("no such sysctl", path)
        self.put(path, str(value))

    def write_file(self, path, text, mode=0o644):
        self._change("file " + path)
        if self.breaking and self.breaking == (len(self.log), Killed):
            self.put(path + ".gedge-tmp", text[: len(text) // 2])
        self._change("rename " + path)
        super().write_file(path, text, mode)

    def write_link(self, path, target):
        self._change("link " + path)
        super().write_link(path, target)

    def remove_file(self, path):
        self._change("remove " + path)
        super().remove_file(path)

    def run(self, argv, check=True, stdin=None):
        assert all(isinstance(word, str) for word in argv), argv
        if argv[0] == "ip" and ("show" in argv or "get" in argv):
            return CommandResult(0, self._ip(argv[1:]), "")
        if argv[:2] == ["systemctl", "is-active"]:
            return self._is_active(argv[2:])
        if argv[:4] == ["nft", "-s", "list", "table"]:
            return CommandResult(0 if self.table else 1, self.table, "")
        if argv[0] == "unshare":
            return CommandResult(0, _table(stdin), "")
        quiet = (["systemctl", "reset-failed"], ["systemctl", "daemon-reload"])
        if argv[0] in ("sync", "ethtool") or argv[:2] in quiet:
            return DONE
        self._change(" ".join(argv))
        self._act(argv, stdin)
        return DONE

    def _is_active(self, words):
        if words[-1] in (networkd.NAME, networkmanager.NAME):
            return DONE if words[-1] == self.files.NAME else CommandResult(3, "", "")
        waits = self.deadline is not None and "--quiet" not in words
        return CommandResult(0 if waits else 3, "active\n" if waits else "inactive\n", "")

    def _act(self, argv, stdin):
        if argv[0] == "systemd-run":
            after = next(word for word in argv if word.startswith("--on-active="))
            self.deadline = self.now + int(after.split("=")[1])
        elif argv[:2] == ["systemctl", "stop"]:
            self.deadline = None
        elif argv[0] == "nft":
            self.table = _table(stdin)
        elif argv[:2] == ["networkctl", "reload"]:
            self._reload()
        elif argv[:2] == ["networkctl", "reconfigure"]:
            self._configure(argv[2])
        elif argv[:3] == ["ip", "link", "add"]:
            self._vlan(argv[6], argv[4], int(argv[-1]))
            self._configure(argv[6])
        elif argv[:2] == ["/bin/sh", "-s"]:
            self._state(stdin)
        elif argv[:2] == ["/bin/sh", script.PENDING + "/restore"]:
            self.restore()
        else:
            raise AssertionError(argv)

    # -- networkd

    def _configs(self):
        names = [name for name in self.list(networkd.FOLDER) if name.startswith("50-gedge-")]
        return {networkd.FOLDER + "/" + name: self.read(networkd.FOLDER + "/" + name) for name in names}

    def _told(self, dummy):
        self._reload()

    def _start(self):
        self.own = {}
        self._reload()

    def _reload(self):
        files = {path: text for path, text in self._configs().items() if path.endswith(".network")}
        before, self.own = self.own, files
        for path in sorted(set(before) | set(files)):
            name = networkd.interface_of(path)
            if before.get(path) != files.get(path) and name in self.nics:
                self._drop(name, before.get(path, ""))
                self._configure(name)

    def _drop(self, name, text):
        nic = self.nics[name]
        nic.addresses = [one for one in nic.addresses if "Address=%s\n" % one not in text + "\n"]
        nic.routes -= _routes(text)
        self.rules -= _rules(text)

    def _configure(self, name):
        text = self.own.get(networkd.path(name))
        if text is None or name not in self.nics:
            return
        nic = self.nics[name]
        nic.up = "ActivationPolicy=always-down" not in text
        mtu = re.search(r"^MTUBytes=(\d+)$", text, re.MULTILINE)
        nic.mtu = int(mtu.group(1)) if mtu else nic.mtu
        if nic.up:
            nic.addresses = re.findall(r"^Address=(.+)$", text, re.MULTILINE)
            nic.routes = _routes(text)
            self.rules |= _rules(text)
        for vlan in re.findall(r"^VLAN=(.+)$", text, re.MULTILINE):
            if vlan not in self.nics:
                self._vlan(
                    vlan, name, int(re.search(r"Id=(\d+)", self._configs()[networkd.PREFIX + vlan + ".netdev"])[1])
                )
            self._configure(vlan)

    def _vlan(self, name, parent, number):
        self.nics[name] = Nic(name, 100 + number, parent=parent, vlan=number)
        self._show(name, FRESH)

    # -- the restore script

    def _files(self, text):
        body = re.search(r"^files\(\) \{\n(.*?)^\}\nvalues\(\) ", text, re.MULTILINE | re.DOTALL).group(1)
        for path in re.findall(r"^drop (.+)$", body, re.MULTILINE):
            System.remove_file(self, shlex.split(path)[0])
        for path, target in re.findall(r"^put_link (\S+) (\S+)$", body, re.MULTILINE):
            System.write_link(self, path, target)
        put = r"^put (\S+)(?: (\d+))? <<'GEDGE-EOT'\n(.*?)^GEDGE-EOT$"
        for path, mode, content in re.findall(put, body, re.MULTILINE | re.DOTALL):
            System.write_file(self, shlex.split(path)[0], content, int(mode or "644", 8))

    def _state(self, text):
        body = re.search(r"^state\(\) \{\n(.*?)^\}\n", text, re.MULTILINE | re.DOTALL).group(1)
        for words in map(shlex.split, body.splitlines()):
            getattr(self, "_sh_" + words[0])(text, *words[1:])

    def _sh_gone(self, dummy, name):
        self._hide(name)

    def _sh_there(self, dummy, name, parent, vlan, mtu, up):
        if name not in self.nics and vlan:
            self._vlan(name, parent, int(vlan))
        self.nics[name].mtu, self.nics[name].up = int(mtu), up == "up"

    def _sh_values(self, text):
        for path, value in re.findall(r"^(/proc/sys/\S+?):(.*)$", text, re.MULTILINE):
            if self.exists(path):
                self.put(path, value)

    def _sh_addresses(self, dummy, name, *words):
        self.nics[name].addresses = [one.split()[0] for one in words]

    def _sh_routes(self, dummy, family, name, *words):
        if family == "4":
            self.nics[name].routes = {_route(line) for line in words}

    def _sh_read_addresses(self, dummy):
        """Nothing: what is, is known here."""

    _sh_read_routes = _sh_read_addresses

    def _sh_read_rules(self, dummy, priorities):
        self.read_rules = priorities.split("|")

    def _sh_rules(self, dummy, family, *words):
        if family == "4":
            kept = {rule for rule in self.rules if str(rule[0]) not in self.read_rules}
            rows = [re.fullmatch(r"(\d+): from (\S+) lookup (\d+)", line).groups() for line in words]
            self.rules = kept | {(int(number), source, table) for number, source, table in rows}

    # -- what it shows

    def _show(self, name, values):
        self.put("/sys/class/net/%s/ifindex" % name, "1\n")
        for family, keys in KEYS:
            for key in keys:
                self.put("/proc/sys/net/%s/conf/%s/%s" % (family, name, key), values[key])

    def _hide(self, name):
        if self.nics.pop(name, None):
            for family, keys in KEYS:
                for key in keys:
                    System.remove_file(self, "/proc/sys/net/%s/conf/%s/%s" % (family, name, key))
                self.remove_folder("/proc/sys/net/%s/conf/%s" % (family, name))
            System.remove_file(self, "/sys/class/net/%s/ifindex" % name)
            self.remove_folder("/sys/class/net/%s" % name)

    def _ip(self, words):
        if words[0] != "-j":
            return self._text(words)
        if "-6" in words or "get" in words:
            return "[]"
        if "rule" in words:
            rules = [{"priority": number, "src": source, "table": table} for number, source, table in self.rules]
            return json.dumps([{"priority": 0, "src": "all", "table": "local"}, *rules])
        if "route" in words:
            return json.dumps(self._routes("default" in words))
        return json.dumps([_link(nic) for nic in self.nics.values()])

    def _routes(self, defaults):
        rows = [(nic.name, *route) for nic in self.nics.values() for route in sorted(nic.routes, key=str)]
        shown = [dict(zip(("dev", "table", "dst", "gateway"), row)) for row in rows]
        for one in shown:
            if one["table"] == "main":
                del one["table"]
            if one["gateway"] is None:
                del one["gateway"]
        return [one for one in shown if not defaults or ("table" not in one and one["dst"] == "default")]

    def _text(self, words):
        if words[0] == "-6":
            return ""
        if words[1] == "rule":
            lines = ["%d:\tfrom %s lookup %s" % rule for rule in sorted(self.rules)]
            return "\n".join(["0:\tfrom all lookup local", *lines]) + "\n"
        lines = ["local 10.0.2.15 dev mgmt0 table local proto kernel scope host src 10.0.2.15"]
        for nic in self.nics.values():
            for table, to, via in sorted(nic.routes, key=str):
                where = "" if table == "main" else "table %s " % table
                router = "via %s " % via if via else ""
                lines.append("%s %sdev %s %sproto static " % (to, router, nic.name, where))
        return "\n".join(lines) + "\n"


def _table(text):
    """What nft lists of a text: the table itself."""
    start = text.find("table inet gedge_ingress {")
    return text[start:].rstrip("\n") + "\n" if start >= 0 else ""


def _link(nic):
    rows = [one.split("/") for one in nic.addresses]
    shown = {"ifname": nic.name, "ifindex": nic.index, "flags": ["UP"] if nic.up else [], "mtu": nic.mtu}
    shown["address"] = nic.mac
    shown["addr_info"] = [
        {"family": "inet", "local": address, "prefixlen": int(prefix), "scope": "global"} for address, prefix in rows
    ]
    if nic.vlan:
        shown.update(link=nic.parent, linkinfo={"info_kind": "vlan", "info_data": {"id": nic.vlan}})
    return dict(shown, parentdev=nic.pci) if nic.pci else shown


def _routes(text):
    sections = [one.split("\n\n")[0] for one in text.split("[Route]\n")[1:]]
    found = [dict(re.findall(r"^(\w+)=(.+)$", one, re.MULTILINE)) for one in sections]
    return {(one.get("Table", "main"), one.get("Destination", "default"), one.get("Gateway")) for one in found}


def _rules(text):
    pattern = r"\[RoutingPolicyRule\]\nFrom=(.+)\nTable=(\d+)\nPriority=(\d+)"
    return {(int(number), source, table) for source, table, number in re.findall(pattern, text)}


def _route(line):
    found = re.fullmatch(r"(\S+)(?: via (\S+))? dev \S+(?: table (\S+))? proto static", line)
    return (found.group(3) or "main", found.group(1), found.group(2))
