"""The same node under NetworkManager: profiles that are read when it is told to, and applied when it is told to."""

from __future__ import annotations

import re

from ansible_collections.gedge.engine.plugins.module_utils.network import networkmanager
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from helpers.fake_network import DONE, FakeNetwork


class FakeNetworkManager(FakeNetwork):
    """profiles: {interface: text} as read; active: {interface: text} as applied; foreign: {interface: UUID} of profiles
    of others; unmanaged: interfaces that it is told to leave alone."""

    files = networkmanager

    def __init__(self, folder, ports=("ens1f0", "ens2f0", "ens2f1")):
        super().__init__(folder, ports)
        self.profiles, self.active, self.foreign, self.unmanaged = {}, {}, {}, set()

    def run(self, argv, check=True, stdin=None):
        if argv[:2] == ["nmcli", "-g"]:
            return CommandResult(0, self._tell(argv[2:]), "")
        return super().run(argv, check, stdin)

    def _tell(self, words):
        if words[:3] == ["GENERAL.CON-UUID", "device", "show"]:
            return self._uuid(words[3]) + "\n"
        assert words == ["DEVICE,STATE,CON-UUID", "device"], words
        states = {name: "unmanaged" if name in self.unmanaged else "connected" for name in self.nics}
        return "".join("%s:%s:%s\n" % (name, state, self._uuid(name)) for name, state in states.items())

    def _uuid(self, name):
        return networkmanager.identity(name) if name in self.active else self.foreign.get(name, "")

    def _act(self, argv, stdin):
        if argv == ["nmcli", "general", "reload", "conf"]:
            self._settings()
        elif argv[:3] == ["nmcli", "connection", "load"]:
            self._load(argv[3:])
        elif argv[:3] == ["nmcli", "connection", "up"]:
            self._activate(next(name for name in self.profiles if networkmanager.identity(name) == argv[3]))
        elif argv[:3] == ["nmcli", "device", "reapply"]:
            self._activate(argv[3])
        elif argv[:4] == ["ip", "link", "set", "dev"]:
            self.nics[argv[4]].up = argv[5] == "up"
        else:
            super()._act(argv, stdin)
        return DONE

    # -- what it makes of its files

    def _start(self):
        self.profiles, self.active, self.unmanaged = {}, {}, set()
        self._settings()
        names = [name for name in self.list(networkmanager.PROFILES) if name.endswith(".nmconnection")]
        self._load([networkmanager.PROFILES + "/" + name for name in names])

    def _told(self, text):
        self._settings()
        self._load(" ".join(re.findall(r"nmcli connection load (.+) >>", text)).split())
        for name in re.findall(r"^ +again (\S+) ", text, re.MULTILINE):
            self._activate(name)

    def _settings(self):
        names = [name for name in self.list(networkmanager.SETTINGS) if name.endswith(".conf")]
        text = "\n".join(self.read(networkmanager.SETTINGS + "/" + name) for name in names)
        now = set(re.findall(r"^unmanaged-devices\+=interface-name:=(.+)$", text, re.MULTILINE))
        for name in now - self.unmanaged:
            self._deactivate(name)
            if name in self.nics:
                self.nics[name].up = False
        self.unmanaged = now

    def _load(self, paths):
        for path in sorted(paths, key=len):
            name, text = networkmanager.interface_of(path), self.read(path)
            if text is None or self.mode(path) & 0o077:
                self.profiles.pop(name, None)
                self._deactivate(name)
            else:
                new = name not in self.profiles
                self.profiles[name] = text
                if new and name not in self.foreign:
                    self._activate(name)

    def _hide(self, name):
        super()._hide(name)
        self.active.pop(name, None)

    def _deactivate(self, name):
        text, nic = self.active.pop(name, None), self.nics.get(name)
        if text is None or nic is None:
            return
        if "type=vlan" in text:
            self._hide(name)
        nic.addresses = [one for one in nic.addresses if one not in _addresses(text)]
        nic.routes -= _routes(text)
        self.rules -= _rules(text)

    def _activate(self, name):
        text = self.profiles[name] + "\n"
        made = re.search(r"\[vlan\]\nparent=(.+)\nid=(\d+)\n", text)
        if name in self.unmanaged or (made and made[1] not in self.nics):
            return
        if name not in self.nics:
            if not made:
                return
            self._vlan(name, made[1], int(made[2]))
        nic, before = self.nics[name], self.active.get(name, "")
        mtu = re.search(r"^mtu=(\d+)$", text, re.MULTILINE)
        if name not in self.active:
            nic.up = True
        nic.mtu = int(mtu[1]) if mtu else nic.mtu
        self.rules -= _rules(before)
        self.active[name] = text
        nic.addresses = _addresses(text)
        if nic.up:
            nic.routes = _routes(text)
            self.rules |= _rules(text)


def _addresses(text):
    return re.findall(r"^address\d+=(.+)$", text, re.MULTILINE)


def _routes(text):
    found = re.findall(r"^route\d+=([^,\n]+)(?:,(\S+))?(?:\nroute\d+_options=table=(\d+))?$", text, re.MULTILINE)
    return {(table or "main", "default" if to == "0.0.0.0/0" else to, via or None) for to, via, table in found}


def _rules(text):
    pattern = r"^routing-rule\d+=priority (\d+) from (\S+) table (\d+)$"
    return {(int(number), *rest) for number, *rest in re.findall(pattern, text, re.MULTILINE)}
