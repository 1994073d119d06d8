"""Layouts of files: data with a JSON Schema, checked once more where a schema cannot say it (``layout_check``).

The layouts that are shipped are ours and neutral. A national one, when there is one, is another file of this kind.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mappings.billing.layout_check import problems_of
from mappings.billing.vocabulary import LINE_WORDS, Kind, ValueType

__all__ = ["Column", "Kind", "Layout", "LayoutError", "layout_from", "read_layout", "shipped", "shipped_names"]

_FOLDER = files("mappings.billing") / "layouts"
DAY_PATTERNS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "YYYYMMDD": "%Y%m%d",
    "DDMMYYYY": "%d%m%Y",
    "DDMMYY": "%d%m%y",
    "YYMMDD": "%y%m%d",
    "YYYY-MM": "%Y-%m",
    "YYYYMM": "%Y%m",
    "MM/YYYY": "%m/%Y",
}
"""How a layout names a way of writing days -> the same for ``strftime``."""


class LayoutError(Exception):
    """A layout is wrong; ``problems`` says where and what to do, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``value``: what it holds, of the kind's own list; ``words``: our code -> how the file writes it.

    The rest is for what is written: ``constant`` in the place of a value (then ``""``); ``width``: exactly so many
    characters in a fixed record, at most so many otherwise, None: as it comes. ``kind``: the value's type.
    """

    name: str
    description: str
    value: str = ""
    required: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    constant: str | None = None
    kind: ValueType = ValueType.CODE
    empty: str = ""
    date_format: str | None = None
    money: str = "euros"
    upper: bool = False
    accents: str = "keep"
    width: int | None = None
    align: str = "left"
    fill: str = " "
    too_long: str = "refuse"

    def word(self, code: str) -> str:
        """How the file writes one of our codes."""
        return self.words.get(code, code)


@dataclass(frozen=True, slots=True)
class Layout:
    """A checked layout; the names are those of ``layout.schema.json``. ``delimiter`` is ``""`` for a fixed record.

    ``first`` and ``last``: records around the lines of what is written, empty for none.
    """

    name: str
    version: str
    kind: Kind
    description: str
    encoding: str
    decimal_sign: str
    date_format: str
    line_end: str
    columns: tuple[Column, ...]
    delimiter: str = ""
    record_length: int | None = None
    header: bool = True
    quotes: str = "when-needed"
    formulas: str = "apostrophe"
    unencodable: str = "refuse"
    file: str = ""
    first: tuple[Column, ...] = ()
    last: tuple[Column, ...] = ()

    @property
    def newline(self) -> str:
        """What ends a line."""
        return "\r\n" if self.line_end == "CRLF" else "\n"

    @property
    def codec(self) -> str:
        """Python's name of the encoding; the byte order mark is written apart."""
        return "utf-8" if self.encoding == "utf-8-sig" else self.encoding

    @property
    def file_name(self) -> str:
        """Name of the file that is written."""
        return self.file or f"{self.name}.{'csv' if self.delimiter else 'txt'}"

    def column(self, value: str) -> Column | None:
        """The column that holds a value."""
        return next((column for column in self.columns if column.value == value), None)

    def day(self, day: date) -> str:
        """A day as this layout writes it."""
        return day.strftime(self.day_pattern)

    @property
    def day_pattern(self) -> str:
        """The same for ``datetime.strptime``."""
        return DAY_PATTERNS[self.date_format]


@cache
def shipped(name: str) -> Layout:
    """A layout of ours by its name. Raises KeyError when there is none."""
    if name not in shipped_names():
        raise KeyError(name)
    return read_layout((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def shipped_names() -> tuple[str, ...]:
    """Names of the layouts of ours."""
    return tuple(sorted(n.removesuffix(".json") for entry in _FOLDER.iterdir() if (n := entry.name).endswith(".json")))


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
    if problems := problems_of(text):
        raise LayoutError([str(problem) for problem in problems])
    described: dict[str, Any] = json.loads(text)
    described.pop("$schema", None)
    kind = Kind(described.pop("kind"))
    for name in ("columns", "first", "last"):
        described[name] = _record(described.get(name, ()), kind)
    return Layout(kind=kind, **described)


def _record(columns: Any, kind: Kind) -> tuple[Column, ...]:
    words = LINE_WORDS[kind]
    return tuple(
        Column(**column, kind=words[column["value"]].kind if "value" in column else ValueType.CODE)
        for column in columns
    )
