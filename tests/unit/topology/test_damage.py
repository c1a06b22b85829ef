"""Whatever is broken in a saved tree: an answer or an EngineError that says where, never another exception."""

import os
import random
import shutil

from ansible_collections.gedge.engine.plugins.module_utils.distance import matrix
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from fixtures import sysfs_tree
from hypothesis import given, settings
from hypothesis import strategies as st

JUNK = (
    b"",
    b"\xff\x00\xfe",
    b"-7\n",
    b"0x\n",
    b"zz",
    b"9" * 5000,
    "²٣".encode(),
    b"0-99999999999",
    b"pci",
    b"PCI_ID=1:2\n",
)


def damage(root, seed):
    """Break one to six places below root: remove, overwrite, empty, turn a file into a folder, bend a link."""
    dice = random.Random(seed)
    for _blow in range(dice.randint(1, 6)):
        places = [os.path.join(top, name) for top, dirs, files in os.walk(root) for name in dirs + files]
        if not places:
            return
        place = dice.choice(sorted(places))
        blow = dice.choice(["remove", "junk", "folder", "bend"])
        if os.path.isdir(place) and not os.path.islink(place):
            shutil.rmtree(place)
        else:
            os.unlink(place)
        if blow == "junk":
            with open(place, "wb") as handle:
                handle.write(dice.choice(JUNK))
        elif blow == "folder":
            os.mkdir(place)
        elif blow == "bend":
            os.symlink(dice.choice(["nowhere", "/", "..", place, "../../../../../../etc/passwd"]), place)


SMALL = ("arm", "hyper_v", "odd_nodes", "sriov", "vmd")


@settings(max_examples=60, deadline=None)
@given(machine=st.sampled_from(SMALL), seed=st.integers(0, 1 << 32))
def test_gather_answers_or_says_where(tmp_path_factory, machine, seed):
    root = tmp_path_factory.mktemp("damaged")
    try:
        sysfs_tree.MACHINES[machine](root)
        damage(root, seed)
        matrix.build(facts.gather(System(str(root))))
    except EngineError as error:
        assert error.where
        assert error.what
    finally:
        shutil.rmtree(root, ignore_errors=True)
