"""Runs the stages of `make test`, or those that are named, each with its time, and sums them up.

python tools/run_tests.py [STAGE ...]

A stage that fails does not stop the others. First run those that need no lab, as many at a time as there are CPUs; what
each prints is shown when it has ended. Then those on a lab run one after another, for an emulated node takes a CPU by
itself. A lab is started once and always taken down; it is not the user's own: its name is "test". KEEP_LAB=1 leaves the
last one running. The last line reads "N passed, N failed": tests where a stage counts them (pytest), else stages.
CI=true: CI gives 90 minutes. On a slow machine tests on a lab that would begin too late are skipped (GEDGE_DEADLINE,
tests/conftest.py), and stages for which no time is left are left out; the table says so.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from xml.etree import ElementTree

from stage_clock import Clock
from stages import BIN, CLUSTER, LAB, REPORTS, ROOT, STAGES, Stage

PLAY = str(BIN / "ansible-playbook")


@dataclasses.dataclass
class Outcome:
    """What a stage gave."""

    name: str
    seconds: float
    passed: int
    failed: int
    skipped: int = 0
    note: str = ""


# When the last test on a lab may begin in CI, after which there is its end, and that of the lab. None: any time.
BUDGET = 75 * 60 if os.environ.get("CI") == "true" else None


def environment():
    """For all stages: this checkout, its tools, and a lab of its own."""
    return dict(
        os.environ,
        PATH=f"{BIN}:{os.environ['PATH']}",
        ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"),
        GEDGE_LAB="test",
        MOLECULE_GLOB="molecule/default/molecule.yml",
        PY_COLORS="0",
        NO_COLOR="1",
    )


def counted(report):
    """(passed, failed, skipped) out of a JUnit file."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    total, skipped = int(suite.get("tests")), int(suite.get("skipped"))
    failed = int(suite.get("failures")) + int(suite.get("errors"))
    return total - failed - skipped, failed, skipped


GRACE = 20  # seconds in which a command that is told to end may do so
RUNNING, GOING, STOPPED = set(), set(), threading.Event()


def call(command, output, always=False):
    """The exit status of a command, which is ended with this program. always: also where all is stopped."""
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=output, stderr=output) as child:
        RUNNING.add(child)
        if STOPPED.is_set() and not always:  # stopped before it could be seen among those that run
            child.terminate()
        try:
            return child.wait()
        except BaseException:  # pytest ends its own children where it is told to end
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE)
            child.kill()
            raise
        finally:
            RUNNING.discard(child)


def run(stage, output=None):
    """Run all commands of a stage, also after one that failed. output: a file for what they print, None for here."""
    print(f"\n=== {stage.name}", file=output, flush=True)
    started = time.monotonic()
    broken = []
    for command in stage.commands:
        if (STOPPED.is_set() and not stage.always) or call(command, output, stage.always) != 0:
            broken.append(pathlib.Path(command[0]).name)
    seconds = time.monotonic() - started
    report = REPORTS / f"{stage.name}.xml"
    if stage.junit and report.exists():
        passed, failed, skipped = counted(report)
        return Outcome(stage.name, seconds, passed, max(failed, len(broken) and 1), skipped)
    return Outcome(stage.name, seconds, 0 if broken else 1, 1 if broken else 0, note=" ".join(broken))


def run_aside(stage):
    """Run a stage beside others: what it prints is shown at once when it has ended."""
    path = REPORTS / f"{stage.name.replace(' ', '-')}.txt"
    GOING.add(stage.name)
    with path.open("w", encoding="utf-8") as output:
        outcome = run(stage, output)
    GOING.discard(stage.name)
    print(path.read_text(encoding="utf-8", errors="replace"), flush=True)
    return outcome


def lab_stage(lab, playbook):
    """The stage that starts or stops a lab."""
    inventory = f"inventories/{lab}/testbed.yml"
    return Stage(f"{lab} {playbook}", [[PLAY, "-i", inventory, f"playbooks/{playbook}.yml"]], always=playbook != "lab")


