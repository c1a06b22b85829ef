"""Runs a playbook of this checkout."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(verb, *arguments, region="goyang", **environment):
    """The end of a playbook in this checkout, in a region whose nodes nobody can reach."""
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", ROOT / f"inventories/{region}/testbed.yml"]
    command += [ROOT / "playbooks" / f"{verb}.yml", *arguments]
    env = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}  # no cluster is known
    env.update(environment)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=env)
