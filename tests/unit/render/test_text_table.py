"""Plain text tables."""

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.render.text_table import text_table

TABLES = [
    (["a"], [], "a\n-"),
    (["node", "steps"], [["n1", 2], ["node2", 10]], "node   steps\n-----  -----\nn1         2\nnode2     10"),
    (["x", "y"], [["a", None], ["b", "c"]], "x  y\n-  -\na\nb  c"),
    (["x", "y"], [["two\nlines", True], ["b", 1]], "x          y\n---------  ----\ntwo lines  True\nb          1"),
    (["n"], [[None], [1.5], [10]], "  n\n---\n\n1.5\n 10"),
]


@pytest.mark.parametrize(("headers", "rows", "expected"), TABLES)
def test_text_table(headers, rows, expected):
    assert text_table(headers, rows) == expected
