"""A hard reset of the VM (as pulling the plug) at points of each subsystem's plan: the next run converges.

GEDGE_RESETS: how many points of each subsystem, chosen by a fixed seed (0: all of them, make soak).
"""

import os
import random
import subprocess
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import qmp
from helpers.subjects import SUBJECTS

pytestmark = pytest.mark.soak

RESETS = int(os.environ.get("GEDGE_RESETS", "1"))
WAIT_S = 300


def held(one, point):
    """Run up to the point and stay there; False where the plan has fewer points."""
    command = [*one.ssh(), one.command("hold", str(point))]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as run:
        answer = run.stdout.readline().strip()
        if answer == "HELD":
            pull_the_plug(one)
        run.kill()
    assert answer in ("HELD", "DONE"), answer
    return answer == "HELD"


def pull_the_plug(one):
    """Reset the VM by QMP and wait until another boot answers and has ended."""
    before = boot_id(one)
    qmp.execute(str(one.lab.folder / one.node / "qmp.sock"), "system_reset", {})
    end = time.monotonic() + WAIT_S
    while boot_id(one) in ("", before):
        assert time.monotonic() < end, f"{one.node} did not come back"
        time.sleep(1)
    one.lab.run(one.node, "systemctl is-system-running --wait", check=False, timeout=WAIT_S)


def boot_id(one):
    """Which boot answers, "" for none."""
    command = [*one.ssh()[:3], "-o", "ConnectTimeout=5", one.node, "cat /proc/sys/kernel/random/boot_id"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.parametrize("name", SUBJECTS)
def test_hard_reset(driver, name):
    one = driver("node1", SUBJECTS[name])
    points = range(SUBJECTS[name].least) if RESETS else range(1000)
    if RESETS:
        points = sorted(random.Random(name).sample(points, min(RESETS, len(points))))
    done = 0
    for point in points:
        if not held(one, point):
            break
        done += 1
        (row,) = one.rows("again")
        assert row == {"again": [], "left": []}, point
    one.rows("back")
    print(f"{name}: reset at {done} points")
    assert done
