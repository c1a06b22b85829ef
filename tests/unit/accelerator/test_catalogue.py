"""The catalogue: which device is what, what a user may change, and which faults are found."""

import json

import pytest
import yaml
from ansible_collections.gedge.engine.plugins.module_utils.accelerator import entry
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzz.cases import MANY

KNOWN = entry.entries([])
# Device ids and chips as pci.ids has them; class as the cards report it.
CARDS = [
    ("10de", "102d", "030200", "kepler"),  # GK210GL [Tesla K80]
    ("10de", "13f2", "030000", "maxwell"),  # GM204GL [Tesla M60]
    ("10de", "1b38", "030200", "pascal"),  # GP102GL [Tesla P40]
    ("10de", "15f8", "030200", "pascal"),  # GP100GL [Tesla P100 PCIe 16GB]
    ("10de", "1db4", "030200", "volta"),  # GV100GL [Tesla V100 PCIe 16GB]
    ("10de", "1eb8", "030200", "turing"),  # TU104GL [Tesla T4]
    ("10de", "20b0", "030200", "ampere"),  # GA100 [A100 SXM4 40GB]
    ("10de", "20f1", "030200", "ampere"),  # GA100 [A100 PCIe 40GB]
    ("10de", "2235", "030200", "ampere"),  # GA102GL [A40]
    ("10de", "2330", "030200", "hopper"),  # GH100 [H100 SXM5 80GB]
    ("10de", "2331", "030200", "hopper"),  # GH100 [H100 PCIe]
    ("10de", "26b5", "030200", "ada"),  # AD102GL [L40]
    ("10de", "27b8", "030200", "ada"),  # AD104GL [L4]
    ("10de", "2901", "030200", "blackwell"),  # GB100 [B200]
    ("10de", "2b85", "030000", "blackwell"),  # GB202 [GeForce RTX 5090]
    ("8086", "0b2b", "120000", "stratix10"),
    ("8086", "0b2c", "120000", "stratix10"),
    ("8086", "bcce", "120000", "ofs"),
    ("8086", "bccf", "120000", "ofs"),
    ("1f56", "ffff", "120000", "x200"),
]
# Near misses: an audio function, a network card, the lab's stand-ins.
OTHERS = [
    ("10de", "1aef", "040300"),
    ("10de", "1ad6", "0c0330"),
    ("8086", "10c9", "020000"),
    ("8086", "5845", "010802"),
    ("1002", "5159", "030000"),
    ("1234", "11e8", "00ff00"),
    ("1b36", "0005", "00ff00"),
]


@pytest.mark.parametrize(("vendor", "device", "pci_class", "family"), CARDS)
def test_known_cards(vendor, device, pci_class, family):
    assert entry.find(KNOWN, vendor, device, pci_class).family == family


@pytest.mark.parametrize("ids", OTHERS)
def test_what_is_none(ids):
    assert entry.find(KNOWN, *ids) is None


def test_the_ranges_of_one_vendor_do_not_overlap():
    ranges = sorted((span, one.name) for one in KNOWN if one.vendor == "10de" for span in one.devices)
    assert all(before[0][1] < after[0][0] for before, after in zip(ranges, ranges[1:]))


def test_a_user_changes_single_keys_of_an_entry():
    mine = entry.entries([{"name": "SAPEON X220", "devices": ["0012"], "modules": ["x"], "health": "x-smi -l"}])
    hit = entry.find(mine, "1f56", "0012", "120000")
    assert (hit.family, hit.modules, hit.health, hit.resource) == ("x200", ["x"], ["x-smi", "-l"], "sapeon.com/x220")
    assert entry.find(mine, "1f56", "0013", "120000") is None


def test_a_users_entry_comes_first():
    mine = entry.entries([{"name": "Mine", "kind": "accelerator", "vendor": "10DE", "devices": ["20B0-20b1"]}])
    assert entry.find(mine, "10de", "20b0", "030200").name == "Mine"
    assert entry.find(mine, "10de", "20b5", "030200").family == "ampere"


