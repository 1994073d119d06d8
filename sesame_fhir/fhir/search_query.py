"""Search parameters of a request, understood: from query text to the clauses that storage answers.

https://hl7.org/fhir/R4/search.html. A parameter we do not have is an error when the client asks for strict handling,
a warning otherwise; a value or modifier we cannot understand is always an error, since ignoring it would answer
another question. Chains and ``_include`` are not offered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.search_parameters import SearchParameter, parameters_of
from sesame_fhir.fhir.search_values import NotUnderstoodError, ValueReader
from sesame_fhir.services.search import Clause, SearchQuery, Sort

MAX_COUNT = 200
"""Largest page; a greater ``_count`` is lowered to it, as FHIR allows."""
MAX_PARAMETERS = 30
"""Most parameters of one search: each is a join, and a database plans joins in more than linear time."""
MAX_SORTS = 5
"""Most keys in one ``_sort``, for the same reason."""
MAX_SHOWN = 60
"""Characters of an unknown parameter's name that are repeated to the client."""
MAX_DIGITS = 9

_IGNORED = frozenset({"_format", "_pretty", "_total"})
_LAST_UPDATED = SearchParameter("_lastUpdated", "date", ())
_SORTABLE = frozenset({"date", "string", "token"})


@dataclass(frozen=True, slots=True)
class ParsedSearch:
    """``warnings``: parameters that were ignored, to be told in the searchset's outcome entry."""

    query: SearchQuery
    warnings: tuple[Issue, ...] = ()


def parse_search(
    resource_type: str, parameters: Iterable[tuple[str, str]], *, now: datetime, strict: bool = False, base: str = ""
) -> ParsedSearch:
    """Understand the decoded query parameters of ``GET [base]/[resource_type]?…`` (or of its POST form).

    Args:
        resource_type: the type searched.
        parameters: names (with modifiers) and values, in order, repetitions included (they are ANDed).
        now: aware; only ``ap`` depends on it.
        strict: the client sent ``Prefer: handling=strict``.
        base: our FHIR base URL, taken off absolute references.

    Raises:
        InvalidSearch: carries an issue for each parameter that cannot be understood.
    """
    reader = _Reader(resource_type, now, base)
    given = list(parameters)
    if len(given) > MAX_PARAMETERS:
        raise InvalidSearch(Issue(Severity.ERROR, IssueType.TOO_COSTLY, f"Au plus {MAX_PARAMETERS} paramètres."))
    for name, value in given:
        reader.read(name, value)
    ignored = [reader.unknown(name, Severity.ERROR if strict else Severity.WARNING) for name in reader.ignored]
    errors = [*reader.errors, *(ignored if strict else ())]
    if errors:
        raise InvalidSearch(*errors)
    return ParsedSearch(reader.query(), tuple(ignored))


class _Reader:
    """Collects clauses, control values and problems, one parameter at a time."""

    def __init__(self, resource_type: str, now: datetime, base: str) -> None:
        self._type = resource_type
        self._known = {**parameters_of(resource_type), "_lastUpdated": _LAST_UPDATED}
        self._values = ValueReader(now, base)
        self._clauses: list[Clause] = []
        self._controls: dict[str, Any] = {}
        self.errors: list[Issue] = []
        self.ignored: list[str] = []

    def query(self) -> SearchQuery:
        """What was understood; the defaults are those of ``SearchQuery``."""
        return SearchQuery(self._type, tuple(self._clauses), **self._controls)

    def unknown(self, name: str, severity: Severity) -> Issue:
        """The issue about a parameter that this type does not have."""
        text = f"Paramètre de recherche inconnu pour {self._type} : {name[:MAX_SHOWN]}."
        return Issue(severity, IssueType.NOT_SUPPORTED, text)

    def read(self, name: str, value: str) -> None:
        """Take one parameter; an empty value is no criterion (R4 says to ignore it)."""
        if not value or name in _IGNORED:
            return
        code, _, modifier = name.partition(":")
        try:
            if code in ("_count", "_sort", "_cursor", "_id"):
                self._control(code, modifier, value)
            elif (parameter := self._known.get(code)) is not None:
                self._clauses.append(self._values.clause(parameter, modifier, value))
            else:
                self.ignored.append(name)
        except NotUnderstoodError as problem:
            self.errors.append(Issue(Severity.ERROR, problem.code, f"{code} : {problem}"))

    def _control(self, code: str, modifier: str, value: str) -> None:
        if modifier or code in self._controls:
            raise NotUnderstoodError("une seule fois, sans modificateur.")
        if code == "_id":
            self._clauses.append(self._values.ids(value))
        elif code == "_count":
            if not (value.isascii() and value.isdigit()) or len(value) > MAX_DIGITS:
                raise NotUnderstoodError("nombre entier attendu.")
            self._controls["count"] = min(int(value), MAX_COUNT)
        elif code == "_cursor":
            self._controls["cursor"] = value
        else:
            keys = value.split(",")
            if len(keys) > MAX_SORTS:
                raise NotUnderstoodError(f"au plus {MAX_SORTS} clés de tri.", IssueType.TOO_COSTLY)
            self._controls["sort"] = tuple(self._one_sort(part) for part in keys)

    def _one_sort(self, part: str) -> Sort:
        name = part.removeprefix("-")
        parameter = self._known.get(name)
        if name != "_id" and (parameter is None or parameter.kind not in _SORTABLE):
            raise NotUnderstoodError("tri possible sur _lastUpdated, _id, une date, un texte ou un code de ce type.")
        return Sort(name, descending=part.startswith("-"))
