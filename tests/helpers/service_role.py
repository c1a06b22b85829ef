"""Role cluster_service on a controller, with a kubectl."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLAY = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: gedge.engine.cluster_service
"""


class Stage:
    """A folder for manifests.yml, services.json and deployed.json, and plays of the role on it."""

    def __init__(self, folder, kubeconfig, kubectl):
        self.folder = folder
        (folder / "services").mkdir(parents=True)
        (folder / "play.yml").write_text(PLAY)
        (folder / "progress").write_text("")
        self.variables = {
            "ansible_python_interpreter": sys.executable,
            "cluster_service_dir": str(folder / "services"),
            "cluster_service_facts_dir": str(folder),
            "cluster_service_kubeconfig": str(kubeconfig),
            "cluster_service_kubectl": str(kubectl),
            "cluster_service_progress_file": str(folder / "progress"),
            "cluster_service_timeout": 600,
            "cluster_service_patience": 3,
        }

    def play(self, objects, *options, **variables):
        """(rc, output on one line) of a run with these objects."""
        given = dict(self.variables, cluster_service_objects=objects, **variables)
        (self.folder / "vars.json").write_text(json.dumps(given))
        command = [pathlib.Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local"]
        command += [self.folder / "play.yml", "-e", f"@{self.folder / 'vars.json'}", *options]
        env = dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), ANSIBLE_NOCOLOR="1")
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=ROOT)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def record(self):
        """["Kind/name"] that the role would remove."""
        found = json.loads((self.folder / "services" / "deployed.json").read_text())
        return sorted(f"{one['kind']}/{one['metadata']['name']}" for one in found)

    def progress(self):
        """The lines about what goes on."""
        return (self.folder / "progress").read_text().splitlines()
