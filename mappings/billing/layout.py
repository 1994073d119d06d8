"""Layouts of CSV files: data with a JSON Schema, checked once more where a schema cannot say it.

The layouts that are shipped are ours and neutral. A national one, when there is one, is another file of this kind.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

_FOLDER = files("mappings.billing") / "layouts"
_FORMATS = {"YYYY-MM-DD": "%Y-%m-%d", "DD/MM/YYYY": "%d/%m/%Y", "YYYYMMDD": "%Y%m%d"}


class Kind(StrEnum):
    """What a line of a file is about."""

    CLAIMS = "claims"
    ANSWERS = "answers"
    PAYMENTS = "payments"


class LayoutError(Exception):
    """A layout is wrong; ``problems`` says where and what to do, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``value``: what it holds, of the kind's own list; ``words``: our code -> how the file writes it."""

    name: str
    description: str
    value: str
    required: bool
    words: Mapping[str, str] = field(default_factory=dict)

    def word(self, code: str) -> str:
        """How the file writes one of our codes."""
        return self.words.get(code, code)


@dataclass(frozen=True, slots=True)
class Layout:
    """A checked layout; the names are those of ``layouts/layout.schema.json``."""

    name: str
    version: str
    kind: Kind
    description: str
    encoding: str
    delimiter: str
    decimal_sign: str
    date_format: str
    line_end: str
    columns: tuple[Column, ...]

    @property
    def newline(self) -> str:
        """What ends a line."""
        return "\r\n" if self.line_end == "CRLF" else "\n"

    def column(self, value: str) -> Column | None:
        """The column that holds a value."""
        return next((column for column in self.columns if column.value == value), None)

    def day(self, day: date) -> str:
        """A day as this layout writes it."""
        return day.strftime(_FORMATS[self.date_format])

    @property
    def day_pattern(self) -> str:
        """The same for ``datetime.strptime``."""
        return _FORMATS[self.date_format]


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of a layout file."""
    return dict(json.loads((_FOLDER / "layout.schema.json").read_text(encoding="utf-8")))


@cache
def shipped(name: str) -> Layout:
    """A layout of ours by its name. Raises KeyError when there is none."""
    if name not in shipped_names():
        raise KeyError(name)
    return read_layout((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def shipped_names() -> tuple[str, ...]:
    """Names of the layouts of ours."""
    names = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(n.removesuffix(".json") for n in names if n.endswith(".json") and n != "layout.schema.json"))


def layout_from(path: Path) -> Layout:
    """A layout of a deployment's own. Raises LayoutError as ``read_layout``, and for a file that cannot be read."""
    try:
        return read_layout(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LayoutError([f"{path}: cannot be read ({error.strerror})"]) from error
    except UnicodeDecodeError as error:
        raise LayoutError([f"{path}: is not UTF-8; save it so"]) from error


def read_layout(text: str) -> Layout:
    """Check a layout and return it. Raises LayoutError with everything that is wrong."""
    try:
        described = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f"line {error.lineno}: " if isinstance(error, json.JSONDecodeError) else ""
        raise LayoutError([f"{where}not JSON"]) from error
    if problems := list(_problems(described)):
        raise LayoutError(problems)
    columns = tuple(Column(**column) for column in described["columns"])
    return Layout(**{**described, "kind": Kind(described["kind"]), "columns": columns})


def _problems(described: Any) -> Iterator[str]:
    found = sorted(jsonschema.Draft202012Validator(schema()).iter_errors(described), key=lambda e: e.json_path)
    if found:
        yield from (f"{error.json_path}: {error.message}" for error in found)
        return
    columns = described["columns"]
    for part, fold in (("name", str.casefold), ("value", str)):
        for one, count in Counter(fold(column[part]) for column in columns).items():
            if count > 1:
                yield f"$.columns: {part} {one!r} is given {count} times; each once"
    if described["delimiter"] == described["decimal_sign"]:
        yield "$.delimiter: is the decimal sign as well; choose another one"
    for column in columns:
        if len(set(column.get("words", {}).values())) != len(column.get("words", {})):
            yield f"$.columns: {column['name']}: two codes are written as the same word"
