# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files of the conflicts share what they have in common."""

from __future__ import annotations

import ast


def test_no_function_stands_twice(root):
    seen = {}
    for path in sorted((root / "plugins" / "plugin_utils").glob("conflicts*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = [part for part in node.body if not isinstance(getattr(part, "value", None), ast.Constant)]
                text = ast.dump(ast.Module(body=body, type_ignores=[]))
                seen.setdefault(text, []).append("%s.%s" % (path.stem, node.name))
    assert [names for names in seen.values() if len(names) > 1] == []