GOOD = {"name": "A", "kind": "accelerator", "vendor": "1f56"}
SHA = "a" * 64
FAULTS = [
    ("text", "catalogue[0]"),
    ({}, "catalogue[0].name"),
    ({"name": "A"}, "catalogue[0].vendor"),
    (dict(GOOD, vendr="1"), 'Did you mean "vendor"'),
    (dict(GOOD, kind="gpus"), 'Did you mean "gpu"'),
    (dict(GOOD, vendor=1234), "catalogue[0].vendor"),
    (dict(GOOD, vendor="0x1f56"), "catalogue[0].vendor"),
    (dict(GOOD, devices="0001"), "catalogue[0].devices"),
    (dict(GOOD, devices=["1"]), "catalogue[0].devices[0]"),
    (dict(GOOD, devices=["0002-0001"]), "runs backwards"),
    (dict(GOOD, devices=[1]), "catalogue[0].devices[0]"),
    (dict(GOOD, **{"class": "zz"}), "catalogue[0].class"),
    (dict(GOOD, packages=["A B"]), "catalogue[0].packages[0]"),
    (dict(GOOD, packages={"trixie": "x"}), "catalogue[0].packages.trixie"),
    (dict(GOOD, modules=["a b"]), "catalogue[0].modules[0]"),
    (dict(GOOD, options={"a": "x=1\ninstall a /bin/sh"}), "catalogue[0].options.a"),
    (dict(GOOD, nodes=[{"kernel": "x"}]), "catalogue[0].nodes[0]"),
    (dict(GOOD, nodes=[{"kernel": "x", "mode": "rw"}]), "catalogue[0].nodes[0].mode"),
    (dict(GOOD, nodes=[{"kernel": 'x", RUN+="y', "mode": "0660"}]), "catalogue[0].nodes[0].kernel"),
    (dict(GOOD, nodes=[{"kernel": "x", "mode": 660}]), "catalogue[0].nodes[0].mode"),
    (dict(GOOD, nodes=[{"kernel": "x", "mode": "0660", "grup": "x"}]), 'Did you mean "group"'),
    *[
        (dict(GOOD, nodes=[{"kernel": kernel, "mode": "0666"}]), f"catalogue[0].nodes[0].kernel: means /dev/{hit}, too")
        for kernel, hit in (
            ("*", "mem"),
            ("mem", "mem"),
            ("[!a]*", "mem"),
            ("tty?", "tty0"),
            ("vd*", "vda"),
            ("k*", "kmem"),
        )
    ],
    (dict(GOOD, nodes=[{"kernel": "*", "mode": "0666", "subsystem": "block"}]), "means /dev/sda, too"),
    *[
        (dict(GOOD, pod_nodes=[glob]), "catalogue[0].pod_nodes[0]")
        for glob in ("/dev/mem", "../0000:00:00.0/x", "a/../b", "", "a b")
    ],
    (dict(GOOD, options={"a": "x=1\\"}), "catalogue[0].options.a"),
    (dict(GOOD, options={"a": "x=1\\ "}), "catalogue[0].options.a"),
    ({"name": "NVIDIA Ampere", "kind": "fpga"}, "catalogue[0].kind: is another kind than the built-in entry"),
    (dict(GOOD, archive={"url": "https://example.com/x"}), "lacks sha256"),
    *[
        (dict(GOOD, archive={"url": url, "sha256": SHA}), "catalogue[0].archive.url")
        for url in (
            "ftp://x",
            "http://x:abc/",
            "http://x/\x01",
            "http://",
            "https:///x",
            "http://x y",
            "https://x/é",
            "file://",
        )
    ],
    (dict(GOOD, archive={"url": "https://example.com/x", "sha256": "abc"}), "catalogue[0].archive.sha256"),
    (dict(GOOD, archive={"url": "https://example.com/x", "sha256": SHA, "unpack": "/etc"}), "archive.unpack"),
    (dict(GOOD, archive={"url": "https://example.com/x", "sha256": SHA, "unpack": "/opt/../etc"}), "archive.unpack"),
    (dict(GOOD, resource="asic"), "catalogue[0].resource"),
    (dict(GOOD, health="a 'b"), "catalogue[0].health"),
    (dict(GOOD, health=[]), "catalogue[0].health"),
]


@pytest.mark.parametrize(("raw", "words"), FAULTS)
def test_faults_have_path_and_advice(raw, words):
    with pytest.raises(ProblemsError) as caught:
        entry.entries([raw])
    assert words in caught.value.text()
    assert all(problem.path and problem.advice for problem in caught.value.problems)


