"""How a value is written: a column of a layout becomes a function, made once and called for every line."""

import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from mappings.billing.layout import DAY_PATTERNS, Column, Layout
from mappings.billing.vocabulary import ValueType
from sesame_fhir.domain.billing.money import cents
from sesame_fhir.exports.billing.values import Value

Write = Callable[[Value], str]

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings that a spreadsheet computes, and their wide forms: OWASP, "CSV Injection". Tabs are blanks by then."""
_LETTERS = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "þ": "th", "Þ": "TH"}
_OPENED = str.maketrans("øØłŁđĐðÐı’‘", "oOlLdDdDi''") | str.maketrans(_LETTERS)
"""Letters of names that Unicode does not take apart into a letter and its accent."""
_FREE = frozenset({ValueType.TEXT, ValueType.CODE})


class CannotWrite(ValueError):  # noqa: N818  named as the fact it reports
    """A value does not fit its column: the text says which, in which claim, and why; the value is not repeated."""

    def __init__(self, column: str, problem: str, claim_id: str | None = None) -> None:
        about = "" if claim_id is None else f"claim {claim_id}, "
        super().__init__(f"{about}column {column}: {problem}")
        self.column, self.problem = column, problem

    def of(self, claim_id: str) -> "CannotWrite":
        """The same, with the claim that it is about."""
        return CannotWrite(self.column, self.problem, claim_id)


def writer_of(column: Column, layout: Layout) -> Write:
    """How this column writes a value. The function raises CannotWrite for one that does not fit."""
    if column.constant is not None:
        text = _sized(column, layout, column.constant)
        return lambda _value: text
    plain = _plain_of(column, layout)

    def write(value: Value) -> str:
        text = plain(value)
        if not text:
            if column.required:
                raise CannotWrite(column.name, "is empty, and the layout asks for it")
            text = column.empty
        return _sized(column, layout, text)

    return write


def _plain_of(column: Column, layout: Layout) -> Write:
    match column.kind:
        case ValueType.DAY | ValueType.MONTH:
            pattern = DAY_PATTERNS[column.date_format or _days(column, layout)]
            return lambda value: _padded_year(value, pattern) if isinstance(value, date) else ""
        case ValueType.MONEY:
            return lambda value: _money(value, column, layout) if isinstance(value, Decimal) else ""
        case ValueType.FLAG:
            return lambda value: column.word("unknown" if value is None else str(value).lower())
        case _:
            return lambda value: "" if value is None else _text(str(value), column, layout)


def _days(column: Column, layout: Layout) -> str:
    return "YYYY-MM" if column.kind is ValueType.MONTH else layout.date_format


def _padded_year(day: date, pattern: str) -> str:
    """Four digits for any year: how ``%Y`` writes one before 1000 differs between machines."""
    return day.strftime(pattern.replace("%Y", f"{day.year:04d}"))


def _money(amount: Decimal, column: Column, layout: Layout) -> str:
    if column.money == "cents":
        return str(cents(amount))
    return f"{amount:.2f}".replace(".", layout.decimal_sign)


def _text(text: str, column: Column, layout: Layout) -> str:
    """One line of text in the layout's letters; a code, or what somebody typed."""
    found = column.word(text)
    if not found.isprintable():
        found = " ".join("".join(c if c.isprintable() else " " for c in found).split())
    if column.accents == "drop":
        found = _without_accents(found)
    if column.upper:
        found = found.upper()
    found = _encodable(found, column, layout)
    guarded = layout.delimiter and layout.formulas == "apostrophe" and column.kind in _FREE
    return f"'{found}" if guarded and found.startswith(_FORMULA) else found


def _without_accents(text: str) -> str:
    opened = unicodedata.normalize("NFKD", text.translate(_OPENED))
    return "".join(c for c in opened if not unicodedata.combining(c))


def _encodable(text: str, column: Column, layout: Layout) -> str:
    try:
        text.encode(layout.codec)
    except UnicodeEncodeError:
        if layout.unencodable == "refuse":
            raise CannotWrite(column.name, f"a letter is not in {layout.encoding}") from None
        return "".join(map(lambda c: _nearest(c, layout.codec), text))  # noqa: C417  a name would hide the codec
    return text


def _nearest(letter: str, codec: str) -> str:
    """The letter, else without its accent, else a question mark."""
    for attempt in (letter, _without_accents(letter)):
        try:
            attempt.encode(codec)
        except UnicodeEncodeError:
            continue
        return attempt
    return "?"


def _sized(column: Column, layout: Layout, text: str) -> str:
    if column.width is None:
        return text
    if len(text) > column.width:
        if column.too_long == "refuse":
            raise CannotWrite(column.name, f"{len(text)} characters, the layout has {column.width}")
        text = text[: column.width]
    if layout.record_length is None and column.fill == " ":
        return text  # a width is a limit there; blanks would be part of the cell
    return text.rjust(column.width, column.fill) if column.align == "right" else text.ljust(column.width, column.fill)
