"""At which line of a JSON text a value stands: a mistake is told with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)

Path = tuple[str | int, ...]


@dataclass(slots=True)
class _Level:
    """An object or a list that is being read; ``key`` is its member that is being read."""

    array: bool
    key: str | int | None = None


def line_numbers(text: str) -> dict[Path, int]:
    """The line, from 1, at which each member of a valid JSON text begins (an object's member: its name)."""
    return {(): 1, **dict(_walk(text))}


def _walk(text: str) -> Iterator[tuple[Path, int]]:
    levels: list[_Level] = []
    for token in _TOKEN.finditer(text):
        word, line = token.group(), text.count("\n", 0, token.start()) + 1
        top = levels[-1] if levels else None
        if word in "]}":
            levels.pop()
        elif word == ",":
            assert top is not None  # noqa: S101  the text is valid JSON
            top.key = top.key + 1 if isinstance(top.key, int) else None
        elif word != ":":
            yield from _begin(levels, top, word, line)


def _begin(levels: list[_Level], top: _Level | None, word: str, line: int) -> Iterator[tuple[Path, int]]:
    """A name of an object's member, or a value."""
    if top is not None and not top.array and top.key is None:
        top.key = word[1:-1]
        yield _path(levels), line
        return
    if top is not None and top.array:
        yield _path(levels), line
    if word in "[{":
        levels.append(_Level(array=word == "[", key=0 if word == "[" else None))


def _path(levels: list[_Level]) -> Path:
    return tuple(level.key for level in levels if level.key is not None)
