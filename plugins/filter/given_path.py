# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter given_path."""

from __future__ import annotations

DOCUMENTATION = r"""
name: given_path
short_description: A path of the controller as a command line takes it
version_added: 0.1.0
description:
  - What is relative is below the folder in which the command was given, and C(~) is the own home, as everywhere on a
    command line. A module of the controller takes it as below the playbook, a lookup as below the role.
  - An empty path stays empty, and what is no text stays what it is.
positional: _input, short
options:
  _input:
    description: The path.
    type: str
    required: true
  short:
    description:
      - Relative to the folder in which the command was given, where it is below that one. Whichever way a file was
        given, that is the same.
    type: bool
    default: false
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
file: "{{ service_file | gedge.engine.given_path }}"

# my/services.yml
same: "{{ './my/services.yml' | gedge.engine.given_path(short=true) }}"
"""

RETURN = r"""
_value:
  description: The path.
  type: path
"""

import os


def given_path(path, short=False):
    """See DOCUMENTATION."""
    if not path or not isinstance(path, str):  # what is no path is for the option's type to refuse
        return path
    whole = os.path.abspath(os.path.expanduser(path))
    return _short(whole) if short else whole


def _short(path):
    """Links among its folders are followed: the current one is known without any."""
    here = os.path.realpath(os.curdir)
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    return os.path.relpath(real, here) if os.path.commonpath([real, here]) == here else path


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"given_path": given_path}
