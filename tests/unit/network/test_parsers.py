"""What comes from outside never ends in a traceback: options, what iproute2 prints, files of other people."""

import json
import pathlib
import re
import subprocess
import tempfile

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.network import (
    foreign,
    networkd,
    networkmanager,
    observe,
    script,
    snapshot,
    wanted,
)
from ansible_collections.gedge.engine.plugins.module_utils.network.model import Found, Link, Route
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System
from hypothesis import given
from hypothesis import strategies as st

FOUND = {name: Found(name, pci="0000:21:00.%d" % number) for number, name in enumerate(("ens1f0", "ens1f1"))}
WORDS = st.one_of(
    st.text(max_size=20), st.sampled_from(["10.0.0.1/24", "fd00::1/64", "10.0.0.1", "10.0.0.0/8", "default", "::", "/"])
)
NUMBERS = st.one_of(st.none(), st.integers(-5, 70000))
LINKS = st.fixed_dictionaries(
    {
        "interface": st.one_of(st.none(), st.sampled_from(sorted(FOUND)), WORDS),
        "pci": st.one_of(st.none(), st.sampled_from(["0000:21:00.0", "x"])),
        "network": WORDS,
        "purpose": st.sampled_from(["data", "management"]),
        "addresses": st.one_of(st.none(), st.lists(WORDS, max_size=3)),
        "vlan": NUMBERS,
        "mtu": NUMBERS,
        "gateway": st.one_of(st.none(), WORDS),
        "table": NUMBERS,
        "routes": st.one_of(st.none(), st.lists(st.fixed_dictionaries({"to": WORDS, "via": WORDS}), max_size=2)),
        "up": st.booleans(),
    }
)


@given(st.lists(LINKS, max_size=4))
def test_options(items):
    """Links whose files name each of their addresses, or all the faults with their paths."""
    try:
        links = wanted.routed(wanted.with_ports(wanted.links(items, FOUND)), set(), True)
    except ProblemsError as error:
        assert all(problem.path.startswith("links[") and problem.what for problem in error.problems)
        return
    for backend, line in ((networkd, r"Address"), (networkmanager, r"address\d+")):
        files = backend.files(links)
        for link in (one for one in links if one.up or backend is networkd):
            found = re.findall(rf"^{line}=(.+)$", files[backend.path(link.name)], re.MULTILINE)
            assert sorted(found) == sorted(link.addresses)
        assert backend.defaults(files) == {link.name for link in links if link.main}
        assert backend.priorities(files) == {link.table for link in links if link.rules()}


class Says(System):
    """A system whose every command prints the same."""

    def __init__(self, text):
        super().__init__("/nonexistent")
        self.text = text

    def run(self, argv, check=True, stdin=None):
        return CommandResult(0, self.text, "")


ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "dst": st.sampled_from(["default", "10.0.0.0/8", "10.1.1.1", "fd00::/8"]),
            "dev": st.just("ens1f0"),
            "gateway": st.just("10.0.0.1"),
            "table": st.one_of(st.integers(0, 9), st.just("main")),
            "src": st.sampled_from(["all", "10.0.0.1"]),
            "srclen": st.integers(0, 32),
            "priority": st.integers(0, 40000),
        },
    ),
    max_size=4,
)


@given(ROWS)
def test_rules_of_iproute2(rows):
    whole = [row for row in rows if "priority" in row]
    assert observe.rules(Says(json.dumps(whole))) <= {
        (row["priority"], row.get("src"), str(row.get("table"))) for row in whole
    }


@given(st.text(max_size=200))
def test_what_is_no_json_is_an_error_with_the_command(text):
    try:
        json.loads(text or "[]")
    except ValueError:
        with pytest.raises(EngineError, match="ip -j"):
            observe.rules(Says(text))


