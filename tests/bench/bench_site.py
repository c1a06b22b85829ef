"""Playbook site on both nodes of a lab: from a node as it was handed over to all in place, and once more.

Prints for each run: module results of the node that has most, changed, steps, reboots, wall seconds; and the ratio.
Results of modules are counted, and beside them all that the recap calls "ok" (includes and checks of role options too).
"""

from __future__ import annotations

import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests")]
from helpers.lab import Lab, is_module  # noqa: E402

FREE = '{"node_sriov_allow_vf_loss": ["0000:21:00.0", "0000:81:00.0"]}'


def measured(lab, title):
    """One run: its row is printed, its seconds are returned."""
    begin = time.monotonic()
    play = lab.playbook("site")
    seconds = time.monotonic() - begin
    if play.rc:
        sys.exit(play.output[-4000:])
    of = {node: [result for dummy, host, result in play.tasks if host == node] for node in lab.nodes}
    modules = max(sum(map(is_module, results)) for results in of.values())
    okay = max(play.stats[node]["ok"] for node in lab.nodes)
    steps = sum(len(result.get("steps", ())) for results in of.values() for result in results)
    reboots = sum(bool(result.get("rebooted")) for results in of.values() for result in results)
    print(f"{title:<12}{modules:>8}{okay:>6}{play.changed():>9}{steps:>7}{reboots:>9}{seconds:>9.0f}", flush=True)
    return seconds


def main():
    """Handed back, then twice."""
    lab = Lab()
    if not lab.answers() and lab.ansible_playbook("lab").returncode:
        sys.exit("the lab does not start")
    if lab.ansible_playbook("reset", "-e", FREE).returncode:
        sys.exit("reset failed")
    print(f"{'run':<12}{'modules':>8}{'ok':>6}{'changed':>9}{'steps':>7}{'reboots':>9}{'seconds':>9}")
    first = measured(lab, "first")
    second = measured(lab, "second")
    print(f"the second takes {100 * second / first:.0f} % of the first one's time")


main()
