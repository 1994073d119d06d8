"""Where in a TOML text each key and each element is written: tomllib gives values without their lines.

It reads texts that tomllib has accepted, so that it looks for no mistakes itself. Libraries that keep a document's
layout (tomlkit) can write it again but do not tell lines either.
"""

import re
import tomllib
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""From the root to a value: keys, and positions in arrays from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TEXT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # the longest run of quotes closes it, up to two of them its own
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_BLANK = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"(?:[ \t\n]|#[^\n]*)+")


def lines_of(text: str) -> Mapping[KeyPath, int]:
    """The line, from 1, of every table, key and element of a TOML text that tomllib reads.

    A table stands where its header is, or where it is first named; an element of an array where it begins.
    """
    return _Walk(text.replace("\r\n", "\n")).document()


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of what ``path`` leads to; of the nearest thing around it when it is not in the text."""
    return next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), 1)


class _Walk:
    """One walk through a text, from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._lines: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}

    def document(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        while self._skip(_BLANK_LINES):
            if self._skips("["):
                table = self._header(repeated=self._skips("["))
            else:
                self._pair(table)
        return self._lines

    def _header(self, *, repeated: bool) -> KeyPath:
        keys = self._keys()
        path = self._named((), keys[:-1])
        path = (*path, keys[-1])
        if repeated:
            number = self._tables.get(path, 0)
            self._tables[path] = number + 1
            self._put(path)
            path = (*path, number)
        self._lines[path] = self._line
        self._skips("]]" if repeated else "]")
        return path

    def _named(self, table: KeyPath, keys: list[str]) -> KeyPath:
        """Go down by keys; of an array of tables, to its last table."""
        for key in keys:
            table = (*table, key)
            self._put(table)
            if table in self._tables:
                table = (*table, self._tables[table] - 1)
        return table

    def _pair(self, table: KeyPath) -> None:
        keys = self._keys()
        path = (*self._named(table, keys[:-1]), keys[-1])
        self._lines[path] = self._line
        self._skips("=")
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._put(path)
        if self._skips("["):
            self._array(path)
        elif self._skips("{"):
            self._inline(path)
        elif not self._take(_TEXT):
            self._take(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        number = 0
        while self._skip(_BLANK_LINES) and not self._skips("]"):
            self._value((*path, number))
            number += 1
            self._skip(_BLANK_LINES)
            self._skips(",")

    def _inline(self, path: KeyPath) -> None:
        while self._skip(_BLANK_LINES) and not self._skips("}"):
            self._pair(path)
            self._skip(_BLANK_LINES)
            self._skips(",")

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_BLANK)
            keys.append(self._take(_BARE) or _unquoted(self._take(_TEXT)))
            self._skip(_BLANK)
            if not self._skips("."):
                return keys

    def _put(self, path: KeyPath) -> None:
        self._lines.setdefault(path, self._line)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        self._line += found[0].count("\n")
        return found[0]

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Go on behind what matches, if anything does; False at the end of the text."""
        self._take(pattern)
        return self._at < len(self._text)

    def _skips(self, mark: str) -> bool:
        if not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True


def _unquoted(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 0")))
