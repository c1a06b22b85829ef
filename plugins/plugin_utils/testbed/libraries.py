# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The two libraries beyond Ansible's own. Where one is missing the plugin says so, instead of failing to load."""

from __future__ import annotations

try:
    from jsonschema import Draft202012Validator, ValidationError, validators
    from netaddr import AddrFormatError, IPAddress, IPNetwork
except ImportError as error:
    MISSING = "%s. Run `pip install netaddr jsonschema` for Ansible's own Python" % error
    Draft202012Validator = ValidationError = validators = None
    AddrFormatError = IPAddress = IPNetwork = None
else:
    MISSING = ""

__all__ = [
    "MISSING",
    "AddrFormatError",
    "Draft202012Validator",
    "IPAddress",
    "IPNetwork",
    "ValidationError",
    "validators",
]
