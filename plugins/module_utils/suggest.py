# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The nearest right word for a misspelled one."""

from __future__ import annotations

import difflib


def nearest(word, known, near=0.6):
    """The most similar of the known words, or None. Compares without case and with '-' as '_'. near: how similar it has
    to be, 0 to 1."""
    folded = {str(name).lower().replace("-", "_"): name for name in known}
    hits = difflib.get_close_matches(str(word).lower().replace("-", "_"), list(folded), n=1, cutoff=near)
    return folded[hits[0]] if hits else None


def slip(word, other):
    """Whether one letter is wrong, missing or too many, or two beside each other are swapped."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    start = next((at for at, (one, two) in enumerate(zip(word, other)) if one != two), min(len(word), len(other)))
    left, right = word[start:], other[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] in (right, right[1:]) or left == right[1:]


def meant(word, known):
    """'Did you mean "x"?' where a known word is near, else ""."""
    hit = nearest(word, known)
    return "" if hit is None else 'Did you mean "%s"?' % hit


def advice(word, known):
    """'Did you mean "x"?' where a known word is near, else the list of what is known."""
    return meant(word, known) or "Known: %s." % ", ".join(sorted(str(name) for name in known))
