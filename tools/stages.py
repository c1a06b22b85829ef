"""The stages of `make test`: their commands, and what each of them needs."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
REPORTS = ROOT / "build" / "reports"

PYTHON = str(BIN / "python")


@dataclasses.dataclass
class Stage:
    """Commands that belong together.

    junit: pytest runs them and can count; lab: the inventory of the lab they need; always: also where all is stopped;
    minutes: that it takes on a machine of the usual speed, or until its first tests have ended where each of them looks
    at the time; its lab's start included. clock: how slow the machine is can be told from it, for it builds nothing.
    """

    name: str
    commands: list
    junit: bool = False
    lab: str = ""
    always: bool = False
    minutes: int = 0
    clock: bool = False


def pytest(folder):
    """The command that runs the tests in a folder and writes what it counted."""
    report = REPORTS / f"{pathlib.Path(folder).name}.xml"
    chosen = [] if os.environ.get("GEDGE_SOAK") == "1" else ["-m", "not soak"]
    return [PYTHON, "-m", "pytest", folder, "-q", "--durations=12", *chosen, f"--junitxml={report}"]


LINT = [
    [str(BIN / "ansible-lint"), "-q"],
    [str(BIN / "yamllint"), "."],
    [str(BIN / "ruff"), "check", "-q", "."],
    [str(BIN / "ruff"), "format", "-q", "--check", "."],
    [str(BIN / "shellcheck"), "tools/deps.sh", ".ci/run"],
]

# What molecule remembers of a run that was killed would make it skip the start of the lab.
CALL = [str(BIN / "molecule"), "--base-config", str(ROOT / ".config" / "molecule" / "config.yml")]
RESET = [*CALL, "reset", "-s", "default"]


SCENARIOS = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml"))


def molecule(layer):
    """The commands that run the scenarios of roles of a layer, "" for those of none, on the lab that is there."""
    layers = {name: name.split("_")[0] if name.startswith(("node_", "cluster_")) else "" for name in SCENARIOS}
    chosen = ",".join(name for name in SCENARIOS if layers[name] == layer or name == "default")
    glob = f"MOLECULE_GLOB=molecule/{{{chosen}}}/molecule.yml"
    return [RESET, ["env", glob, *CALL, "test", "--all", "--destroy=never"]]


# The tests of the report look at its page.
BROWSER = ["tools/deps.sh", "browser"]

LAB, CLUSTER = "lab", "lab_cluster"

STAGES = [
    # The longest first: the others run beside it where there are two CPUs.
    Stage("unit", [BROWSER, pytest("tests/unit")], junit=True, minutes=11, clock=True),
    Stage("acceptance", [pytest("tests/acceptance")], junit=True),
    Stage("lint", LINT),
    Stage("sanity", [[PYTHON, "tools/sanity.py"]]),
    Stage("docs-check", [[PYTHON, "tools/docs_check.py"]]),
    # Of those on a lab the ones come first that show most. One cluster for all of its tests.
    Stage("cluster", [pytest("tests/cluster")], junit=True, lab=CLUSTER, minutes=16),
    Stage("molecule node", molecule("node"), lab=LAB, minutes=9),
    Stage("molecule cluster", molecule("cluster"), lab=LAB, minutes=6),
    Stage("molecule other", molecule(""), lab=LAB, minutes=4),
    Stage("integration", [BROWSER, pytest("tests/integration")], junit=True, lab=LAB, minutes=3),
]
