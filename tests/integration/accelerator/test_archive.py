"""Each package that the collection would install for a GPU, against Debian's real archive."""

import re

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.accelerator import nvidia
from helpers.debian import Archive

OFFERS = [
    pytest.param(suite, offer, id=f"{suite}-{offer.branch}-{offer.modules}")
    for suite, offers in nvidia.DEBIAN.items()
    for offer in offers
]


ARCHIVES = {}


def archive_of(suite):
    """The archive of a suite, its lists fetched once."""
    if suite not in ARCHIVES:
        ARCHIVES[suite] = Archive(suite)
        if not ARCHIVES[suite].update():
            pytest.skip("this machine has no apt sources of Debian, or reaches none")
    return ARCHIVES[suite]


@pytest.mark.parametrize(("suite", "offer"), OFFERS)
def test_the_driver_resolves(suite, offer):
    rc, text = archive_of(suite).install([*offer.packages, *nvidia.headers("-amd64")[1:]])
    assert rc == 0, text
    found = dict(re.findall(r"(?m)^Inst (\S+) \((?:\d+:)?(\d+)", text))
    assert {found[name] for name in offer.packages if "persistenced" not in name} == {str(offer.branch)}


@pytest.mark.parametrize("suite", nvidia.DEBIAN)
def test_a_node_without_a_screen_gets_no_x_server(suite):
    names = nvidia.choose(["turing"], suite).packages
    assert "xserver" not in archive_of(suite).install(names)[1]