def run_in_time(stage, runner, clock):
    """Run a stage, or tell that it is left out, which counts as skipped."""
    late = clock.too_late(stage)
    if late:
        return Outcome(stage.name, 0, 0, 0, skipped=1, note=late)
    outcome = runner(stage)
    clock.ended(stage, outcome.seconds)
    return outcome


def run_on_lab(lab, stages, runner, keep, clock):
    """Start the lab, run the stages that need it, take it down whatever happens but where it shall be kept."""
    if all(clock.too_late(stage) for stage in stages):
        return [run_in_time(stage, runner, clock) for stage in stages]
    outcomes = []
    try:
        outcomes.append(runner(lab_stage(lab, "lab")))
        for stage in stages:
            if outcomes[0].failed:
                outcomes.append(Outcome(stage.name, 0, 0, 1, note="not run: the lab did not start"))
            else:
                outcomes.append(run_in_time(stage, runner, clock))
    finally:
        if not keep:
            outcomes.append(runner(lab_stage(lab, "lab_down")))
    return outcomes


def run_on_labs(stages, runner, clock):
    """Run the stages of one lab after those of another: two at a time are more than two CPUs can emulate."""
    outcomes = []
    labs = [lab for lab in (CLUSTER, LAB) if any(stage.lab == lab for stage in stages)]
    for lab in labs:
        keep = lab == labs[-1] and os.environ.get("KEEP_LAB") == "1"
        outcomes += run_on_lab(lab, [stage for stage in stages if stage.lab == lab], runner, keep, clock)
    return outcomes


def run_without_lab(stages, clock):
    """Run these stages, as many at a time as there are CPUs."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as lanes:
        going = [lanes.submit(run_in_time, stage, run_aside, clock) for stage in stages]
        try:
            while concurrent.futures.wait(going, timeout=60).not_done:
                print(f"{time.strftime('%H:%M')} going on: {', '.join(sorted(GOING))}", flush=True)
        except BaseException:
            STOPPED.set()
            for child in list(RUNNING):
                child.terminate()
            raise
        return [lane.result() for lane in going]


def run_all(stages, clock):
    """Run the stages: those without a lab beside each other, then those on labs one after another."""
    without = [stage for stage in stages if not stage.lab]
    outcomes = run_without_lab(without, clock) if len(without) > 1 else [run(stage) for stage in without]
    return outcomes + run_on_labs(stages, run, clock)


def report(outcomes, seconds):
    """Print the table and the one line that sums it up; True where nothing failed."""
    print(f"\n{'stage':<21}{'result':<8}{'time':>8}{'passed':>9}{'failed':>8}{'skipped':>9}")
    for item in outcomes:
        result = "FAILED" if item.failed else "ok" if item.passed else "-"
        row = f"{item.name:<21}{result:<8}{item.seconds:>7.1f}s{item.passed:>9}{item.failed:>8}{item.skipped:>9}"
        print(f"{row}  {item.note}".rstrip())
    passed, failed = sum(item.passed for item in outcomes), sum(item.failed for item in outcomes)
    print(f"total {seconds:.0f} s\n")
    print(f"{passed} passed, {failed} failed")
    return failed == 0


def chosen(names):
    """The stages whose first word is among the names in their order, all for no name."""
    known = {stage.name.split()[0]: stage for stage in STAGES}
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"no stage {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return [stage for stage in STAGES if not names or stage.name.split()[0] in names]


def stop(*dummy):
    """SIGTERM ends the run as Ctrl-C does: with the lab taken down."""
    raise KeyboardInterrupt


def main():
    """0 where all passed."""
    signal.signal(signal.SIGTERM, stop)
    stages = chosen(sys.argv[1:])
    for old in REPORTS.glob("*.xml"):
        old.unlink()
    REPORTS.mkdir(parents=True, exist_ok=True)
    clock = Clock(BUDGET)
    os.environ.update(clock.deadline())
    try:
        outcomes = run_all(stages, clock)
    except KeyboardInterrupt:
        sys.exit("stopped")
    return 0 if report(outcomes, clock.gone()) else 1


if __name__ == "__main__":
    sys.exit(main())
