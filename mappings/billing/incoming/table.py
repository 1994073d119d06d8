"""A CSV by its layout -> rows of cells by value, each line by itself: one that is wrong does not take others along.

Stricter than CSV is: a cell holds no line break, every line ends with one, nothing that a spreadsheet would compute is
taken, and the lines number themselves (``3/120``), so that a missing one is seen in whatever order they come.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.billing.incoming.cells import LineRefused
from mappings.billing.layout import Layout
from sesame_fhir.services.billing.incoming import LineCode, Unread

MAX_BYTES = 64 * 1024 * 1024
"""A hundred thousand answers are 15 MB."""
MAX_LINE = 8 * 1024
"""Characters."""
LINE = "line"
"""The value of the column in which lines number themselves."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_FORMULA = ("=", "+", "@", "-")
_AMOUNTS = frozenset({"amount", "payment-amount"})
_NUMBERED = re.compile(r"([1-9][0-9]{0,7})/([1-9][0-9]{0,7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``cells`` by the layout's values, empty ones left out. ``number``: in the file, the header being 1."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read, and what was not."""

    rows: tuple[Row, ...] = ()
    unread: tuple[Unread, ...] = ()


def read_table(data: bytes, layout: Layout, needed: frozenset[str]) -> Table:
    """Read a file; ``needed`` are values that must be there whatever the layout says. Never raises for its content."""
    try:
        lines = _lines(data, layout)
        values = _header(lines[0], layout, needed)
    except LineRefused as refused:
        return Table(unread=(Unread(0, (refused.code,), refused.detail),))
    rows: list[Row] = []
    unread: list[Unread] = []
    last = 0 if data.endswith(b"\n") else len(lines)
    for number, line in enumerate(lines[1:], start=2):
        try:
            cells = _cells(line, values, layout, cut=number == last)
        except LineRefused as refused:
            unread.append(Unread(number, (refused.code,), refused.detail))
        else:
            rows += [Row(number, cells)] if cells else []
    if not rows and not unread:
        return Table(unread=(Unread(0, (LineCode.EMPTY_FILE,)),))
    return _counted(rows, unread)


def _lines(data: bytes, layout: Layout) -> list[str]:
    if len(data) > MAX_BYTES:
        raise LineRefused(LineCode.FILE_TOO_LARGE)
    try:
        text = data.decode("utf-8-sig" if layout.encoding == "utf-8" else layout.encoding)
    except UnicodeDecodeError as error:
        raise LineRefused(LineCode.WRONG_ENCODING, str(data.count(b"\n", 0, error.start) + 1)) from None
    # UTF-16 without its mark is valid UTF-8 full of NULs.
    if "\x00" in text[:MAX_LINE].partition("\n")[0]:
        raise LineRefused(LineCode.WRONG_ENCODING, "1")
    if not text.strip():
        raise LineRefused(LineCode.EMPTY_FILE)
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _header(line: str, layout: Layout, needed: frozenset[str]) -> list[str]:
    """The value of each column, in the file's order."""
    by_name = {column.name.casefold(): column.value for column in layout.columns}
    values: list[str] = []
    for name in _split(line, layout):
        value = by_name.get(name.strip().casefold())
        if value is None:
            raise LineRefused(LineCode.UNKNOWN_COLUMN, _printed(name))
        if value in values:
            raise LineRefused(LineCode.DUPLICATE_COLUMN, _printed(name))
        values.append(value)
    for column in layout.columns:
        if (column.required or column.value in needed) and column.value not in values:
            raise LineRefused(LineCode.MISSING_COLUMN, column.name)
    return values


def _printed(name: str) -> str:
    """The beginning of a name that somebody else chose, for a terminal or a page."""
    return "".join(character if character.isprintable() else "?" for character in name.strip()[:40])


def _split(line: str, layout: Layout) -> list[str]:
    if len(line) > MAX_LINE:
        raise LineRefused(LineCode.LINE_TOO_LONG)
    if _CONTROL.search(line):
        raise LineRefused(LineCode.CONTROL_CHARACTER)
    try:
        return next(csv.reader([line], delimiter=layout.delimiter, strict=True), [])
    except csv.Error:
        raise LineRefused(LineCode.QUOTES_WRONG) from None


def _cells(line: str, values: Sequence[str], layout: Layout, *, cut: bool) -> dict[str, str]:
    """Cells by value; empty for a line without any text. ``cut``: no line break follows, who knows what is missing."""
    if cut:
        raise LineRefused(LineCode.TRUNCATED)
    texts = [text.strip() for text in _split(line, layout)]
    if not any(texts):
        return {}
    if len(texts) != len(values):
        raise LineRefused(LineCode.CELL_COUNT_WRONG, f"{len(texts)}/{len(values)}")
    cells = {value: text for value, text in zip(values, texts, strict=True) if text}
    for column in layout.columns:
        text = cells.get(column.value, "")
        if text.startswith(_FORMULA) and not (column.value in _AMOUNTS and text.startswith("-")):
            raise LineRefused(LineCode.FORMULA, column.name)
        if column.required and not text:
            raise LineRefused(LineCode.VALUE_MISSING, column.name)
    return cells


def _counted(rows: Sequence[Row], unread: list[Unread]) -> Table:
    """Check the lines' own numbers: each once, of one total, none missing."""
    kept: list[Row] = []
    seen: set[int] = set()
    totals: set[int] = set()
    refused = list(unread)
    for row in rows:
        code = _place(row, seen, totals)
        if code is None:
            kept.append(row)
        else:
            refused.append(Unread(row.number, (code,), row.cells.get(LINE)))
    # A line that was refused is there all the same.
    there = len(seen) + len(refused)
    if len(totals) > 1 or any(there < total for total in totals):
        refused.append(Unread(0, (LineCode.TRUNCATED,), f"{there}/{','.join(map(str, sorted(totals)[:3]))}"))
    return Table(tuple(kept), tuple(sorted(refused, key=lambda one: one.number)))


def _place(row: Row, seen: set[int], totals: set[int]) -> LineCode | None:
    if LINE not in row.cells:
        return None
    found = _NUMBERED.fullmatch(row.cells[LINE])
    number, total = (int(found[1]), int(found[2])) if found else (1, 0)
    if number > total:
        return LineCode.LINE_NUMBER_WRONG
    totals.add(total)
    if number in seen:
        return LineCode.LINE_TWICE
    seen.add(number)
    return None
