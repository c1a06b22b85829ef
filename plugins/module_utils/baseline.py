# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What was before a subsystem's first change: kept on the node as {key: value}, so that 'absent' restores it."""

from __future__ import annotations

import json

from .errors import EngineError
from .steps import Step

FOLDER = "/var/lib/gedge/baseline"
FORGET = "forget-baseline"


class Baseline:
    """The baseline of one subsystem. The first value of a key counts: later ones are of our own making."""

    def __init__(self, system, name, check=lambda value: value):
        """name: the subsystem; check: called with each value that is loaded, raises ValueError, KeyError, TypeError or
        AttributeError for one that this subsystem has not written."""
        self.system = system
        self.path = "%s/%s.json" % (FOLDER, name)
        self.check = check

    def load(self):
        """{key: value} as recorded, {} where nothing was. Raises EngineError."""
        text = self.system.read(self.path)
        if not text:
            return {}
        try:
            records = json.loads(text)
            for record in records.values():
                self.check(record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = "is no baseline that this module has written (%s: %s)" % (type(error).__name__, error)
            advice = "Remove it if nothing of this node needs restoring"
            raise EngineError(what, self.path, advice) from error
        return records

    def add(self, values):
        """Keep what has no value yet. Returns the keys that are new."""
        records = self.load()
        new = {key: value for key, value in values.items() if key not in records}
        if new:
            self._save(dict(records, **new))
        return sorted(new)

    def forget(self, keys):
        """Drop some keys; with the last one the file goes."""
        self._save({key: value for key, value in self.load().items() if key not in set(keys)})

    def forget_steps(self, keys):
        """[the step that drops those of the keys that are recorded], [] for none; see apply."""
        gone = sorted(set(keys) & set(self.load()))
        return [Step(self.path, FORGET, "it is restored", before=gone)] if gone else []

    def apply(self, step):
        """Carry out a step of forget_steps."""
        self.forget(step.before)

    def _save(self, records):
        if records:
            self.system.write_file(self.path, json.dumps(records, indent=1, sort_keys=True) + "\n")
        else:
            self.system.remove_file(self.path)
            self.system.remove_folder(FOLDER)
            self.system.remove_folder(FOLDER.rsplit("/", 1)[0])
