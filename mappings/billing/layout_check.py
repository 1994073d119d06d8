"""Everything that is wrong with a layout, each mistake with its line and what to do about it.

First the schema; what it cannot say (widths that add up, a value that does not exist, a day's format for an amount)
comes once the schema is met.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from mappings.billing.json_lines import Path, line_numbers
from mappings.billing.vocabulary import LINE_WORDS, NEEDED, OF_BATCH, Kind, ValueType, Word


@dataclass(frozen=True, slots=True)
class LayoutProblem:
    """One mistake: the line of the file, where in its structure (``columns/3/width``), and what to do."""

    line: int
    where: str
    message: str

    def __str__(self) -> str:
        """One line of text."""
        return f"line {self.line}: {self.where or 'the file'}: {self.message}"


def problems_of(text: str) -> tuple[LayoutProblem, ...]:
    """Say what is wrong with the text of a layout; empty when nothing is."""
    try:
        found = json.loads(text, object_pairs_hook=_no_twice)
    except json.JSONDecodeError as broken:
        return (LayoutProblem(broken.lineno, "", f"not JSON: {broken.msg} at column {broken.colno}"),)
    except _Twice as twice:
        return (LayoutProblem(_line_of_second(text, twice.name), "", f"{twice.name!r} is given twice"),)
    except RecursionError:
        return (LayoutProblem(1, "", "nested too deeply for a layout"),)
    lines = line_numbers(text)
    wrong = list(_against_schema(found)) or list(_against_sense(found))
    told = (LayoutProblem(_line(lines, path), "/".join(map(str, path)), message) for path, message in wrong)
    return tuple(sorted(set(told), key=lambda problem: (problem.line, problem.where, problem.message)))


class _Twice(ValueError):  # noqa: N818
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _line_of_second(text: str, name: str) -> int:
    quoted = json.dumps(name, ensure_ascii=False)
    second = text.find(quoted, text.find(quoted) + 1)
    return text.count("\n", 0, max(second, 0)) + 1


def _line(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a value, or of the nearest thing that holds it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((resources.files("mappings.billing") / "layout.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)


_Wrong = tuple[Path, str]


def _listed(value: Any) -> list[Any]:
    return list(value)


def _against_schema(found: object) -> Iterator[_Wrong]:
    for error in _validator().iter_errors(found):
        yield tuple(error.absolute_path), _in_words(error)


def _in_words(error: ValidationError) -> str:
    match error.validator:
        case "oneOf":
            either = " or ".join(repr(one["required"][0]) for one in _listed(error.validator_value))
            return f"has either {either}, not both and not neither"
        case "enum":
            return f"{error.instance!r} is none of: {', '.join(repr(one) for one in _listed(error.validator_value))}"
        case "pattern":
            return f"{error.instance!r} is not written as expected ({error.validator_value})"
        case _:
            return str(error.message)


_FOR_CLAIMS = ("file", "record_length", "header", "quotes", "formulas", "unencodable", "first", "last")
_FOR_CLAIMS_COLUMN = (
    *("constant", "empty", "date_format", "money", "upper", "accents", "width", "align", "fill", "too_long"),
)


def _against_sense(found: Mapping[str, Any]) -> Iterator[_Wrong]:
    kind = Kind(found["kind"])
    for name in _FOR_CLAIMS:
        if kind is not Kind.CLAIMS and name in found:
            yield (name,), f"is for claims, which are written; a file of {kind} is read"
    if found.get("delimiter") == found["decimal_sign"]:
        yield ("delimiter",), "is the decimal sign as well; choose another one"
    yield from _record(found, "columns", LINE_WORDS[kind])
    for name in ("first", "last"):
        yield from _record(found, name, OF_BATCH)
    for missing in sorted(NEEDED[kind] - {column.get("value") for column in found["columns"]}):
        yield ("columns",), f"no column holds {missing!r}: without it a file of {kind} says nothing"


def _record(found: Mapping[str, Any], name: str, words: Mapping[str, Word]) -> Iterator[_Wrong]:
    columns: Sequence[Mapping[str, Any]] = found.get(name, ())
    written = found["kind"] == Kind.CLAIMS
    for number, column in enumerate(columns):
        path: Path = (name, number)
        earlier = columns[:number]
        if any(column["name"].casefold() == other["name"].casefold() for other in earlier):
            yield (*path, "name"), f"a second column is called {column['name']!r}"
        if not written and any(column.get("value") == other.get("value") for other in earlier):
            yield (*path, "value"), f"a second column holds {column.get('value')!r}: which of them is to be read?"
        for part in _FOR_CLAIMS_COLUMN:
            if part in column and not written:
                yield (*path, part), f"is for claims, which are written; a file of {found['kind']} is read"
        yield from _column(path, column, words)
    if columns and "record_length" in found:
        yield from _widths(name, columns, found["record_length"])


def _widths(name: str, columns: Sequence[Mapping[str, Any]], length: int) -> Iterator[_Wrong]:
    for number, column in enumerate(columns):
        if "width" not in column:
            yield (name, number), "a field of a fixed record has a width"
            return
    total = sum(column["width"] for column in columns)
    if total != length:
        yield (name,), f"the widths add up to {total}, the record has {length} characters"


_ONLY_FOR = {
    "date_format": frozenset({ValueType.DAY, ValueType.MONTH}),
    "money": frozenset({ValueType.MONEY}),
    "words": frozenset({ValueType.CODE, ValueType.NUMBER, ValueType.FLAG}),
    "upper": frozenset({ValueType.TEXT, ValueType.CODE}),
    "accents": frozenset({ValueType.TEXT, ValueType.CODE}),
}
_FLAGS = frozenset({"true", "false", "unknown"})


def _column(path: Path, column: Mapping[str, Any], words: Mapping[str, Word]) -> Iterator[_Wrong]:
    value = column.get("value")
    if value is None:
        for name in sorted(_ONLY_FOR.keys() & column.keys()):
            yield (*path, name), "a constant is written as it is given"
        if len(column["constant"]) > column.get("width", len(column["constant"])):
            yield (*path, "constant"), f"longer than its width, {column['width']}"
    elif value not in words:
        yield (*path, "value"), f"{value!r} is not in the vocabulary here: {', '.join(sorted(words))}"
    else:
        yield from _transforms(path, column, words[value].kind)
        yield from _written(path, column, words[value].kind)


def _transforms(path: Path, column: Mapping[str, Any], kind: ValueType) -> Iterator[_Wrong]:
    value = column["value"]
    for name, kinds in _ONLY_FOR.items():
        if name in column and kind not in kinds:
            yield (*path, name), f"{value!r} is a {kind}: {name!r} is for a {' or a '.join(sorted(kinds))}"
    written = column.get("date_format")
    if written is not None and kind in _ONLY_FOR["date_format"] and ("DD" in written) is (kind is ValueType.MONTH):
        yield (*path, "date_format"), f"{value!r} is a {kind}, which {written} does not write"
    words: Mapping[str, str] = column.get("words", {})
    if kind is ValueType.FLAG:
        for unknown in sorted(words.keys() - _FLAGS):
            yield (*path, "words", unknown), f"{value!r} is {', '.join(sorted(_FLAGS))}: {unknown!r} never comes"
    if len(set(words.values())) != len(words):
        yield (*path, "words"), "two codes are written as the same word"


def _written(path: Path, column: Mapping[str, Any], kind: ValueType) -> Iterator[_Wrong]:
    if column.get("too_long") == "cut" and kind is not ValueType.TEXT:
        yield (*path, "too_long"), f"{column['value']!r} cut short would be another {kind}: only a text can be cut"
    if column.get("fill") == "0" and column.get("align") != "right":
        yield (*path, "fill"), "zeros fill from the left: the value is aligned right"
    if column.keys() & {"align", "fill", "too_long"} and "width" not in column:
        yield path, "align, fill and too_long need a width"
    if len(column.get("empty", "")) > column.get("width", len(column.get("empty", ""))):
        yield (*path, "empty"), f"longer than its width, {column['width']}"
