# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Enough YAML to read a kubelet's configuration with the standard library alone, since nodes have no YAML library.

Block and flow collections, plain and quoted scalars, comments, JSON. What it does not know (anchors, tags, block
scalars, several documents) it refuses with the line, and guesses nothing.
"""

from __future__ import annotations

import json
import re

from ..errors import EngineError

WORDS = {"": None, "null": None, "~": None, "true": True, "false": False}
INT = re.compile(r"[-+]?[0-9]{1,18}")
FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'\[{&*!|>%@`-][^#]*?|-[^\s#][^#]*?)\s*:(?=\s|$)\s*(.*)""")
PIECES = re.compile(r"""(?<![^\s\[{,:-])(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?P<comment>(?:^|(?<=\s))#.*)|.""")
STRANGE = tuple("&*!|>%@`")
ADVICE = "Write it in plain block style, or as JSON"


def read(text, where):
    """The mapping in a document, {} for an empty one. Raises EngineError with the line."""
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            found = None  # a flow mapping of YAML
        if isinstance(found, dict):
            return found
    found = _Reader(_lines(text, where), where).whole()
    if not isinstance(found, dict):
        raise EngineError("holds no mapping", where, ADVICE)
    return found


def _lines(text, where):
    """[(indentation, content, number)] without comments and empty lines."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        content = _without_comment(line).rstrip()
        if not content.strip() or (content.strip() == "---" and not found):
            continue
        if content.strip() in ("---", "..."):
            raise _fault("holds several documents", number, where)
        indentation = len(content) - len(content.lstrip(" "))
        if content[indentation] == "\t":
            raise _fault("is indented by a tab", number, where)
        found.append((indentation, content[indentation:], number))
    return found


def _without_comment(line):
    """A quote opens a text only where a value begins: it's is a plain one."""
    return "".join(hit.group() for hit in PIECES.finditer(line) if not hit.group("comment"))


def _fault(what, number, where):
    return EngineError("line %d %s" % (number, what), where, ADVICE)


class _Reader:
    """Walks through the lines."""

    def __init__(self, lines, where):
        self.lines, self.where, self.at = lines, where, 0

    def whole(self):
        """The document."""
        if not self.lines:
            return {}
        if self.lines[0][1][0] in "{[":
            found = self._value(" ".join(line[1] for line in self.lines), self.lines[0][2])
            self.at = len(self.lines)
        else:
            found = self._block(self.lines[0][0])
        if self.at < len(self.lines):
            raise _fault("is indented otherwise than the lines before it", self.lines[self.at][2], self.where)
        return found

    def _block(self, indentation):
        return self._list(indentation) if self._item(indentation) else self._map(indentation)

    def _here(self, indentation):
        return self.at < len(self.lines) and self.lines[self.at][0] == indentation

    def _item(self, indentation):
        return self._here(indentation) and (self.lines[self.at][1] + " ").startswith("- ")

    def _map(self, indentation):
        found = {}
        while self._here(indentation) and not self._item(indentation):
            dummy, content, number = self.lines[self.at]
            hit = KEY.fullmatch(content)
            if not hit:
                raise _fault("is no key with a value", number, self.where)
            key = str(self._scalar(hit.group(1), number))
            if key in found:
                raise _fault("gives %s twice" % key, number, self.where)
            self.at += 1
            found[key] = self._value(hit.group(2), number) if hit.group(2) else self._below(indentation)
        return found

    def _below(self, indentation):
        """The block under a key; a list may stand as far left as its key."""
        if self.at < len(self.lines) and self.lines[self.at][0] > indentation:
            return self._block(self.lines[self.at][0])
        return self._list(indentation) if self._item(indentation) else None

    def _list(self, indentation):
        found = []
        while self._item(indentation):
            dummy, content, number = self.lines[self.at]
            rest = content[1:].lstrip()
            if not rest:
                self.at += 1
                found.append(self._below(indentation + 1) if self._deeper(indentation) else None)
            elif KEY.fullmatch(rest) or (rest + " ").startswith("- "):
                inner = indentation + len(content) - len(rest)
                self.lines[self.at] = (inner, rest, number)
                found.append(self._block(inner))
            else:
                self.at += 1
                found.append(self._value(rest, number))
        return found

    def _deeper(self, indentation):
        return self.at < len(self.lines) and self.lines[self.at][0] > indentation

    def _value(self, text, number):
        value, rest = self._flow(text, number)
        if rest.strip():
            raise _fault("has more than one value", number, self.where)
        return value

    def _flow(self, text, number, inside=False):
        """(value, the text after it)."""
        if text[:1] == "[":
            return self._sequence(text[1:].lstrip(), number)
        if text[:1] == "{":
            return self._mapping(text[1:].lstrip(), number)
        if text[:1] in ('"', "'"):
            hit = re.match(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""", text)
            if not hit:
                raise _fault("does not close its quote", number, self.where)
            return self._scalar(hit.group(), number), text[hit.end() :].lstrip()
        end = re.search(r"[,\]}]|:(?=\s|$)", text) if inside else None
        cut = end.start() if end else len(text)
        return self._scalar(text[:cut].strip(), number), text[cut:]

    def _sequence(self, text, number):
        found = []
        while text and text[0] != "]":
            value, text = self._flow(text, number, True)
            found.append(value)
            text = self._next(text, "]", number)
        return found, self._closed(text, number)

    def _mapping(self, text, number):
        found = {}
        while text and text[0] != "}":
            key, text = self._flow(text, number, True)
            if text[:1] != ":":
                raise _fault("has a key without a value", number, self.where)
            value, text = self._flow(text[1:].lstrip(), number, True)
            found[str(key)] = value
            text = self._next(text, "}", number)
        return found, self._closed(text, number)

    def _next(self, text, end, number):
        text = text.lstrip()
        if text[:1] == ",":
            return text[1:].lstrip()
        if text[:1] != end:
            raise _fault("does not close its bracket", number, self.where)
        return text

    def _closed(self, text, number):
        if not text:
            raise _fault("does not close its bracket", number, self.where)
        return text[1:].lstrip()

    def _scalar(self, text, number):
        if text[:1] == "'":
            return text[1:-1].replace("''", "'")
        if text[:1] == '"':
            try:
                return json.loads(text)
            except ValueError:
                raise _fault("has a text that is not understood here", number, self.where) from None
        if text.startswith(STRANGE):
            raise _fault("begins with %s, which is not understood here" % text[0], number, self.where)
        if text.lower() in WORDS and text in (text.lower(), text.upper(), text.capitalize()):
            return WORDS[text.lower()]
        if INT.fullmatch(text):
            return int(text)
        return float(text) if FLOAT.fullmatch(text) else text
