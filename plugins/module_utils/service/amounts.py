# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Amounts of CPU and memory as values of keys."""

from __future__ import annotations

import re

from ..quantities import NoQuantity, canonical_cpu, canonical_memory, number_of_bytes
from .shapes import BAD, Shape

# What no process starts in is a forgotten unit.
LEAST = 64 * 1024


class _Quantity(Shape):
    """read() in common; read_amount gives the canonical text or raises ValueError."""

    def read(self, value, place, report):
        try:
            text = self.read_amount(value)
        except NoQuantity:
            return self.wrong(value, place, report)
        except ValueError as error:
            report.problem(place, str(error), self.advice(value), value)
            return BAD
        return text if text != "0" else self.wrong(value, place, report, "Ask for more than 0")

    def read_amount(self, value):
        raise NotImplementedError

    def schema(self):
        return {**super().schema(), "type": ["string", "number"]}


class Cpu(_Quantity):
    """CPUs: 4, "500m", 0.5 -> canonical text."""

    def __init__(self):
        super().__init__("an amount of CPUs", "4", "500m")

    def read_amount(self, value):
        return canonical_cpu(value)

    def advice(self, value):
        return 'Write CPUs, such as "4", or thousandths, such as "500m"'


class Memory(_Quantity):
    """Bytes: "4Gi", "500M", 1048576 -> canonical text."""

    def __init__(self):
        super().__init__("an amount of memory", "4Gi", "512Mi")

    def read_amount(self, value):
        text = canonical_memory(value)
        if 0 < number_of_bytes(text) < LEAST:
            raise ValueError("is %d bytes only, less than anything runs in" % number_of_bytes(text))
        return text

    def advice(self, value):
        digits = re.fullmatch(r"\s*([1-9][0-9]{0,5}(?:\.[0-9]{1,3})?)\s*[a-zA-Z]{0,3}\s*", str(value))
        number = digits.group(1) if digits else "4"
        return 'Write it with a unit, such as "%sMi" or "%sGi"' % (number, number)