@given(st.text(max_size=200), st.text(min_size=1, max_size=15))
def test_network_files_of_others(text, name):
    assert foreign._matches("[Match]\n" + text, name) in (True, False)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("[Match]\nName=ens1f0\n", True),
        ("[Match]\nName=eth* ens1*\n[Network]\nDHCP=yes\n", True),
        ("[Match]\nName=eth*\n", False),
        ("[Match]\nName=ens1f0\nVirtualization=container\n", False),
        ("[Match]\n\n[Network]\nName=ens1f0\n", False),
        ("", False),
    ],
)
def test_which_files_of_others_match(text, matches):
    assert foreign._matches(text, "ens1f0") is matches


def test_the_file_of_a_port():
    link = Link("ens2f1", "ens2f1", "public", addresses=["198.51.100.24/24"], mtu=1500, gateway="198.51.100.1")
    link.table, link.own_table, link.routes = 1010, True, [Route("10.0.0.0/8", "198.51.100.2")]
    text = networkd.files([link, Link("ens2f1.9", "ens2f1", vlan=9)])[networkd.path("ens2f1")]
    for part in (
        "[Match]\nName=ens2f1\n",
        "MTUBytes=1500\n",
        "VLAN=ens2f1.9\n",
        "[Route]\nGateway=198.51.100.1\nTable=1010\n",
        "[Route]\nGateway=198.51.100.2\nDestination=10.0.0.0/8\n",
        "[RoutingPolicyRule]\nFrom=198.51.100.24\nTable=1010\nPriority=1010\n",
    ):
        assert part in text
    assert networkd.defaults({networkd.path("ens2f1"): text}) == set()
    link.main = True
    assert networkd.defaults(networkd.files([link])) == {"ens2f1"}


SHOT = {
    "exists": True,
    "up": True,
    "mtu": 1500,
    "parent": "ens1f0",
    "vlan": 30,
    "addresses": ["10.0.0.1/24 scope global"],
}
SHOT.update(routes4=["default via 10.0.0.9 dev ens1f0.30 proto static"], routes6=[], sysctls={"/proc/sys/net/x": "1"})


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=60)


@given(TEXTS, st.sampled_from(["dash", "bash"]), st.sampled_from([networkd, networkmanager]))
def test_the_restore_script_is_sound_whatever_the_files_hold(text, shell, backend):
    before = {"/etc/systemd/network/50-gedge-it's.network": text + "\n", networkmanager.path("ens1f0"): text}
    made = script.restore(
        backend, before, {"/etc/gone": None}, {"ens1f0.30": SHOT}, {"4": ["1010: from all"], "6": []}, {1010}, "x"
    )
    done = subprocess.run([shell, "-n"], input=made, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@given(st.dictionaries(st.text("abc '.$", min_size=1, max_size=6), TEXTS, max_size=3))
def test_the_restore_script_writes_the_files_that_were(contents):
    """The very functions, in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        before = {f"{folder}/etc/x{name}": text + "\n" for name, text in contents.items()}
        pathlib.Path(folder, "new").write_text("of the change")
        library = script.LIBRARY.replace("/run/gedge/network-work", folder + "/work")
        text = library + script._files(before, [folder + "/new"]) + "files\n"
        subprocess.run(["dash"], input=text.encode(), check=True)
        seen = {
            str(path): path.read_text(encoding="utf-8") for path in pathlib.Path(folder).rglob("*") if path.is_file()
        }
    assert seen == {path: text.rstrip("\n") + "\n" for path, text in before.items()}


def test_differences_leave_out_what_passes():
    now = dict(SHOT, addresses=["10.0.0.1/24 scope global valid_lft 9 preferred_lft 9"])
    then = dict(SHOT, addresses=["10.0.0.1/24 scope global valid_lft 7 preferred_lft 7"])
    assert snapshot.differences(then, now) == {}
    assert snapshot.differences(SHOT, {"exists": False}) == {"exists": (True, False)}
    assert snapshot.differences(SHOT, dict(SHOT, sysctls={"/proc/sys/net/x": "0"})) == {
        "sysctls": ({"/proc/sys/net/x": "1"}, {"/proc/sys/net/x": "0"})
    }
