# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Kubernetes quantities, against values worked out by hand from the documentation of k8s.io/apimachinery."""

from __future__ import annotations

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import quantities
from hypothesis import given
from hypothesis import strategies as st

# text -> (millicores, canonical)
CPUS = {
    "4": (4000, "4"),
    "0.5": (500, "500m"),
    "500m": (500, "500m"),
    "1000m": (1000, "1"),
    "1.5": (1500, "1500m"),
    ".25": (250, "250m"),
    "+2": (2000, "2"),
    "2.": (2000, "2"),
    "1k": (1_000_000, "1000"),
    "1e2": (100_000, "100"),
    "5E-1": (500, "500m"),
    "100000u": (100, "100m"),
}
# text -> (bytes, canonical)
BYTES = {
    "4Gi": (4 * 2**30, "4Gi"),
    "4096Mi": (4 * 2**30, "4Gi"),
    "1.5Gi": (1536 * 2**20, "1536Mi"),
    "1G": (10**9, "1G"),
    "1500M": (1_500_000_000, "1500M"),
    "1000k": (10**6, "1M"),
    "1e9": (10**9, "1G"),
    "1073741824": (2**30, "1Gi"),
    "1000000": (10**6, "1M"),
    "1000001": (1_000_001, "1000001"),
    "1024M": (1_024_000_000, "1024M"),
    "2Ei": (2**61, "2Ei"),
    "0": (0, "0"),
    "1000m": (1, "1"),
}
WRONG_CPUS = [
    "",
    "four",
    "-1",
    "4Gi",
    "1m5",
    "0.0001",
    "1_000",
    "0x4",
    "1e",
    "1ee3",
    "٣",
    "4 4",
    "m",
    "1e99",
    "inf",
    "nan",
]
WRONG_BYTES = ["", "-1", "4GB", "4gi", "1.5", "500m", "16Ei", "1e40", "NaN", "Mi", "1 Mi", "1Mi\x00"]


@pytest.mark.parametrize("text", CPUS)
def test_cpus(text):
    assert (quantities.millicores(text), quantities.canonical_cpu(text)) == CPUS[text]


@pytest.mark.parametrize("text", BYTES)
def test_bytes(text):
    assert (quantities.number_of_bytes(text), quantities.canonical_memory(text)) == BYTES[text]


def test_numbers_are_quantities_too():
    assert quantities.canonical_cpu(4) == "4"
    assert quantities.canonical_cpu(0.5) == "500m"
    assert quantities.canonical_memory(2**20) == "1Mi"


@pytest.mark.parametrize("text", WRONG_CPUS)
def test_wrong_cpus(text):
    with pytest.raises(ValueError, match=r"^is |^has "):
        quantities.millicores(text)


@pytest.mark.parametrize("text", [*WRONG_BYTES, True, None, [1], 1.5, float("nan")])
def test_wrong_bytes(text):
    with pytest.raises(ValueError, match=r"^is |^has "):
        quantities.number_of_bytes(text)


@given(st.integers(0, quantities.MOST_MILLICORES))
def test_the_text_of_cpus_is_canonical(millicores):
    text = quantities.cpu_text(millicores)
    assert quantities.millicores(text) == millicores
    assert quantities.canonical_cpu(text) == text


@given(st.integers(0, quantities.MOST_BYTES), st.integers(0, 6), st.booleans())
def test_the_text_of_bytes_is_canonical(count, power, binary):
    base = 1024 if binary else 1000
    count = count // base**power * base**power
    text = quantities.bytes_text(count, binary)
    assert quantities.number_of_bytes(text) == count
    assert quantities.bytes_text(quantities.number_of_bytes(text), binary) == text
    assert quantities.canonical_memory(quantities.canonical_memory(text)) == quantities.canonical_memory(text)
