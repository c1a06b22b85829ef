# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What all filters of the collection share: a domain error becomes the error that Ansible shows."""

from __future__ import annotations

import functools

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ..module_utils.distance.levels import inversions, weights
from ..module_utils.errors import EngineError


def tells(function):
    """Decorator of a filter: EngineError (where, what, advice) -> AnsibleFilterError with the filter's name."""

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except EngineError as error:
            raise AnsibleFilterError("gedge.engine.%s: %s" % (function.__name__, error.text())) from error

    return wrapped


def warn_of_inversions(overrides):
    """Weights that fall while the distance grows are allowed, and seldom meant."""
    for text in inversions(weights(overrides)):
        Display().warning("weights: %s" % text)
