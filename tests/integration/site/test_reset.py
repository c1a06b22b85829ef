"""reset after site: a listing of all that could have changed equals the one taken before, but for what README names."""

import pytest
from helpers.listing import differences, listing

pytestmark = pytest.mark.soak

# VFs bound to vfio-pci count as in use.
FREE = '{"node_sriov_allow_vf_loss": ["0000:21:00.0", "0000:81:00.0"]}'


def reset(lab):
    """Run it; the Play."""
    done = lab.playbook("reset", "-e", FREE)
    assert done.rc == 0, done.output[-4000:]
    return done


def listings(lab):
    """{node: its listing}."""
    return {node: listing(lab, node) for node in lab.nodes}


def test_reset_brings_back_what_was(lab):
    reset(lab)
    before = listings(lab)
    made = lab.playbook("site")
    assert made.rc == 0, made.output[-4000:]
    between = listings(lab)
    reset(lab)
    after = listings(lab)
    for node in lab.nodes:
        assert len(differences(before[node], between[node])) > 20  # else nothing is shown here
        assert differences(before[node], after[node]) == []
    assert reset(lab).changed() == 0
