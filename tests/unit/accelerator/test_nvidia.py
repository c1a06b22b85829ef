"""Which driver is chosen, from which archive, and what apt is told."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.accelerator import nvidia, sources
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from hypothesis import given
from hypothesis import strategies as st

OWN = {"branch": 580, "packages": ["nvidia-open"]}
CHOICES = [
    (["turing"], "bookworm", "auto", None, "", (535, "proprietary")),
    (["hopper", "ampere"], "trixie", "auto", None, "6.12.43+deb13-amd64", (550, "open")),
    (["hopper"], "trixie", "auto", None, "6.12.117+deb13-amd64", (550, "proprietary")),
    (["hopper"], "trixie", "open", None, "6.12.117+deb13-amd64", (550, "open")),
    (["volta"], "trixie", "auto", None, "6.12.43+deb13-amd64", (550, "proprietary")),
    (["volta", "turing"], "trixie", "auto", None, "", (550, "proprietary")),
    (["kepler"], "bookworm", "auto", None, "", (470, "proprietary")),
    (["blackwell"], "trixie", "auto", OWN, "", (580, "open")),
    (["volta"], "trixie", "auto", OWN, "", (580, "proprietary")),
    (["hopper"], "sid", "auto", {"branch": 610, "packages": ["nvidia-open"]}, "", (610, "open")),
]


@pytest.mark.parametrize(("families", "suite", "asked", "repository", "release", "chosen"), CHOICES)
def test_choice(families, suite, asked, repository, release, chosen):
    offer = nvidia.choose(families, suite, asked, repository, release)
    assert (offer.branch, offer.modules) == chosen


REFUSALS = [
    (["blackwell"], "trixie", "auto", None, "branch 570 or newer, open kernel modules"),
    (["turing"], "bookworm", "open", None, "open modules are asked for"),
    (["volta"], "trixie", "open", None, "open modules are asked for"),
    (["kepler"], "trixie", "auto", None, "branch 304 to 470"),
    (["volta"], "trixie", "auto", {"branch": 590, "packages": ["nvidia-open"]}, "343 to 580".replace("343", "384")),
    (["turing"], "trixie", "proprietary", {"branch": 610, "packages": ["x"]}, "610 proprietary"),
    (["turing"], "", "auto", None, "Debian (unknown) has nothing"),
    (["volta", "blackwell"], "trixie", "auto", None, "no driver runs all GPUs"),
]


@pytest.mark.parametrize(("families", "suite", "asked", "repository", "words"), REFUSALS)
def test_refusal(families, suite, asked, repository, words):
    with pytest.raises(EngineError) as caught:
        nvidia.choose(families, suite, asked, repository)
    assert words in caught.value.text()
    assert caught.value.advice


@given(st.lists(st.sampled_from(sorted(nvidia.LIMITS)), min_size=1), st.sampled_from(["bookworm", "trixie"]))
def test_what_is_chosen_drives_every_gpu(families, suite):
    try:
        offer = nvidia.choose(families, suite)
    except EngineError:
        return
    for first, last, kinds in (nvidia.LIMITS[family] for family in families):
        assert offer.branch >= first and offer.modules in kinds and (not last or offer.branch <= last)


def test_headers_of_the_running_kernel_and_of_those_to_come():
    assert nvidia.headers("6.1.0-56-amd64") == ["linux-headers-6.1.0-56-amd64", "linux-headers-amd64"]
    assert nvidia.headers("6.12.118+deb13-cloud-amd64")[1] == "linux-headers-cloud-amd64"
    assert nvidia.headers("6.1.0-custom") == ["linux-headers-6.1.0-custom"]


def test_pinning_keeps_the_branch():
    assert "Pin: version 580.*" in nvidia.pinning(OWN)
    assert nvidia.pinning(None) == []


ONE = "deb [arch=amd64 signed-by=/k.gpg] http://m.example.com/debian bookworm main # ours\n"
DEB822 = """# a comment
Types: deb deb-src
URIs: http://m.example.com/debian
Suites: bookworm bookworm-updates
Components: main non-free-firmware
Signed-By: /k.gpg

Enabled: no
Types: deb
URIs: http://m.example.com/old
Suites: bookworm
Components: main
"""


def test_areas_from_a_one_line_source():
    lines = sources.wanted({"/etc/apt/sources.list": ONE}, "bookworm")
    assert lines[1:] == [
        "URIs: http://m.example.com/debian",
        "Suites: bookworm",
        "Components: contrib non-free non-free-firmware",
        "Signed-By: /k.gpg",
    ]


def test_areas_from_a_deb822_source():
    lines = sources.wanted({"/etc/apt/sources.list.d/d.sources": DEB822}, "bookworm")
    assert lines.count("Components: contrib non-free") == 2
    assert "Suites: bookworm-updates" in lines and "old" not in "".join(lines)


def test_nothing_is_added_where_all_is_there():
    full = "deb http://m.example.com/debian bookworm main contrib non-free non-free-firmware\n"
    assert sources.wanted({"/etc/apt/sources.list": full}, "bookworm") == []
    assert sources.wanted({"/etc/apt/sources.list": ONE}, "trixie") == []


@given(st.text(), st.sampled_from(["/x.list", "/x.sources"]))
def test_no_text_ends_in_a_traceback(text, path):
    assert isinstance(sources.wanted({path: text}, "bookworm"), list)