class Tagged(str):
    """As Ansible hands over texts."""


@pytest.mark.parametrize(
    ("value", "words"),
    [(Tagged("/dev/x"), "is text"), (True, "is true or false"), (5, "is a number"), ({}, "is a mapping")],
)
def test_a_value_of_another_kind_is_called_by_a_person_s_word(value, words):
    with pytest.raises(ProblemsError) as caught:
        entry.entries([dict(GOOD, pod_nodes=value)])
    assert [(one.path, one.what) for one in caught.value.problems] == [("catalogue[0].pod_nodes", words)]


ARCHIVES = [
    ({"url": "https://example.com/x", "sha256": SHA.upper(), "unpack": "/opt/x"}, "/opt/x"),
    ({"url": "file:///srv/x", "sha256": SHA}, None),
    ({"url": "http://me:secret@[2001:db8::1]:8080/x?y=z#a", "sha256": SHA}, None),
]


@pytest.mark.parametrize(("raw", "unpack"), ARCHIVES)
def test_an_archive(raw, unpack):
    (mine, *dummy) = entry.entries([dict(GOOD, archive=raw)])
    assert (mine.archive["url"], mine.archive["sha256"], mine.archive["unpack"]) == (raw["url"], SHA, unpack)


def test_the_example_of_the_role_is_an_entry(root):
    text = (root / "roles" / "node_accelerator" / "README.md").read_text(encoding="utf-8")
    (play,) = yaml.safe_load(text.split("```yaml")[1].split("```")[0].replace("{{ sdk_sha256 }}", SHA))
    (mine, *dummy) = entry.entries(play["roles"][0]["vars"]["node_accelerator_catalogue"])
    assert (mine.archive["unpack"], mine.options) == ("/opt/example", {"example": "queues=4"})


NODES = [
    {"kernel": "*", "subsystem": "example"},
    {"kernel": "nvme[0-9]", "subsystem": "nvme"},
    {"kernel": "example[0-9]*"},
    {"kernel": "card[0-9]*"},
    {"kernel": "accel*", "subsystem": "misc"},
]


@pytest.mark.parametrize("node", NODES, ids=str)
def test_a_pattern_for_the_accelerators_own_nodes(node):
    assert entry.entries([dict(GOOD, nodes=[dict(node, mode="0660")])])[0].nodes[0]["kernel"] == node["kernel"]


def test_a_built_in_entry_keeps_its_kind_where_it_is_given_again():
    assert entry.entries([{"name": "NVIDIA Ampere", "kind": "gpu"}])[0].family == "ampere"


def test_all_faults_at_once():
    with pytest.raises(ProblemsError) as caught:
        entry.entries([dict(GOOD, vendor="x", kind="y"), dict(GOOD), dict(GOOD, modules="z")])
    paths = [problem.path for problem in caught.value.problems]
    assert {"catalogue[0].vendor", "catalogue[0].kind", "catalogue[2].modules", "catalogue[1].name"} <= set(paths)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["name", "kind", "vendor", "devices", "class", "packages", "modules", "options", "nodes"])
RAW = st.dictionaries(KEYS | st.sampled_from(["archive", "health", "resource", "x"]), JSON, max_size=6)
# Digits that are right are never drawn by chance.
ARCHIVE = st.fixed_dictionaries(
    {"url": st.just("https://example.com/x") | JSON, "sha256": st.just(SHA) | JSON},
    optional={"unpack": st.just("/opt/x") | JSON, "x": JSON},
)
NEAR = st.builds(lambda raw, archive: {**GOOD, **raw, "archive": archive}, RAW, ARCHIVE)


@MANY
@given(st.lists(st.one_of(RAW, RAW.map(lambda raw: {**GOOD, **raw}), NEAR, JSON), max_size=3))
def test_no_entry_ends_in_a_traceback(user):
    try:
        parsed = entry.entries(user)
    except ProblemsError as error:
        json.dumps([problem.as_dict() for problem in error.problems], default=repr)
    else:
        assert all(
            isinstance(entry.find(parsed, "1f56", "0001", "120000"), (entry.Entry, type(None))) for dummy in (1,)
        )
