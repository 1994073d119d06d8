"""Values of search parameters: prefixes, modifiers, alternatives and escapes, read into clauses.

https://hl7.org/fhir/R4/search.html#ptypes. Everything that cannot be understood raises ``NotUnderstoodError``.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Context, Decimal
from typing import Literal

from sesame_fhir.fhir.dates import DISTANT_FUTURE, DISTANT_PAST, date_range
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.schema.primitives import RESOURCE_ID
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.search_parameters import SearchParameter
from sesame_fhir.services.folding import fold
from sesame_fhir.services.search import (
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    MissingClause,
    QuantityClause,
    QuantityValue,
    ReferenceClause,
    ReferenceValue,
    Simple,
    StringClause,
    TokenClause,
    TokenValue,
    UriClause,
)

MAX_VALUES = 200
"""Most alternatives in one parameter."""
MAX_STRING = 200
"""Most characters of a text looked for."""

_DATE = re.compile(r"(?P<prefix>eq|ne|gt|ge|lt|le|sa|eb|ap)?(?P<date>[0-9].*)")
_QUANTITY = re.compile(
    r"(?P<prefix>eq|ne|gt|ge|lt|le|sa|eb|ap)?(?P<number>-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?)",
    re.ASCII,
)
_EXACTLY = Context(prec=200)
_ID = re.compile(RESOURCE_ID)
_TYPE = re.compile(r"[A-Z][A-Za-z]+")
_PIECE = re.compile(r"\\(.)|(.)", re.DOTALL)
_MODES: dict[str, Literal["starts", "contains", "exact"]] = {"": "starts", "contains": "contains", "exact": "exact"}
_APPROXIMATION = 10
"""``ap`` accepts a tenth of the distance between now and the date, the proportion the specification recommends."""


class NotUnderstoodError(ValueError):
    """A value or modifier that cannot be answered; its text is French, for the issue."""

    def __init__(self, text: str, code: IssueType = IssueType.INVALID) -> None:
        super().__init__(text)
        self.code = code


class ValueReader:
    """Reads the values of one search; ``base`` is our FHIR base URL, taken off absolute references."""

    def __init__(self, now: datetime, base: str) -> None:
        self._now = now
        self._base = base.rstrip("/") + "/" if base else ""
        self._readers: dict[str, Callable[[SearchParameter, str, list[str]], Simple]] = {
            "token": _tokens,
            "string": _strings,
            "uri": _uris,
            "date": self._dates,
            "reference": self._references,
            "quantity": _quantities,
        }

    def clause(self, parameter: SearchParameter, modifier: str, value: str) -> Simple:
        """One parameter, its comma-separated alternatives as an OR."""
        if modifier == "missing" and parameter.paths:
            if value not in ("true", "false"):
                raise NotUnderstoodError("true ou false attendu après :missing.", IssueType.VALUE)
            return MissingClause(parameter.name, parameter.kind, missing=value == "true")
        return self._readers[parameter.kind](parameter, modifier, _alternatives(value))

    def ids(self, value: str) -> IdClause:
        """The logical ids of ``_id``."""
        found = [_unescape(part) for part in _alternatives(value)]
        if not all(_ID.fullmatch(part) for part in found):
            raise NotUnderstoodError("identifiant de ressource attendu.")
        return IdClause(tuple(found))

    def _dates(self, parameter: SearchParameter, modifier: str, values: list[str]) -> DateClause:
        _no_modifier(modifier)
        return DateClause(parameter.name, tuple(self._date(value) for value in values))

    def _date(self, value: str) -> DateValue:
        found = _DATE.fullmatch(value.replace(" ", "+"))  # an unescaped + of a time zone arrives as a space
        span = date_range(found["date"]) if found else None
        if found is None or span is None:
            raise NotUnderstoodError("date attendue, par exemple ge2024-03-01.", IssueType.VALUE)
        prefix = DatePrefix(found["prefix"] or "eq")
        low, high = span
        if prefix is not DatePrefix.AP:
            return DateValue(prefix, low, high)
        margin = abs(self._now - low) / _APPROXIMATION
        return DateValue(prefix, low, high, min(margin, low - DISTANT_PAST, DISTANT_FUTURE - high))

    def _references(self, parameter: SearchParameter, modifier: str, values: list[str]) -> Simple:
        if modifier == "identifier":
            return TokenClause(parameter.name, tuple(_token(value) for value in values))
        if modifier and not _TYPE.fullmatch(modifier):
            _no_modifier(modifier)
        forced = modifier or parameter.target
        return ReferenceClause(parameter.name, tuple(self._reference(_unescape(value), forced) for value in values))

    def _reference(self, value: str, forced: str | None) -> ReferenceValue:
        relative = value.removeprefix(self._base) if self._base else value
        if _ID.fullmatch(relative):
            return ReferenceValue(forced, relative)
        ref_type, ref_id = split_reference(relative)
        if ref_type is None and ":" not in relative:
            raise NotUnderstoodError("référence attendue, par exemple Patient/123.", IssueType.VALUE)
        return ReferenceValue(ref_type, ref_id)


def _tokens(parameter: SearchParameter, modifier: str, values: list[str]) -> TokenClause:
    if modifier != "not":
        _no_modifier(modifier)
    return TokenClause(parameter.name, tuple(_token(value) for value in values), negated=modifier == "not")


def _token(value: str) -> TokenValue:
    """``code``, ``system|code``, ``|code`` (no system), ``system|`` (any code of it)."""
    parts = _split(value, "|")
    if len(parts) == 1:
        return TokenValue(None, _unescape(parts[0]))
    system, code = (_unescape(part) for part in parts[:2])
    if len(parts) > 2 or not (system or code):  # noqa: PLR2004  system and code
        raise NotUnderstoodError("code attendu sous la forme système|code.", IssueType.VALUE)
    return TokenValue(system, code or None)


def _strings(parameter: SearchParameter, modifier: str, values: list[str]) -> StringClause:
    mode = _MODES.get(modifier)
    if mode is None:
        raise NotUnderstoodError("modificateur non pris en charge.", IssueType.NOT_SUPPORTED)
    if any(len(value) > MAX_STRING for value in values):
        raise NotUnderstoodError(f"au plus {MAX_STRING} caractères.", IssueType.TOO_LONG)
    texts = tuple(_unescape(value) if mode == "exact" else fold(_unescape(value)) for value in values)
    return StringClause(parameter.name, texts, mode)


def _uris(parameter: SearchParameter, modifier: str, values: list[str]) -> UriClause:
    _no_modifier(modifier)
    return UriClause(parameter.name, tuple(_unescape(value) for value in values))


def _quantities(parameter: SearchParameter, modifier: str, values: list[str]) -> QuantityClause:
    _no_modifier(modifier)
    return QuantityClause(parameter.name, tuple(_quantity(value) for value in values))


def _quantity(value: str) -> QuantityValue:
    """``[prefix][number]``, ``…|system|code`` or ``…||unit``.

    The range of an equal number is half a unit of the last digit written, on both sides (5.4: from 5.35 to before
    5.45); that of an approximate one a tenth of it.
    """
    written, *unit = (_unescape(part) for part in _split(value, "|"))
    found = _QUANTITY.fullmatch(written)
    if found is None or len(unit) not in (0, 2):
        raise NotUnderstoodError("quantité attendue, par exemple ge5.4 ou 5.4|système|code.", IssueType.VALUE)
    prefix, number = DatePrefix(found["prefix"] or "eq"), Decimal(found["number"])
    exponent = number.as_tuple().exponent
    half = (
        _EXACTLY.divide(abs(number), Decimal(10)) if prefix is DatePrefix.AP else Decimal((0, (5,), int(exponent) - 1))
    )
    low, high = _EXACTLY.subtract(number, half), _EXACTLY.add(number, half)
    system, code = (part or None for part in unit) if unit else (None, None)
    return QuantityValue(prefix, number, low, high, system, code)


def _no_modifier(modifier: str) -> None:
    if modifier:
        raise NotUnderstoodError("modificateur non pris en charge.", IssueType.NOT_SUPPORTED)


def _alternatives(value: str) -> list[str]:
    found = [part for part in _split(value, ",") if part]
    if not found or len(found) > MAX_VALUES:
        raise NotUnderstoodError(f"de 1 à {MAX_VALUES} valeurs.", IssueType.TOO_COSTLY)
    return found


def _split(value: str, separator: str) -> list[str]:
    """Split at separators that no backslash precedes; the pieces keep their escapes."""
    pieces = [""]
    for found in _PIECE.finditer(value):
        if found[0] == separator:
            pieces.append("")
        else:
            pieces[-1] += found[0]
    return pieces


def _unescape(value: str) -> str:
    return _PIECE.sub(lambda found: found[1] or found[2], value)
