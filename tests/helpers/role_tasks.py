"""A role's tasks as data, and what their conditions and templates say with some variables: no run."""

import pathlib

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Role:
    """The tasks of a role's tasks/main.yml, with its defaults and the variables that a test gives."""

    def __init__(self, name, **variables):
        folder, self.loader = ROOT / "roles" / name, DataLoader()
        self.tasks = self._load(folder / "tasks" / "main.yml")
        self.variables = {**self._load(folder / "defaults" / "main.yml"), **variables}

    def _load(self, path):
        return self.loader.load_from_file(str(path), trusted_as_template=True)

    def _templar(self):
        return Templar(self.loader, self.variables)

    def runs(self, index):
        """Whether a task runs: all its conditions hold."""
        when = self.tasks[index].get("when", [])
        conditions = when if isinstance(when, list) else [when]
        return all(self._templar().evaluate_conditional(one) for one in conditions)

    def options(self, index, module):
        """What a task gives its module."""
        return self._templar().template(self.tasks[index][module])
